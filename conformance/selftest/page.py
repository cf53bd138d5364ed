"""A page of a legal device: its bytes, strip by strip."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import trio

from conformance.selftest.picture import View, jpeg, picture
from conformance.selftest.profile import BRIGHTNESS
from device_protocol import RAW, Code, DeviceError, FaultKind, PageEnd, PageInfo, PageParams, Phase, ValueType
from device_protocol.legality import OneCall, refuse
from device_protocol.states import JobHandle, PageHandle, Verb
from device_protocol.values import has_type

if TYPE_CHECKING:
    from conformance.selftest.job import ZooJob


class ZooPage:
    """A page that has begun."""

    def __init__(self, job: ZooJob, info: PageInfo, view: View, *, multifeed: bool = False) -> None:

        self.job = job
        self.machine = job.machine
        self.params = info.params
        self.view = view
        self.multifeed = multifeed
        self.own = PageHandle.READING
        self.cancelled = False
        self.position = 0
        self.reads = 0
        self.cut: int | None = None
        self.error: DeviceError | None = None
        self.final: PageEnd | None = None
        self.one = OneCall()
        self._brightness = job.session.store.values.get(BRIGHTNESS, 0)
        self._data: bytes | None = None
        self._info = replace(info, params=self.announced())

    def announced(self) -> PageParams:
        """The parameters at the beginning of the page."""
        if self.job.source.unknown_height:
            return replace(self.params, height=None, final=False)
        return replace(self.params, final=not self.machine.profile.estimates)

    @property
    def info(self) -> PageInfo:
        """See the contract."""
        return self._info

    @property
    def data(self) -> bytes:
        """All bytes of the page."""
        if self._data is None:
            self._data = self.render()
        return self._data

    def render(self) -> bytes:
        """What the light bar sees."""
        assert isinstance(self._brightness, int)
        params = replace(self.params, final=True)
        if params.format != RAW:
            return jpeg(self.view, params, self._brightness, round(params.dpi_x or 0))
        return picture(self.view, params, self._brightness)

    @property
    def running(self) -> bool:
        """Whether the page has not come to any end."""
        return self.own in {PageHandle.READING, PageHandle.AT_END}

    @property
    def state(self) -> PageHandle:
        """The state of this handle; what has overtaken it goes first."""
        if self.job.state is JobHandle.CLOSED:
            return PageHandle.CLOSED
        if self.job.state is JobHandle.LOST:
            return PageHandle.LOST
        return PageHandle.CANCELLED if self.cancelled else self.own

    def refuse(self, verb: Verb) -> None:
        """Refuse what the table refuses."""
        refuse(verb, self.state)

    def progress(self) -> float:
        """How much of the page was read, 0 to 1."""
        if self.own is not PageHandle.READING:
            return 1.0
        return min(0.99, self.position / max(1, len(self.data)))

    # -- verbs

    async def read(self, max_bytes: int) -> bytes:
        """See the contract."""
        await trio.lowlevel.checkpoint()
        self.refuse(Verb.READ)
        if self.error is not None:
            raise self.error
        self.check_size(max_bytes)
        with self.one(Verb.READ):
            try:
                await self.strikes()
                self.refuse(Verb.READ)
                strip = self.strip(max_bytes)
            except DeviceError as error:
                self.fail(error)
                raise
        if not strip:
            self.at_end()
        return strip

    def check_size(self, max_bytes: int) -> None:
        """Refuse a size that makes no sense."""
        if not has_type(max_bytes, ValueType.INT) or max_bytes < 1:
            raise DeviceError(Code.INVALID_VALUE, f"read({max_bytes!r})", phase=Phase.READ, value=max_bytes)

    def strip(self, max_bytes: int) -> bytes:
        """The next bytes."""
        sizes = self.machine.profile.strips
        size = min(max_bytes, sizes[self.reads % len(sizes)]) if sizes else max_bytes
        self.reads += 1
        end = self.reach() if self.cut is None else self.cut
        strip = self.data[self.position : min(end, self.position + size)]
        self.position += len(strip)
        return strip

    def reach(self) -> int:
        """How many bytes there are before the next fault strikes."""
        whole, paper = len(self.data), None if self.job.source.fed else False
        number, sheet = self._info.number, self._info.sheet or 1
        at = self.machine.next_at(Verb.READ, number, sheet, self.position / max(1, whole), paper=paper)
        return whole if at >= 1 else max(self.position + 1, int(whole * at) + 1)

    def at_end(self) -> None:
        """The end marker was given."""
        self.own = PageHandle.AT_END

    def fail(self, error: DeviceError) -> None:
        """*error* has ended the page and its job."""
        if error.code not in {Code.CANCELLED, Code.DEVICE_LOST, Code.CLOSED} and self.state is PageHandle.READING:
            self.own = PageHandle.FAILED
            self.error = error
        self.job.abort(error)

    async def strikes(self) -> None:
        """Faults that strike while a page is read."""
        number, sheet = self._info.number, self._info.sheet or 1
        done = self.position / max(1, len(self.data))
        fault = self.machine.strike(Verb.READ, number, sheet, done, paper=None if self.job.source.fed else False)
        if fault is None:
            return
        match fault.kind:
            case FaultKind.JAM:
                raise self.job.jam(Phase.READ, number)
            case FaultKind.TRUNCATED:
                if self.machine.profile.cut_is_error:
                    raise DeviceError(Code.TRANSFER_BROKEN, phase=Phase.READ, page=number)
                self.cut = max(self.position, int(len(self.data) * fault.at))
            case FaultKind.COVER_OPEN:
                self.machine.cover_open = True
                raise DeviceError(Code.COVER_OPEN, phase=Phase.READ, page=number)
            case FaultKind.CRASH:
                raise self.job.session.crash(Phase.READ)
            case FaultKind.UNPLUGGED:
                self.machine.unplug()
            case FaultKind.HANG | FaultKind.SLOW:
                forever = fault.kind is FaultKind.HANG and not fault.seconds
                await self.machine.pause(float("inf") if forever else fault.seconds, self.job.wake)
            case _:
                pass

    async def end(self) -> PageEnd:
        """See the contract."""
        await trio.lowlevel.checkpoint()
        self.refuse(Verb.END)
        if self.final is not None:
            return self.final
        if self.error is not None:
            raise self.error
        with self.one(Verb.END):
            early = self.own is PageHandle.READING
            self.final = self.finals(early=early)
            self.own = PageHandle.ENDED
            self.job.ended(early=early)
            return self.final

    def finals(self, *, early: bool) -> PageEnd:
        """What is known at the end."""
        incomplete = early or self.cut is not None
        flag = self.multifeed if self.machine.profile.multifeed_flagged else None
        return PageEnd(self._info.number, replace(self.params, final=True), self.position, incomplete, multifeed=flag)
