"""A job: one page, drawn row by row."""

from __future__ import annotations

from typing import TYPE_CHECKING

import trio

from device_protocol import Code, DeviceError, JobState, JobStatus, PageEnd, PageInfo, Phase, SessionState, Side
from device_protocol.legality import refuse
from device_protocol.states import JobHandle, Outcome, PageHandle, Verb, cell

if TYPE_CHECKING:
    from slab_scanner.session import SlabSession

_AFTER = {
    JobState.COMPLETED: JobHandle.COMPLETED,
    JobState.CANCELED: JobHandle.CANCELED,
}


class SlabJob:
    """One page from the glass."""

    def __init__(self, session: SlabSession) -> None:
        self.session = session
        self.own = JobHandle.ARMED
        self.ended: JobState | None = None
        self.page: SlabPage | None = None
        self._done = trio.Event()

    @property
    def state(self) -> JobHandle:
        """Where it stands; nothing works after close."""
        return JobHandle.CLOSED if self.session.closed else self.own

    def status(self) -> JobStatus:
        """For the session's status."""
        running = JobState.PENDING if self.own is JobHandle.ARMED else JobState.PROCESSING
        return JobStatus(self.ended or running, 1 if self.page else 0, self.page.progress if self.page else None)

    async def next_page(self) -> SlabPage | None:
        """See the contract."""
        await trio.lowlevel.checkpoint()
        refuse(Verb.NEXT_PAGE, self.state)
        if cell(Verb.NEXT_PAGE, self.state).outcome is Outcome.AGAIN:
            return None
        if self.page is not None:
            self.stop(JobState.COMPLETED)
            return None
        self.page = SlabPage(self)
        self.enter(JobHandle.TRANSFERRING, SessionState.TRANSFERRING)
        return self.page

    async def cancel(self) -> None:
        """See the contract."""
        await trio.lowlevel.checkpoint()
        refuse(Verb.CANCEL, self.state)
        self.stop(JobState.CANCELED)

    async def settled(self) -> JobState:
        """See the contract; a cancellation is complete at once."""
        await trio.lowlevel.checkpoint()
        refuse(Verb.SETTLED, self.state)
        await self._done.wait()
        assert self.ended is not None
        return self.ended

    def enter(self, own: JobHandle, session: SessionState) -> None:
        """Go into a state, and the session with it."""
        self.own = own
        self.session.enter(session)

    def stop(self, how: JobState) -> None:
        """The job ends, unless it has ended already."""
        if self.ended is not None:
            return
        self.ended = how
        self._done.set()
        if how is JobState.CANCELED and self.page is not None and self.page.running:
            self.page.own = PageHandle.CANCELLED
        self.enter(_AFTER[how], SessionState.IDLE)


class SlabPage:
    """The page: a slope from black to white."""

    def __init__(self, job: SlabJob) -> None:
        self.job = job
        self.own = PageHandle.READING
        self._at = 0
        params = job.session.store.params()
        self.info = PageInfo(1, params, Side.FRONT, 1)
        row = bytes(255 * column // max(params.width - 1, 1) for column in range(params.width))
        self._data = row * (params.height or 0)
        self._last: PageEnd | None = None

    @property
    def state(self) -> PageHandle:
        """Where it stands."""
        return PageHandle.CLOSED if self.job.session.closed else self.own

    @property
    def running(self) -> bool:
        """Whether there is anything to cancel."""
        return self.own in {PageHandle.READING, PageHandle.AT_END}

    @property
    def progress(self) -> float:
        """Of the bytes that were read."""
        return self._at / len(self._data)

    async def read(self, max_bytes: int) -> bytes:
        """See the contract."""
        await trio.lowlevel.checkpoint()
        refuse(Verb.READ, self.state)
        if max_bytes < 1:
            raise DeviceError(Code.INVALID_VALUE, f"cannot read {max_bytes} bytes", phase=Phase.READ)
        piece = self._data[self._at : self._at + max_bytes]
        self._at += len(piece)
        if not piece:
            self.own = PageHandle.AT_END
        return piece

    async def end(self) -> PageEnd:
        """See the contract."""
        await trio.lowlevel.checkpoint()
        refuse(Verb.END, self.state)
        if self._last is None:
            self._last = PageEnd(1, self.info.params, self._at, incomplete=self._at < len(self._data))
            self.own = PageHandle.ENDED
            self.job.enter(JobHandle.PAGE_GAP, SessionState.PAGE_GAP)
        return self._last
