"""The machines of the defects of sequences: most are wrong for one look only, and being asked mends them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.selftest.control import ZooControl
from conformance.selftest.job import RUNNING, ZooJob
from conformance.selftest.machine import Machine
from conformance.selftest.page import ZooPage
from conformance.selftest.profile import BRIGHTNESS
from conformance.selftest.session import ZooSession
from conformance.selftest.store import Store
from device_protocol import (
    RAW,
    Choice,
    Code,
    DeviceError,
    Event,
    EventKind,
    FeederState,
    JobState,
    JobStatus,
    Option,
    PageInfo,
    PageParams,
    SessionState,
    Status,
    Value,
)
from device_protocol.control import UNLOAD
from device_protocol.options import RESOLUTION, SOURCE
from device_protocol.pages import packed_row
from device_protocol.states import PageHandle, Verb


class OneLook(ZooSession):
    """A session that is wrong at the first look after it has gone into a state."""

    moment = SessionState.PAGE_GAP
    due = False

    def enter(self, state: SessionState) -> None:
        """See the zoo."""
        self.due = self.due or (state is self.moment and self.state is not state)
        super().enter(state)

    def first(self) -> bool:
        """Whether this is that look."""
        due, self.due = self.due, False
        return due

    async def amended(self, **changes: Any) -> Status:
        """The status, with *changes* at that look; the one after it is a new one."""
        found = await super().status()
        if not self.first():
            return found
        self.machine.revision += 1
        return replace(found, **changes)


class NoParams(OneLook):
    """params fails once when a page has begun."""

    moment = SessionState.TRANSFERRING

    async def params(self) -> PageParams:
        """See the contract."""
        found = await super().params()
        if self.first():
            raise DeviceError(Code.OTHER, "Not now.")
        return found


class ComesBack(ZooSession):
    """A closed session answers once when the next one has been opened."""

    told = False

    def refuse(self, verb: Verb) -> None:
        """See the zoo."""
        closed, other = self.state is SessionState.CLOSED, self.machine.session
        if verb is Verb.STATUS and closed and other is not None and other is not self and not self.told:
            self.told = True
            return
        super().refuse(verb)


class StaleState(OneLook):
    """status still tells of a transfer when the page has been ended."""

    async def status(self) -> Status:
        """See the contract."""
        return await self.amended(state=SessionState.TRANSFERRING)


class GhostJob(OneLook):
    """status tells of a job right after open."""

    due = True

    def enter(self, state: SessionState) -> None:
        """See the zoo."""
        super().enter(state)
        self.due = False

    async def status(self) -> Status:
        """See the contract."""
        return await self.amended(job=JobStatus(JobState.PROCESSING))


class PendingAgain(OneLook):
    """A job with a page is pending for one look."""

    async def status(self) -> Status:
        """See the contract."""
        assert self.job is not None or not self.due
        return await self.amended(job=replace(self.job.status(), state=JobState.PENDING) if self.job else None)


class CanceledEarly(ZooJob):
    """A job is canceled at the first look, and is being cancelled at the second."""

    looks = 0

    def status(self) -> JobStatus:
        """See the contract."""
        found = super().status()
        if self.session.state is not SessionState.CANCELLING:
            return found
        self.looks += 1
        return replace(found, state=JobState.CANCELED if self.looks == 1 else JobState.PROCESSING)


class OldError(ZooJob):
    """A job that runs says that it was cancelled, because the one before it was."""

    def __init__(self, session: ZooSession, pages: int | str) -> None:
        self.old = session.job is not None and session.job.terminal is JobState.CANCELED
        super().__init__(session, pages)

    def status(self) -> JobStatus:
        """See the contract."""
        found = super().status()
        return replace(found, error=Code.CANCELLED) if self.old and self.own in RUNNING else found


class FallsWhenDone(ZooSession):
    """The revision of the status falls with each job that is complete."""

    fallen = 0

    def enter(self, state: SessionState) -> None:
        """See the zoo."""
        self.fallen += 100 * (state is SessionState.IDLE and self.state is not state)
        super().enter(state)

    async def status(self) -> Status:
        """See the contract."""
        found = await super().status()
        return replace(found, revision=found.revision + 10_000 - self.fallen)


class StandsWhileScanning(ZooSession):
    """The revision of the status stands while a job runs."""

    frozen: int | None = None

    async def status(self) -> Status:
        """See the contract."""
        found = await super().status()
        running = self.job is not None and self.job.own in RUNNING
        self.frozen = (self.frozen or found.revision) if running else None
        return replace(found, revision=self.frozen if self.frozen is not None else found.revision)


class BeyondTheEnd(ZooPage):
    """Progress goes on beyond the end."""

    def progress(self) -> float:
        """See the contract."""
        return 2 * super().progress()


class CountsSheets(ZooJob):
    """The status of a duplex job counts sheets."""

    def status(self) -> JobStatus:
        """See the contract."""
        found = super().status()
        return replace(found, pages=-(-found.pages // len(self.source.sides)), progress=None)


class HotOption(OneLook):
    """An option shows up for one look after a page."""

    async def options(self) -> tuple[Option, ...]:
        """See the contract."""
        found = await super().options()
        return (*found, replace(found[-1], name="hot")) if self.first() else found


class Twice(Store):
    """With the feeder, brightness is listed twice."""

    def describe(self) -> tuple[Option, ...]:
        """See the zoo."""
        found = super().describe()
        if self.values[SOURCE] != "Feeder":
            return found
        return (*found, next(item for item in found if item.name == BRIGHTNESS))


class Amended(Store):
    """With the feeder, one option is described otherwise, and notice is given."""

    amends = ""
    changes: dict[str, Any] = {}  # noqa: RUF012  # of the class, and never changed

    def describe(self) -> tuple[Option, ...]:
        """See the zoo."""
        found = super().describe()
        if self.values[SOURCE] != "Feeder":
            return found
        return tuple(replace(item, **self.changes) if item.name == self.amends else item for item in found)


class RepeatedChoice(Amended):
    """A choice comes twice."""

    amends, changes = "exposure", {"constraint": Choice((1, 2, 4, 8, 8))}  # of the class


class OddDefault(Amended):
    """A default has the wrong type; nobody can reset it."""

    amends, changes = "serial-number", {"default": 1}  # of the class


class Narrower(Amended):
    """A choice becomes narrower, and the value stays where it was; nobody can set it."""

    amends, changes = "serial-number", {"constraint": Choice(("ZOO-2",)), "default": None}  # of the class


class OtherValue(OneLook):
    """The resolution is another one for one look after a page."""

    async def get(self, name: str) -> Value:
        """See the contract."""
        found = await super().get(name)
        if name != RESOLUTION or not self.first():
            return found
        return 50 if found != 50 else 20


class WiderRows(OneLook):
    """The prediction has wider rows for one look after a job."""

    moment = SessionState.IDLE

    async def params(self) -> PageParams:
        """See the contract."""
        found = await super().params()
        return replace(found, stride=found.stride + 16) if self.first() else found


class PredictsBytes(Store):
    """The prediction knows of 8 bits only."""

    def params(self, paper_mm: float | None = None) -> PageParams:
        """See the zoo."""
        found = super().params(paper_mm)
        if paper_mm is not None or found.depth != 16 or found.format != RAW:
            return found
        return replace(found, depth=8, stride=packed_row(found.width, found.channels, 8))


class LateSensor(Machine):
    """The paper sensor still sees paper for one look after somebody has taken it all out."""

    late = False

    def feeder(self) -> FeederState:
        """See the zoo."""
        return FeederState.LOADED if self.late else super().feeder()


class TakesPaperOut(ZooControl):
    """The hand that takes it out."""

    def act(self, action: str, arguments: dict[str, Any]) -> None:
        """See the zoo."""
        super().act(action, arguments)
        assert isinstance(self.machine, LateSensor)
        self.machine.late = action == UNLOAD


class LooksOnce(ZooSession):
    """The look after it."""

    async def status(self) -> Status:
        """See the contract."""
        found = await super().status()
        assert isinstance(self.machine, LateSensor)
        self.machine.late = False
        return found


class MixesSensors(ZooSession):
    """An empty hopper is told as an open cover."""

    async def status(self) -> Status:
        """See the contract."""
        found = await super().status()
        return found if self.machine.hopper else replace(found, conditions=found.conditions | {Code.COVER_OPEN})


class Renumbers(ZooPage):
    """A page takes the number of the one after it."""

    @property
    def info(self) -> PageInfo:
        """See the contract."""
        found = super().info
        return replace(found, number=max(found.number, self.job.begun))


class Leftover(ZooPage):
    """A byte that was on its way comes after cancel."""

    given = False

    async def read(self, max_bytes: int) -> bytes:
        """See the contract."""
        if self.state is PageHandle.CANCELLED and not self.given:
            self.given = True
            return b"\0"
        return await super().read(max_bytes)


class Stutters(ZooSession):
    """Each event comes twice."""

    def hear(self, event: Event) -> None:
        """See the zoo."""
        super().hear(event)
        super().hear(event)


class Overtakes(ZooSession):
    """Events overtake each other."""

    held: Event | None = None

    def hear(self, event: Event) -> None:
        """See the zoo."""
        if self.held is None:
            self.held = event
            return
        super().hear(event)
        super().hear(self.held)
        self.held = None


class Gossip(Machine):
    """Whoever has listened once hears everything, after close too."""

    def __init__(self, *arguments: Any, **more: Any) -> None:
        self.listeners: list[ZooSession] = []
        super().__init__(*arguments, **more)

    def tell(self, kind: EventKind, detail: str = "") -> None:
        """See the zoo."""
        if self.session is not None and self.session not in self.listeners:
            self.listeners.append(self.session)
        self.revision += 1
        for session in self.listeners:
            session.hear(Event(kind, self.revision, detail))


class NeverHushed(ZooSession):
    """Streams stay open."""

    def hush(self) -> None:
        """See the zoo."""
