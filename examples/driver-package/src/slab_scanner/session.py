"""An open scanner. What is legal when stands in the contract's state table; ``refuse`` reads it."""

from __future__ import annotations

import trio

from device_protocol import (
    ALL,
    NATIVE,
    ApplyResult,
    Auto,
    Code,
    Delivery,
    DeviceCaps,
    DeviceError,
    Event,
    EventKind,
    JobState,
    Option,
    PageParams,
    Phase,
    SessionState,
    SetResult,
    Settings,
    Status,
    Value,
)
from device_protocol.aio import EventStream
from device_protocol.legality import OneCall, refuse
from device_protocol.settings import check_page_target
from device_protocol.states import Verb
from slab_scanner.job import SlabJob
from slab_scanner.options import CAPS, OPTIONS, Store


class SlabSession:
    """One caller's hold on the scanner."""

    def __init__(self, defect: str = "") -> None:
        self.defect = defect
        self.state = SessionState.IDLE
        self.store = Store()
        self.job: SlabJob | None = None
        self._one = OneCall()
        self._revision = 0
        self._streams: list[EventStream] = []
        self._seen: Status | None = None

    @property
    def closed(self) -> bool:
        """Whether the scanner is free again."""
        return self.state is SessionState.CLOSED

    def enter(self, state: SessionState) -> None:
        """Go into *state*, and say so."""
        if state is not self.state:
            self.state = state
            self._revision += 1
            for stream in self._streams:
                stream.put(Event(EventKind.STATE, self._revision, state.value))

    async def caps(self) -> DeviceCaps:
        """See the contract."""
        await self._checked(Verb.CAPS)
        return CAPS

    async def options(self) -> tuple[Option, ...]:
        """See the contract."""
        await self._checked(Verb.OPTIONS)
        return OPTIONS

    async def get(self, name: str) -> Value:
        """See the contract."""
        await self._checked(Verb.GET)
        return self.store.get(name)

    async def set(self, name: str, value: Value | Auto) -> SetResult:
        """See the contract."""
        await self._checked(Verb.SET)
        result = self.store.set(name, value)
        if self.defect == "off-by-one":
            self.store.resolution = 50
        return result

    async def apply(self, settings: Settings) -> ApplyResult:
        """See the contract."""
        await self._checked(Verb.APPLY)
        return self.store.apply(settings)

    async def reset(self, names: tuple[str, ...] | None = None) -> ApplyResult:
        """See the contract."""
        await self._checked(Verb.RESET)
        return self.store.reset(names)

    async def params(self) -> PageParams:
        """See the contract."""
        await self._checked(Verb.PARAMS)
        return self.store.params()

    async def start(
        self, settings: Settings | None = None, pages: int | str = ALL, delivery: Delivery = NATIVE
    ) -> SlabJob:
        """See the contract."""
        await self._checked(Verb.START)
        check_page_target(pages)
        if delivery is not NATIVE:
            raise DeviceError(Code.UNSUPPORTED, "The host encodes.", phase=Phase.START)
        if settings is not None:
            self.store.apply(settings)
        self.job = SlabJob(self)
        self.enter(SessionState.ARMED)
        return self.job

    async def status(self) -> Status:
        """See the contract."""
        await self._checked(Verb.STATUS)
        now = Status(self.state, job=self.job.status() if self.job else None)
        if self._seen is not None and now != self._seen:
            self._revision += 1
        self._seen = now
        return Status(now.state, job=now.job, revision=self._revision)

    def events(self) -> EventStream:
        """See the contract."""
        refuse(Verb.EVENTS, self.state)
        stream = EventStream()
        self._streams.append(stream)
        return stream

    async def cancel(self) -> None:
        """See the contract."""
        await self._checked(Verb.CANCEL)
        if self.job is not None:
            self.job.stop(JobState.CANCELED)

    async def close(self) -> None:
        """See the contract."""
        with trio.CancelScope(shield=True):
            await trio.lowlevel.checkpoint()
        if self.closed:
            return
        if self.job is not None:
            self.job.stop(JobState.CANCELED)
        self.state = SessionState.CLOSED
        for stream in self._streams:
            stream.close()

    async def _checked(self, verb: Verb) -> None:
        """A checkpoint, then the state table; nothing below waits, so no second call can come between."""
        await trio.lowlevel.checkpoint()
        refuse(verb, self.state)
        self._one.check(verb)
