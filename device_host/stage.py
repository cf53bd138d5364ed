"""The encoding stage: raw pages come in from a driver, files go out to whoever asks. Standard library only; the codecs are imported with the first page.

A producer (the pump of a host) fills raw pages, a consumer takes files, and a thread of the stage encodes in between, so that the next page is read while
one is encoded. What is encoded when, to what, and how much is held, is decided by :class:`device_host.encoding.policy.EncodePolicy`; the stage carries it
out. Errors come out in their place: what came before them is delivered intact.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeAlias

from device_host.encoding.policy import EncodePolicy, Order
from device_host.rawpage import BUFFERS, RawPage, encoding_error
from device_protocol.codes import Code
from device_protocol.delivery import Encode
from device_protocol.errors import DeviceError, Phase
from device_protocol.pages import PageEnd, PageInfo, PageParams
from device_protocol.states import JobState


@dataclass(frozen=True, slots=True)
class EncodedPage:
    """A page as a file, and what was known at the end of the raw one."""

    info: PageInfo
    data: bytes
    end: PageEnd


PROGRESS_INTERVAL: Final = 0.25

Encoder: TypeAlias = Callable[[PageParams, memoryview, str, int], bytes]
Taken: TypeAlias = EncodedPage | DeviceError | None
"""A page, what ended the job, or None for its end."""


def encode_with_codecs(params: PageParams, data: memoryview, media_type: str, quality: int) -> bytes:
    """The real encoder."""
    from device_host.encoding import encode_page  # noqa: PLC0415  # numpy and the codecs are slow to import

    return encode_page(params, data, media_type, quality)


class Stage:
    """The stage of one job. Any method may be called from any thread; callbacks run outside the lock, in the thread that caused them.

    Attributes:
        progress_at: ``time.monotonic()`` when something last came in or went out.
        on_progress: called a few times a second while somebody waits for a page and its bytes come.
    """

    def __init__(self, wish: Encode, encoder: Encoder = encode_with_codecs) -> None:
        self.progress_at = time.monotonic()
        self.on_progress: Callable[[], None] | None = None
        self._told_progress = self.progress_at
        self._quality = wish.quality
        self._encoder = encoder
        self._policy = EncodePolicy(wish.type)
        self._changed = threading.Condition()
        self._buffers = BUFFERS
        self._begun = 0
        self._filling: RawPage | None = None
        self._raw: dict[int, RawPage] = {}
        self._files: dict[int, EncodedPage | DeviceError] = {}
        self._error: DeviceError | None = None  # comes after the pages that are held
        self._taker: Callable[[Taken], None] | None = None
        self._reader: Callable[[], None] | None = None
        self._thread: threading.Thread | None = None
        self._stopped: DeviceError | None = None

    # The producer's side.

    @property
    def over(self) -> bool:
        """Whether nothing more is wanted."""
        return self._stopped is not None or self._error is not None

    def begin(self, info: PageInfo) -> None:
        """A page begins.

        Raises:
            DeviceError: NO_MEMORY, it will be too large.
        """
        page = RawPage(info, self._buffers)
        with self._changed:
            self._begun += 1
            self._filling = page
            self._policy.page_begins(self._begun, info.params)

    def may_read(self, then: Callable[[], None]) -> bool:
        """Whether a strip of the page that has begun may be read now; if not, *then* is called once it may, or once nothing more is wanted."""
        with self._changed:
            if self.over or self._policy.may_read():
                return True
            self._reader = then
            self._changed.notify_all()  # room is needed: that decides about the oldest page
            return False

    def strip(self, data: bytes) -> None:
        """Bytes of the page under way.

        Raises:
            DeviceError: NO_MEMORY, the page has grown beyond what a page may have.
        """
        self.progress_at = time.monotonic()
        page = self._filling
        if page is None:
            return
        try:
            self._policy.page_grew(len(data))
        except ValueError as error:
            raise DeviceError(Code.NO_MEMORY, f"{error}.", phase=Phase.READ, page=page.info.number) from None
        page.add(data)
        if self.on_progress is not None and self.waiting and self.progress_at - self._told_progress > PROGRESS_INTERVAL:
            self._told_progress = self.progress_at
            self.on_progress()

    def finish(self, end: PageEnd) -> None:
        """The page under way is complete."""
        with self._changed:
            page, self._filling = self._filling, None
            if page is None or self.over:
                return
            page.end = end
            self._raw[self._begun] = page
            self._policy.page_ends(end.params, time.monotonic())
            if self._thread is None:
                self._thread = threading.Thread(target=self._encode_for_ever, daemon=True, name="encoder")
                self._thread.start()
        self._serve()

    def finish_input(self, error: DeviceError | None = None) -> None:
        """No more pages: the job's end, or what ended it. A page under way is lost."""
        with self._changed:
            self._filling = None
            self._error = self._error or error
            self._policy.ended()
        self._serve()

    # The consumer's side.

    def take(self, taker: Callable[[Taken], None]) -> None:
        """Have *taker* called once, with the next page or with the end; one at a time."""
        self.progress_at = time.monotonic()
        with self._changed:
            self._taker = taker
            self._policy.consumer_waits()
        self._serve()

    @property
    def waiting(self) -> bool:
        """Whether somebody waits for a page."""
        return self._taker is not None

    def prefer(self, media_type: str | None) -> None:
        """The type of the oldest waiting reader; None: nobody waits.

        Raises:
            ValueError: it is no type of ours.
        """
        with self._changed:
            self._policy.prefer(media_type)
            self._changed.notify_all()

    def stop(self, error: DeviceError | None = None) -> None:
        """Nothing more is wanted: what is held is dropped, and whoever waits or comes gets *error* (CANCELLED unless given)."""
        with self._changed:
            if self._stopped is None:
                self._stopped = error or DeviceError(Code.CANCELLED, phase=Phase.PAGE)
            self._policy.cancelled()
            self._raw.clear()
            self._files.clear()
        self._serve()

    # In between.

    def _serve(self) -> None:
        """Give what can be given: a page or the end to the taker, room to the producer."""
        with self._changed:
            taker, given = self._taker, self._due()
            if taker is None or isinstance(given, _Nothing):
                taker = None
            else:
                self._taker = None
            reader = None
            if self._reader is not None and (self.over or self._policy.may_read()):
                reader, self._reader = self._reader, None
            self._changed.notify_all()
        if taker is not None and not isinstance(given, _Nothing):
            taker(given)
        if reader is not None:
            reader()

    def _due(self) -> Taken | _Nothing:
        if self._stopped is not None:
            return self._stopped
        if self._taker is None:
            return _NOTHING
        if self._policy.ready() is not None:
            number = self._policy.taken(time.monotonic())
            raw = self._raw.pop(number, None)
            file = raw.as_it_is() if raw is not None else self._files.pop(number)
            if isinstance(file, DeviceError):
                self._give_up(file)
            return file
        return self._error if self._policy.finished else _NOTHING

    def _give_up(self, error: DeviceError) -> None:
        self._error = error
        self._policy.cancelled()
        self._raw.clear()
        self._files.clear()

    def _encode_for_ever(self) -> None:
        while (order := self._next_order()) is not None:
            page = self._raw[order.number]
            try:
                file: EncodedPage | DeviceError = page.encode(self._encoder, order.media_type, self._quality)
            except Exception as error:  # noqa: BLE001  # whatever a codec raises must not leave the reader waiting
                file = encoding_error(error, page.info.number)
            with self._changed:
                self.progress_at = time.monotonic()
                self._buffers.give_back(page)
                if self._raw.pop(order.number, None) is not None:
                    self._files[order.number] = file
                    self._policy.encoded(order.number, self.progress_at)
            self._serve()

    def _next_order(self) -> Order | None:
        with self._changed:
            while True:
                if self.over and not self._raw:
                    self._thread = None
                    return None
                now = time.monotonic()
                order = self._policy.next_order(now)
                if order is not None:
                    return order
                if self._policy.finished:
                    self._thread = None
                    return None
                due = self._policy.deadline()
                self._changed.wait(None if due is None else max(0.0, due - now))


def outcome_of(last: DeviceError | None) -> JobState:
    """How a job ended for its reader, by what came after its last page."""
    if last is None:
        return JobState.COMPLETED
    return JobState.CANCELED if last.code in {Code.CANCELLED, Code.CLOSED} else JobState.ABORTED


class _Nothing:
    """Nothing can be given yet."""


_NOTHING = _Nothing()
