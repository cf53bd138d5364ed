"""The attendant of a machine: does what its scenario has planned, when it is time."""

from __future__ import annotations

import logging
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, TypeAlias

from device_protocol import Code, DeviceError, Fault, Recovery, When
from device_protocol.aio import DeviceClock
from simulators.scenarios.kinds import codes_of
from simulators.spec import Timed

logger = logging.getLogger("flatbed.simulators")

DONE_KEPT = 100

Perform: TypeAlias = Callable[[str, Mapping[str, Any]], object]
"""Does an action of the control to the machine; raises a DeviceError where it is refused."""


class Stage(StrEnum):
    """How far an errand is."""

    WAITING = "waiting"
    """For what it waits first."""
    COMING = "coming"
    """The time that it takes is running."""
    DONE = "done"
    REFUSED = "refused"


@dataclass(slots=True)
class Errand:
    """Something that the attendant has to do.

    Attributes:
        because: name or kind of the fault; empty: the scenario says so.
        codes: ends of calls that are counted.
        left: how many of them are to come.
        due: on the device clock, once it is coming.
    """

    action: str
    arguments: Mapping[str, Any]
    because: str = ""
    recovery: Recovery | None = None
    fault: Fault | None = None
    codes: frozenset[Code] = frozenset()
    left: int = 0
    stage: Stage = Stage.WAITING
    due: float | None = None
    refusal: str = field(default="")

    def show(self) -> dict[str, Any]:
        """The errand as plain data."""
        shown: dict[str, Any] = {"action": self.action, "arguments": dict(self.arguments), "state": self.stage.value}
        if self.because:
            shown["because"] = self.because
        if self.recovery is not None:
            shown["when"] = self.recovery.when.value
        if self.stage is Stage.WAITING and self.left:
            shown["reports_to_come"] = self.left
        if self.due is not None:
            shown["time"] = round(self.due, 6)
        if self.refusal:
            shown["refusal"] = self.refusal
        return shown


class Attendant:
    """See the module.

    Args:
        clock: the machine's.
        spawn: starts a task that lives as long as the lab.
        perform: does an action to the machine.
        who: for the log.
    """

    def __init__(self, clock: DeviceClock, spawn: Callable[..., None], perform: Perform, who: str) -> None:
        self._clock = clock
        self._spawn = spawn
        self._perform = perform
        self._who = who
        self._errands: list[Errand] = []
        self._over: deque[Errand] = deque(maxlen=DONE_KEPT)

    def plan(self, timed: tuple[Timed, ...]) -> None:
        """From now on, do each of *timed* at its time."""
        for item in timed:
            self._come(Errand(item.action, item.arguments), item.seconds)

    def see(self, fault: Fault, *, in_use: bool) -> None:
        """*fault* has struck, during a session or with none. Whoever is on the way because of it already does not come twice."""
        for recovery in fault.recovery:
            if any(errand.fault is fault and errand.recovery is recovery for errand in self._errands):
                continue
            errand = Errand(
                recovery.action,
                recovery.arguments,
                fault.name or fault.kind.value,
                recovery,
                fault,
                codes_of(fault),
                recovery.count if recovery.when is When.REPORTED else 0,
            )
            if recovery.when is When.STRUCK or (recovery.when is When.CLOSED and not in_use):
                self._come(errand, recovery.seconds)
            else:
                self._errands.append(errand)

    def reported(self, code: Code) -> None:
        """A call of a client has ended with *code*."""
        for errand in self._waiting(When.REPORTED):
            if code in errand.codes:
                errand.left -= 1
                if errand.left == 0:
                    self._start(errand)

    def closed(self) -> None:
        """A client has closed its session, or is gone."""
        for errand in self._waiting(When.CLOSED):
            self._start(errand)

    def dismiss(self) -> None:
        """Nothing that was planned is done."""
        self._errands.clear()
        self._over.clear()

    def show(self) -> list[dict[str, Any]]:
        """What was done, and what is to be done."""
        return [errand.show() for errand in (*self._over, *self._errands)]

    # -- inside

    def _waiting(self, when: When) -> list[Errand]:
        return [
            errand
            for errand in self._errands
            if errand.stage is Stage.WAITING and errand.recovery is not None and errand.recovery.when is when
        ]

    def _start(self, errand: Errand) -> None:
        assert errand.recovery is not None
        self._errands.remove(errand)
        self._come(errand, errand.recovery.seconds)

    def _come(self, errand: Errand, seconds: float) -> None:
        errand.stage = Stage.COMING
        errand.due = self._clock.now() + seconds
        self._errands.append(errand)
        self._spawn(self._do, errand)

    async def _do(self, errand: Errand) -> None:
        assert errand.due is not None
        await self._clock.sleep(errand.due - self._clock.now())
        if not any(other is errand for other in self._errands):  # dismissed
            return
        self._errands = [other for other in self._errands if other is not errand]
        errand.stage = Stage.DONE
        try:
            self._perform(errand.action, errand.arguments)
        except DeviceError as error:  # no room in the hopper, for example
            errand.stage, errand.refusal = Stage.REFUSED, error.message
            logger.warning("%s: %s at %g s was refused: %s", self._who, errand.action, errand.due, error.message)
        self._over.append(errand)
