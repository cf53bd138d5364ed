"""A session of a legal device: the state table, kept to the letter. Its methods are small so that a defect can replace one of them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import trio

from conformance.selftest.job import ZooJob
from conformance.selftest.machine import Machine
from conformance.selftest.store import Store
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
    FaultKind,
    JobState,
    JobStatus,
    Option,
    PageParams,
    Phase,
    ReportPoint,
    SessionState,
    SetResult,
    Settings,
    Status,
    Value,
)
from device_protocol.aio import EventStream
from device_protocol.legality import OneCall, refuse
from device_protocol.options import Access
from device_protocol.settings import check_page_target
from device_protocol.states import Verb

if TYPE_CHECKING:
    from conformance.selftest.build import Build


class ZooSession:
    """An open machine."""

    def __init__(self, build: Build, machine: Machine, store: Store) -> None:
        self.build = build
        self.machine = machine
        self.store = store
        self.state = SessionState.IDLE
        self.job: ZooJob | None = None
        self.streams: list[EventStream] = []
        self.one = OneCall()
        self._seen: Status | None = None

    # -- what happens to a session

    def refuse(self, verb: Verb) -> None:
        """Refuse what the table refuses."""
        refuse(verb, self.state)

    def enter(self, state: SessionState) -> None:
        """Go into a state."""
        if self.state is not state:
            self.state = state
            self.machine.tell(EventKind.STATE, state.value)

    def lose(self) -> None:
        """The device is gone."""
        if self.state not in {SessionState.LOST, SessionState.CLOSED}:
            self.state = SessionState.LOST
            if self.job is not None:
                self.job.lose()
            self.machine.tell(EventKind.LOST)
            self.hush()

    def hear(self, event: Event) -> None:
        """Tell whoever listens."""
        for stream in self.streams:
            stream.put(event)

    # -- verbs that read

    async def caps(self) -> DeviceCaps:
        """See the contract."""
        await trio.lowlevel.checkpoint()
        self.refuse(Verb.CAPS)
        return self.machine.profile.caps

    async def options(self) -> tuple[Option, ...]:
        """See the contract."""
        await trio.lowlevel.checkpoint()
        self.refuse(Verb.OPTIONS)
        return self.store.describe()

    async def get(self, name: str) -> Value:
        """See the contract."""
        await trio.lowlevel.checkpoint()
        self.refuse(Verb.GET)
        return self.store.get(name)

    async def params(self) -> PageParams:
        """See the contract."""
        await trio.lowlevel.checkpoint()
        self.refuse(Verb.PARAMS)
        return self.store.params()

    async def status(self) -> Status:
        """See the contract."""
        await trio.lowlevel.checkpoint()
        self.refuse(Verb.STATUS)
        return self.snapshot()

    def snapshot(self) -> Status:
        """The status now; its revision is a new one if anything in it is new."""
        seen = Status(
            self.state,
            self.machine.feeder(),
            self.machine.conditions(),
            self.job_status(),
            0,
            self.machine.profile.caps.scan_ahead,
            self.job.buffered() if self.job is not None else 0,
        )
        if self._seen is not None and seen != self._seen:
            self.machine.revision += 1
        self._seen = seen
        return replace(seen, revision=self.machine.revision)

    def job_status(self) -> JobStatus | None:
        """Where the last job stands."""
        return None if self.job is None else self.job.status()

    def events(self) -> EventStream:
        """See the contract."""
        self.refuse(Verb.EVENTS)
        stream = EventStream()
        self.streams.append(stream)
        return stream

    # -- verbs that change options

    async def set(self, name: str, value: Value | Auto) -> SetResult:
        """See the contract."""
        await trio.lowlevel.checkpoint()
        self.refuse(self.setting(name))
        with self.one(Verb.SET):
            result = self.store.set(name, value)
        self.changed(result.changed)
        return result

    def setting(self, name: str) -> Verb:
        """Whether it is a live option that shall be set."""
        live = self.state not in {SessionState.LOST, SessionState.CLOSED} and any(
            item.name == name and Access.LIVE in item.access for item in self.store.describe()
        )
        return Verb.SET_LIVE if live else Verb.SET

    def changed(self, names: tuple[str, ...]) -> None:
        """Give notice that options have changed."""
        if names:
            self.machine.tell(EventKind.OPTIONS_CHANGED, " ".join(names))

    async def apply(self, settings: Settings) -> ApplyResult:
        """See the contract."""
        await trio.lowlevel.checkpoint()
        self.refuse(Verb.APPLY)
        with self.one(Verb.APPLY):
            return self._noted(self.store.apply(settings))

    async def reset(self, names: tuple[str, ...] | None = None) -> ApplyResult:
        """See the contract."""
        await trio.lowlevel.checkpoint()
        self.refuse(Verb.RESET)
        with self.one(Verb.RESET):
            return self._noted(self.store.reset(names))

    def _noted(self, result: ApplyResult) -> ApplyResult:
        self.changed(tuple(dict.fromkeys(name for item in result.results for name in item.changed)))
        return result

    # -- jobs

    async def start(
        self, settings: Settings | None = None, pages: int | str = ALL, delivery: Delivery = NATIVE
    ) -> ZooJob:
        """See the contract."""
        await trio.lowlevel.checkpoint()
        self.refuse(Verb.START)
        with self.one(Verb.START):
            self.check_target(pages)
            if delivery is not NATIVE:
                raise DeviceError(Code.UNSUPPORTED, "The host encodes.", phase=Phase.START)
            if settings is not None:
                self._noted(self.store.apply(settings))
            await self.ready()
            self.job = self.build.job(self, pages)
            self.enter(SessionState.ARMED)
            return self.job

    def check_target(self, pages: int | str) -> None:
        """Refuse a page target that makes no sense."""
        check_page_target(pages)

    async def ready(self) -> None:
        """What a start finds: faults, and conditions if this is where they are reported."""
        fault = self.machine.strike(Verb.START)
        if fault is not None:
            if fault.kind is FaultKind.BUSY:
                raise DeviceError(Code.BUSY, phase=Phase.START)
            if fault.kind is FaultKind.CANCELLED:
                raise DeviceError(Code.CANCELLED, "Somebody cancelled the scan.", phase=Phase.START)
            if fault.kind is FaultKind.EMPTY:
                self.machine.hopper.clear()
            if fault.kind is FaultKind.CRASH:
                raise self.crash(Phase.START)
            if fault.kind is FaultKind.HANG:
                await trio.sleep(fault.seconds or float("inf"))
        source = self.store.source
        if source.conditions_at is ReportPoint.START:
            self.standing(Phase.START)

    def standing(self, phase: Phase, page: int | None = None) -> None:
        """Raise the condition that stands in the way of a feeder, if any."""
        code = self.machine.standing(self.store.source)
        if code is not None:
            raise DeviceError(code, phase=phase, page=page)

    def crash(self, phase: Phase) -> DeviceError:
        """The driver fails: this session is over, the next open works."""
        self.lose()
        return DeviceError(Code.INTERNAL, "The driver crashed.", phase=phase)

    async def cancel(self) -> None:
        """See the contract."""
        await trio.lowlevel.checkpoint()
        self.refuse(Verb.CANCEL)
        if self.job is not None:
            await self.job.cancel()

    async def close(self) -> None:
        """See the contract."""
        with trio.CancelScope(shield=True):
            await trio.lowlevel.checkpoint()
            if self.state is SessionState.CLOSED:
                return
            self.end_job()
            self.state = SessionState.CLOSED
            self.hush()
            self.give_back()

    def hush(self) -> None:
        """No more events (STAT-03)."""
        for stream in self.streams:
            stream.close()

    def end_job(self) -> None:
        """Closing ends any job."""
        if self.job is not None:
            self.job.overtake(JobState.CANCELED)

    def give_back(self) -> None:
        """The machine is free."""
        if self.machine.session is self:
            self.machine.session = None
