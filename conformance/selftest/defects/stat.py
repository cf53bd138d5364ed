"""Defects of status and events."""

from __future__ import annotations

from dataclasses import replace

from conformance.selftest.defects.defect import (
    CLOSE,
    HEAR,
    LISTEN,
    NEXT,
    OPEN,
    PAGE,
    READ_ALL,
    STATUS,
    act,
    defect,
    fault,
    put,
    read,
    start,
    steps,
)
from conformance.selftest.job import ZooJob
from conformance.selftest.machine import Machine
from conformance.selftest.page import ZooPage
from conformance.selftest.session import ZooSession
from device_protocol import Event, EventKind, JobState, JobStatus, Status


class ConsumesError(ZooSession):
    """status takes the job's error away."""

    async def status(self) -> Status:
        """See the contract."""
        found = await super().status()
        if self.job is not None:
            self.job.error = None
        return found


class StatusEatsBytes(ZooSession):
    """status takes bytes of the page away."""

    async def status(self) -> Status:
        """See the contract."""
        found = await super().status()
        if self.job is not None and self.job.page is not None and 0 < self.job.page.position < len(self.job.page.data):
            self.job.page.position += 1
        return found


class CompletedProcesses(ZooJob):
    """A completed job is processing again at the second look."""

    looks = 0

    def status(self) -> JobStatus:
        """See the contract."""
        found = super().status()
        if found.state is not JobState.COMPLETED:
            return found
        self.looks += 1
        return found if self.looks < 2 else replace(found, state=JobState.PROCESSING)


class TellsTwice(ZooSession):
    """Each event comes twice."""

    def hear(self, event: Event) -> None:
        """See the contract."""
        super().hear(event)
        super().hear(event)


class TellsBackwards(ZooSession):
    """Events overtake each other."""

    held: Event | None = None

    def hear(self, event: Event) -> None:
        """See the contract."""
        if self.held is None:
            self.held = event
            return
        super().hear(event)
        super().hear(self.held)
        self.held = None


class TellsAfterClose(ZooSession):
    """Streams go on after close."""

    def hush(self) -> None:
        """See the contract."""
        self.machine.tell(EventKind.STATE, "closed")


class RevisionResets(Machine):
    """The revision begins again with each job."""

    def tell(self, kind: EventKind, detail: str = "") -> None:
        """See the contract."""
        if detail == "armed":
            self.revision = 0
        super().tell(kind, detail)


class RevisionStands(ZooSession):
    """The revision never grows."""

    def snapshot(self) -> Status:
        """See the contract."""
        return replace(super().snapshot(), revision=1)


class JumpsBack(ZooPage):
    """Progress falls."""

    def progress(self) -> float:
        """See the contract."""
        return 1.0 - super().progress()


DEFECTS = (
    defect(
        "consumes-error",
        "STAT-01",
        "status takes the error of a job away",
        steps(fault("jam", sheet=1), OPEN, start("Feeder"), NEXT, STATUS, NEXT),
        session=ConsumesError,
    ),
    defect(
        "status-eats-bytes",
        "STAT-01",
        "status takes bytes away",
        steps(OPEN, start(), NEXT, read(10), STATUS, READ_ALL),
        session=StatusEatsBytes,
    ),
    defect(
        "completed-processes",
        "STAT-02",
        "a completed job is processing again",
        steps(OPEN, start(), PAGE, NEXT, STATUS, STATUS),
        job=CompletedProcesses,
    ),
    defect("tells-twice", "STAT-03", "events come twice", steps(OPEN, LISTEN, start(), HEAR), session=TellsTwice),
    defect(
        "tells-backwards",
        "STAT-03",
        "events come out of order",
        steps(OPEN, LISTEN, start(), NEXT, HEAR),
        session=TellsBackwards,
    ),
    defect(
        "tells-after-close",
        "STAT-03",
        "events come after close",
        steps(OPEN, LISTEN, CLOSE, HEAR),
        session=TellsAfterClose,
    ),
    defect(
        "revision-resets",
        "STAT-04",
        "the revision begins again with each job",
        steps(OPEN, put("mode", "Gray"), act("press-button"), act("press-button"), STATUS, start(), STATUS),
        machine=RevisionResets,
    ),
    defect(
        "revision-stands",
        "STAT-04",
        "the revision never grows",
        steps(OPEN, STATUS, start(), STATUS),
        session=RevisionStands,
    ),
    defect(
        "jumps-back",
        "STAT-05",
        "progress falls",
        steps(OPEN, start(), NEXT, read(10), STATUS, read(10000), STATUS),
        page=JumpsBack,
    ),
)
