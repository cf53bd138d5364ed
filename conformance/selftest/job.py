"""A job of a legal device: takes sheets from the machine and gives pages."""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

import trio

from conformance.selftest.machine import Paper
from conformance.selftest.page import ZooPage
from conformance.selftest.picture import View
from device_protocol import (
    ALL,
    Code,
    DeviceError,
    EarlyEnd,
    Fault,
    FaultKind,
    JobState,
    JobStatus,
    PageInfo,
    Phase,
    SessionState,
    Side,
    SourceKind,
)
from device_protocol.legality import OneCall, refuse
from device_protocol.states import JobHandle, Outcome, Verb, cell

if TYPE_CHECKING:
    from conformance.selftest.session import ZooSession

_SESSION = {
    JobHandle.ARMED: SessionState.ARMED,
    JobHandle.TRANSFERRING: SessionState.TRANSFERRING,
    JobHandle.PAGE_GAP: SessionState.PAGE_GAP,
    JobHandle.DRAINING: SessionState.DRAINING,
    JobHandle.CANCELLING: SessionState.CANCELLING,
    JobHandle.COMPLETED: SessionState.IDLE,
    JobHandle.CANCELED: SessionState.IDLE,
    JobHandle.ABORTED: SessionState.IDLE,
}
RUNNING = frozenset({JobHandle.ARMED, JobHandle.TRANSFERRING, JobHandle.PAGE_GAP, JobHandle.DRAINING})


class ZooJob:
    """A scan under way."""

    def __init__(self, session: ZooSession, pages: int | str) -> None:

        self.session = session
        self.machine = session.machine
        self.target = pages
        self.source = session.store.source
        self.own = JobHandle.ARMED
        self.terminal: JobState | None = None
        self.error: DeviceError | None = None
        self.page: ZooPage | None = None
        self.begun = 0
        self.sheets = 0
        self.trouble: DeviceError | None = None
        self.doubles: set[int] = set()
        self.waiting: deque[tuple[Paper, Side, int]] = deque()
        self.wake = trio.Event()
        self.done = trio.Event()
        self.one = OneCall()

    @property
    def state(self) -> JobHandle:
        """The state of this handle; a closed or lost session overrides it."""
        if self.session.state is SessionState.CLOSED:
            return JobHandle.CLOSED
        if self.session.state is SessionState.LOST:
            return JobHandle.LOST
        return self.own

    def enter(self, state: JobHandle) -> None:
        """Go into a state, the session with it."""
        self.own = state
        if self.session.job is self and self.state is state:
            self.session.enter(_SESSION[state])

    def finish(self, state: JobState) -> None:
        """The job has ended."""
        if self.terminal is None:
            self.terminal = state
            self.waiting.clear()
            if self.machine.profile.refills:
                self.machine.top_up()
            self.done.set()

    def overtake(self, state: JobState) -> None:
        """Something ends the job from outside: wake whoever is blocked in it."""
        self.finish(state)
        if self.page is not None:
            self.page.cancelled = self.page.cancelled or self.page.running
        self.wake.set()

    def lose(self) -> None:
        """The device is gone."""
        self.overtake(JobState.ABORTED)

    def abort(self, error: DeviceError) -> None:
        """*error* has ended the job."""
        if self.state in RUNNING:
            self.error = error
            self.finish(JobState.ABORTED)
            self.enter(JobHandle.ABORTED)

    def status(self) -> JobStatus:
        """Where it stands."""
        running = JobState.PENDING if self.own is JobHandle.ARMED else JobState.PROCESSING
        state = self.terminal or running
        progress = self.page.progress() if self.page is not None else None
        return JobStatus(state, self.begun, progress, self.error.code if self.error is not None else None)

    def buffered(self) -> int:
        """Pages fed ahead of the reader."""
        return len(self.waiting)

    # -- verbs

    def refuse(self, verb: Verb) -> None:
        """Refuse what the table refuses."""
        refuse(verb, self.state)

    async def next_page(self) -> ZooPage | None:
        """See the contract."""
        await trio.lowlevel.checkpoint()
        self.refuse(Verb.NEXT_PAGE)
        if cell(Verb.NEXT_PAGE, self.state).outcome is Outcome.AGAIN:
            self.again()
            return None
        with self.one(Verb.NEXT_PAGE):
            try:
                page = await self.feed()
            except DeviceError as error:
                self.abort(error)
                raise
            if self.state not in RUNNING:
                self.refuse(Verb.NEXT_PAGE)
            if page is None:
                self.complete()
                return None
            self.page = page
            self.begun += 1
            self.enter(JobHandle.TRANSFERRING)
            return page

    def again(self) -> None:
        """What ended the job, once more."""
        if self.error is not None:
            raise self.error

    def complete(self) -> None:
        """No more pages."""
        self.finish(JobState.COMPLETED)
        self.enter(JobHandle.COMPLETED)

    async def cancel(self) -> None:
        """See the contract."""
        await trio.lowlevel.checkpoint()
        self.refuse(Verb.CANCEL)
        if self.state not in RUNNING:
            return
        self.stop()

    def stop(self) -> None:
        """Begin a cancellation; it takes as long as the machine needs."""
        seconds = self.machine.profile.cancel_s
        if seconds:
            self.enter(JobHandle.CANCELLING)
            if self.page is not None:
                self.page.cancelled = self.page.cancelled or self.page.running
            self.wake.set()
            self.session.build.spawn(self.stopping, seconds)
        else:
            self.overtake(JobState.CANCELED)
            self.enter(JobHandle.CANCELED)

    async def stopping(self, seconds: float) -> None:
        """The machine runs out its paper, and the cancellation is complete."""
        await self.machine.clock.sleep(seconds)
        if self.own is JobHandle.CANCELLING:
            self.overtake(JobState.CANCELED)
            self.enter(JobHandle.CANCELED)

    async def settled(self) -> JobState:
        """See the contract."""
        await trio.lowlevel.checkpoint()
        self.refuse(Verb.SETTLED)
        await self.done.wait()
        assert self.terminal is not None
        return self.terminal

    # -- paper

    def wanted(self) -> bool:
        """Whether the target leaves room for another page."""
        return self.target == ALL or (isinstance(self.target, int) and self.begun + len(self.waiting) < self.target)

    async def feed(self) -> ZooPage | None:
        """The next page from the paper path, or None when there is none."""
        await self.waits(self.machine.strike(Verb.NEXT_PAGE, self.begun + 1, self.sheets + 1, paper=False))
        await self.machine.warm_up(self.wake)
        if self.machine.profile.page_s:
            await self.machine.pause(self.machine.profile.page_s, self.wake)
        if self.state not in RUNNING:
            return None
        if self.source.kind is SourceKind.FLATBED:
            return self.glass()
        ahead = self.machine.profile.caps.scan_ahead
        while self.trouble is None and self.wanted() and len(self.waiting) <= ahead and self.pick():
            pass
        if not self.waiting:
            if self.trouble is not None:
                raise self.trouble
            return None
        paper, side, sheet = self.waiting.popleft()
        return self.make(paper, side, sheet, multifeed=sheet in self.doubles)

    async def waits(self, fault: Fault | None) -> None:
        """Faults that take time or the whole driver."""
        if fault is None:
            return
        if fault.kind is FaultKind.CRASH:
            raise self.session.crash(Phase.PAGE)
        if fault.kind is FaultKind.CANCELLED:
            self.pressed()
        if fault.kind is FaultKind.UNPLUGGED:
            self.machine.unplug()
        if fault.kind in {FaultKind.HANG, FaultKind.SLOW}:
            forever = fault.kind is FaultKind.HANG and not fault.seconds
            await self.machine.pause(float("inf") if forever else fault.seconds, self.wake)

    def pressed(self) -> None:
        """Somebody has pressed cancel at the machine: the job ends with an error, where a cancel by the caller ends it without."""
        raise DeviceError(Code.CANCELLED, "Somebody cancelled the scan.", phase=Phase.PAGE, page=self.begun + 1)

    def glass(self) -> ZooPage | None:
        """A flatbed has one page (SCAN-06)."""
        if self.begun or not self.wanted():
            return None
        return self.make(Paper(self.machine.glass), Side.FRONT, 1)

    def fails(self, fault: Fault) -> DeviceError | None:
        """What goes wrong when a sheet is picked: the error, if the sheet does not come."""
        number = self.begun + len(self.waiting) + 1
        if fault.kind is FaultKind.EMPTY:
            self.machine.hopper.clear()
        elif fault.kind is FaultKind.COVER_OPEN:
            self.machine.cover_open = True
        elif self.machine.hopper and fault.kind is FaultKind.JAM:
            self.machine.hopper.pop(0)
            return self.jam(Phase.PAGE, number)
        elif self.machine.hopper and fault.kind is FaultKind.MULTIFEED:
            if self.machine.profile.multifeed_flagged:
                self.doubles.add(self.sheets + 1)
            else:
                self.machine.hopper.pop(0)
                return DeviceError(Code.MULTIFEED, phase=Phase.PAGE, page=number)
        return None

    def jam(self, phase: Phase, page: int) -> DeviceError:
        """A sheet is stuck in the paper path."""
        self.machine.jammed = True
        return DeviceError(Code.JAM, phase=phase, page=page)

    def pick(self) -> bool:
        """Pull one sheet and look at it; True if there was one. Trouble waits until the pages before it have been taken."""
        fault = self.machine.strike(Verb.NEXT_PAGE, self.begun + len(self.waiting) + 1, self.sheets + 1, paper=True)
        if fault is not None:
            self.trouble = self.fails(fault)
        if self.trouble is None and self.machine.hopper and not self.machine.conditions():
            paper = self.machine.hopper.pop(0)
            self.sheets += 1
            for side in self.sides():
                if self.wanted():
                    self.waiting.append((paper, side, self.sheets))
            return True
        if self.trouble is None and not self.waiting:
            self.nothing()
        return False

    def nothing(self) -> None:
        """No sheet can be picked: an error, or simply the end."""
        if self.begun == 0 or self.machine.conditions():
            self.session.standing(Phase.PAGE, self.begun + 1)

    def sides(self) -> tuple[Side, ...]:
        """The sides of a sheet in the order in which they come."""
        return tuple(Side(side) for side in self.source.sides)

    def make(self, paper: Paper, side: Side, sheet: int, *, multifeed: bool = False) -> ZooPage:
        """The page of a sheet."""
        store = self.session.store
        length = self.source.height_mm if self.source.kind is SourceKind.FLATBED else paper.length_mm
        params = store.params(length)
        left, top, right, bottom = store.area()
        view = View(paper.number, side, paper.size, (left, top, right, max(top + 5.0, min(bottom, length))))
        info = PageInfo(self.begun + 1, params, side, sheet)
        return self.session.build.page(self, info, view, multifeed=multifeed)

    def ended(self, *, early: bool) -> None:
        """A page was ended."""
        if early and self.machine.profile.caps.early_end is EarlyEnd.ENDS_JOB:
            self.target = self.begun
            self.waiting.clear()
        if self.state is JobHandle.TRANSFERRING:
            stopped = bool(self.waiting) and not (self.machine.hopper and self.wanted())
            self.enter(JobHandle.DRAINING if stopped else JobHandle.PAGE_GAP)


__all__ = ["RUNNING", "ZooJob"]
