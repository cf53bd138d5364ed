"""The guard: the state table and the value checks around any backend.

The service always uses it, so that no driver sees an illegal call; ``check device`` does not unless asked, since the suite would then judge the guard and
not the driver. A driver behind it refuses only what would be unsafe natively and translates the rest.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import replace

import trio

from device_protocol.aio.events import EventStream
from device_protocol.aio.interfaces import Backend, Control, EncodingJob, Job, Page, Session, WatchableBackend
from device_protocol.capabilities import DeviceCaps
from device_protocol.codes import Code
from device_protocol.delivery import NATIVE, Delivery
from device_protocol.devices import DeviceChange, DeviceList
from device_protocol.errors import DeviceError, Phase
from device_protocol.legality import OneCall, refuse
from device_protocol.options import SOURCE, Access, ApplyResult, Option, SetResult, check_get, check_set, find_option
from device_protocol.pages import PageEnd, PageInfo, PageParams
from device_protocol.settings import ALL, Settings, check, check_page_target
from device_protocol.states import (
    BackendState,
    JobHandle,
    JobState,
    Outcome,
    PageHandle,
    SessionState,
    Verb,
    cell,
)
from device_protocol.status import Status
from device_protocol.values import Auto, Value, ValueType, has_type


def guard(backend: Backend) -> GuardedBackend:
    """Put the guard around *backend*."""
    return GuardedBackend(backend)


class GuardedBackend:
    """A backend whose every call has been checked against the state table."""

    def __init__(self, inner: Backend) -> None:
        self._inner = inner
        self._sessions: dict[str, GuardedSession] = {}
        self._opening: set[str] = set()

    async def devices(self) -> DeviceList:
        """See :class:`Backend`."""
        return await self._inner.devices()

    async def watch(self) -> AsyncIterator[DeviceChange]:
        """See :class:`WatchableBackend`.

        Raises:
            DeviceError: UNSUPPORTED, if the backend cannot tell by itself.
        """
        if not isinstance(self._inner, WatchableBackend):
            raise DeviceError(Code.UNSUPPORTED, "This driver does not watch; poll it.", phase=Phase.DISCOVER)
        async for change in self._inner.watch():
            yield change

    async def open(self, device_id: str) -> GuardedSession:
        """See :class:`Backend`; a device that is open here already is BUSY."""
        current = self._sessions.get(device_id)
        if device_id in self._opening or (current is not None and current.state is not SessionState.CLOSED):
            refuse(Verb.OPEN, BackendState.DEVICE_OPEN)
        self._opening.add(device_id)
        try:
            session = GuardedSession(await self._inner.open(device_id))
        finally:
            self._opening.discard(device_id)
        self._sessions[device_id] = session
        return session

    async def control(self, device_id: str) -> Control:
        """See :class:`Backend`."""
        return await self._inner.control(device_id)


class GuardedSession:
    """A session that knows its state and refuses what the table refuses, before the driver sees it."""

    def __init__(self, inner: Session) -> None:
        self._inner = inner
        self.state = SessionState.IDLE
        self._job: GuardedJob | None = None
        self._one = OneCall()

    def _check(self, verb: Verb) -> None:
        refuse(verb, self.state)

    @contextmanager
    def _noting(self) -> Iterator[None]:
        try:
            yield
        except DeviceError as error:
            if error.code is Code.DEVICE_LOST and self.state is not SessionState.CLOSED:
                self.lose()
            raise

    def lose(self) -> None:
        """The device is gone."""
        self.state = SessionState.LOST
        if self._job is not None:
            self._job.overtake(JobHandle.LOST, PageHandle.LOST)

    def idle(self) -> None:
        """A cancellation has come to its end."""
        if self.state not in {SessionState.LOST, SessionState.CLOSED}:
            self.state = SessionState.IDLE

    async def caps(self) -> DeviceCaps:
        """See :class:`Session`."""
        self._check(Verb.CAPS)
        with self._noting():
            return await self._inner.caps()

    async def options(self) -> tuple[Option, ...]:
        """See :class:`Session`."""
        self._check(Verb.OPTIONS)
        with self._noting():
            return await self._inner.options()

    async def get(self, name: str) -> Value:
        """See :class:`Session`."""
        self._check(Verb.GET)
        with self._noting():
            check_get(find_option(await self._inner.options(), name))
            return await self._inner.get(name)

    async def set(self, name: str, value: Value | Auto) -> SetResult:
        """See :class:`Session`."""
        refuse_hard = self.state in {SessionState.LOST, SessionState.CLOSED, SessionState.CANCELLING}
        if refuse_hard:
            self._check(Verb.SET)
        with self._noting():
            if self.state is not SessionState.IDLE:
                # Whether the option is live decides; an unknown one is refused like any other, since WRONG_STATE goes before value errors.
                live = any(item.name == name and Access.LIVE in item.access for item in await self._inner.options())
                self._check(Verb.SET_LIVE if live else Verb.SET)
            with self._one(Verb.SET):
                check_set(find_option(await self._inner.options(), name), value)
                return await self._inner.set(name, value)

    async def apply(self, settings: Settings) -> ApplyResult:
        """See :class:`Session`."""
        self._check(Verb.APPLY)
        with self._noting(), self._one(Verb.APPLY):
            await self._check_settings(settings)
            return await self._inner.apply(settings)

    async def reset(self, names: tuple[str, ...] | None = None) -> ApplyResult:
        """See :class:`Session`."""
        self._check(Verb.RESET)
        with self._noting(), self._one(Verb.RESET):
            options = await self._inner.options()
            for name in names or ():
                find_option(options, name)
            return await self._inner.reset(names)

    async def params(self) -> PageParams:
        """See :class:`Session`."""
        self._check(Verb.PARAMS)
        with self._noting():
            return await self._inner.params()

    async def start(
        self, settings: Settings | None = None, pages: int | str = ALL, delivery: Delivery = NATIVE
    ) -> GuardedJob:
        """See :class:`Session`."""
        self._check(Verb.START)
        with self._noting(), self._one(Verb.START):
            check_page_target(pages)
            if settings is not None:
                await self._check_settings(settings)
            inner = await self._inner.start(settings, pages, delivery)
            self.state = SessionState.ARMED
            self._job = GuardedJob(self, inner)
            return self._job

    async def status(self) -> Status:
        """See :class:`Session`."""
        self._check(Verb.STATUS)
        return await self._inner.status()

    def events(self) -> EventStream:
        """See :class:`Session`."""
        self._check(Verb.EVENTS)
        return self._inner.events()

    async def cancel(self) -> None:
        """See :class:`Session`."""
        self._check(Verb.CANCEL)
        if self._job is not None:
            await self._job.cancel()

    async def close(self) -> None:
        """See :class:`Session`."""
        if self.state is SessionState.CLOSED:
            await trio.lowlevel.checkpoint()
            return
        self.state = SessionState.CLOSED
        if self._job is not None:
            self._job.overtake(JobHandle.CLOSED, PageHandle.CLOSED)
        await self._inner.close()

    async def _check_settings(self, settings: Settings) -> None:
        options = await self._inner.options()
        caps = await self._inner.caps()
        if settings.source is None and any(option.name == SOURCE and option.readable for option in options):
            # What is not named stays as it is set: other values are judged by the source that is set, not by the default one.
            check(replace(settings, source=str(await self._inner.get(SOURCE))), caps)
        else:
            check(settings, caps)
        for name, _ in settings.extra:
            find_option(options, name)


class GuardedJob:
    """A job handle that knows its state."""

    def __init__(self, session: GuardedSession, inner: Job) -> None:
        self._session = session
        self._inner = inner
        self._state = JobHandle.ARMED
        self._page: GuardedPage | None = None
        self._error: DeviceError | None = None
        self._one = OneCall()

    @property
    def state(self) -> JobHandle:
        """Where this handle stands; the end of its session is the end of every job that it ever had."""
        return {SessionState.CLOSED: JobHandle.CLOSED, SessionState.LOST: JobHandle.LOST}.get(
            self._session.state, self._state
        )

    def overtake(self, state: JobHandle, page: PageHandle) -> None:
        """The session was closed, lost or cancelled: this handle and its page are stale now."""
        self._state = state
        if self._page is not None and (page is not PageHandle.CANCELLED or self._page.running):
            self._page.become(page)

    def enter(self, job: JobHandle, session: SessionState) -> bool:
        """Move on, together with the session, unless something has overtaken this job meanwhile; says whether it did."""
        if self.state in {JobHandle.CLOSED, JobHandle.LOST, JobHandle.CANCELLING, JobHandle.CANCELED}:
            return False
        self._state = job
        self._session.state = session
        return True

    def fail(self, error: DeviceError) -> None:
        """*error* has ended the job."""
        if error.code is Code.DEVICE_LOST:
            self._session.lose()
        elif error.code is Code.CANCELLED:
            self._finish_cancel()
        else:
            self._error = error
            self.enter(JobHandle.ABORTED, SessionState.IDLE)

    def prefer(self, media_type: str | None) -> None:
        """See :class:`EncodingJob`; of a job whose pages are not encoded it is ignored."""
        if isinstance(self._inner, EncodingJob):
            self._inner.prefer(media_type)

    async def next_page(self) -> GuardedPage | None:
        """See :class:`Job`."""
        refuse(Verb.NEXT_PAGE, self.state)
        if cell(Verb.NEXT_PAGE, self.state).outcome is Outcome.AGAIN:
            await trio.lowlevel.checkpoint()
            if self._error is not None:
                raise self._error
            return None
        with self._one(Verb.NEXT_PAGE):
            try:
                inner = await self._inner.next_page()
            except DeviceError as error:
                self.fail(error)
                raise
            if inner is None:
                self.enter(JobHandle.COMPLETED, SessionState.IDLE)
                return None
            self._page = GuardedPage(self, inner)
            if not self.enter(JobHandle.TRANSFERRING, SessionState.TRANSFERRING):
                # Cancelled while the page was on its way: no bytes follow (CANC-02).
                self._page.become(PageHandle.CANCELLED)
            return self._page

    async def cancel(self) -> None:
        """See :class:`Job`."""
        refuse(Verb.CANCEL, self.state)
        if cell(Verb.CANCEL, self.state).outcome is Outcome.NO_OP:
            await trio.lowlevel.checkpoint()
            return
        self.overtake(JobHandle.CANCELLING, PageHandle.CANCELLED)
        self._session.state = SessionState.CANCELLING
        await self._inner.cancel()

    async def settled(self) -> JobState:
        """See :class:`Job`."""
        refuse(Verb.SETTLED, self.state)
        state = await self._inner.settled()
        if state is JobState.CANCELED:
            self._finish_cancel()
        elif state is JobState.COMPLETED:
            self.enter(JobHandle.COMPLETED, SessionState.IDLE)
        return state

    def _finish_cancel(self) -> None:
        if self.state in {JobHandle.CLOSED, JobHandle.LOST, JobHandle.CANCELED}:
            return
        self.overtake(JobHandle.CANCELED, PageHandle.CANCELLED)
        self._session.idle()


class GuardedPage:
    """A page handle that knows its state."""

    def __init__(self, job: GuardedJob, inner: Page) -> None:
        self._job = job
        self._inner = inner
        self._state = PageHandle.READING
        self._end: PageEnd | None = None
        self._error: DeviceError | None = None
        self._one = OneCall()

    @property
    def info(self) -> PageInfo:
        """See :class:`Page`."""
        return self._inner.info

    @property
    def state(self) -> PageHandle:
        """Where this handle stands; a closed or lost session closes or loses every page that it ever had."""
        return {JobHandle.CLOSED: PageHandle.CLOSED, JobHandle.LOST: PageHandle.LOST}.get(self._job.state, self._state)

    def become(self, state: PageHandle) -> None:
        """Something has overtaken this page."""
        self._state = state

    @property
    def running(self) -> bool:
        """Whether bytes may still be read or the end is still to be asked for."""
        return self.state in {PageHandle.READING, PageHandle.AT_END}

    async def read(self, max_bytes: int) -> bytes:
        """See :class:`Page`."""
        refuse(Verb.READ, self.state)
        if self._error is not None:
            raise self._error
        if not has_type(max_bytes, ValueType.INT) or max_bytes < 1:
            raise DeviceError(
                Code.INVALID_VALUE, f"Cannot read {max_bytes!r} bytes.", phase=Phase.READ, value=max_bytes
            )
        with self._one(Verb.READ):
            try:
                strip = await self._inner.read(max_bytes)
            except DeviceError as error:
                self._fail(error)
                raise
        refuse(Verb.READ, self.state)  # cancelled, closed or lost while the bytes were on their way
        if not strip:
            self._state = PageHandle.AT_END
        return strip

    async def end(self) -> PageEnd:
        """See :class:`Page`."""
        refuse(Verb.END, self.state)
        if self._end is not None:
            return self._end
        if self._error is not None:
            raise self._error
        with self._one(Verb.END):
            try:
                self._end = await self._inner.end()
            except DeviceError as error:
                self._fail(error)
                raise
        if self.running:
            self._state = PageHandle.ENDED
            self._job.enter(JobHandle.PAGE_GAP, SessionState.PAGE_GAP)
        return self._end

    def _fail(self, error: DeviceError) -> None:
        if error.code not in {Code.CANCELLED, Code.DEVICE_LOST} and self.running:
            self._state = PageHandle.FAILED
            self._error = error
        self._job.fail(error)
