"""A backend that accepts everything and records what reached it: what the guard lets through."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import trio

from device_protocol import (
    ALL,
    NATIVE,
    Access,
    ApplyResult,
    Auto,
    Choice,
    Colour,
    ControlCaps,
    Delivery,
    DeviceCaps,
    DeviceError,
    DeviceInfo,
    DeviceList,
    JobState,
    Mode,
    Option,
    PageEnd,
    PageInfo,
    PageParams,
    SessionState,
    SetResult,
    Settings,
    SourceCaps,
    SourceKind,
    Status,
    Value,
    ValueType,
)
from device_protocol.aio import EventStream
from device_protocol.options import READ_WRITE

CAPS = DeviceCaps(
    sources=(
        SourceCaps("Feeder", SourceKind.FEEDER, 210, 297, (Mode("Color", Colour.COLOR),), Choice((100, 300))),
        SourceCaps("Glass", SourceKind.FLATBED, 210, 297, (Mode("Color", Colour.COLOR),), Choice((100, 600))),
    ),
    default_source="Feeder",
)
OPTIONS = (
    Option("source", ValueType.STRING, constraint=Choice(("Feeder", "Glass")), default="Feeder"),
    Option("resolution", ValueType.INT, constraint=Choice((100, 300)), default=300),
    Option("brightness", ValueType.INT, access=READ_WRITE | Access.LIVE, default=0),
    Option("serial", ValueType.STRING, access=Access.READ, default="1"),
    Option("hidden", ValueType.INT, access=READ_WRITE | Access.INACTIVE, default=0),
)
PARAMS = PageParams(width=8, height=2, stride=24)


class RecordingPage:
    """A page of 48 bytes."""

    def __init__(self, log: list[str], number: int) -> None:
        self.log = log
        self.info = PageInfo(number, PARAMS)
        self.left = b"x" * 48
        self.fails: DeviceError | None = None

    async def read(self, max_bytes: int) -> bytes:
        self.log.append(f"read {max_bytes}")
        await trio.lowlevel.checkpoint()
        if self.fails is not None:
            raise self.fails
        strip, self.left = self.left[:max_bytes], self.left[max_bytes:]
        return strip

    async def end(self) -> PageEnd:
        self.log.append("end")
        await trio.lowlevel.checkpoint()
        return PageEnd(self.info.number, PARAMS, 48 - len(self.left), incomplete=bool(self.left))


class RecordingJob:
    """A job of two pages."""

    def __init__(self, log: list[str]) -> None:
        self.log = log
        self.pages = 0
        self.fails: DeviceError | None = None
        self.page_fails: DeviceError | None = None
        self.cancelled = False
        self.gate: trio.Event | None = None

    async def next_page(self) -> RecordingPage | None:
        self.log.append("next_page")
        await trio.lowlevel.checkpoint()
        if self.gate is not None:
            await self.gate.wait()
        if self.fails is not None:
            raise self.fails
        if self.pages == 2:
            return None
        self.pages += 1
        page = RecordingPage(self.log, self.pages)
        page.fails = self.page_fails
        return page

    async def cancel(self) -> None:
        self.log.append("cancel")
        self.cancelled = True
        await trio.lowlevel.checkpoint()

    async def settled(self) -> JobState:
        self.log.append("settled")
        await trio.lowlevel.checkpoint()
        return JobState.CANCELED if self.cancelled else JobState.COMPLETED


class RecordingSession:
    """A session that does as it is told."""

    def __init__(self, log: list[str]) -> None:
        self.log = log
        self.job = RecordingJob(log)
        self.lost: DeviceError | None = None
        self.source = "Feeder"

    async def _did(self, what: str) -> None:
        self.log.append(what)
        await trio.lowlevel.checkpoint()
        if self.lost is not None:
            raise self.lost

    async def caps(self) -> DeviceCaps:
        await trio.lowlevel.checkpoint()
        return CAPS

    async def options(self) -> tuple[Option, ...]:
        await trio.lowlevel.checkpoint()
        return OPTIONS

    async def get(self, name: str) -> Value:
        await self._did(f"get {name}")
        return self.source if name == "source" else 300

    async def set(self, name: str, value: Value | Auto) -> SetResult:
        await self._did(f"set {name}")
        return SetResult(name, value, None if isinstance(value, Auto) else value)

    async def apply(self, settings: Settings) -> ApplyResult:
        await self._did("apply")
        return ApplyResult()

    async def reset(self, names: tuple[str, ...] | None = None) -> ApplyResult:
        await self._did("reset")
        return ApplyResult()

    async def params(self) -> PageParams:
        await self._did("params")
        return PARAMS

    async def start(
        self, settings: Settings | None = None, pages: int | str = ALL, delivery: Delivery = NATIVE
    ) -> RecordingJob:
        await self._did("start")
        return self.job

    async def status(self) -> Status:
        self.log.append("status")
        await trio.lowlevel.checkpoint()
        return Status(SessionState.IDLE)

    def events(self) -> EventStream:
        self.log.append("events")
        return EventStream()

    async def cancel(self) -> None:
        await self._did("session cancel")

    async def close(self) -> None:
        self.log.append("close")
        await trio.lowlevel.checkpoint()


class RecordingControl:
    """Control that offers nothing."""

    async def caps(self) -> ControlCaps:
        await trio.lowlevel.checkpoint()
        return ControlCaps()

    async def perform(self, action: str, arguments: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        await trio.lowlevel.checkpoint()
        return {"action": action}


class RecordingBackend:
    """A backend with one device."""

    def __init__(self) -> None:
        self.log: list[str] = []
        self.session = RecordingSession(self.log)

    async def devices(self) -> DeviceList:
        await trio.lowlevel.checkpoint()
        return DeviceList((DeviceInfo("one", "Recorder"),))

    async def open(self, device_id: str) -> RecordingSession:
        self.log.append(f"open {device_id}")
        await trio.lowlevel.checkpoint()
        self.session = RecordingSession(self.log)
        return self.session

    async def control(self, device_id: str) -> RecordingControl:
        await trio.lowlevel.checkpoint()
        return RecordingControl()
