"""The handle of a job."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import trio

from device_protocol import Code, DeviceError, EarlyEnd, JobState, JobStatus, SessionState
from device_protocol.legality import OneCall, refused
from device_protocol.states import JobHandle, PageHandle, Verb
from simulators.crash import crash_to_error
from simulators.messages import CrashError, Plan
from simulators.page import VirtualPage
from simulators.waits import EndedError

if TYPE_CHECKING:
    from simulators.session import VirtualSession

_RUNNING = {JobHandle.ARMED, JobHandle.TRANSFERRING, JobHandle.PAGE_GAP, JobHandle.DRAINING}
_SETTLED = {
    JobHandle.COMPLETED: JobState.COMPLETED,
    JobHandle.CANCELED: JobState.CANCELED,
    JobHandle.ABORTED: JobState.ABORTED,
    JobHandle.LOST: JobState.ABORTED,
}


class VirtualJob:
    """See :class:`device_protocol.aio.Job`."""

    def __init__(self, session: VirtualSession) -> None:
        self._session = session
        self._one = OneCall()
        self._page: VirtualPage | None = None
        self._pages = 0
        self._dropped = 0
        self._over = False
        self._settled = trio.Event()
        self.state = JobHandle.ARMED
        self.error: DeviceError | None = None

    @property
    def running(self) -> bool:
        """Whether pages may still come."""
        return self.state in _RUNNING

    async def next_page(self) -> VirtualPage | None:
        """See :class:`device_protocol.aio.Job`."""
        await trio.lowlevel.checkpoint()
        await self._refuse(Verb.NEXT_PAGE)
        self._one.check(Verb.NEXT_PAGE)
        if self.state is JobHandle.COMPLETED:
            return None
        if self.error is not None:
            raise self.error
        with self._one(Verb.NEXT_PAGE):
            plan = None if self._over else await self._feed()
            if not self.running:  # overtaken while the answer was on its way
                raise self.why(Verb.NEXT_PAGE)
            if plan is None:
                self._enter(JobHandle.COMPLETED, SessionState.IDLE, JobState.COMPLETED)
                return None
            self._pages = plan.number
            self._dropped = 0 if plan.shot is None else plan.shot.dropped
            self._page = VirtualPage(self._session, self, plan)
            self._enter(JobHandle.TRANSFERRING, SessionState.TRANSFERRING)
            self._show(JobStatus(JobState.PROCESSING, plan.number, 0.0))
            return self._page

    async def cancel(self) -> None:
        """See :class:`device_protocol.aio.Job`."""
        await trio.lowlevel.checkpoint()
        await self._refuse(Verb.CANCEL)
        self.begin_cancel()

    async def settled(self) -> JobState:
        """See :class:`device_protocol.aio.Job`."""
        await trio.lowlevel.checkpoint()
        await self._refuse(Verb.SETTLED)
        await self._settled.wait()
        await self._refuse(Verb.SETTLED)
        return _SETTLED[self.state]

    # -- for session and page

    def begin_cancel(self) -> None:
        """Initiate a cancellation, if there is something to cancel."""
        if not self.running:
            return
        if self._page is not None:
            self._page.overtake(PageHandle.CANCELLED)
        self.state = JobHandle.CANCELLING
        self._session.board.enter(SessionState.CANCELLING)
        self._session.waits.end()
        self._session.spawn(self._finish_cancel)

    def interrupt(self, error: DeviceError) -> None:
        """The machine has ended the page at the scan bar."""
        if self._page is not None and self._page.running:
            self._page.fail(error)
            self._session.waits.end()

    def overtake(self, state: JobHandle, page: PageHandle, code: Code) -> None:
        """The session was lost or closed."""
        if self._page is not None:
            self._page.overtake(page)
        if self.running or self.state is JobHandle.CANCELLING:
            self._show(JobStatus(JobState.ABORTED, self._pages, None, code))
        self.state = state
        self._settled.set()

    def fail(self, error: DeviceError) -> None:
        """*error* has ended the job."""
        if error.code is Code.DEVICE_LOST:
            self._session.note_loss(error)
        elif self.running:
            self.error = error
            self._enter(JobHandle.ABORTED, SessionState.IDLE, JobState.ABORTED, error.code)

    def progress(self, share: float) -> None:
        """The current page was read that far."""
        self._show(JobStatus(JobState.PROCESSING, self._pages, share))

    def page_ended(self, *, early: bool) -> None:
        """The current page was ended."""
        if early and self._session.profile.early_end is EarlyEnd.ENDS_JOB:
            self._over = True
        if self._draining:
            self._enter(JobHandle.DRAINING, SessionState.DRAINING)
        else:
            self._enter(JobHandle.PAGE_GAP, SessionState.PAGE_GAP)

    def look(self) -> None:
        """The machine's view has changed: between pages, its input may have stopped."""
        if self.state is JobHandle.PAGE_GAP and self._draining:
            self._enter(JobHandle.DRAINING, SessionState.DRAINING)

    @property
    def _draining(self) -> bool:
        return self._session.board.view.draining and not self._over

    def why(self, verb: Verb) -> DeviceError:
        """Why a wait for the next page was ended."""
        return refused(verb, self.state) or self.error or DeviceError(Code.CANCELLED)

    # -- inside

    async def _refuse(self, verb: Verb) -> None:
        error = refused(verb, self.state)
        if error is not None:
            await self._session.note_refusal(error, verb)
            raise error

    async def _feed(self) -> Plan | None:
        number = self._pages + 1
        try:
            return await self._session.waits.on(lambda: self._session.link.feed(number))
        except EndedError:
            raise self.why(Verb.NEXT_PAGE) from None
        except CrashError as crash:
            raise crash_to_error(crash, self.fail) from None
        except DeviceError as error:
            self.fail(error)
            raise

    async def _finish_cancel(self) -> None:
        try:
            await self._session.link.stop()
        except DeviceError as error:
            if error.code is Code.DEVICE_LOST:
                self._session.note_loss(error)
        if self.state is JobHandle.CANCELLING:
            self._enter(JobHandle.CANCELED, SessionState.IDLE, JobState.CANCELED)

    def _enter(
        self, state: JobHandle, session: SessionState, job: JobState | None = None, error: Code | None = None
    ) -> None:
        self.state = state
        if job is not None:
            self._show(JobStatus(job, self._pages, None, error))
            self._settled.set()
        self._session.board.enter(session)

    def _show(self, status: JobStatus) -> None:
        self._session.board.show_job(replace(status, dropped=self._dropped))
