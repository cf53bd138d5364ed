"""The machine behind a device of the zoo: paper, cover, plug, faults. It outlives sessions, as hardware does."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import trio

from conformance.selftest.picture import WHITE
from conformance.selftest.profile import Profile
from conformance.selftest.store import Store
from device_protocol import Code, DeviceError, Event, EventKind, Fault, FaultKind, FeederState, Phase, SourceCaps
from device_protocol.aio import DeviceClock, RealClock
from device_protocol.states import Verb

if TYPE_CHECKING:
    from conformance.selftest.session import ZooSession

NATURAL: dict[FaultKind, Verb] = {
    FaultKind.BUSY: Verb.OPEN,
    FaultKind.JAM: Verb.NEXT_PAGE,
    FaultKind.MULTIFEED: Verb.NEXT_PAGE,
    FaultKind.HANG: Verb.READ,
    FaultKind.CRASH: Verb.READ,
    FaultKind.SLOW: Verb.NEXT_PAGE,
    FaultKind.TRUNCATED: Verb.READ,
    FaultKind.EMPTY: Verb.START,
    FaultKind.COVER_OPEN: Verb.NEXT_PAGE,
    FaultKind.UNPLUGGED: Verb.READ,
    FaultKind.CANCELLED: Verb.START,
}
"""The call during which a fault strikes if nobody says otherwise."""

OF_PAPER = frozenset({FaultKind.JAM, FaultKind.MULTIFEED, FaultKind.EMPTY, FaultKind.COVER_OPEN})
"""Faults that need a feeder."""


def verb_of(fault: Fault) -> Verb:
    """The call during which *fault* strikes."""
    if fault.verb:
        return Verb(fault.verb)
    if fault.at > 0:
        return Verb.READ
    if fault.kind is FaultKind.EMPTY and (fault.sheet or fault.page):
        return Verb.NEXT_PAGE
    return NATURAL[fault.kind]


@dataclass(frozen=True, slots=True)
class Paper:
    """A sheet in the hopper."""

    number: int
    size: str = "A4"
    length_mm: float = 297.0


class Machine:
    """Paper path and switches of one device."""

    def __init__(self, device_id: str, profile: Profile, clock: DeviceClock | None = None) -> None:
        self.id = device_id
        self.profile = profile
        self.clock: DeviceClock = clock or RealClock()
        self.session: ZooSession | None = None
        self.remembered: Store | None = None
        self.revision = 0
        self.plugged = True
        self.busy_until = -math.inf
        self.cover_open = False
        self.jammed = False
        self.glass = WHITE
        self.hopper: list[Paper] = []
        self.faults: list[Fault] = []
        self.failed_transports: set[str] = set()
        self.cold_s = 0.0
        self.warming = False
        self.reset()

    def reset(self) -> None:
        """Paper, cover, plug and faults as at the start."""
        self.plugged, self.cover_open, self.jammed, self.glass = True, False, False, 1
        self.busy_until = -math.inf
        self.faults.clear()
        self.failed_transports.clear()
        self.cold_s, self.warming = 0.0, False
        self.hopper.clear()
        self.load(self.profile.sheets)

    def load(self, count: int, size: str = "A4", length_mm: float = 297.0) -> None:
        """Put sheets on top of what lies there; they are numbered from 1 if nothing does."""
        first = max((paper.number for paper in self.hopper), default=0) + 1
        self.hopper[:0] = [Paper(first + index, size, length_mm) for index in range(count)]

    def top_up(self) -> None:
        """Somebody puts in what is missing."""
        if len(self.hopper) < self.profile.sheets:
            self.load(self.profile.sheets - len(self.hopper))

    def feeder(self) -> FeederState:
        """What the paper sensor says."""
        if not any(source.fed for source in self.profile.caps.sources):
            return FeederState.NONE
        if self.jammed:
            return FeederState.JAMMED
        if not any(source.paper_detectable for source in self.profile.caps.sources):
            return FeederState.UNKNOWN
        return FeederState.LOADED if self.hopper else FeederState.EMPTY

    def conditions(self) -> frozenset[Code]:
        """What stands in the way."""
        found = {Code.COVER_OPEN} if self.cover_open else set()
        found |= {Code.WARMING_UP} if self.warming else set()
        return frozenset(found | ({Code.JAM} if self.jammed else set()))

    def standing(self, source: SourceCaps) -> Code | None:
        """The condition that keeps a feeder from starting."""
        if not source.fed:
            return None
        if self.cover_open:
            return Code.COVER_OPEN
        if self.jammed:
            return Code.JAM
        return None if self.hopper else Code.NO_MEDIA

    def strike(
        self, verb: Verb, page: int = 1, sheet: int = 1, done: float = 0.0, *, paper: bool | None = None
    ) -> Fault | None:
        """The armed fault that strikes now, used up once: any, or only those that are, or are not, about paper."""
        for index, fault in enumerate(self.faults):
            if not self._aimed(fault, verb, page, sheet, paper) or done < fault.at:
                continue
            if fault.times == 1:
                del self.faults[index]
            elif fault.times > 1:
                self.faults[index] = Fault(**(fault.arguments() | {"kind": fault.kind, "times": fault.times - 1}))
            return fault
        return None

    def next_at(self, verb: Verb, page: int, sheet: int, done: float, *, paper: bool | None = None) -> float:
        """How far a page can be read before the next fault strikes, 0 to 1."""
        waiting = [item.at for item in self.faults if self._aimed(item, verb, page, sheet, paper) and item.at > done]
        return min(waiting, default=1.0)

    @staticmethod
    def _aimed(fault: Fault, verb: Verb, page: int, sheet: int, paper: bool | None) -> bool:
        if verb_of(fault) is not verb or (paper is not None and (fault.kind in OF_PAPER) is not paper):
            return False
        return fault.page in {None, page} and fault.sheet in {None, sheet}

    def busy(self) -> bool:
        """Whether somebody else has the device, which a BUSY fault says."""
        if self.clock.now() < self.busy_until:
            return True
        fault = self.strike(Verb.OPEN)
        if fault is None or fault.kind is not FaultKind.BUSY:
            return False
        self.busy_until = self.clock.now() + fault.seconds
        return True

    def unplug(self) -> None:
        """Pull the plug: an open session is lost."""
        self.plugged = False
        if self.session is not None:
            self.session.lose()

    def tell(self, kind: EventKind, detail: str = "") -> None:
        """A visible change: the revision grows, and whoever listens hears of it."""
        self.revision += 1
        if self.session is not None:
            self.session.hear(Event(kind, self.revision, detail))

    async def warm_up(self, wake: trio.Event) -> None:
        """Wait until a cold lamp is warm, or somebody interrupts; status says so for as long."""
        seconds, self.cold_s = self.cold_s, 0.0
        if not seconds:
            return
        self.warming = True
        self.tell(EventKind.CONDITION, Code.WARMING_UP.value)
        try:
            await self.pause(seconds, wake)
        finally:
            self.warm()

    def warm(self) -> None:
        """The lamp is warm."""
        self.warming = False
        self.tell(EventKind.CONDITION, Code.WARMING_UP.value)

    async def pause(self, seconds: float, wake: trio.Event) -> None:
        """Wait on the device's clock, or until somebody interrupts; for ever if *seconds* is infinite."""
        if math.isinf(seconds):
            await wake.wait()
            return
        async with trio.open_nursery() as nursery:

            async def watch() -> None:
                await wake.wait()
                nursery.cancel_scope.cancel()

            nursery.start_soon(watch)
            await self.clock.sleep(seconds)
            nursery.cancel_scope.cancel()


def lost() -> DeviceError:
    """The error of a device that is gone."""
    return DeviceError(Code.DEVICE_LOST, phase=Phase.READ)
