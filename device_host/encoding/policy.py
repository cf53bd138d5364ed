"""When a raw page is encoded, and to what. Pure: no clock, no I/O, no threads, standard library only, so that both worker hosts share it.

The host tells what happens and asks what follows; times are seconds of any one clock. After every event it asks again::

    reader of the device:  page_begins -> (wait until may_read(), read, page_grew)* -> page_ends | page_lost ... ended
    encoder:               wait until next_order(now) or deadline() -> encode_page(...) -> encoded
    consumer, next_page:   consumer_waits -> wait until ready() or finished -> taken

What it decides (design 3):

* At most ``max_raw`` raw pages are held, those being read and encoded included, and at most ``max_bytes`` of them, except that a page which is alone may
  be larger. Until there is room the reader of the device pauses.
* Pages are encoded in their order, one at a time.
* A finished page is encoded at once if the job asked for a type, or if a reader waits, to that reader's type (PNG where the type cannot hold it).
* A wish stands until it is changed. So encoding never waits for word from the reader between two pages; a page that is finished before a change arrives
  gets the old type.
* A page that nobody asked for stays raw for the grace, and then until the consumer waits or room is needed. Then it becomes a PNG, which loses nothing.
  The grace begins when the page is finished and those before it are on their way: earlier nobody can ask for it.
* At most ``max_encoded`` files wait for the consumer.
* A page that the device delivered as a file passes untouched, in its turn.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import Final

from device_host.encoding.errors import EncodingError, TooLarge
from device_host.encoding.limits import MAX_RAW_BYTES
from device_host.encoding.pages import best_type
from device_protocol.capabilities import RAW
from device_protocol.delivery import ENCODINGS, PNG
from device_protocol.pages import PageParams

GRACE: Final = 0.05
"""Seconds for which a finished page waits for somebody to say in which type they want it: a client that has just read a page asks again within that."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What may be held.

    Attributes:
        max_raw: raw pages, at least 2, so that one can be read while the other is encoded.
        max_bytes: of all raw pages together; a page that is alone may have up to *max_page_bytes*.
        max_page_bytes: of one page; more is an error, not a pause.
        max_encoded: files that wait for the consumer.
        strip: the most that the host reads at a time.
    """

    max_raw: int = 2
    max_bytes: int = 256 << 20
    max_page_bytes: int = MAX_RAW_BYTES
    max_encoded: int = 2
    strip: int = 1 << 20

    def __post_init__(self) -> None:
        if self.max_raw < 2 or min(self.max_encoded, self.max_bytes, self.max_page_bytes, self.strip) < 1:
            raise ValueError(f"{self}: nothing could move")


@dataclass(frozen=True, slots=True)
class Order:
    """Encode page *number* to *media_type* now, then call :meth:`EncodePolicy.encoded`."""

    number: int
    media_type: str


@dataclass(slots=True)
class _Held:
    """A page that is being read, or waits, or is being encoded."""

    number: int
    params: PageParams
    bytes: int = 0
    since: float = 0.0

    @property
    def is_raw(self) -> bool:
        return self.params.format == RAW

    def needs(self, strip: int) -> int:
        """Bytes that it will have after the next strip at most, or in the end if that is known."""
        total = self.params.total
        if total is not None and self.params.final and self.bytes <= total:
            return total
        return max(total or 0, self.bytes + strip)


class EncodePolicy:
    """The state of one job's encoder stage; see the module's docstring.

    Calls that contradict the state (a page that ends without having begun, a page out of order, ...) raise :class:`RuntimeError` and change nothing: they
    are defects of the host. After :meth:`cancelled` events are ignored.

    Args:
        fixed: the type that the job asked for; None leaves it to the readers.
        limits: what may be held.
        grace: seconds; see :data:`GRACE`.
    """

    def __init__(self, fixed: str | None = None, limits: Limits | None = None, grace: float = GRACE) -> None:
        _check_type(fixed)
        self.limits = limits or Limits()
        self._fixed = fixed
        self._grace = grace
        self._reading: _Held | None = None
        self._waiting: deque[_Held] = deque()  # read to their end; the first one may be under way in the encoder
        self._order: Order | None = None
        self._ready: deque[int] = deque()
        self._last = 0
        self._first_in_line = float("-inf")
        self._wish: str | None = None
        self._consumer_waits = False
        self._ended = False
        self._cancelled = False

    # What happened

    def page_begins(self, number: int, params: PageParams) -> None:
        """The device has a page; its parameters may be an estimate. Ask :meth:`may_read` before each strip of it."""
        if not self._cancelled:
            _expect(self._reading is None and not self._ended and number > self._last, f"page {number} begins")
            self._reading = _Held(number, params)
            self._last = number

    def page_grew(self, strip_bytes: int) -> None:
        """A strip of the page was read.

        Raises:
            TooLarge: the page is beyond ``max_page_bytes``; end the job with NO_MEMORY.
        """
        if not self._cancelled:
            page = self._page_under_way("a strip")
            if page.bytes + strip_bytes > self.limits.max_page_bytes:
                raise TooLarge(f"page {page.number} has more than {self.limits.max_page_bytes} bytes")
            page.bytes += strip_bytes

    def page_ends(self, params: PageParams, now: float) -> None:
        """The page was read to its end; *params* are the final ones."""
        if not self._cancelled:
            page = self._page_under_way("an end")
            self._reading = None
            self._waiting.append(_Held(page.number, params, page.bytes, now))
            self._pass_files()

    def page_lost(self) -> None:
        """The page that was being read failed; what came of it is dropped, earlier pages are not."""
        self._reading = None

    def prefer(self, media_type: str | None) -> None:
        """The type of the oldest waiting reader, None when nobody waits.

        Raises:
            EncodingError: that is no type of ours.
        """
        _check_type(media_type)
        self._wish = media_type

    def consumer_waits(self, waits: bool = True) -> None:
        """Somebody stands in ``next_page``, or left it without a page."""
        self._consumer_waits = waits

    def encoded(self, number: int, now: float) -> None:
        """The order for that page was carried out, or failed: then the error takes the place of the file. Its raw bytes are gone."""
        if not self._cancelled:
            _expect(self._order is not None and self._order.number == number, f"page {number} is encoded")
            self._order = None
            self._waiting.popleft()
            self._ready.append(number)
            self._first_in_line = now
            self._pass_files()

    def taken(self, now: float) -> int:
        """The consumer takes the first page that is ready, and no longer waits. Gives the page's number."""
        _expect(bool(self._ready), "a page is taken")
        self._consumer_waits = False
        self._first_in_line = now
        number = self._ready.popleft()
        self._pass_files()
        return number

    def ended(self) -> None:
        """The device has no more pages, or failed; what is held is still encoded and delivered."""
        self._ended = True
        self._reading = None

    def cancelled(self) -> None:
        """Drop everything. An order under way may be abandoned; its result is ignored."""
        self._cancelled = self._ended = True
        self._reading = self._order = None
        self._waiting.clear()
        self._ready.clear()

    # What follows

    def may_read(self) -> bool:
        """Whether a strip of the page that has begun may be read; else pause until the next event."""
        page = self._reading
        if page is None or len(self._waiting) >= self.limits.max_raw:
            return False
        return not self._waiting or self._waiting_bytes() + page.needs(self.limits.strip) <= self.limits.max_bytes

    def next_order(self, now: float) -> Order | None:
        """What to encode now; giving the order is the start of it. None: nothing before the next event or :meth:`deadline`."""
        if not self._encoder_is_free():
            return None
        page = self._waiting[0]
        wanted = self._wanted(now)
        if wanted is None:
            return None
        self._order = Order(page.number, best_type(page.params, wanted))
        return self._order

    def deadline(self) -> float | None:
        """When to ask :meth:`next_order` again if nothing happens before; None: not before an event."""
        return self._grace_ends() if self._encoder_is_free() and self._must_move() else None

    def ready(self) -> int | None:
        """The number of the page that the consumer would take, if it is there."""
        return self._ready[0] if self._ready else None

    @property
    def finished(self) -> bool:
        """Whether the consumer has had everything that will come."""
        return self._ended and not self._waiting and not self._ready

    @property
    def raw_pages(self) -> int:
        """How many pages are held that are not ready, those being read and encoded included."""
        return len(self._waiting) + (self._reading is not None and self._reading.bytes > 0)

    @property
    def raw_bytes(self) -> int:
        """Their bytes so far."""
        return self._waiting_bytes() + (0 if self._reading is None else self._reading.bytes)

    # How it is decided

    def _wanted(self, now: float) -> str | None:
        asked = self._fixed or self._wish
        return asked or (PNG if self._must_move() and now >= self._grace_ends() else None)

    def _encoder_is_free(self) -> bool:
        return self._order is None and bool(self._waiting) and len(self._ready) < self.limits.max_encoded

    def _must_move(self) -> bool:
        return self._consumer_waits or (self._reading is not None and not self.may_read())

    def _grace_ends(self) -> float:
        return max(self._waiting[0].since, self._first_in_line) + self._grace

    def _waiting_bytes(self) -> int:
        return sum(page.bytes for page in self._waiting)

    def _pass_files(self) -> None:
        while self._order is None and self._waiting and not self._waiting[0].is_raw:
            if len(self._ready) >= self.limits.max_encoded:
                return
            self._ready.append(self._waiting.popleft().number)

    def _page_under_way(self, event: str) -> _Held:
        if self._reading is None:
            raise RuntimeError(f"{event} without a page")
        return self._reading


def _expect(legal: bool, event: str) -> None:
    if not legal:
        raise RuntimeError(f"{event}: not now")


def _check_type(media_type: str | None) -> None:
    if media_type is not None and media_type not in ENCODINGS:
        raise EncodingError(f"{media_type!r} is none of {', '.join(ENCODINGS)}")
