"""The front panel: everything that somebody who stands before a machine can do to it (device_protocol.control)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from device_host.toml_lines import Path
from device_protocol import Code, ControlCaps, DeviceError, FaultKind, Phase, control
from device_protocol.aio import ManualClock
from simulators.duties import Duty
from simulators.faults import MAX_ARMED
from simulators.fields import Table, show
from simulators.journal.describe import describe
from simulators.journal.record import ENTRIES_KEPT, short
from simulators.machine import Machine
from simulators.profiles.quirks import NAMES
from simulators.scenarios.generate import can_have
from simulators.scenarios.kinds import FEEDING, OF_CAMERAS, OF_PAGES
from simulators.scenarios.reading import Trial, read_fault
from simulators.scenarios.shipped import read_wish, shipped_scenarios
from simulators.scenarios.writing import to_keys
from simulators.spec import DeviceSpec, Scenario
from simulators.stacks import read_batch

_FEEDER = frozenset({control.LOAD, control.UNLOAD, control.CLEAR_JAM})
_GLASS = frozenset({control.PLACE_SHEET, control.REMOVE_SHEET})
_COVER = frozenset({control.OPEN_COVER, control.CLOSE_COVER})
_BUTTONS = frozenset({control.PRESS_BUTTON})
_CLEANING = frozenset({control.CLEAN_GLASS})
_SHUTTER = frozenset({control.CLOSE_SHUTTER, control.OPEN_SHUTTER})
MAX_WORDS = 500
MAX_NAME = 40
OTHER_TRANSPORT = "network"
"""A way of finding devices that no machine of a lab needs."""
MAX_NUMBER = 2**53
"""Of an entry of the journal, or of a change: what JavaScript can count to."""


def invalid(path: Path, why: str) -> DeviceError:
    """The error for an argument that is wrong."""
    return DeviceError(Code.INVALID_VALUE, f"{show(path)} {why}", phase=Phase.CONTROL, option=show(path))


def _quirk(value: Any) -> str | None:
    return value if isinstance(value, str) and value in NAMES else None


class Panel:
    """Control of one machine."""

    def __init__(self, machine: Machine) -> None:
        self._machine = machine

    def caps(self) -> ControlCaps:
        """The actions and faults that make sense for this machine."""
        profile = self._machine.profile
        actions, faults = set(control.ACTIONS), set(FaultKind)
        if profile.feeder is None:
            actions -= _FEEDER
            faults -= FEEDING
        elif not any(source.kind.feeds for source in profile.sources):
            faults -= FEEDING
        if not isinstance(self._machine.clock, ManualClock):
            actions.discard(control.ADVANCE)
        if not profile.flatbed:
            actions -= _GLASS
        if not profile.cover:
            actions -= _COVER
            faults.discard(FaultKind.COVER_OPEN)
        if not profile.buttons:
            actions -= _BUTTONS
        if not self._machine.optics.dirty:
            actions -= _CLEANING
        if profile.camera is None:
            actions -= _SHUTTER
        else:
            actions.discard(control.COOL_LAMP)
        faults -= OF_CAMERAS if profile.camera is None else OF_PAGES
        return ControlCaps(frozenset(actions), frozenset(faults))

    def perform(self, action: str, arguments: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Do *action*; gives what can be seen of the machine afterwards, and for ``report`` also what clients did wrong.

        Raises:
            DeviceError: UNSUPPORTED for an action or a fault that this machine does not have, INVALID_VALUE for arguments.
        """
        if action not in self.caps().actions:
            raise DeviceError(
                Code.UNSUPPORTED,
                f"The device has no action {action!r}; it has {', '.join(sorted(self.caps().actions))}.",
                phase=Phase.CONTROL,
                option=action,
            )
        table = Table(arguments or {}, invalid)
        if action in control.LOOKS or action == control.ADVANCE:
            return self._look(action, table)
        if action == control.RESET:
            self._machine.journal.clear()
        with self._machine.journal.operator(action, short(arguments or {})):
            self._act(action, table)
        return self._machine.state()

    def _look(self, action: str, table: Table) -> dict[str, Any]:
        machine = self._machine
        match action:
            case control.DESCRIBE:
                table.done()
                return describe(machine.profile) | {"scenarios": shipped_scenarios()}
            case control.JOURNAL:
                since = table.integer("since", 0, low=0, high=MAX_NUMBER)
                limit = table.integer("limit", ENTRIES_KEPT, low=0, high=ENTRIES_KEPT)
                table.done()
                return machine.journal.since(since, limit)
            case control.PROGRESS:
                table.done()
                return {
                    "scenario": to_keys(machine.scenario),
                    "faults": machine.faults.progress(),
                    "actions": machine.attendant.show(),
                    "began": round(machine.scenario_began, 6),
                    "now": round(machine.clock.now(), 6),
                }
            case control.NOTE:
                duty = Duty(table.choice("duty", Duty))
                detail, client = (table.text(key, "", limit=MAX_WORDS) for key in ("detail", "client"))
                table.done()
                machine.report.note(duty, detail, client)
                return machine.state()
            case control.REPORT:
                table.done()
                return machine.state() | {"client": machine.report.show()}
        raise DeviceError(
            Code.UNSUPPORTED,
            f"{action} takes time, so it is for a lab to do and not for a moment.",
            phase=Phase.CONTROL,
        )

    def _act(self, action: str, table: Table) -> None:
        machine = self._machine
        match action:
            case control.LOAD:
                batch = read_batch(table, machine.spec.artworks)
                feeder = machine.profile.feeder
                room = 0 if feeder is None else feeder.capacity - len(machine.paper.hopper)
                if batch.count > room:
                    raise table.error("count", f"must be at most {room}: that is the room left in the hopper")
                machine.load(batch)
            case control.PLACE_SHEET:
                batch = read_batch(table, machine.spec.artworks, default_count=1)
                if batch.count != 1:
                    raise table.error("count", "must be 1: there is room for one sheet on the glass")
                machine.place(batch)
            case control.PRESS_BUTTON:
                button = table.choice("name", machine.profile.buttons)
                table.done()
                machine.press(button)
            case control.FAULT:
                fault = read_fault(table, on_trial(machine.spec), machine.faults.names)
                why = can_have(fault, machine.profile)
                if why or fault.kind not in self.caps().faults:
                    why = why or f"cannot be {fault.kind.value}: the device has no such source"
                    raise DeviceError(Code.UNSUPPORTED, f"The fault {why}.", phase=Phase.CONTROL)
                if len(machine.faults) >= MAX_ARMED:
                    raise table.error("kind", f"is one too many: {MAX_ARMED} faults are armed")
                machine.faults.arm(fault)
            case control.SCENARIO:
                machine.play(read_wish(table, machine.profile, machine.spec.seed, on_trial(machine.spec)))
            case control.QUIRKS:
                names = table.items("names", _quirk, "names of quirks, such as next-503-twice", ())
                table.done()
                machine.behave(names)
            case control.COOL_LAMP:
                seconds = table.number("seconds", 5.0, low=0, high=3600)
                table.done()
                machine.cool_lamp(seconds)
            case control.FAIL_TRANSPORT:
                name = table.text("name", OTHER_TRANSPORT, limit=MAX_NAME)
                table.done()
                machine.fail_transport(name or OTHER_TRANSPORT)
            case control.OPEN_COVER | control.UNPLUG:
                seconds = table.number("seconds", 0.0, low=0, high=86_400)
                table.done()
                (machine.open_cover if action == control.OPEN_COVER else machine.unplug)(seconds)
            case _:
                table.done()
                {
                    control.UNLOAD: machine.unload,
                    control.CLEAR_JAM: machine.clear_jam,
                    control.CLOSE_COVER: machine.close_cover,
                    control.REPLUG: machine.replug,
                    control.REMOVE_SHEET: machine.remove,
                    control.CLEAN_GLASS: machine.clean_glass,
                    control.MEND_TRANSPORT: machine.mend_transport,
                    control.CLOSE_SHUTTER: machine.close_shutter,
                    control.OPEN_SHUTTER: machine.open_shutter,
                    control.CLEAR_FAULTS: machine.clear_faults,
                    control.CLEAR_SCENARIO: machine.clear_scenario,
                    control.RESET: machine.reset,
                }[action]()


_NO_MOMENTS = frozenset({control.SCENARIO, control.CLEAR_SCENARIO, control.RESET})
"""Actions that begin or end a scenario, so that none of them can be a part of one."""


def on_trial(spec: DeviceSpec) -> Trial:
    """Tries actions of a scenario on a machine like that of *spec*, a new one for each."""

    def perform(action: str, arguments: Mapping[str, Any]) -> None:
        if action in _NO_MOMENTS:
            raise DeviceError(
                Code.UNSUPPORTED, f"{action} begins or ends a scenario, so it cannot be in one.", phase=Phase.CONTROL
            )
        machine = Machine(replace(spec, batches=(), scenario=Scenario()), ManualClock(), _never)
        Panel(machine).perform(action, arguments)

    return perform


def _never(*task: object) -> None:
    """What a machine on trial wants to do later is not done."""
