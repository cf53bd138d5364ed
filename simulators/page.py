"""The handle of a page: bytes in strips, as fast as the scan bar moves."""

from __future__ import annotations

from dataclasses import replace
from operator import itemgetter
from typing import TYPE_CHECKING

import trio

from device_protocol import Code, DeviceError, PageEnd, PageInfo, PageParams, Phase, Side, ValueType
from device_protocol.legality import OneCall, refused
from device_protocol.states import PageHandle, Verb
from device_protocol.values import has_type
from simulators.crash import crash_to_error
from simulators.imaging import Picture
from simulators.messages import CrashError, Plan
from simulators.waits import EndedError
from simulators.wrong_bytes import WrongBytes

if TYPE_CHECKING:
    from simulators.job import VirtualJob
    from simulators.session import VirtualSession

LAST = 0.999
"""Progress while the end marker has not been given: it reaches 1 at completion only (STAT-05)."""


class VirtualPage:
    """See :class:`device_protocol.aio.Page`."""

    def __init__(self, session: VirtualSession, job: VirtualJob, plan: Plan) -> None:
        self._session = session
        self._job = job
        self._plan = plan
        self._picture, self._wrong = session.picture(plan), None
        if plan.wrong_from is not None and isinstance(self._picture, Picture):
            self._wrong = WrongBytes(self._picture, plan.wrong_from, plan.number)
        self._begun = session.clock.now()
        offsets = [(stop, self._offset(stop.share) + stop.byte) for stop in plan.stops]
        size = self._picture.size
        self._stops = sorted((item for item in offsets if item[1] <= size), key=itemgetter(1))
        self._one = OneCall()
        self._position = 0
        self._end: PageEnd | None = None
        self.state = PageHandle.READING
        self._info = PageInfo(
            number=plan.number,
            params=self._params_at_start(),
            side=Side.BACK if plan.back else Side.FRONT,
            sheet=plan.sheet_number,
            sequence=None if plan.shot is None else plan.shot.sequence,
            taken_s=None if plan.shot is None else plan.shot.stamp_ms / 1000,
        )

    @property
    def info(self) -> PageInfo:
        """See :class:`device_protocol.aio.Page`."""
        return self._info

    @property
    def running(self) -> bool:
        """Whether it is still to be ended."""
        return self.state in {PageHandle.READING, PageHandle.AT_END}

    async def read(self, max_bytes: int) -> bytes:
        """See :class:`device_protocol.aio.Page`."""
        await trio.lowlevel.checkpoint()
        await self._refuse(Verb.READ)
        self._one.check(Verb.READ)
        if self.state is PageHandle.FAILED:
            raise self._why(Verb.READ)
        if not has_type(max_bytes, ValueType.INT) or max_bytes < 1:
            raise DeviceError(
                Code.INVALID_VALUE, f"Cannot read {max_bytes!r} bytes.", phase=Phase.READ, value=max_bytes
            )
        with self._one(Verb.READ):
            await self._pass_stops()
            if self._position == self._picture.size:
                self.state = PageHandle.AT_END
                self._job.progress(1.0)
                return b""
            return await self._strip(min(max_bytes, self._session.profile.traits.read_limit or max_bytes))

    async def end(self) -> PageEnd:
        """See :class:`device_protocol.aio.Page`."""
        await trio.lowlevel.checkpoint()
        await self._refuse(Verb.END)
        if self._end is not None:
            return self._end
        self._one.check(Verb.END)
        if self.state is PageHandle.FAILED:
            raise self._why(Verb.END)
        early = self._position < self._picture.size
        self._end = PageEnd(
            number=self._plan.number,
            params=self._picture.params,
            bytes=self._position,
            incomplete=early,
            multifeed=self._plan.multifeed,
            blank=self._picture.blank,
        )
        self.state = PageHandle.ENDED
        self._picture.release()
        self._job.page_ended(early=early)
        return self._end

    def overtake(self, state: PageHandle) -> None:
        """Cancelled, lost or closed: this handle is stale now."""
        if self.running or state is not PageHandle.CANCELLED:
            self.state = state
            self._picture.release()

    def fail(self, error: DeviceError) -> None:
        """*error* has ended the page and its job."""
        if self.running and error.code is not Code.DEVICE_LOST:
            self.state = PageHandle.FAILED
            self._picture.release()
        self._job.fail(error)

    # -- inside

    def _params_at_start(self) -> PageParams:
        params = self._picture.params
        return replace(params, height=None, final=False) if self._session.height_unknown else params

    def _offset(self, point: float) -> int:
        """The byte at which a point of the page begins: the start of a row, where there are rows."""
        stride = self._picture.params.stride
        return round(point * self._picture.rows) * stride if stride else round(point * self._picture.size)

    async def _pass_stops(self) -> None:
        """Tell the machine of each stop that has been reached."""
        while self._stops and self._stops[0][1] <= self._position:
            stop = self._stops[0][0]
            try:
                await self._session.waits.on(lambda: self._session.link.reach(self._plan.number, stop))  # noqa: B023  # awaited within this turn of the loop
            except EndedError:
                raise self._why(Verb.READ) from None
            except CrashError as crash:
                raise crash_to_error(crash, self.fail) from None
            except DeviceError as error:
                self.fail(error)
                raise
            self._check_still()
            self._stops.pop(0)

    async def _strip(self, max_bytes: int) -> bytes:
        """The next bytes, when the scan bar has passed them."""
        size = self._picture.size
        until = self._stops[0][1] if self._stops else size
        try:
            strip = self._picture.bytes(self._position, min(self._position + max_bytes, until))
        except DeviceError as error:
            self.fail(error)
            raise
        if self._wrong is not None:
            strip = self._wrong.see(self._position, strip)
        end = self._position + len(strip)
        seconds = self._begun + self._plan.duration * end / size - self._session.clock.now()
        if seconds > 0:
            try:
                await self._session.waits.on(lambda: self._session.clock.sleep(seconds))
            except EndedError:
                raise self._why(Verb.READ) from None
        self._check_still()
        self._position = end
        self._job.progress(min(end / size, LAST))
        return strip

    def _check_still(self) -> None:
        if self.state is not PageHandle.READING:
            raise self._why(Verb.READ)

    def _why(self, verb: Verb) -> DeviceError:
        """Why reading has ended."""
        return refused(verb, self.state) or self._job.error or DeviceError(Code.CANCELLED)

    async def _refuse(self, verb: Verb) -> None:
        error = refused(verb, self.state)
        if error is not None:
            await self._session.note_refusal(error, verb)
            raise error
