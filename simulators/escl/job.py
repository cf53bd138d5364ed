"""A scan job of the door: scans ahead of its client, keeps each page until it was written whole, and frees the device when it is over.

It ends when (a) the client was told that there is nothing more, (b) it was deleted, (c) all its pages were fetched, or all before the one that failed, or
(d) nobody asked for anything for a while, since some clients never delete (sane-escl 3.4, 3.6).
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

import trio

from device_protocol import Code, DeviceError, Encode, Settings
from device_protocol.aio import Job, Session, read_all
from device_protocol.aio.holds import hold
from device_protocol.delivery import JPEG as ENCODED_JPEG
from device_protocol.delivery import PNG as ENCODED_PNG
from device_protocol.vocabularies.escl import JPEG, PDF, PNG, EsclJobState
from simulators.escl.documents import jpeg_of, pdf_of

AHEAD = 4
"""Pages that wait encoded for their client."""

AHEAD_BYTES = 64 << 20
"""And so many bytes of them: beyond that the device waits, with one page at least."""

MAX_TOGETHER = 500
"""Pages of one PDF."""

MAX_TOGETHER_BYTES = 256 << 20


@dataclass(frozen=True, slots=True)
class Document:
    """What one NextDocument gives.

    Attributes:
        data, media: the file.
        width, height: pixels.
        pages: how many it has.
    """

    data: bytes
    media: str
    width: int
    height: int | None
    pages: int = 1


class EsclJob:
    """One job.

    Args:
        uid: its last part of the path.
        session: an open device, which the job closes.
        media: type of the documents.
        together: all pages in one document.
        quality: of JPEG.
        feeder: whether sheets come from the feeder.
        client: who has it.

    Attributes:
        state: see there.
        given: documents that were written whole.
        images: pages in them.
        error: what ended the device's part.
        stood: whether that was to be seen at the machine, so that it can be seen as well when somebody has mended it.
        touched: when the client last asked for something.
        last: the document that was given last.
    """

    def __init__(
        self, uid: str, session: Session, *, media: str, together: bool, quality: int, feeder: bool, client: str = ""
    ) -> None:
        self.uid = uid
        self.media = media
        self.feeder = feeder
        self.client = client
        self.state = EsclJobState.PENDING
        self.given = 0
        self.images = 0
        self.error: DeviceError | None = None
        self.stood = False
        self.began = self.touched = trio.current_time()
        self.last: Document | None = None
        self._session = session
        self._together = together
        self._quality = quality
        self._waiting: deque[Document] = deque()
        self._exhausted = False
        self._changed = trio.Event()
        self._turn = trio.Lock()
        self._scope = trio.CancelScope()
        self._closed = trio.Event()
        self._native: Job | None = None
        self._scanned = False

    async def start(self, settings: Settings, pages: int | None) -> None:
        """Start the device.

        Raises:
            DeviceError: it does not; the session is still open then.
        """
        kind = ENCODED_PNG if self.media == PNG else ENCODED_JPEG
        delivery = Encode(kind, self._quality)
        self._native = (
            await self._session.start(settings, delivery=delivery)
            if pages is None
            else await self._session.start(settings, pages, delivery)
        )
        self.state = EsclJobState.PROCESSING

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.state.over

    @property
    def ended(self) -> bool:
        """Whether the device has no further page, and none waits."""
        return self._exhausted and not self._waiting

    @property
    def buffered(self) -> int:
        """Documents that wait."""
        return len(self._waiting)

    async def run(self) -> None:
        """Scan until the end; then give the device back."""
        try:
            with self._scope:
                await self._scan()
        except DeviceError as error:
            self.error = error
            self._scanned = True
        finally:
            with trio.CancelScope(shield=True):
                await self._release()
            self._exhausted = True
            self._settle()
            self._closed.set()
            self._wake()

    async def next(self, limit: float) -> Document | None:
        """The next document, which stays until :meth:`written`; None if there is none.

        Raises:
            DeviceError: what ended the device's part, after the pages that came before it.
            trio.TooSlowError: nothing came within *limit* seconds.
        """
        self.touched = trio.current_time()
        with trio.fail_after(limit):
            while not self._waiting and not self._exhausted and not self.over:
                await self._changed.wait()
        self.touched = trio.current_time()
        if self._waiting and not self.over:
            return self._waiting[0]
        self._settle()
        if self.error is not None and self.state is not EsclJobState.CANCELED:
            raise self.error
        return None

    def turn(self) -> trio.Lock:
        """One document at a time."""
        return self._turn

    def written(self, document: Document) -> None:
        """*document* has reached the client whole."""
        self.touched = trio.current_time()
        if self._waiting and self._waiting[0] is document:
            self._waiting.popleft()
            self.given += 1
            self.images += document.pages
            self.last = document
            self._settle()
            self._wake()

    async def cancel(self, state: EsclJobState = EsclJobState.CANCELED) -> None:
        """End the job; returns when the device is free."""
        if not self.over:
            self.state = state
        self._waiting.clear()
        self._scope.cancel()
        self._wake()
        await self._closed.wait()

    def _settle(self) -> None:
        if not self.over and self.ended:
            self.state = EsclJobState.COMPLETED if self.error is None else EsclJobState.ABORTED

    async def _scan(self) -> None:
        assert self._native is not None
        together: list[Document] = []
        size = 0
        while True:
            while len(self._waiting) >= AHEAD or sum(len(page.data) for page in self._waiting) >= AHEAD_BYTES:
                await self._changed.wait()
            page = await self._native.next_page()
            if page is None:
                self._scanned = True
                break
            data, end = await read_all(page)
            document = Document(data, page.info.params.format, end.params.width, end.params.height)
            if self._together:
                size += len(data)
                if len(together) == MAX_TOGETHER or size > MAX_TOGETHER_BYTES:
                    limits = f"{MAX_TOGETHER} pages and {MAX_TOGETHER_BYTES} bytes"
                    raise DeviceError(Code.NO_MEMORY, f"A document has at most {limits}.")
                together.append(document)
            else:
                await self._offer([document])
        if together:
            await self._offer(together)

    async def _offer(self, pages: list[Document]) -> None:
        document = pages[0]
        if self.media == PDF:
            with hold():
                data = await trio.to_thread.run_sync(pdf_of, [page.data for page in pages])
            document = Document(data, PDF, pages[0].width, pages[0].height, len(pages))
        elif (
            self.media == JPEG and document.media == PNG
        ):  # 1-bit pages: the client gets the type that it has asked for
            with hold():
                data = await trio.to_thread.run_sync(jpeg_of, document.data, self._quality)
            document = replace(document, data=data, media=JPEG)
        self._waiting.append(document)
        self._wake()

    async def _release(self) -> None:
        try:
            if self._native is not None and not self._scanned:
                await self._native.cancel()  # a duty of clients, and the door is one
            await self._session.close()
        except DeviceError as error:  # it is lost, or hangs; the host has seen to that
            self.error = self.error or error

    def _wake(self) -> None:
        self._changed.set()
        self._changed = trio.Event()
