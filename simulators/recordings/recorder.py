"""The recorder: stands between a backend and its caller, changes nothing, and notes everything."""

from __future__ import annotations

import hashlib
import zlib
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from typing import Any, TypeVar

import trio

from device_protocol import (
    ALL,
    NATIVE,
    ApplyResult,
    Auto,
    ControlCaps,
    Delivery,
    DeviceCaps,
    DeviceError,
    DeviceList,
    Event,
    JobState,
    Option,
    PageEnd,
    PageInfo,
    PageParams,
    SetResult,
    Settings,
    Status,
    Value,
)
from device_protocol.aio import Backend, Control, EventStream, Job, Page, Session
from device_protocol.plain import error_to_plain
from simulators.recordings.log import EVENT, ROOT, Ending, Entry, PageData, plain_or_text

T = TypeVar("T")

MAX_ENTRIES = 500_000
MAX_BYTES = 1 << 30
"""Of compressed pages; what comes beyond either limit is not recorded, and :attr:`Recorder.full` says so."""


class Recorder:
    """Notes what happens to the backends that it wraps.

    Args:
        max_entries, max_bytes: limits of the log, and of the compressed pages.

    Attributes:
        entries, pages, blobs: see :class:`simulators.recordings.Recording`.
        full: whether a limit was reached, so that the end is missing.
    """

    def __init__(self, max_entries: int = MAX_ENTRIES, max_bytes: int = MAX_BYTES) -> None:
        self.entries: list[Entry] = []
        self.pages: list[PageData] = []
        self.blobs: dict[str, bytes] = {}
        self.full = False
        self._max_entries = max_entries
        self._max_bytes = max_bytes
        self._bytes = 0
        self._backends = 0

    def wrap(self, backend: Backend) -> RecordedBackend:
        """*backend*, with everything noted that is done to it from now on."""
        number, self._backends = self._backends, self._backends + 1
        return RecordedBackend(Pen(self, number), backend)

    def add(self, entry: Entry) -> None:
        """Note *entry*, unless the recording is full."""
        if len(self.entries) >= self._max_entries:
            self.full = True
        if not self.full:
            self.entries.append(entry)

    def add_page(self, backend: int, page: str, data: bytes) -> None:
        """Note the bytes of a page, unless the recording is full."""
        name = hashlib.sha256(data).hexdigest()
        if name not in self.blobs and not self.full:
            packed = zlib.compress(data, 1)
            if self._bytes + len(packed) > self._max_bytes:
                self.full = True
            else:
                self._bytes += len(packed)
                self.blobs[name] = packed
        if name in self.blobs:
            self.pages.append(PageData(backend, page, name, len(data)))


class Pen:
    """Writes for one backend: names its handles and knows its time."""

    def __init__(self, recorder: Recorder, backend: int) -> None:
        self.recorder = recorder
        self.backend = backend
        self._began = trio.current_time()
        self._handles: Counter[str] = Counter()
        self._begun = 0
        self._open: list[RecordedPage] = []
        self._streams: dict[str, EventStream] = {}

    def handle(self, kind: str) -> str:
        """A name for a new handle."""
        self._handles[kind] += 1
        return f"{kind} {self._handles[kind]}"

    def begin(self, handle: str, verb: str, arguments: tuple[object, ...] = ()) -> Entry:
        """A call begins."""
        at = trio.current_time() - self._began
        entry = Entry(self.backend, handle, verb, [plain_or_text(item) for item in arguments], at=at)
        self.recorder.add(entry)
        self._begun += 1
        return entry

    def merge(self, entry: Entry, into: Entry) -> None:
        """The newest entry is one more of the same."""
        self.recorder.entries.pop()
        self._begun -= 1
        into.times += 1
        into.until = self._begun
        into.took = max(into.took, entry.took)

    def finish(self, entry: Entry, ending: Ending, answer: object = None) -> None:
        """It has ended."""
        entry.took = trio.current_time() - self._began - entry.at
        entry.until = self._begun
        entry.ending = ending
        entry.answer = answer
        ended = [name for name, stream in self._streams.items() if stream.closed] if self._streams else ()
        for name in ended:
            del self._streams[name]
            self.happened(name, None)

    def happened(self, handle: str, what: object) -> None:
        """Note what happened without a call."""
        at = trio.current_time() - self._began
        answer = None if what is None else plain_or_text(what)
        self.recorder.add(Entry(self.backend, handle, EVENT, at=at, ending=Ending.ANSWER, answer=answer))

    def listen(self, handle: str, stream: EventStream) -> None:
        """Note what is put into *stream*, and when it ends."""
        self._streams[handle] = stream
        stream.tap(lambda event: self.happened(handle, event))

    async def call(
        self,
        handle: str,
        verb: str,
        arguments: tuple[object, ...],
        function: Callable[[], Awaitable[T]],
        new: str = "",
    ) -> tuple[T, Entry]:
        """Make a call and note it; *new* is the kind of handle that comes of it, which is named if it does."""
        entry = self.begin(handle, verb, arguments)
        try:
            result = await function()
        except DeviceError as error:
            self.finish(entry, Ending.ERROR, error_to_plain(error))
            raise
        except Exception as error:
            self.finish(entry, Ending.RAISED, f"{type(error).__name__}: {error}")
            raise
        except BaseException:
            self.finish(entry, Ending.CANCELLED)
            raise
        if new and result is not None:
            entry.new = self.handle(new)
        self.finish(entry, Ending.ANSWER, None if new else plain_or_text(result))
        return result, entry

    async def simple(
        self, handle: str, verb: str, arguments: tuple[object, ...], function: Callable[[], Awaitable[T]]
    ) -> T:
        """A call that gives no handle."""
        result, _ = await self.call(handle, verb, arguments, function)
        return result

    def opened(self, page: RecordedPage) -> None:
        """A page has begun; its bytes are kept until it is done."""
        self._open.append(page)

    def done(self, page: RecordedPage) -> None:
        """No more bytes will come of *page*."""
        if page in self._open:
            self._open.remove(page)
            page.flush()

    def all_done(self) -> None:
        """No more bytes will come at all."""
        for page in list(self._open):
            self.done(page)


def info_of(page: Page) -> object:
    """What a page says of itself; a text if it cannot, as its caller will see too."""
    try:
        return page.info
    except Exception as error:  # noqa: BLE001  # a faulty driver
        return repr(error)


class RecordedPage:
    """See :class:`device_protocol.aio.Page`."""

    def __init__(self, pen: Pen, handle: str, inner: Page, said: object) -> None:
        self._pen, self._handle, self._inner = pen, handle, inner
        self._data = bytearray()
        self._reads: Entry | None = None
        self._said = said
        pen.opened(self)

    @property
    def info(self) -> PageInfo:
        """See :class:`device_protocol.aio.Page`."""
        return self._inner.info

    async def read(self, max_bytes: int) -> bytes:
        """See :class:`device_protocol.aio.Page`."""
        entries = self._pen.recorder.entries
        before = self._reads if entries and entries[-1] is self._reads else None
        data, entry = await self._pen.call(self._handle, "read", (max_bytes,), lambda: self._inner.read(max_bytes))
        if isinstance(data, bytes):
            entry.answer = len(data)
            self._data += data
            alike = before is not None and (before.arguments, before.answer) == (entry.arguments, entry.answer)
            if alike and before is not None and entries and entries[-1] is entry:
                self._pen.merge(entry, before)
                entry = before
        self._reads = entry
        self._look()
        return data

    async def end(self) -> PageEnd:
        """See :class:`device_protocol.aio.Page`."""
        end = await self._pen.simple(self._handle, "end", (), self._inner.end)
        self._look()
        return end

    def _look(self) -> None:
        """Note if the page says something else of itself than before; it should not."""
        says = info_of(self._inner)
        if says != self._said:
            self._said = says
            self._pen.happened(self._handle, says)

    def flush(self) -> None:
        """Hand the bytes over."""
        self._pen.recorder.add_page(self._pen.backend, self._handle, bytes(self._data))
        self._data.clear()


class RecordedJob:
    """See :class:`device_protocol.aio.Job`."""

    def __init__(self, pen: Pen, handle: str, inner: Job) -> None:
        self._pen, self._handle, self._inner = pen, handle, inner
        self._page: RecordedPage | None = None

    async def next_page(self) -> RecordedPage | None:
        """See :class:`device_protocol.aio.Job`."""
        page, entry = await self._pen.call(self._handle, "next_page", (), self._inner.next_page, "page")
        if page is None:
            return None
        self.over()
        said = info_of(page)
        entry.answer = plain_or_text(said)
        self._page = RecordedPage(self._pen, entry.new, page, said)
        return self._page

    def over(self) -> None:
        """No more will come of its page."""
        if self._page is not None:
            self._pen.done(self._page)

    async def cancel(self) -> None:
        """See :class:`device_protocol.aio.Job`."""
        await self._pen.simple(self._handle, "cancel", (), self._inner.cancel)

    async def settled(self) -> JobState:
        """See :class:`device_protocol.aio.Job`."""
        return await self._pen.simple(self._handle, "settled", (), self._inner.settled)


class RecordedSession:
    """See :class:`device_protocol.aio.Session`."""

    def __init__(self, pen: Pen, handle: str, inner: Session) -> None:
        self._pen, self._handle, self._inner = pen, handle, inner
        self._job: RecordedJob | None = None

    async def _simple(self, verb: str, function: Callable[[], Awaitable[T]], *arguments: object) -> T:
        return await self._pen.simple(self._handle, verb, arguments, function)

    async def caps(self) -> DeviceCaps:
        """See :class:`device_protocol.aio.Session`."""
        return await self._simple("caps", self._inner.caps)

    async def options(self) -> tuple[Option, ...]:
        """See :class:`device_protocol.aio.Session`."""
        return await self._simple("options", self._inner.options)

    async def get(self, name: str) -> Value:
        """See :class:`device_protocol.aio.Session`."""
        return await self._simple("get", lambda: self._inner.get(name), name)

    async def set(self, name: str, value: Value | Auto) -> SetResult:
        """See :class:`device_protocol.aio.Session`."""
        return await self._simple("set", lambda: self._inner.set(name, value), name, value)

    async def apply(self, settings: Settings) -> ApplyResult:
        """See :class:`device_protocol.aio.Session`."""
        return await self._simple("apply", lambda: self._inner.apply(settings), settings)

    async def reset(self, names: tuple[str, ...] | None = None) -> ApplyResult:
        """See :class:`device_protocol.aio.Session`."""
        return await self._simple("reset", lambda: self._inner.reset(names), names)

    async def params(self) -> PageParams:
        """See :class:`device_protocol.aio.Session`."""
        return await self._simple("params", self._inner.params)

    async def start(
        self, settings: Settings | None = None, pages: int | str = ALL, delivery: Delivery = NATIVE
    ) -> RecordedJob:
        """See :class:`device_protocol.aio.Session`."""
        job, entry = await self._pen.call(
            self._handle,
            "start",
            (settings, pages, delivery),
            lambda: self._inner.start(settings, pages, delivery),
            "job",
        )
        self._job = RecordedJob(self._pen, entry.new, job)
        return self._job

    async def status(self) -> Status:
        """See :class:`device_protocol.aio.Session`."""
        return await self._simple("status", self._inner.status)

    def events(self) -> EventStream:
        """See :class:`device_protocol.aio.Session`."""
        entry = self._pen.begin(self._handle, "events")
        try:
            stream = self._inner.events()
        except DeviceError as error:
            self._pen.finish(entry, Ending.ERROR, error_to_plain(error))
            raise
        entry.new = self._pen.handle("events")
        waiting: list[Event] = []
        while True:  # what was put in before anybody could listen, such as a button pressed before open
            try:
                waiting.append(stream.receive_nowait())
            except trio.WouldBlock:
                break
        self._pen.listen(entry.new, stream)
        self._pen.finish(entry, Ending.ANSWER)
        for event in waiting:
            stream.put(event)
        return stream

    async def cancel(self) -> None:
        """See :class:`device_protocol.aio.Session`."""
        await self._simple("cancel", self._inner.cancel)

    async def close(self) -> None:
        """See :class:`device_protocol.aio.Session`."""
        await self._simple("close", self._inner.close)
        if self._job is not None:
            self._job.over()


class RecordedControl:
    """See :class:`device_protocol.aio.Control`."""

    def __init__(self, pen: Pen, handle: str, inner: Control) -> None:
        self._pen, self._handle, self._inner = pen, handle, inner

    async def caps(self) -> ControlCaps:
        """See :class:`device_protocol.aio.Control`."""
        return await self._pen.simple(self._handle, "control_caps", (), self._inner.caps)

    async def perform(self, action: str, arguments: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """See :class:`device_protocol.aio.Control`."""
        given = dict(arguments) if arguments is not None else None
        return await self._pen.simple(
            self._handle, "perform", (action, given), lambda: self._inner.perform(action, arguments)
        )


class RecordedBackend:
    """See :class:`device_protocol.aio.Backend`."""

    def __init__(self, pen: Pen, inner: Backend) -> None:
        self._pen, self._inner = pen, inner

    async def devices(self) -> DeviceList:
        """See :class:`device_protocol.aio.Backend`."""
        return await self._pen.simple(ROOT, "devices", (), self._inner.devices)

    async def open(self, device_id: str) -> RecordedSession:
        """See :class:`device_protocol.aio.Backend`."""
        session, entry = await self._pen.call(
            ROOT, "open", (device_id,), lambda: self._inner.open(device_id), "session"
        )
        return RecordedSession(self._pen, entry.new, session)

    async def control(self, device_id: str) -> RecordedControl:
        """See :class:`device_protocol.aio.Backend`."""
        control, entry = await self._pen.call(
            ROOT, "control", (device_id,), lambda: self._inner.control(device_id), "control"
        )
        return RecordedControl(self._pen, entry.new, control)

    def over(self) -> None:
        """The backend goes away: nothing more will be read."""
        self._pen.all_done()
