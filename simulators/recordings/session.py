"""The session of a replayed device: on the record it does what was done, off the record what is most likely."""

from __future__ import annotations

from typing import cast

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
from device_protocol.legality import refuse
from device_protocol.settings import check_page_target
from device_protocol.states import JobHandle, Verb
from simulators.recordings.likeness import Likeness
from simulators.recordings.log import Entry
from simulators.recordings.pages import BEYOND, ReplayJob
from simulators.recordings.play import Play, value_of


class ReplaySession:
    """See :class:`device_protocol.aio.Session`."""

    def __init__(self, play: Play, handle: str) -> None:
        self.play = play
        self.state = SessionState.IDLE
        self.values: dict[str, Value] = {}
        self._handle = handle
        self._job: ReplayJob | None = None
        self._revision = 1
        self._changed = trio.Event()
        self._streams: list[EventStream] = []

    def enter(self, state: SessionState) -> None:
        """The session is in another state."""
        if self.state is not SessionState.CLOSED and state is not self.state:
            self.state = state
            self._revision += 1
            self._changed.set()
            self._changed = trio.Event()

    async def moved(self) -> None:
        """Wait until the state changes."""
        await self._changed.wait()

    async def caps(self) -> DeviceCaps:
        """See :class:`device_protocol.aio.Session`."""
        entry = await self._ask("caps")
        return cast("DeviceCaps", value_of(entry.answer)) if entry is not None else self._like.caps()

    async def options(self) -> tuple[Option, ...]:
        """See :class:`device_protocol.aio.Session`."""
        entry = await self._ask("options")
        if entry is not None:
            return cast("tuple[Option, ...]", value_of(entry.answer))
        return self._like.options(self.values)

    async def get(self, name: str) -> Value:
        """See :class:`device_protocol.aio.Session`."""
        entry = await self._ask("get", name)
        if entry is None:
            return self._like.get(self.values, name)
        value = cast("Value", value_of(entry.answer))
        self.values[name] = value
        return value

    async def set(self, name: str, value: Value | Auto) -> SetResult:
        """See :class:`device_protocol.aio.Session`."""
        entry = await self._step(Verb.SET, "set", name, value)
        if entry is None:
            return self._like.set(self.values, name, value)
        result = value_of(entry.answer)
        if isinstance(result, SetResult):
            self.values[result.name] = result.actual
        return cast("SetResult", result)

    async def apply(self, settings: Settings) -> ApplyResult:
        """See :class:`device_protocol.aio.Session`."""
        entry = await self._step(Verb.APPLY, "apply", settings)
        return self._like.apply(self.values, settings) if entry is None else self._took(entry)

    async def reset(self, names: tuple[str, ...] | None = None) -> ApplyResult:
        """See :class:`device_protocol.aio.Session`."""
        entry = await self._step(Verb.RESET, "reset", names)
        return self._like.reset(self.values, names) if entry is None else self._took(entry)

    async def params(self) -> PageParams:
        """See :class:`device_protocol.aio.Session`."""
        entry = await self._ask("params")
        return cast("PageParams", value_of(entry.answer)) if entry is not None else self._like.params(self.values)

    async def start(
        self, settings: Settings | None = None, pages: int | str = ALL, delivery: Delivery = NATIVE
    ) -> ReplayJob:
        """See :class:`device_protocol.aio.Session`."""
        entry = await self._step(Verb.START, "start", settings, pages, delivery)
        if entry is None:
            if delivery != NATIVE:
                raise DeviceError(Code.UNSUPPORTED, "A driver delivers pages as they are.", phase=Phase.START)
            check_page_target(pages)
            if settings is not None:
                self._like.apply(self.values, settings)
            self._like.scan(self.values)
        elif settings is not None:
            self.values.update(settings.as_options())
        self._job = ReplayJob(self, BEYOND if entry is None else entry.new, pages)
        self.enter(SessionState.ARMED)
        return self._job

    async def status(self) -> Status:
        """See :class:`device_protocol.aio.Session`."""
        entry = await self._ask("status")
        if entry is not None:
            return cast("Status", value_of(entry.answer))
        job = None if self._job is None else self._job.status()
        return Status(self.state, job=job, revision=self._revision)

    def events(self) -> EventStream:
        """See :class:`device_protocol.aio.Session`."""
        stream = self.play.stream(self._handle) if self._handle != BEYOND else None
        if stream is None:
            refuse(Verb.EVENTS, self.state)
            stream = EventStream()
        self._streams.append(stream)
        return stream

    async def cancel(self) -> None:
        """See :class:`device_protocol.aio.Session`."""
        await self._step(Verb.CANCEL, "cancel")
        if self._job is not None:
            self._job.stop()

    async def close(self) -> None:
        """See :class:`device_protocol.aio.Session`."""
        entry = await self._step(None, "close")
        self.state = SessionState.CLOSED
        self._changed.set()
        if self._job is not None:
            self._job.state = JobHandle.CLOSED
        if entry is None:
            for stream in self._streams:
                stream.close()
        self._streams.clear()

    @property
    def _like(self) -> Likeness:
        return self.play.tape.likeness

    def _took(self, entry: Entry) -> ApplyResult:
        result = value_of(entry.answer)
        if isinstance(result, ApplyResult):
            self.values.update({item.name: item.actual for item in result.results})
        return cast("ApplyResult", result)

    async def _ask(self, verb: str, *arguments: object) -> Entry | None:
        entry = await self.play.ask(self._handle, verb, *arguments) if self._handle != BEYOND else None
        if entry is None:
            await trio.lowlevel.checkpoint()
            refuse(Verb(verb), self.state)
        return entry

    async def _step(self, verb: Verb | None, name: str, *arguments: object) -> Entry | None:
        entry = await self.play.step(self._handle, name, *arguments) if self._handle != BEYOND else None
        if entry is None:
            await trio.lowlevel.checkpoint()
            if verb is not None:
                refuse(verb, self.state)
        return entry
