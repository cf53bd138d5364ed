"""A small machine for the tests of the host, and its driver in the blocking form; standard library only. It can be told to misbehave in any verb.

``config["misbehave"]`` maps a verb to what happens in it: ``crash`` (an exception), ``exit`` (sys.exit), ``gone`` (the process ends), ``abort`` (as a fault in
native code does),
``hang`` (for ever), ``garbage`` (on the host's socket), ``print``, ``odd`` (an answer of the wrong type), ``refuse`` (a device error),
``slow``, ``until-cancel``.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from device_protocol.blocking import Inbox, run_queue
from device_protocol.capabilities import Colour, DeviceCaps, Mode, SourceCaps, SourceKind
from device_protocol.codes import Code
from device_protocol.constraints import Choice, Range
from device_protocol.control import ControlCaps
from device_protocol.devices import DeviceInfo, DeviceList
from device_protocol.errors import DeviceError, NativeError, Phase
from device_protocol.options import ApplyResult, Option, SetResult
from device_protocol.pages import PageEnd, PageInfo, PageParams, Side
from device_protocol.settings import Settings
from device_protocol.states import JobState, SessionState
from device_protocol.status import Event, EventKind, Status
from device_protocol.values import AUTO, Auto, Value, ValueType

WIDTH, HEIGHT = 64, 48
PARAMS = PageParams(WIDTH, HEIGHT, WIDTH * 3, dpi_x=75.0, dpi_y=75.0)
CAPS = DeviceCaps(
    sources=(
        SourceCaps(
            "feeder",
            SourceKind.FEEDER,
            210.0,
            297.0,
            (Mode("color", Colour.COLOR), Mode("gray", Colour.GRAY, (1, 8))),
            Range(75, 600, 1),
            detectable=frozenset({Code.JAM, Code.NO_MEDIA}),
        ),
    ),
    default_source="feeder",
)
OPTION = Option("resolution", ValueType.INT, constraint=Choice((75, 150, 300)), default=75)
NATIVE = NativeError("fake", 6, "jammed")


def pixels(page: int, height: int = HEIGHT) -> bytes:
    """The bytes of page *page*."""
    return bytes((page * 7 + row) % 256 for row in range(height) for _ in range(WIDTH * 3))


class Machine:
    """What both forms have in common: the state, the misbehaviour, and a page count of ``config["pages"]`` (3)."""

    def __init__(self, config: Mapping[str, Any]) -> None:
        self.config = config
        self.misbehave = dict(config.get("misbehave", {}))
        self.pages = int(config.get("pages", 3))
        self.page = 0
        self.position = 0
        self.values: dict[str, Value] = {"resolution": 75}
        self.is_open = False
        self.state = SessionState.IDLE
        self.events: list[Event] = []
        self.cancelled = threading.Event()
        self.revision = 0

    def enter(self, verb: str) -> Any:
        """Misbehave, if *verb* is to."""
        what = self.misbehave.get(verb)
        match what:
            case "crash":
                raise ZeroDivisionError("the driver has a defect")
            case "exit":
                sys.exit(3)
            case "gone":
                os._exit(7)
            case "abort":
                os.abort()
            case "garbage":
                os.write(int(sys.argv[sys.argv.index("--fd") + 1]), b"\xff" * 64)
                time.sleep(60)
            case "print":
                print("printed by the driver")  # noqa: T201  # that is what is tested
                os.write(1, b"raw print\n")
            case "refuse":
                raise DeviceError(Code.JAM, "stuck", phase=Phase.PAGE, page=2, native=NATIVE)
        return what

    def devices(self) -> DeviceList:
        return DeviceList((DeviceInfo("one", "Model", "Maker"), DeviceInfo("two", "Model", "Maker")))

    def check_open(self, device_id: str) -> None:
        if device_id not in {"one", "two"}:
            raise DeviceError(Code.NOT_FOUND, phase=Phase.OPEN)
        if self.is_open:
            raise DeviceError(Code.BUSY, phase=Phase.OPEN)
        self.is_open = True

    def put(self, name: str, value: Value | Auto) -> SetResult:
        actual = 75 if value is AUTO else value
        changed = self.values.get(name) != actual
        self.values[name] = actual
        if changed:
            self.revision += 1
            self.events.append(Event(EventKind.OPTIONS_CHANGED, self.revision, name))
        return SetResult(name, value, self.values[name], exact=value is not AUTO)

    def apply(self, settings: Settings | None) -> ApplyResult:
        return ApplyResult(tuple(self.put(name, value) for name, value in (settings or Settings()).as_options()))

    def status(self) -> Status:
        return Status(self.state, revision=self.revision)

    def start(self, settings: Settings | None) -> None:
        if self.state is not SessionState.IDLE:
            raise DeviceError(Code.BUSY, phase=Phase.START)
        self.apply(settings)
        self.page = 0
        self.cancelled.clear()
        self.state = SessionState.ARMED

    def next_page(self) -> PageInfo | None:
        if self.cancelled.is_set():
            self.state = SessionState.IDLE
            raise DeviceError(Code.CANCELLED, phase=Phase.PAGE)
        self.page += 1
        self.position = 0
        if self.page > self.pages:
            self.state = SessionState.IDLE
            if self.config.get("jam"):
                raise DeviceError(Code.JAM, "stuck", phase=Phase.PAGE, page=self.page, native=NATIVE)
            return None
        self.state = SessionState.TRANSFERRING
        params = replace(PARAMS, height=None, final=False) if self.config.get("unknown_height") else PARAMS
        return PageInfo(self.page, params, Side.FRONT, self.page)

    def read(self, max_bytes: int) -> bytes:
        if self.cancelled.is_set():
            self.state = SessionState.IDLE
            raise DeviceError(Code.CANCELLED, phase=Phase.READ)
        data = pixels(self.page)
        if self.config.get("short") == self.page:
            data = data[: len(data) // 2 + 7]
        if self.config.get("long") == self.page:
            data += bytes(1000)
        if self.config.get("broken") == self.page and self.position:
            raise DeviceError(Code.TRANSFER_BROKEN, phase=Phase.READ, page=self.page)
        strip = data[self.position : self.position + min(max_bytes, int(self.config.get("strip", 4096)))]
        self.position += len(strip)
        return strip

    def end(self) -> PageEnd:
        if self.cancelled.is_set():
            self.state = SessionState.IDLE
            raise DeviceError(Code.CANCELLED, phase=Phase.PAGE)
        self.state = SessionState.PAGE_GAP
        return PageEnd(self.page, PARAMS, self.position, multifeed=self.config.get("multifeed") == self.page or None)

    def perform(self, action: str, arguments: Mapping[str, Any] | None) -> Mapping[str, Any]:
        if action == "misbehave":
            self.misbehave = dict(arguments or {})
            return {}
        if action != "load":
            raise DeviceError(Code.UNSUPPORTED, action, phase=Phase.CONTROL)
        self.pages += int((arguments or {}).get("count", 1))
        return {"pages": self.pages, "pid": os.getpid()}


CONTROL = ControlCaps(frozenset({"load", "misbehave"}))


class Blocking(Machine):
    """The machine in the blocking form: backend, session, job and page in one."""

    info: PageInfo

    def enter(self, verb: str) -> Any:
        what = super().enter(verb)
        if what == "hang":
            time.sleep(3600)
        elif what == "until-cancel":
            self.cancelled.wait()
        elif what == "slow":
            time.sleep(0.1)
        return what

    def run(self, inbox: Inbox) -> None:
        self.enter("run")
        run_queue(inbox)

    def devices(self) -> DeviceList:
        return None if self.enter("devices") == "odd" else super().devices()  # type: ignore[return-value]

    def open(self, device_id: str) -> Blocking:
        self.enter("open")
        self.check_open(device_id)
        return self

    def control_caps(self, device_id: str) -> ControlCaps:
        self.enter("control")
        return CONTROL if device_id == "one" else ControlCaps()

    def control(self, device_id: str, action: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        self.enter("perform")
        return self.perform(action, arguments)

    def caps(self) -> DeviceCaps:
        return "caps" if self.enter("caps") == "odd" else CAPS  # type: ignore[return-value]

    def options(self) -> tuple[Option, ...]:
        self.enter("options")
        return (OPTION,)

    def get(self, name: str) -> Value:
        self.enter("get")
        return self.values[name]

    def set(self, name: str, value: Value | Auto) -> SetResult:
        self.enter("set")
        return self.put(name, value)

    def apply(self, settings: Settings | None) -> ApplyResult:
        self.enter("apply")
        return super().apply(settings)

    def reset(self, names: tuple[str, ...] | None = None) -> ApplyResult:
        self.enter("reset")
        return ApplyResult((self.put("resolution", 75),))

    def params(self) -> PageParams:
        self.enter("params")
        return PARAMS

    def start(self, settings: Settings, pages: int | str) -> Blocking:  # type: ignore[override]
        self.enter("start")
        super().start(settings)
        return self

    def status(self) -> Status:
        self.enter("status")
        return super().status()

    def poll_events(self) -> tuple[Event, ...]:
        events, self.events = tuple(self.events), []
        return events

    def next_page(self) -> BlockingPage | None:  # type: ignore[override]
        self.enter("next_page")
        info = super().next_page()
        return None if info is None else BlockingPage(self, info)

    def cancel(self) -> None:
        self.enter("cancel")
        if self.state is not SessionState.IDLE:
            self.cancelled.set()

    def settled(self) -> JobState:
        self.enter("settled")
        if self.cancelled.is_set():
            self.state = SessionState.IDLE
            return JobState.CANCELED
        return JobState.COMPLETED if self.state is SessionState.IDLE else JobState.PROCESSING

    def close(self) -> None:
        self.enter("close")
        self.is_open = False
        self.state = SessionState.IDLE
        self.cancelled.clear()


class BlockingPage:
    """A page of it."""

    def __init__(self, machine: Blocking, info: PageInfo) -> None:
        self.machine = machine
        self.info = info

    def read(self, max_bytes: int) -> bytes:
        self.machine.enter("read")
        return self.machine.read(max_bytes)

    def end(self) -> PageEnd:
        self.machine.enter("end")
        return self.machine.end()
