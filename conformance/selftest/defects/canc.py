"""Defects of cancelling."""

from __future__ import annotations

import trio

from conformance.programs import Command, Do
from conformance.selftest.defects.defect import (
    CANCEL,
    CLOSE,
    NEXT,
    OPEN,
    PAGE,
    SETTLED,
    STATUS,
    defect,
    fault,
    read,
    start,
    steps,
)
from conformance.selftest.job import ZooJob
from conformance.selftest.machine import Machine
from conformance.selftest.page import ZooPage
from conformance.selftest.session import ZooSession
from device_protocol import Code, DeviceError, JobState, Phase, SessionState
from device_protocol.states import JobHandle, Verb


class RaisesWhenIdle(ZooSession):
    """cancel without a job is an error."""

    async def cancel(self) -> None:
        """See the contract."""
        if self.state is SessionState.IDLE:
            raise DeviceError(Code.WRONG_STATE, phase=Phase.CANCEL)
        await super().cancel()


class SecondCancelRaises(ZooJob):
    """The second cancel of a job is an error."""

    async def cancel(self) -> None:
        """See the contract."""
        if self.own in {JobHandle.CANCELLING, JobHandle.CANCELED}:
            raise DeviceError(Code.WRONG_STATE, phase=Phase.CANCEL)
        await super().cancel()


class BlockedReadHangs(ZooJob):
    """A cancel does not wake who is blocked in a read."""

    def stop(self) -> None:
        """See the contract."""
        super().stop()
        self.wake = trio.Event()

    def overtake(self, state: JobState) -> None:
        """See the contract."""
        wake, self.wake = self.wake, trio.Event()
        super().overtake(state)
        self.wake = wake


class BytesAfterCancel(ZooPage):
    """Bytes go on coming after a cancel."""

    def refuse(self, verb: Verb) -> None:
        """See the contract."""
        if not self.cancelled or verb is not Verb.READ:
            super().refuse(verb)


class StuckBusy(ZooSession):
    """After a cancellation every start is BUSY."""

    async def ready(self) -> None:
        """See the contract."""
        if self.job is not None and self.job.terminal is JobState.CANCELED:
            raise DeviceError(Code.BUSY, phase=Phase.START)
        await super().ready()


class NeverCompletes(ZooJob):
    """A cancellation never comes to its end."""

    def stop(self) -> None:
        """See the contract."""
        self.enter(JobHandle.CANCELLING)
        if self.page is not None:
            self.page.cancelled = self.page.cancelled or self.page.running
        self.wake.set()


class StuckAtLast(ZooJob):
    """A cancel after the last page was read leaves the session busy."""

    def stop(self) -> None:
        """See the contract."""
        last = self.page is not None and not self.page.running and self.own in {JobHandle.PAGE_GAP, JobHandle.DRAINING}
        super().stop()
        if last:
            self.session.state = SessionState.PAGE_GAP


class CancelBreaksDevice(ZooJob):
    """A cancel after the natural end breaks the next start."""

    async def cancel(self) -> None:
        """See the contract."""
        await super().cancel()
        if self.own is JobHandle.COMPLETED:
            self.session.broken = True  # type: ignore[attr-defined]  # of BreaksNext


class BreaksNext(ZooSession):
    """The session of CancelBreaksDevice."""

    broken = False

    async def ready(self) -> None:
        """See the contract."""
        if self.broken:
            raise DeviceError(Code.OTHER, phase=Phase.START)
        await super().ready()


class SecondSticks(ZooSession):
    """After two cancelled scans in a row nothing works."""

    cancelled = 0

    async def ready(self) -> None:
        """See the contract."""
        ended = self.job.terminal if self.job is not None else None
        self.cancelled = self.cancelled + 1 if ended is JobState.CANCELED else 0
        if self.cancelled >= 2:
            raise DeviceError(Code.BUSY, phase=Phase.START)
        await super().ready()


class LockKept(ZooSession):
    """A start whose caller gives up keeps the device for ever."""

    async def ready(self) -> None:
        """See the contract."""
        try:
            await trio.lowlevel.checkpoint()
        except trio.Cancelled:
            self.machine.busy_until = float("inf")
            raise
        await super().ready()


class KeepsReaderLock(ZooPage):
    """A read whose caller gives up leaves the machine locked."""

    async def read(self, max_bytes: int) -> bytes:
        """See the contract."""
        machine: Machine = self.machine
        before, machine.busy_until = machine.busy_until, float("inf")
        found = await super().read(max_bytes)
        machine.busy_until = before
        return found


class LooksTheSame(ZooJob):
    """Takes a cancel at the machine for one by the caller."""

    def pressed(self) -> None:
        """See the contract."""
        self.stop()


ABANDONED = Command(Do.ABANDON, "read", 0)

DEFECTS = (
    defect("raises-when-idle", "CANC-01", "cancel without a job raises", steps(OPEN, CANCEL), session=RaisesWhenIdle),
    defect(
        "second-cancel-raises",
        "CANC-01",
        "the second cancel raises",
        steps(OPEN, start(), CANCEL, CANCEL),
        job=SecondCancelRaises,
    ),
    defect(
        "blocked-read-hangs",
        "CANC-02",
        "a blocked read does not notice a cancel",
        steps(fault("hang"), OPEN, start(), NEXT, Command(Do.CANCEL_DURING, "read")),
        job=BlockedReadHangs,
    ),
    defect(
        "bytes-after-cancel",
        "CANC-02",
        "bytes come after a cancel",
        steps(OPEN, start(), NEXT, CANCEL, read(10)),
        page=BytesAfterCancel,
    ),
    defect("stuck-busy", "CANC-03", "busy after a cancel", steps(OPEN, start(), CANCEL, start()), session=StuckBusy),
    defect(
        "never-completes",
        "CANC-04",
        "a cancellation has no end",
        steps(OPEN, start(), CANCEL, SETTLED),
        job=NeverCompletes,
    ),
    defect(
        "stuck-at-last",
        "CANC-05",
        "a cancel after the last page leaves the session busy",
        steps(OPEN, start(), PAGE, CANCEL, STATUS),
        job=StuckAtLast,
    ),
    defect(
        "cancel-after-end-breaks",
        "CANC-06",
        "a cancel after the end breaks the device",
        steps(OPEN, start(), PAGE, NEXT, CANCEL, start()),
        job=CancelBreaksDevice,
        session=BreaksNext,
    ),
    defect(
        "second-sticks",
        "CANC-07",
        "after two cancelled scans nothing works",
        steps(OPEN, start(), CANCEL, start(), CANCEL, start()),
        session=SecondSticks,
    ),
    defect(
        "lock-kept-at-start",
        "CANC-08",
        "a start whose caller gives up keeps the device",
        steps(OPEN, *((Command(Do.ABANDON, "start", moment), OPEN) for moment in (2, 2, 2, 3, 3))),  # one of them hits
        session=LockKept,
    ),
    defect(
        "lock-kept-at-read",
        "CANC-08",
        "a read whose caller gives up keeps the device",
        steps(OPEN, start(), NEXT, ABANDONED, CLOSE, OPEN),
        page=KeepsReaderLock,
    ),
    defect(
        "cancel-looks-the-same",
        "CANC-09",
        "a cancel at the machine looks like one by the caller",
        steps(fault("cancelled", verb="next_page"), OPEN, start(), NEXT, SETTLED),
        job=LooksTheSame,
    ),
)
