"""Faults that are armed, and the moment at which each strikes.

One model for files, Python and HTTP: :class:`device_protocol.Fault`. A moment is a verb with the sheet and page that it is about; a fault without a verb
strikes at the natural one for its kind (:func:`simulators.scenarios.kinds.moment_of`).
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from device_protocol import Fault, FaultKind
from device_protocol.aio import DeviceClock
from simulators.messages import Stop
from simulators.scenarios.kinds import FLAWS, OPEN, READ, START, moment_of, point_of

MAX_ARMED = 1000
SPENT_KEPT = 1000


@dataclass(slots=True)
class Armed:
    """A fault that waits.

    Attributes:
        since: when it was armed; None while it waits for the one that it follows.
        sessions, jobs: how many there had been then.
        seen: opportunities since.
        struck: how often it has struck.
        until: until when its last strike lasts.
    """

    fault: Fault
    since: float | None
    sessions: int
    jobs: int
    seen: int = 0
    struck: int = 0
    until: float = -math.inf

    @property
    def left(self) -> int | None:
        """How often it will strike yet; None: for ever."""
        return self.fault.times - self.struck if self.fault.times else None

    @property
    def over(self) -> bool:
        """Whether those that follow it are armed: it has struck the last time, or one that strikes always the first."""
        return self.struck > 0 and not self.left

    def spent(self, now: float) -> bool:
        """Whether nothing more will come of it."""
        return self.left == 0 and now >= self.until

    def about(self, verb: str, sheet: int | None, page: int | None) -> bool:
        """Whether it is about that moment, if its other conditions hold."""
        fault = self.fault
        return moment_of(fault) == verb and (
            verb in {OPEN, START} or (fault.sheet in {None, sheet} and fault.page in {None, page})
        )

    def due(self) -> bool:
        """Count an opportunity; whether it is one at which the fault strikes."""
        self.seen += 1
        if self.left == 0:
            return False
        first = self.fault.call or self.fault.every or 1
        return self.seen >= first and (self.seen - first) % (self.fault.every or 1) == 0


class Faults:
    """The faults of one machine.

    Args:
        clock: the machine's.
        faults: that are armed from the start.
        struck: is told of each fault when it strikes.
    """

    def __init__(
        self, clock: DeviceClock, faults: Iterable[Fault] = (), struck: Callable[[Fault], None] | None = None
    ) -> None:
        self._clock = clock
        self._armed: list[Armed] = []
        self._spent: deque[Armed] = deque(maxlen=SPENT_KEPT)
        self._struck = struck
        self._sessions = 0
        self._jobs = 0
        self._job_began = -math.inf
        for fault in faults:
            self.arm(fault)

    def __len__(self) -> int:
        return len(self._armed)

    @property
    def names(self) -> frozenset[str]:
        """Of all faults, spent ones too."""
        return frozenset(armed.fault.name for armed in (*self._armed, *self._spent) if armed.fault.name)

    def arm(self, fault: Fault) -> None:
        """Add a fault."""
        armed = Armed(fault, None, 0, 0)
        if not fault.follows or any(
            other.fault.name == fault.follows and other.over for other in (*self._spent, *self._armed)
        ):
            self._begin(armed)
        self._armed.append(armed)

    def clear(self) -> None:
        """Disarm all."""
        self._armed.clear()
        self._spent.clear()

    def session_opens(self) -> None:
        """A session is opened."""
        self._sessions += 1

    def job_starts(self) -> None:
        """A job is started."""
        self._jobs += 1
        self._job_began = self._clock.now()

    def show(self) -> list[dict[str, Any]]:
        """What is armed, as the FAULT action takes it, ``times`` being what is left."""
        now = self._clock.now()
        return [{**armed.fault.arguments(), "times": armed.left or 0} for armed in self._armed if not armed.spent(now)]

    def progress(self) -> list[dict[str, Any]]:
        """Every fault with what became of it: ``spent``, ``lasting``, ``pending``, or ``waiting`` for the one that it follows."""
        now = self._clock.now()

        def state(armed: Armed) -> str:
            if armed.since is None:
                return "waiting"
            if armed.spent(now):
                return "spent"
            return "lasting" if now < armed.until else "pending"

        return [
            {"fault": armed.fault.arguments(), "state": state(armed), "struck": armed.struck, "left": armed.left}
            for armed in (*self._spent, *self._armed)
        ]

    def take(
        self, verb: str, kind: FaultKind, sheet: int | None = None, pages: Iterable[int | None] = (None,)
    ) -> Fault | None:
        """The first fault of *kind* that strikes now, at one of *pages*; it is counted, and so is the opportunity for the others."""
        wanted = tuple(pages)
        return self._choose(
            armed
            for armed in self._armed
            if armed.fault.kind is kind and any(armed.about(verb, sheet, page) for page in wanted)
        )

    def stops(self, sheet: int | None, page: int) -> tuple[Stop, ...]:
        """How far through that page faults may strike."""
        stops = {
            stop_of(armed.fault)
            for armed in self._armed
            if armed.fault.kind not in FLAWS and armed.about(READ, sheet, page)
        }
        return tuple(sorted(stops))

    def take_at(self, kind: FaultKind, sheet: int | None, page: int, stop: Stop) -> Fault | None:
        """The first fault of *kind* that strikes at that stop of the page; counted as by :meth:`take`."""
        return self._choose(
            armed
            for armed in self._armed
            if armed.fault.kind is kind and stop_of(armed.fault) == stop and armed.about(READ, sheet, page)
        )

    # -- inside

    def _choose(self, candidates: Iterable[Armed]) -> Fault | None:
        now = self._clock.now()
        chosen: Armed | None = None
        for armed in list(candidates):
            if not self._may(armed, now):
                continue
            if now < armed.until:  # what has struck goes on
                return armed.fault
            if armed.due() and chosen is None:
                chosen = armed
        if chosen is None:
            return None
        self._count(chosen, now)
        return chosen.fault

    def _may(self, armed: Armed, now: float) -> bool:
        fault = armed.fault
        return (
            armed.since is not None
            and fault.session in {None, self._sessions - armed.sessions}
            and fault.job in {None, self._jobs - armed.jobs}
            and now >= armed.since + fault.after
            and now >= self._job_began + fault.job_after
        )

    def _count(self, armed: Armed, now: float) -> None:
        fault = armed.fault
        armed.struck += 1
        if fault.kind is FaultKind.ERROR and fault.seconds:
            armed.until = now + fault.seconds
        if armed.left == 0:
            self._spent.append(armed)
            if armed.spent(now):
                self._armed.remove(armed)
            else:  # it lasts; it is not shown twice
                self._spent.pop()
        if fault.name and armed.over:
            for other in self._armed:
                if other.since is None and other.fault.follows == fault.name:
                    self._begin(other)
        if self._struck is not None:
            self._struck(fault)

    def _begin(self, armed: Armed) -> None:
        armed.since, armed.sessions, armed.jobs = self._clock.now(), self._sessions, self._jobs


def stop_of(fault: Fault) -> Stop:
    """Where in its page a fault at READ strikes."""
    return Stop(point_of(fault), fault.byte or 0)
