"""A small host with scripted devices, which keep to the contract as far as the service looks."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import trio

from device_protocol import (
    ALL,
    JPEG,
    PNG,
    ApplyResult,
    Auto,
    Choice,
    Code,
    Colour,
    DeviceCaps,
    DeviceChange,
    DeviceError,
    DeviceInfo,
    Encode,
    FeederState,
    JobState,
    Mode,
    Option,
    PageEnd,
    PageInfo,
    PageParams,
    Range,
    SessionState,
    SetResult,
    Settings,
    Side,
    SourceCaps,
    SourceKind,
    Status,
    TransportFailure,
    Unit,
    Value,
    ValueType,
)
from device_protocol.aio import EventStream
from device_protocol.delivery import NATIVE, Delivery
from device_protocol.devices import ChangeKind

MODES = (Mode("Lineart", Colour.LINEART, (1,)), Mode("Gray", Colour.GRAY, (8,)), Mode("Color", Colour.COLOR, (8,)))


def source(name: str, kind: SourceKind, **changes: Any) -> SourceCaps:
    """A source of A4 size with three modes."""
    return SourceCaps(name, kind, 216, 297, MODES, Choice((100, 200, 300)), paper_detectable=kind.feeds, **changes)


FLATBED = source("Flatbed", SourceKind.FLATBED)
FEEDER = source("ADF", SourceKind.FEEDER)
DUPLEX = source("ADF Duplex", SourceKind.FEEDER_DUPLEX, sides=("front", "back"))
CAPS = DeviceCaps(sources=(FLATBED, FEEDER, DUPLEX), default_source="ADF")

OPTIONS = (
    Option("source", ValueType.STRING, constraint=Choice(("Flatbed", "ADF", "ADF Duplex")), default="ADF"),
    Option("mode", ValueType.STRING, constraint=Choice(("Lineart", "Gray", "Color")), default="Color"),
    Option("resolution", ValueType.INT, unit=Unit.DPI, constraint=Choice((100, 200, 300)), default=200),
    Option("brightness", ValueType.INT, constraint=Range(-100, 100, 1), default=0),
    Option("tl-x", ValueType.FIXED, unit=Unit.MM, constraint=Range(0, 216), default=0.0),
    Option("tl-y", ValueType.FIXED, unit=Unit.MM, constraint=Range(0, 297), default=0.0),
    Option("br-x", ValueType.FIXED, unit=Unit.MM, constraint=Range(0, 216), default=216.0),
    Option("br-y", ValueType.FIXED, unit=Unit.MM, constraint=Range(0, 297), default=297.0),
)

FEEDER_INFO = DeviceInfo("virtual:feeder", "Virtual Feeder", "Flatbed", virtual=True)
GLASS_INFO = DeviceInfo("virtual:flatbed", "Virtual Glass", "Flatbed", virtual=True)
SANE_INFO = DeviceInfo("sanelab:test:0", "SANE test", "Noname", rest_type=256)
REAL_INFO = DeviceInfo("sane:usb:1", "Real One", "Maker", rest_type=256)


@dataclass
class Script:
    """What a fake device does.

    Attributes:
        pages: how many there are.
        page_bytes: size of each.
        step_s: device time of each page.
        open_s, start_s, close_s: device time of these.
        open_error, start_error: raised there.
        fail_at: page number (from 1) at which *error* is raised.
        hang_at: page number at which it never answers.
        feeder: what the sensor says.
        depth: bits per sample of the pages.
        native: type of the pages whatever is wanted.
        refuses: what setting an option raises.
        picture: the file of every page, instead of invented bytes.
        gate: if set, each page waits until it was opened once more.
    """

    pages: int = 3
    page_bytes: int = 1000
    step_s: float = 0
    open_s: float = 0
    start_s: float = 0
    close_s: float = 0
    open_error: DeviceError | None = None
    start_error: DeviceError | None = None
    error: DeviceError = field(default_factory=lambda: DeviceError(Code.JAM))
    fail_at: int = 0
    hang_at: int = 0
    feeder: FeederState = FeederState.LOADED
    depth: int = 8
    native: str | None = None
    picture: bytes | None = None
    gate: trio.Semaphore | None = None
    refuses: Mapping[str, DeviceError] = field(default_factory=dict)
    caps: DeviceCaps = CAPS
    options: tuple[Option, ...] = OPTIONS


def page_bytes(number: int, size: int, media_type: str = PNG) -> bytes:
    """The content of a page: its number and type, then filling."""
    head = f"{media_type} {number}\n".encode()
    return head + bytes((number * 7 + index) % 251 for index in range(251)) * (size // 251 + 1)


def content(number: int, size: int, media_type: str = PNG) -> bytes:
    """Exactly *size* bytes, or the head if that is longer."""
    head = len(f"{media_type} {number}\n")
    return page_bytes(number, size, media_type)[: max(size, head)]


class FakePage:
    """A page as a file."""

    def __init__(self, info: PageInfo, data: bytes) -> None:
        self.info = info
        self._rest = data
        self._size = len(data)

    async def read(self, max_bytes: int) -> bytes:
        await trio.lowlevel.checkpoint()
        strip, self._rest = self._rest[:max_bytes], self._rest[max_bytes:]
        return strip

    async def end(self) -> PageEnd:
        await trio.lowlevel.checkpoint()
        return PageEnd(self.info.number, self.info.params, self._size)


class FakeJob:
    """An encoding job."""

    def __init__(self, session: FakeSession, pages: int | str) -> None:
        self._session = session
        self._left = session.script.pages if pages == ALL else min(int(pages), session.script.pages)
        self._number = 0
        self.preferred: str | None = None
        self.preferences: list[str | None] = []

    def prefer(self, media_type: str | None) -> None:
        self.preferred = media_type
        self.preferences.append(media_type)

    async def next_page(self) -> FakePage | None:
        script = self._session.script
        if script.gate is not None:
            await script.gate.acquire()
        await trio.sleep(script.step_s)
        number = self._number + 1
        if script.fail_at == number:
            raise script.error
        if script.hang_at == number:
            await trio.sleep_forever()
        if number > self._left:
            return None
        self._number = number
        media_type = script.native or self.preferred or PNG
        colour = Colour.LINEART if script.depth == 1 else Colour.GRAY
        params = PageParams(1654, 2339, 0, script.depth, 1, colour, media_type, 200, 200)
        side = Side.FRONT if number % 2 else Side.BACK
        info = PageInfo(number, params, side, (number + 1) // 2)
        return FakePage(info, script.picture or content(number, script.page_bytes, media_type))

    async def cancel(self) -> None:
        await trio.lowlevel.checkpoint()

    async def settled(self) -> JobState:
        return JobState.CANCELED


class FakeSession:
    """An open device."""

    def __init__(self, host: FakeHost, device_id: str, script: Script) -> None:
        self._host = host
        self.device_id = device_id
        self.script = script
        self.values: dict[str, Value | Auto] = {option.name: option.default for option in script.options}
        self.applied: Settings | None = None
        self.started: tuple[int | str, Delivery] | None = None
        self.job: FakeJob | None = None
        self.closed = False

    async def caps(self) -> DeviceCaps:
        await trio.lowlevel.checkpoint()
        return self.script.caps

    async def options(self) -> tuple[Option, ...]:
        await trio.lowlevel.checkpoint()
        return self.script.options

    async def get(self, name: str) -> Value:
        await trio.lowlevel.checkpoint()
        value = self.values[name]
        return 0 if isinstance(value, Auto) else value

    async def set(self, name: str, value: Value | Auto) -> SetResult:
        if name in self.script.refuses:
            raise self.script.refuses[name]
        self.values[name] = value
        return SetResult(name, value, None if isinstance(value, Auto) else value)

    async def apply(self, settings: Settings) -> ApplyResult:
        self.applied = settings
        results = []
        for name, value in settings.as_options():
            self.values[name] = value
            results.append(SetResult(name, value, value))
        return ApplyResult(tuple(results))

    async def reset(self, names: tuple[str, ...] | None = None) -> ApplyResult:
        return ApplyResult()

    async def params(self) -> PageParams:
        return PageParams(1654, 2339, 1654)

    async def start(
        self, settings: Settings | None = None, pages: int | str = ALL, delivery: Delivery = NATIVE
    ) -> FakeJob:
        await trio.sleep(self.script.start_s)
        if self.script.start_error is not None:
            raise self.script.start_error
        assert isinstance(delivery, Encode)
        self.started = (pages, delivery)
        self.job = FakeJob(self, pages)
        return self.job

    async def status(self) -> Status:
        await trio.lowlevel.checkpoint()
        return Status(SessionState.IDLE, self.script.feeder)

    def events(self) -> EventStream:
        return EventStream()

    async def cancel(self) -> None:
        await trio.lowlevel.checkpoint()

    async def close(self) -> None:
        if not self.closed:
            await trio.sleep(self.script.close_s)
            self.closed = True
            self._host.open_devices.discard(self.device_id)


@dataclass(frozen=True)
class FakeDevices:
    """The host's list."""

    devices: tuple[DeviceInfo, ...]
    failures: tuple[TransportFailure, ...] = ()
    late: tuple[str, ...] = ()


class FakeHost:
    """All devices at once."""

    def __init__(self, scripts: Mapping[str, Script] | None = None, infos: tuple[DeviceInfo, ...] = ()) -> None:
        self.scripts = dict(scripts or {})
        self.computed: list[tuple[str, tuple[Any, ...]]] = []
        self.gate: trio.Event | None = None
        self.compute_error: DeviceError | None = None
        self.infos = infos or (FEEDER_INFO, GLASS_INFO, SANE_INFO, REAL_INFO)
        self.late: tuple[str, ...] = ()
        self.failures: tuple[TransportFailure, ...] = ()
        self.answers_in = 0.0
        self.open_devices: set[str] = set()
        self.sessions: list[FakeSession] = []
        self.transcoded: list[tuple[str, str]] = []
        self.on_transcode: Callable[[], None] = lambda: None
        self.changed = trio.Event()

    def devices(self) -> FakeDevices:
        return FakeDevices(self.infos, self.failures, self.late)

    async def first_answers(self, timeout: float = 5.0) -> None:
        await trio.sleep(min(self.answers_in, timeout))

    async def watch(self) -> AsyncIterator[DeviceChange]:
        while True:
            changed = self.changed
            yield DeviceChange(ChangeKind.LIST, 1, self.infos)
            await changed.wait()

    def list_now(self, *infos: DeviceInfo) -> None:
        """Other devices are there."""
        self.infos = infos
        self.changed.set()
        self.changed = trio.Event()

    async def open(self, device_id: str) -> Any:
        script = self.scripts.get(device_id, Script())
        await trio.sleep(script.open_s)
        if script.open_error is not None:
            raise script.open_error
        assert device_id not in self.open_devices, "the service opened a device twice"
        self.open_devices.add(device_id)
        session = FakeSession(self, device_id, replace(script))
        self.sessions.append(session)
        return session

    async def transcode(self, data: bytes, source_type: str, target_type: str, quality: int) -> bytes:
        await trio.lowlevel.checkpoint()
        self.transcoded.append((source_type, target_type))
        self.on_transcode()
        return data.replace(source_type.encode(), target_type.encode(), 1)

    async def compute(self, target: str, data: bytes, *arguments: Any) -> tuple[Any, bytes]:
        """The very function, in this process; *gate* and *compute_error* are what happens to it."""
        await trio.lowlevel.checkpoint()
        self.computed.append((target, arguments))
        if self.gate is not None:
            await self.gate.wait()
        if self.compute_error is not None:
            raise self.compute_error
        module, _, name = target.partition(":")
        try:
            made = getattr(importlib.import_module(module), name)(data, *arguments)
        except ValueError as error:
            raise DeviceError(Code.UNSUPPORTED, str(error)) from None
        return (None, made) if isinstance(made, bytes) else made

    def status(self) -> dict[str, int]:
        return {"open": len(self.open_devices)}


__all__ = ["JPEG", "PNG", "FakeHost", "Script", "content"]
