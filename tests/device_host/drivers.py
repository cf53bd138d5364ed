"""The machine of the tests in the trio form, and drivers in every other respect that a host has to do with."""

from __future__ import annotations

import os
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import trio

from device_protocol.aio import EventStream
from device_protocol.capabilities import DeviceCaps
from device_protocol.codes import Code
from device_protocol.control import ControlCaps
from device_protocol.devices import ChangeKind, DeviceChange, DeviceList
from device_protocol.driver import Driver, Form
from device_protocol.errors import DeviceError, Phase
from device_protocol.options import ApplyResult, Option, SetResult
from device_protocol.pages import PageEnd, PageInfo, PageParams
from device_protocol.settings import Settings
from device_protocol.states import JobState, SessionState
from device_protocol.status import Status
from device_protocol.values import Auto, Value
from tests.device_host.helpers import until
from tests.device_host.machine import CAPS, CONTROL, OPTION, PARAMS, Blocking, Machine


class Trio:
    """The machine in the trio form: backend."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self.machine = Machine(config)

    async def enter(self, verb: str) -> Any:
        await trio.lowlevel.checkpoint()
        what = self.machine.enter(verb)
        if what == "hang":
            await trio.sleep_forever()
        elif what == "block":
            time.sleep(3600)  # noqa: ASYNC251  # that is what is tested
        elif what == "until-cancel":
            await until(self.machine.cancelled.is_set, 3600)
        elif what == "slow":
            await trio.sleep(0.1)
        return what

    async def devices(self) -> DeviceList:
        return None if await self.enter("devices") == "odd" else self.machine.devices()  # type: ignore[return-value]

    async def open(self, device_id: str) -> TrioSession:
        await self.enter("open")
        self.machine.check_open(device_id)
        return TrioSession(self)

    async def control(self, device_id: str) -> TrioControl:
        await self.enter("control")
        if device_id != "one":
            raise DeviceError(Code.UNSUPPORTED, phase=Phase.CONTROL)
        return TrioControl(self)


class TrioControl:
    """Control of it."""

    def __init__(self, backend: Trio) -> None:
        self.backend = backend

    async def caps(self) -> ControlCaps:
        return CONTROL

    async def perform(self, action: str, arguments: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        await self.backend.enter("perform")
        return self.backend.machine.perform(action, arguments)


class TrioSession:
    """An open device."""

    def __init__(self, backend: Trio) -> None:
        self.backend = backend
        self.machine = backend.machine
        self.streams: list[EventStream] = []
        self.closed = False

    async def enter(self, verb: str) -> Any:
        what = await self.backend.enter(verb)
        if self.closed:  # another session may have the machine by now
            raise DeviceError(Code.CLOSED)
        return what

    async def caps(self) -> DeviceCaps:
        return "caps" if await self.enter("caps") == "odd" else CAPS  # type: ignore[return-value]

    async def options(self) -> tuple[Option, ...]:
        await self.enter("options")
        return (OPTION,)

    async def get(self, name: str) -> Value:
        await self.enter("get")
        return self.machine.values[name]

    async def set(self, name: str, value: Value | Auto) -> SetResult:
        await self.enter("set")
        result = self.machine.put(name, value)
        self.tell()
        return result

    def tell(self) -> None:
        for event in self.machine.events:
            for stream in self.streams:
                stream.put(event)
        self.machine.events.clear()

    async def apply(self, settings: Settings) -> ApplyResult:
        await self.enter("apply")
        result = self.machine.apply(settings)
        self.tell()
        return result

    async def reset(self, names: tuple[str, ...] | None = None) -> ApplyResult:
        await self.enter("reset")
        result = ApplyResult((self.machine.put("resolution", 75),))
        self.tell()
        return result

    async def params(self) -> PageParams:
        await self.enter("params")
        return PARAMS

    async def start(self, settings: Settings | None = None, pages: int | str = "all", delivery: Any = None) -> TrioJob:
        await self.enter("start")
        self.machine.start(settings)
        self.tell()
        return TrioJob(self)

    async def status(self) -> Status:
        await self.enter("status")
        return self.machine.status()

    def events(self) -> EventStream:
        stream = EventStream()
        self.streams.append(stream)
        return stream

    async def cancel(self) -> None:
        await self.enter("cancel")
        if self.machine.state is not SessionState.IDLE:
            self.machine.cancelled.set()

    async def close(self) -> None:
        await self.backend.enter("close")
        if self.closed:
            return
        self.closed = True
        self.machine.is_open = False
        self.machine.state = SessionState.IDLE
        for stream in self.streams:
            stream.close()


class TrioJob:
    """A scan."""

    def __init__(self, session: TrioSession) -> None:
        self.session = session
        self.machine = session.machine

    async def next_page(self) -> TrioPage | None:
        await self.session.enter("next_page")
        info = self.machine.next_page()
        return None if info is None else TrioPage(self, info)

    async def cancel(self) -> None:
        await self.session.cancel()

    async def settled(self) -> JobState:
        await self.session.enter("settled")
        await until(lambda: self.machine.state is SessionState.IDLE or self.machine.cancelled.is_set(), 3600)
        if self.machine.cancelled.is_set():
            self.machine.state = SessionState.IDLE
            return JobState.CANCELED
        return JobState.COMPLETED


class TrioPage:
    """A page."""

    def __init__(self, job: TrioJob, info: PageInfo) -> None:
        self.job = job
        self.info = info

    async def read(self, max_bytes: int) -> bytes:
        await self.job.session.enter("read")
        return self.job.machine.read(max_bytes)

    async def end(self) -> PageEnd:
        await self.job.session.enter("end")
        return self.job.machine.end()


class TrioWatching(Trio):
    """It also watches: a second device comes and goes."""

    async def watch(self) -> AsyncIterator[DeviceChange]:
        one, two = self.machine.devices()
        yield DeviceChange(ChangeKind.LIST, 1, (one,))
        yield DeviceChange(ChangeKind.ARRIVED, 2, (two,))
        if self.machine.misbehave.get("watch") == "crash":
            raise ZeroDivisionError("the driver has a defect")
        yield DeviceChange(ChangeKind.GONE, 3, (one,))
        await trio.sleep_forever()


def _trio(kind: type[Trio]) -> Callable[[Mapping[str, Any]], Any]:
    @asynccontextmanager
    async def factory(config: Mapping[str, Any]) -> AsyncIterator[Trio]:
        backend = kind(config)
        backend.machine.enter("factory")
        yield backend

    return factory


def _blocking(config: Mapping[str, Any]) -> Blocking:
    machine = Blocking(config)
    machine.enter("factory")
    return machine


@asynccontextmanager
async def _background(config: Mapping[str, Any]) -> AsyncIterator[Trio]:
    """A driver with a task of its own that fails when a file appears."""

    async def fail() -> None:
        await until(Path(config["fail-when"]).exists, 3600)
        raise ZeroDivisionError("in the background")

    async with trio.open_nursery() as nursery:
        nursery.start_soon(fail)
        yield Trio(config)
        nursery.cancel_scope.cancel()


@asynccontextmanager
async def _clinging(config: Mapping[str, Any]) -> AsyncIterator[Trio]:
    """A driver that never gets done with giving its devices back."""
    try:
        yield Trio(config)
    finally:
        with trio.CancelScope(shield=True):
            await trio.sleep_forever()


@asynccontextmanager
async def _resident(config: Mapping[str, Any]) -> AsyncIterator[Trio]:
    """A lab of one machine: the resident process serves its socket, workers of sessions connect to it and get a line."""
    backend = Trio(config)
    where = config.get("resident", {})
    async with trio.open_nursery() as nursery:
        if "listen" in where:
            listener = trio.socket.socket(trio.socket.AF_UNIX)
            await listener.bind(where["listen"])
            listener.listen()

            async def serve() -> None:
                while True:
                    client, _ = await listener.accept()
                    with client:
                        await client.send(str(os.getpid()).encode())

            nursery.start_soon(serve)
        elif "connect" in where:
            with trio.socket.socket(trio.socket.AF_UNIX) as client:
                await client.connect(where["connect"])
                backend.machine.values["resolution"] = int((await client.recv(100)).decode())
        yield backend
        nursery.cancel_scope.cancel()


trio_form = Driver("trio-form", Form.TRIO, _trio(Trio), version="1.5")
watching = Driver("watching", Form.TRIO, _trio(TrioWatching))
blocking_form = Driver("blocking-form", Form.BLOCKING, _blocking, version="2.5")
background = Driver("background", Form.TRIO, _background)
clinging = Driver("clinging", Form.TRIO, _clinging)
resident = Driver("resident", Form.TRIO, _resident, resident=True)
newer = Driver("newer", Form.TRIO, _trio(Trio), revision=99)
elsewhere = Driver("elsewhere", Form.TRIO, _trio(Trio), platforms=("amiga",))
unusable = Driver("unusable", Form.TRIO, _trio(Trio), unusable=lambda: "the library is missing")


class bare_class(Blocking):  # noqa: N801
    """A class that nobody installed."""

    form = "blocking"
