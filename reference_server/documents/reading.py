"""Reading pages of a document while others may change or delete it: the pages stay as they were when the reading began."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Collection
from functools import partial

from reference_server.documents.document import Document
from reference_server.documents.errors import damaged
from reference_server.documents.held import Holds
from reference_server.documents.page_files import Place, frames, read_frame
from reference_server.documents.records import PageEntry
from reference_server.documents.sealing import SealError
from reference_server.threads import in_thread

CHUNK = 1 << 18
"""How much of a page is handed on at a time."""


class Reading:
    """Made by :meth:`reference_server.documents.store.DocumentStore.reading`; must be closed.

    Attributes:
        uid: of the document.
        pages: as they were when the reading began.
    """

    def __init__(self, document: Document, holds: Holds) -> None:
        self.uid = document.uid
        self.pages = document.pages
        self._folder = document.folder
        self._record = document.record
        self._key = document.key
        self._holds = holds
        self._closed = False
        holds.begin_reading(self.uid)

    async def close(self) -> None:
        """No more reading; files that waited for it are removed."""
        if not self._closed:
            self._closed = True
            await self._holds.end_reading(self.uid)

    async def chunks(self, page: PageEntry) -> AsyncGenerator[bytes, None]:
        """The file of *page*, piece by piece.

        Raises:
            DamagedError: it is not what was put there.
        """
        for index in range(frames(page.size)):
            frame = await in_thread(partial(self._frame, page, index))
            for start in range(0, len(frame), CHUNK):
                yield frame[start : start + CHUNK]

    async def read(self, page: PageEntry) -> bytes:
        """The whole file of *page*.

        Raises:
            DamagedError: see :meth:`chunks`.
        """
        return await in_thread(lambda: b"".join(self._frame(page, index) for index in range(frames(page.size))))

    async def check(self, pages: Collection[PageEntry]) -> None:
        """Look whether the files of *pages* are there.

        Raises:
            DamagedError: one is not, or not in full length.
        """
        await in_thread(lambda: self._folder.check_pages(self._record, [page.uid for page in pages]))

    async def verify(self, pages: Collection[PageEntry]) -> None:
        """Look through *pages*.

        Raises:
            DamagedError: one is not what was put there.
        """
        for page in pages:
            await in_thread(partial(self._look_through, page))

    def _look_through(self, page: PageEntry) -> None:
        for index in range(frames(page.size)):
            self._frame(page, index)

    def _frame(self, page: PageEntry, index: int) -> bytes:
        place = Place(self.uid, page.uid)
        try:
            return read_frame(self._folder.page(page.uid), place, page.size, self._key, index)
        except SealError:
            raise damaged(self.uid, f"page {page.uid} is altered, cut or another page's") from None
        except OSError as error:
            raise damaged(self.uid, f"page {page.uid} cannot be read ({error.strerror})") from None
