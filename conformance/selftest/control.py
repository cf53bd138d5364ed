"""Control over a machine of the zoo."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import trio

import sheets
from conformance.selftest.machine import Machine
from conformance.selftest.picture import WHITE
from conformance.selftest.profile import ALL_FAULTS, TRANSPORTS
from device_protocol import Code, ControlCaps, DeviceError, EventKind, Fault, FaultKind, Phase, control

MAX_SHEETS = 500
MAX_SECONDS = 3600


def _refused(why: str) -> DeviceError:
    return DeviceError(Code.INVALID_VALUE, why, phase=Phase.CONTROL)


def _seconds(seconds: object = 5.0) -> float:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= MAX_SECONDS:
        raise _refused(f"cool-lamp takes seconds from 0 to {MAX_SECONDS}")
    return float(seconds)


class ZooControl:
    """What a person or a robot can do to the machine."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine

    async def caps(self) -> ControlCaps:
        """See the contract."""
        await trio.lowlevel.checkpoint()
        return ControlCaps(frozenset(control.ACTIONS), ALL_FAULTS)

    async def perform(self, action: str, arguments: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """See the contract."""
        await trio.lowlevel.checkpoint()
        if action not in control.ACTIONS:
            raise DeviceError(Code.UNSUPPORTED, f"There is no action {action!r}.", phase=Phase.CONTROL)
        before = self.machine.feeder(), self.machine.conditions()
        self.act(action, dict(arguments or {}))
        if (self.machine.feeder(), self.machine.conditions()) != before:
            self.machine.tell(EventKind.CONDITION, action)
        return {}

    def act(self, action: str, arguments: dict[str, Any]) -> None:
        """Do it."""
        machine = self.machine
        match action:
            case control.LOAD:
                self._load(**arguments)
            case control.UNLOAD:
                machine.hopper.clear()
            case control.CLEAR_JAM:
                machine.jammed = False
            case control.OPEN_COVER | control.CLOSE_COVER:
                machine.cover_open = action == control.OPEN_COVER
            case control.UNPLUG:
                machine.unplug()
            case control.REPLUG:
                machine.plugged = True
            case control.PLACE_SHEET | control.REMOVE_SHEET:
                machine.glass = 1 if action == control.PLACE_SHEET else WHITE
            case control.PRESS_BUTTON:
                machine.tell(EventKind.BUTTON, str(arguments.get("name", "scan")))
            case control.COOL_LAMP:
                machine.cold_s = _seconds(**arguments)
            case control.FAIL_TRANSPORT:
                machine.failed_transports.add(self._transport(**arguments))
            case control.MEND_TRANSPORT:
                machine.failed_transports.clear()
            case control.FAULT:
                self._arm(arguments)
            case control.CLEAR_FAULTS:
                machine.faults.clear()
                machine.busy_until = float("-inf")
            case control.RESET:
                machine.reset()

    def _transport(self, name: object = "") -> str:
        """The way of finding devices that is meant: without a name, the one that does not find this machine."""
        others = [other for device, other in TRANSPORTS.items() if device != self.machine.id]
        if name and name not in TRANSPORTS.values():
            raise _refused(f"there is no transport {name!r}")
        return str(name) or others[0]

    def _load(self, count: object = 1, size: object = "A4", **more: object) -> None:
        if more or isinstance(count, bool) or not isinstance(count, int) or not 1 <= count <= MAX_SHEETS:
            raise _refused(f"load takes a count from 1 to {MAX_SHEETS} and a size")
        try:
            paper = sheets.paper_size(str(size))
        except sheets.SheetError as error:
            raise _refused(str(error)) from None
        self.machine.load(count, paper.name, paper.height_mm)

    def _arm(self, arguments: dict[str, Any]) -> None:
        try:
            fault = Fault(**(arguments | {"kind": FaultKind(arguments["kind"])}))
        except (KeyError, TypeError, ValueError) as error:
            raise _refused(f"that is no fault: {error}") from None
        timed = fault.verb or fault.sheet or fault.page or fault.at
        if fault.kind is FaultKind.COVER_OPEN and not timed:
            self.machine.cover_open = True
        elif fault.kind is FaultKind.EMPTY and not timed:
            self.machine.hopper.clear()
        elif fault.kind is FaultKind.UNPLUGGED and not timed:
            self.machine.unplug()
        else:
            self.machine.faults.append(fault)
