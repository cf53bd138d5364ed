"""Pages and jobs of a replayed device."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast

import trio

from device_protocol import ALL, Code, DeviceError, JobState, PageEnd, PageInfo, Phase, SessionState
from device_protocol.legality import refuse
from device_protocol.states import JobHandle, PageHandle, Verb
from device_protocol.status import JobStatus
from device_protocol.values import ValueType, has_type
from simulators.recordings.likeness import LikePage
from simulators.recordings.play import value_of

if TYPE_CHECKING:
    from simulators.recordings.session import ReplaySession

BEYOND = "off the record"
"""Name of handles that came of calls which were not recorded."""


class ReplayPage:
    """See :class:`device_protocol.aio.Page`."""

    def __init__(self, job: ReplayJob, handle: str, info: PageInfo, data: bytes, like: LikePage | None) -> None:
        self._info = info
        self.state = PageHandle.READING
        self._job, self._handle, self._data, self._like = job, handle, data, like
        self._at = 0
        self._loose = like is not None

    @property
    def info(self) -> PageInfo:
        """See :class:`device_protocol.aio.Page`."""
        return cast("PageInfo", self._job.play.infos.get(self._handle, self._info))

    async def read(self, max_bytes: int) -> bytes:
        """See :class:`device_protocol.aio.Page`."""
        play = self._job.play
        if not self._loose:
            entry = await play.step(self._handle, "read", max_bytes, strict=False)
            if entry is not None:
                if not isinstance(entry.answer, int):
                    return cast("bytes", value_of(entry.answer))
                return self._next(entry.answer)
            self._loose = True  # another size of strips than the recorded client took
            play.skip(self._handle, "read")
        await trio.lowlevel.checkpoint()
        refuse(Verb.READ, self._job.page_state(self))
        if not has_type(max_bytes, ValueType.INT) or max_bytes < 1:
            raise DeviceError(
                Code.INVALID_VALUE, f"Cannot read {max_bytes!r} bytes.", phase=Phase.READ, value=max_bytes
            )
        return self._next(max_bytes)

    async def end(self) -> PageEnd:
        """See :class:`device_protocol.aio.Page`."""
        play = self._job.play
        play.skip(self._handle, "read")  # a client may leave a page sooner than the recorded one
        entry = await play.step(self._handle, "end") if self._handle != BEYOND else None
        if entry is not None:
            self.state = PageHandle.ENDED
            return cast("PageEnd", value_of(entry.answer))
        await trio.lowlevel.checkpoint()
        refuse(Verb.END, self._job.page_state(self))
        if self.state in {PageHandle.READING, PageHandle.AT_END}:
            self.state = PageHandle.ENDED
            self._job.between()
        recorded = self._like.end if self._like is not None else None
        if recorded is not None:
            return replace(recorded, number=self._info.number, bytes=self._at)
        return PageEnd(self._info.number, self._info.params, self._at, incomplete=self._at < len(self._data))

    def _next(self, count: int) -> bytes:
        strip = self._data[self._at : self._at + count]
        self._at += len(strip)
        if not strip:
            self.state = PageHandle.AT_END
        return strip


class ReplayJob:
    """See :class:`device_protocol.aio.Job`."""

    def __init__(self, session: ReplaySession, handle: str, pages: int | str) -> None:
        self.play = session.play
        self.state = JobHandle.ARMED
        self.count = 0
        self._session, self._handle, self._wanted = session, handle, pages
        self._page: ReplayPage | None = None

    def page_state(self, page: ReplayPage) -> PageHandle:
        """Where the handle of a page stands, for calls off the record."""
        overtaken = {JobHandle.CLOSED: PageHandle.CLOSED, JobHandle.LOST: PageHandle.LOST}
        if self.state is JobHandle.CANCELED and page.state is not PageHandle.ENDED:
            return PageHandle.CANCELLED
        return overtaken.get(self.state, page.state)

    def between(self) -> None:
        """A page was ended."""
        self._become(JobHandle.PAGE_GAP, SessionState.PAGE_GAP)

    async def next_page(self) -> ReplayPage | None:
        """See :class:`device_protocol.aio.Job`."""
        entry = await self.play.step(self._handle, "next_page") if self._handle != BEYOND else None
        if entry is None:
            return await self._likely_page()
        if not entry.new:
            self._become(JobHandle.COMPLETED, SessionState.IDLE)
            return None
        self.count += 1
        self._become(JobHandle.TRANSFERRING, SessionState.TRANSFERRING)
        info = cast("PageInfo", value_of(entry.answer))
        self._page = ReplayPage(self, entry.new, info, self.play.page(entry.new), None)
        return self._page

    async def cancel(self) -> None:
        """See :class:`device_protocol.aio.Job`."""
        entry = await self.play.step(self._handle, "cancel") if self._handle != BEYOND else None
        if entry is None:
            await trio.lowlevel.checkpoint()
            refuse(Verb.CANCEL, self.state)
        self.stop()

    def stop(self) -> None:
        """It was cancelled; a recording comes to rest at once."""
        if self.state not in {JobHandle.COMPLETED, JobHandle.ABORTED, JobHandle.LOST, JobHandle.CLOSED}:
            self._become(JobHandle.CANCELED, SessionState.IDLE)

    async def settled(self) -> JobState:
        """See :class:`device_protocol.aio.Job`."""
        entry = await self.play.step(self._handle, "settled") if self._handle != BEYOND else None
        if entry is not None:
            return cast("JobState", value_of(entry.answer))
        await trio.lowlevel.checkpoint()
        refuse(Verb.SETTLED, self.state)
        while not self.status().state.terminal:
            await self._session.moved()
        return self.status().state

    def status(self) -> JobStatus:
        """As a status shows it, off the record."""
        ended = {
            JobHandle.ARMED: JobState.PENDING,
            JobHandle.COMPLETED: JobState.COMPLETED,
            JobHandle.CANCELED: JobState.CANCELED,
            JobHandle.ABORTED: JobState.ABORTED,
        }
        return JobStatus(ended.get(self.state, JobState.PROCESSING), self.count)

    async def _likely_page(self) -> ReplayPage | None:
        await trio.lowlevel.checkpoint()
        refuse(Verb.NEXT_PAGE, self.state)
        if self.state is JobHandle.COMPLETED:
            return None
        pages = self.play.tape.likeness.scan(self._session.values).pages
        if self.count >= len(pages) or (self._wanted != ALL and self.count >= int(self._wanted)):
            self._become(JobHandle.COMPLETED, SessionState.IDLE)
            return None
        like = pages[self.count]
        self.count += 1
        self._become(JobHandle.TRANSFERRING, SessionState.TRANSFERRING)
        info = replace(like.info, number=self.count)
        self._page = ReplayPage(self, BEYOND, info, self.play.tape.bytes_of(like.data), like)
        return self._page

    def _become(self, job: JobHandle, session: SessionState) -> None:
        self.state = job
        self._session.enter(session)
