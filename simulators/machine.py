"""A machine: paper, sensors, conditions, and the one session that may use it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from device_protocol import Code, DeviceError, Fault, FeederState, NativeError, Phase, Value
from device_protocol.aio import DeviceClock
from sheets import Sheet
from simulators.cameras.model import REFUSES
from simulators.duties import ClientReport
from simulators.faults import Faults
from simulators.journal.record import Journal
from simulators.messages import Changed, CrashError, Interrupted, Notice, Pressed, View
from simulators.paper import Paper
from simulators.scenarios.attendant import Attendant
from simulators.spec import DeviceSpec, Refill, Scenario
from simulators.stacks import NO_OPTICS, Batch, Optics, stack

if TYPE_CHECKING:
    from simulators.run import Run
    from simulators.seat import Seat

Spawn: TypeAlias = Callable[..., None]
"""Starts an async function, with arguments, as a task of the lab."""

PRESSES_KEPT = 16


class Machine:
    """A virtual scanner, connected or not.

    Args:
        spec: which machine, and what lies in it.
        clock: its time.
        spawn: starts a task that lives as long as the lab.
    """

    def __init__(self, spec: DeviceSpec, clock: DeviceClock, spawn: Spawn) -> None:
        self.spec = spec
        self.profile = spec.profile
        self.clock = clock
        self.spawn = spawn
        self.journal = Journal(clock)
        self.faults = Faults(clock)
        self.attendant = Attendant(clock, spawn, self._perform, spec.id)
        self.paper = Paper()
        self.report = ClientReport()
        self.seat: Seat | None = None
        self.run: Run | None = None
        self.remembered: dict[str, Value] = {}
        self.pressed: deque[str] = deque(maxlen=PRESSES_KEPT)
        self.on_plug: Callable[[Machine], None] = _nobody
        self.on_transport: Callable[[str], None] = _nowhere
        self.perform: Callable[[Machine, str, Mapping[str, Any]], object] = _nobody
        self.plugged = True
        self.born = clock.now()
        self.lamp = False
        self.slow_lamp_s: float | None = None
        self.cleaned = False
        self.shutter_closed = False
        self.quirks: tuple[str, ...] = ()
        self.reset()

    # -- what it shows

    def view(self) -> View:
        """What its sensors say."""
        run = self.run
        buffered, draining = (0, False) if run is None else (run.buffered, run.draining)
        return View(self._feeder(), frozenset(self._conditions()), buffered, draining)

    def state(self) -> dict[str, Any]:
        """Everything that somebody who stands before it can see, as plain data."""
        paper = self.paper
        return {
            "plugged": self.plugged,
            "in_use": self.seat is not None,
            "lamp": self.lamp,
            "cover_open": self.cover_open,
            "feeder": self._feeder().value,
            "hopper": len(paper.hopper),
            "path": [sheet.number for sheet in paper.path],
            "jammed": paper.jammed,
            "output": paper.put_out_count,
            "glass": None if paper.glass is None else paper.glass.number,
            "conditions": sorted(code.value for code in self._conditions()),
            "faults": self.faults.show(),
            "quirks": list(self.quirks),
        } | ({} if self.profile.camera is None else {"shutter_closed": self.shutter_closed})

    def problem(self, *, feeding: bool) -> DeviceError | None:
        """What stands in the way of a scan now, if anything does."""
        if not self.plugged:
            return self.error(Code.DEVICE_LOST, "The plug was pulled.")
        if self.cover_open:
            return self.error(Code.COVER_OPEN, "The cover is open; close it.")
        if feeding and self.paper.jammed:
            return self.error(Code.JAM, "A sheet is stuck in the paper path; take it out.")
        return None

    def look_through(self, phase: Phase) -> None:
        """Check that a camera may be looked through.

        Raises:
            DeviceError: ACCESS_DENIED, its shutter is closed, and it refuses then (CAM-05).
        """
        camera = self.profile.camera
        if camera is not None and camera.habits.shutter == REFUSES and self.shutter_closed:
            raise self.error(Code.ACCESS_DENIED, "The shutter is closed: nobody may look.", phase=phase)

    def error(self, code: Code, message: str, *, phase: Phase = Phase.PAGE, page: int | None = None) -> DeviceError:
        """An error with the firmware's own words beside the code (ERR-01)."""
        native = NativeError("virtual", f"E-{code.value}", message)
        return DeviceError(code, message, phase=phase, page=page, native=native)

    @property
    def optics(self) -> Optics:
        """What it does to each page when its glass has not been wiped."""
        return self.spec.optics or self.profile.optics

    def see(self, sheet: Sheet | None, *, feeding: bool) -> Sheet | None:
        """*sheet* as it delivers it now."""
        optics = self.optics.cleaned() if self.cleaned else self.optics
        return sheet if sheet is None or optics == NO_OPTICS else optics.see(sheet, feeding=feeding)

    # -- what happens to it

    def reset(self) -> None:
        """As it was at the start: paper, faults, conditions, an empty report. A session goes on, its job does not."""
        if self.run is not None and not self.run.ended:
            self.run.interrupt(self.error(Code.OTHER, "The machine was reset.", page=self.run.page))
        self.paper = Paper()
        self.cover_open = False
        self.busy = False
        self.warming = False
        self._last_used: float | None = None
        self.slow_lamp_s = None
        self.operator = True
        self.cleaned = False
        self.quirks = self.profile.escl.quirks
        self.shutter_closed = self.profile.camera is not None and self.profile.camera.habits.shutter_closed
        self.report = ClientReport()
        self.remembered = {}
        self.pressed.clear()
        sheets = stack(self.spec.batches, self.spec.seed)
        if self.profile.feeder is not None:
            self.paper.load(sheets)
        if self.profile.flatbed:
            self.paper.glass = sheets[0] if sheets else None
        if not self.plugged:
            self.replug()
        self.on_transport("")
        self.play(self.spec.scenario)
        self.changed()

    def play(self, scenario: Scenario) -> None:
        """Begin *scenario*; the one before is over. What stands already stays."""
        self.scenario = scenario
        self.scenario_began = self.clock.now()
        self.faults = Faults(self.clock, scenario.faults, self._struck)
        self.attendant.dismiss()
        self.attendant.plan(scenario.timed)

    def clear_scenario(self) -> None:
        """End the scenario, and let whoever else used the device go."""
        self.play(Scenario())
        self.busy = False

    def behave(self, quirks: tuple[str, ...]) -> None:
        """Have these quirks on the network, instead of those it had."""
        self.quirks = quirks
        self.changed()

    def load(self, batch: Batch) -> None:
        """Put sheets into the hopper. Their numbers go on from the last sheet there, or begin with 1."""
        self.operator = False
        hopper = self.paper.hopper
        first = max((sheet.number for sheet in hopper), default=0) + 1
        self.paper.load(batch.sheets(first, self.spec.seed))
        self.changed()

    def unload(self) -> None:
        """Take everything out of the hopper."""
        self.operator = False
        self.empty_hopper()

    def empty_hopper(self) -> None:
        """No more sheets in the hopper; the operator may come again."""
        self.paper.hopper.clear()
        self.changed()

    def operator_comes(self) -> None:
        """The operator looks after the hopper; see :class:`Refill`."""
        refill = self.spec.refill
        wanted = refill is Refill.ALWAYS or (refill is Refill.WHEN_EMPTY and not self.paper.hopper)
        if self.profile.feeder is not None and self.operator and wanted:
            self.paper.hopper.clear()
            self.paper.load(stack(self.spec.batches, self.spec.seed))

    def place(self, batch: Batch) -> None:
        """Lay a sheet on the glass, in place of what lies there; its number is one more."""
        number = 1 if self.paper.glass is None else self.paper.glass.number + 1
        self.paper.glass = batch.sheets(number, self.spec.seed)[0]

    def remove(self) -> None:
        """Take the sheet off the glass."""
        self.paper.glass = None

    def clean_glass(self) -> None:
        """Wipe the glass; it is as dirty as ever after a reset."""
        self.cleaned = True

    def cool_lamp(self, seconds: float) -> None:
        """Let the lamp go cold; it takes *seconds* to warm up for the next page, whatever it takes as a rule."""
        self.lamp = False
        self._last_used = None
        self.slow_lamp_s = seconds
        self.changed()

    def fail_transport(self, name: str) -> None:
        """The way of finding devices called *name* stops working for the whole lab."""
        self.on_transport(name)

    def mend_transport(self) -> None:
        """Every way works again."""
        self.on_transport("")

    def close_shutter(self) -> None:
        """Slide the shutter before the lens."""
        self.shutter_closed = True
        self.changed()

    def open_shutter(self) -> None:
        """Slide it away."""
        self.shutter_closed = False
        self.changed()

    def jam(self) -> None:
        """Paper gets stuck."""
        self.paper.jam()
        self.changed()

    def clear_jam(self) -> None:
        """Take the sheets in the path out by hand; nobody reaches for one that is moving."""
        if self.paper.jammed or self.run is None or self.run.ended:
            self.paper.clear_path()
            self.changed()

    def open_cover(self, seconds: float = 0.0) -> None:
        """Open the cover, for some seconds or until somebody closes it. A page at the scan bar ends."""
        self.cover_open = True
        if self.run is not None and self.run.scanning:
            page = self.run.page
            self.run.interrupt(self.error(Code.COVER_OPEN, f"The cover was opened during page {page}.", page=page))
        self.changed()
        if seconds:
            self.later(seconds, self.close_cover)

    def close_cover(self) -> None:
        """Close the cover; a loose sheet in the path is put out."""
        self.cover_open = False
        if self.run is None or self.run.ended:
            self.paper.put_out()
        self.changed()

    def drop_connection(self, error: DeviceError) -> None:
        """The session is lost with *error*, as when a cable fails; the machine can be opened again."""
        if self.run is not None:
            self.run.abandon(error)
            self.run = None
        if self.seat is not None:
            seat, self.seat = self.seat, None
            seat.lose(error)
        self.lamp_off()

    def unplug(self, seconds: float = 0.0, error: DeviceError | None = None) -> None:
        """Pull the plug, for some seconds or until somebody puts it back. The session is lost with *error*, the paper stays."""
        if self.plugged:
            self.plugged = False
            self.drop_connection(error or self.error(Code.DEVICE_LOST, "The plug was pulled."))
            self.warming = False
            self.lamp = False
            self._last_used = None
            self._observe()
            self.on_plug(self)
        if seconds:
            self.later(seconds, self.replug)

    def replug(self) -> None:
        """Put the plug back."""
        if not self.plugged:
            self.plugged = True
            self._observe()
            self.on_plug(self)

    def press(self, button: str) -> None:
        """Press a button; what nobody hears is remembered for the next session."""
        if self.seat is None:
            self.pressed.append(button)
        else:
            self.tell(Pressed(button))

    def stay_busy(self, seconds: float) -> None:
        """Be in use by somebody else for some seconds."""
        self.busy = True

        def over() -> None:
            self.busy = False

        self.later(seconds, over)

    def clear_faults(self) -> None:
        """Disarm all faults; whoever else used the device has gone."""
        self.faults.clear()
        self.busy = False

    def warm_up(self) -> float:
        """Switch the lamp on; gives the seconds until it is warm."""
        now = self.clock.now()
        timing = self.profile.timing
        burning = self.lamp and self.profile.defects.lamp_stays_on
        cold = self._last_used is None or (now - self._last_used > timing.cool_down_s and not burning)
        self._last_used = max(now, self._last_used or now)
        self.lamp = True
        takes = timing.warm_up_s if self.slow_lamp_s is None else self.slow_lamp_s
        if cold and takes:
            self._last_used = now + takes
            self.warming = True
            self.changed()
            self.later(takes, self._warm)
        self.slow_lamp_s = None
        return self._last_used - now

    def lamp_off(self) -> None:
        """Nobody uses it any more: the lamp goes off, unless it is one of those that leave it on."""
        if not self.profile.defects.lamp_stays_on:
            self.lamp = False

    # -- for its parts

    def crash(self, verb: str) -> None:
        """Take the driver's process down if that is what this machine does at *verb*.

        Raises:
            CrashError: the worker shall die here.
        """
        if self.profile.defects.crashes_at.replace("-", "_") == verb:
            raise CrashError(f"This machine takes its driver down at {verb}.")

    def changed(self) -> None:
        """Tell the session, if any, what the sensors say now."""
        self._observe()
        self.tell(Changed(self.view()))

    def tell(self, notice: Notice) -> None:
        """Give the session, if any, a notice."""
        if self.seat is not None:
            self.seat.tell(notice)

    def interrupted(self, error: DeviceError) -> None:
        """The page at the scan bar has ended with *error*."""
        self.tell(Interrupted(error))

    def later(self, seconds: float, what: Callable[[], None]) -> None:
        """Do something after some seconds of the machine's clock."""
        self.spawn(self._later, seconds, what)

    async def _later(self, seconds: float, what: Callable[[], None]) -> None:
        await self.clock.sleep(seconds)
        what()

    def _struck(self, fault: Fault) -> None:
        self.journal.struck(fault)
        self.attendant.see(fault, in_use=self.seat is not None)

    def _perform(self, action: str, arguments: Mapping[str, Any]) -> None:
        self.perform(self, action, arguments)

    def _warm(self) -> None:
        self.warming = False
        self.changed()

    def _observe(self) -> None:
        """Let the journal see what stands in the way now, and whoever watches know that there is something to see."""
        unplugged = set() if self.plugged else {"unplugged"}
        empty = {"feeder-empty"} if self._feeder() is FeederState.EMPTY else set()
        self.journal.see(frozenset({code.value for code in self._conditions()} | unplugged | empty))
        self.journal.on_news()

    def _feeder(self) -> FeederState:
        if self.profile.feeder is None:
            return FeederState.NONE
        if self.paper.jammed:
            return FeederState.JAMMED
        if self.profile.defects.paper_sensor_says:
            return FeederState(self.profile.defects.paper_sensor_says)
        if not any(source.paper_detectable for source in self.profile.sources):
            return FeederState.UNKNOWN
        return FeederState.LOADED if self.paper.hopper else FeederState.EMPTY

    def _conditions(self) -> set[Code]:
        standing = {Code.COVER_OPEN: self.cover_open, Code.JAM: self.paper.jammed, Code.WARMING_UP: self.warming}
        return {code for code, stands in standing.items() if stands}


def _nowhere(transport: str) -> None:
    """The machine is in no lab."""


def _nobody(machine: Machine, *more: object) -> None:
    """Nobody wants to know."""
