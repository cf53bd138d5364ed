"""One document, open and under its lock: what it is and what can be changed. Each change is durable when it returns, or has not happened."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from reference_server.config import MEGABYTE, Limits
from reference_server.documents.durable import remove
from reference_server.documents.errors import damaged, no_room, unknown_page
from reference_server.documents.folder import DocumentFolder
from reference_server.documents.held import Holds
from reference_server.documents.page_files import Place, sealed_page
from reference_server.documents.records import Contents, PageEntry, Record, seal_contents, unseal_contents
from reference_server.documents.sealing import SealError
from reference_server.threads import in_thread
from reference_server.uids import fresh_uid


class Document:
    """See the module. Made by :class:`reference_server.documents.store.DocumentStore`.

    Attributes:
        folder, record, key: where it lies, its newest record, its key.
        contents: pages and metadata.
    """

    def __init__(
        self,
        folder: DocumentFolder,
        record: Record,
        contents: Contents,
        key: bytes,
        holds: Holds,
        limits: Limits,
        check_room: Callable[[int], None],
        draw: Callable[[], str],
    ) -> None:
        self.folder = folder
        self.record = record
        self.contents = contents
        self.key = key
        self._holds = holds
        self._limits = limits
        self._check_room = check_room
        self._draw = draw

    @property
    def uid(self) -> str:
        """Of the document."""
        return self.folder.uid

    @property
    def pages(self) -> tuple[PageEntry, ...]:
        """In order."""
        return self.contents.pages

    async def check(self) -> None:
        """Look whether all its files are there.

        Raises:
            DamagedError: one is not.
        """
        await in_thread(lambda: self.folder.check_pages(self.record, [page.uid for page in self.pages]))

    async def insert(self, data: bytes, page: PageEntry, position: int | None) -> None:
        """Copy a page into the document.

        Args:
            data: an encoded page.
            page: what it is; it gets a UID of its own here.
            position: 1-based, in front of which page (rest-api.md 6); absent, below 1 or beyond the last page: behind all others.

        Raises:
            RestError: 507 when a limit is reached or the disk is full.
        """
        pages, limits = self.pages, self._limits
        if len(pages) >= limits.document_pages:
            raise no_room(f"A document has at most {limits.document_pages} pages.")
        if sum(each.size for each in pages) + len(data) > limits.document_bytes:
            most = limits.document_bytes / MEGABYTE
            raise no_room(f"The pages of a document have at most {most:g} MB together.")
        await in_thread(partial(self._check_room, len(data)))
        index = position - 1 if position is not None and 1 <= position <= len(pages) else len(pages)
        page = replace(page, uid=fresh_uid(self._draw, lambda uid: any(each.uid == uid for each in pages)))
        contents = replace(self.contents, pages=(*pages[:index], page, *pages[index:]))
        parts = sealed_page(data, Place(self.uid, page.uid), self.key, self.record.generation + 1)
        await self._commit(contents, lambda record: self.folder.commit(record, (page.uid, parts)))

    async def set_metadata(self, text: str) -> None:
        """Replace the metadata, JSON text, whole.

        Raises:
            RestError: 507 when the disk is full.
        """
        await self._commit(replace(self.contents, metadata=text), self.folder.commit)

    async def remove_page(self, name: str) -> None:
        """Remove the page called *name*: a UID, or else a 0-based index (rest-api.md 1.7).

        Raises:
            RestError: 404, there is none.
        """
        page = page_finder(self.pages)(name)
        if page is None:
            raise unknown_page()
        rest = tuple(each for each in self.pages if each is not page)
        await self._commit(replace(self.contents, pages=rest), self.folder.commit)
        await self._holds.when_unread(self.uid, partial(_remove_quietly, self.folder, page.uid))

    async def _commit(self, contents: Contents, commit: Callable[[Record], None]) -> None:
        def change() -> Record:
            generation = self.record.generation + 1
            record = replace(
                self.record,
                generation=generation,
                pages=tuple((page.uid, page.size) for page in contents.pages),
                inner=seal_contents(contents, self.key, self.uid, generation),
            )
            commit(record)
            return record

        self.record, self.contents = await in_thread(change), contents


def load(folder: DocumentFolder, key: bytes) -> tuple[Record, Contents]:
    """The newest record of a document, and what is in it. Blocks.

    Raises:
        RestError: 404, there is none any more.
        DamagedError: the record is damaged, or does not fit the key.
    """
    record = folder.load()
    try:
        return record, unseal_contents(record, key)
    except SealError:
        raise damaged(folder.uid, "what it contains does not fit its record") from None


def page_finder(pages: Sequence[PageEntry]) -> Callable[[str], PageEntry | None]:
    """Finds the page whose UID is a name, or else the one with that 0-based index: a UID can be all digits (rest-api.md 1.7)."""
    by_uid = {page.uid: page for page in pages}

    def find(name: str) -> PageEntry | None:
        page = by_uid.get(name.lower())
        if page is not None or not (name.isascii() and name.isdigit()):
            return page
        index = int(name[:18])
        return pages[index] if index < len(pages) else None

    return find


def _remove_quietly(folder: DocumentFolder, page: str) -> None:
    """A file that cannot be removed is a leftover, swept at the next start."""
    try:
        remove(folder.page(page))
    except OSError:
        return
