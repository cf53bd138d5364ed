"""The actor: carries out the commands of a program on a backend, and says what came of each."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import trio

from conformance.programs.commands import CURRENT_VALUE, Command, Do, ProgramError, option_value, settings_of, start_of
from device_protocol import DeviceError, DeviceList, Event, Option, PageEnd, PageParams, Value
from device_protocol.aio import Backend, EventStream, Job, Page, Session
from device_protocol.aio.events import DEFAULT_LIMIT

DEADLINE_S = 20.0
"""Seconds after which a call counts as hung, in trio's time."""

SMALL_READS = 200
"""So many reads of ``read-to-end`` have the sizes that were asked for; the rest of the page is read in one piece."""

PATIENCE = 12
"""Checkpoints after which a call that is to be interrupted is taken to have begun."""


class Kind(StrEnum):
    """How a call came out."""

    VALUE = "value"
    ERROR = "error"
    LATE = "late"
    """It did not return."""
    CRASH = "crash"
    """It raised something that the contract does not know."""
    SKIPPED = "skipped"
    """There is no such handle, so nothing was done."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of a call."""

    kind: Kind
    value: Any = None
    error: DeviceError | None = None

    def __str__(self) -> str:
        match self.kind:
            case Kind.ERROR:
                return str(self.error)
            case Kind.VALUE:
                return f"{self.value!r:.200}"
            case Kind.CRASH:
                return f"raised {self.value}"
            case Kind.LATE:
                return "no answer"
            case Kind.SKIPPED:
                return "nothing to do"


SKIPPED = Seen(Kind.SKIPPED)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that reads of a session's options: what a probe finds."""

    options: tuple[Option, ...]
    values: dict[str, Value]
    params: PageParams | None


@dataclass(frozen=True, slots=True)
class Strips:
    """What ``read-to-end`` got."""

    data: bytes
    biggest_ask: int
    overlong: int = 0
    """Length of a strip that was longer than asked for."""


@dataclass(frozen=True, slots=True)
class Interrupted:
    """What ``cancel-during`` and ``abandon`` saw: of the call, and of what interrupted it."""

    call: Seen
    after: Seen


@dataclass(eq=False)
class SessionSlot:
    """A session that a program has opened, with its jobs."""

    on: int
    session: Session
    jobs: list[JobSlot] = field(default_factory=list)
    stream: EventStream | None = None
    heard: deque[Event] = field(default_factory=lambda: deque(maxlen=DEFAULT_LIMIT))
    """Events that were taken from the stream and that no command has asked for yet."""


@dataclass(eq=False)
class JobSlot:
    """A job with its pages."""

    job: Job
    pages: list[PageSlot] = field(default_factory=list)


@dataclass(eq=False)
class PageSlot:
    """A page."""

    page: Page


Slot = SessionSlot | JobSlot | PageSlot | None


class Actor:
    """Does what commands say. *device_ids* begin with the device under test; another one is looked for when a command speaks of it."""

    def __init__(self, backend: Backend, device_ids: tuple[str, ...], deadline: float = DEADLINE_S) -> None:
        self.backend = backend
        self.device_ids = device_ids
        self._looked = len(device_ids) > 1
        self.deadline = deadline
        self.sessions: dict[int, list[SessionSlot]] = {0: [], 1: []}

    def session(self, on: int, age: int = 0) -> SessionSlot | None:
        """The session of that age on that device."""
        slots = self.sessions[on]
        return slots[-1 - age] if age < len(slots) else None

    def job(self, command: Command) -> JobSlot | None:
        """The job that *command* means: counted over all sessions of its device."""
        jobs = [job for session in self.sessions[command.on] for job in session.jobs]
        return jobs[-1 - command.age] if command.age < len(jobs) else None

    def page(self, command: Command) -> PageSlot | None:
        """The page that *command* means: counted over all jobs of its device."""
        pages = [page for session in self.sessions[command.on] for job in session.jobs for page in job.pages]
        return pages[-1 - command.age] if command.age < len(pages) else None

    def slot(self, command: Command) -> Slot:
        """The handle that *command* acts on; None if there is none (yet)."""
        if command.do in JOB_VERBS:
            return self.job(command)
        if command.do in PAGE_VERBS:
            return self.page(command)
        return self.session(command.on, command.age)

    async def call(self, function: Callable[[], Awaitable[Any]]) -> Seen:
        """Call it with a deadline."""
        with trio.move_on_after(self.deadline) as scope:
            try:
                return Seen(Kind.VALUE, await function())
            except DeviceError as error:
                return Seen(Kind.ERROR, error=error)
            except Exception as error:  # noqa: BLE001  # whatever a driver raises is what is judged here
                return Seen(Kind.CRASH, f"{type(error).__name__}: {error}")
        assert scope.cancelled_caught
        return Seen(Kind.LATE)

    async def perform(self, command: Command) -> Seen:
        """Carry out *command*."""
        if command.on and not self._looked:
            await self._look()
        if command.on >= len(self.device_ids):
            return SKIPPED
        device_id = self.device_ids[command.on]
        match command.do:
            case Do.DEVICES:
                return await self.call(self.backend.devices)
            case Do.OPEN:
                return await self._open(command.on, device_id)
            case Do.OPEN_UNKNOWN:
                return await self.call(lambda: self.backend.open(command.name))
            case Do.CONTROL:
                return await self.call(lambda: self._control(device_id, command))
            case Do.ABANDON:
                return await self._abandon(command)
            case Do.CANCEL_DURING:
                return await self._cancel_during(command)
        slot = self.slot(command)
        if slot is None:
            return SKIPPED
        if isinstance(slot, SessionSlot):
            return await self._on_session(command, slot)
        if isinstance(slot, JobSlot):
            return await self._on_job(command, slot)
        return await self._on_page(command, slot)

    async def _look(self) -> None:
        self._looked = True
        found = await self.call(self.backend.devices)
        if isinstance(found.value, DeviceList):
            others = tuple(item.id for item in found.value.devices if item.id != self.device_ids[0])
            self.device_ids += others[:1]

    async def _open(self, on: int, device_id: str) -> Seen:
        seen = await self.call(lambda: self.backend.open(device_id))
        if seen.kind is Kind.VALUE:
            self.sessions[on].append(SessionSlot(on, seen.value))
        return seen

    async def _control(self, device_id: str, command: Command) -> Any:
        control = await self.backend.control(device_id)
        arguments = command.value if isinstance(command.value, dict) else {}
        return await control.perform(command.name, arguments)

    async def _on_session(self, command: Command, slot: SessionSlot) -> Seen:
        session = slot.session
        match command.do:
            case Do.START:
                return await self._start(command, slot)
            case Do.LISTEN:
                return await self._listen(slot)
            case Do.HEAR:
                return self._hear(slot)
            case Do.SET if command.value == CURRENT_VALUE:
                return await self._set_again(session, command.name)
        return await self.call(self.session_call(command, session))

    @staticmethod
    def session_call(command: Command, session: Session) -> Callable[[], Awaitable[Any]]:
        """The call that *command* means."""
        match command.do:
            case Do.CLOSE:
                return session.close
            case Do.CAPS:
                return session.caps
            case Do.OPTIONS:
                return session.options
            case Do.PARAMS:
                return session.params
            case Do.STATUS:
                return session.status
            case Do.CANCEL:
                return session.cancel
            case Do.GET:
                return lambda: session.get(command.name)
            case Do.SET:
                value = option_value(command.value)
                return lambda: session.set(command.name, value)
            case Do.APPLY:
                settings = settings_of(command.value)
                return lambda: session.apply(settings)
            case Do.RESET:
                names = None if command.value is None else tuple(command.value)
                return lambda: session.reset(names)
            case Do.START:
                wanted, pages = start_of(command.value)
                return lambda: session.start(wanted, pages)
        raise ProgramError(f"{command.do} is not a call on a session")

    async def _start(self, command: Command, slot: SessionSlot) -> Seen:
        seen = await self.call(self.session_call(command, slot.session))
        if seen.kind is Kind.VALUE:
            slot.jobs.append(JobSlot(seen.value))
        return seen

    async def _set_again(self, session: Session, name: str) -> Seen:
        seen = await self.call(lambda: session.get(name))
        return await self.call(lambda: session.set(name, seen.value)) if seen.kind is Kind.VALUE else SKIPPED

    async def _listen(self, slot: SessionSlot) -> Seen:
        async def listen() -> EventStream:
            await trio.lowlevel.checkpoint()
            return slot.session.events()

        seen = await self.call(listen)
        if seen.kind is Kind.VALUE:
            slot.stream = seen.value
        return seen

    def _hear(self, slot: SessionSlot) -> Seen:
        if slot.stream is None:
            return SKIPPED
        self.drain(slot)
        heard = tuple(slot.heard)
        slot.heard.clear()
        return Seen(Kind.VALUE, heard)

    @staticmethod
    def drain(slot: SessionSlot) -> tuple[Event, ...]:
        """Take what waits in the stream of a session; a later ``hear`` still gets it."""
        fresh: list[Event] = []
        with suppress(trio.WouldBlock):
            while slot.stream is not None and len(fresh) <= DEFAULT_LIMIT:
                fresh.append(slot.stream.receive_nowait())
        slot.heard.extend(fresh)
        return tuple(fresh)

    async def _on_job(self, command: Command, slot: JobSlot) -> Seen:
        match command.do:
            case Do.CANCEL_JOB:
                return await self.call(slot.job.cancel)
            case Do.SETTLED:
                return await self.call(slot.job.settled)
        seen = await self.call(slot.job.next_page)
        if seen.kind is Kind.VALUE and seen.value is not None:
            slot.pages.append(PageSlot(seen.value))
        return seen

    async def _on_page(self, command: Command, slot: PageSlot) -> Seen:
        match command.do:
            case Do.END:
                return await self.call(slot.page.end)
            case Do.INFO:
                return Seen(Kind.VALUE, slot.page.info)
            case Do.READ:
                return await self.call(lambda: slot.page.read(command.value))
        sizes = [size for size in command.value or () if isinstance(size, int) and size > 0] or [1 << 20]
        strips: list[bytes] = []
        overlong = 0

        async def read() -> None:
            nonlocal overlong
            reads = 0
            while True:
                size = sizes[reads % len(sizes)] if reads < SMALL_READS else 1 << 20
                strip = await slot.page.read(size)
                overlong = max(overlong, len(strip) if len(strip) > size else 0)
                if not strip or reads > 100_000:
                    return
                strips.append(strip)
                reads += 1

        seen = await self.call(read)
        result = Strips(b"".join(strips), max(sizes), overlong)
        return Seen(seen.kind, result if seen.kind is Kind.VALUE else seen.value, seen.error)

    async def _cancel_during(self, command: Command) -> Seen:
        slot = self.session(command.on, command.age)
        if slot is None or not slot.jobs:
            return SKIPPED
        job = slot.jobs[-1]
        inner = Command(Do.NEXT_PAGE if command.name == "next-page" else Do.READ, value=65536)
        if inner.do is Do.READ and not job.pages:
            return SKIPPED
        results: list[Seen] = []

        async def blocked() -> None:
            if inner.do is Do.READ:
                results.append(await self._on_page(inner, job.pages[-1]))
            else:
                results.append(await self._on_job(inner, job))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(blocked)
            await _patience()
            after = await self.call(slot.session.cancel)
        return Seen(Kind.VALUE, Interrupted(results[0], after))

    async def _abandon(self, command: Command) -> Seen:
        slot = self.session(command.on, command.age)
        if slot is None:
            return SKIPPED
        function = self._abandoned(command.name, slot)
        if function is None:
            return SKIPPED
        results: list[Seen] = []
        scope = trio.CancelScope()

        async def call() -> None:
            with scope:
                results.append(await self.call(function))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(call)
            for _ in range(command.value if isinstance(command.value, int) else 1):
                await trio.lowlevel.checkpoint()
            scope.cancel()
        after = await self.call(slot.session.close)
        return Seen(Kind.VALUE, Interrupted(results[0] if results else Seen(Kind.LATE), after))

    @staticmethod
    def _abandoned(name: str, slot: SessionSlot) -> Callable[[], Awaitable[Any]] | None:
        if name == "start":
            return slot.session.start
        if name == "options":
            return slot.session.options
        if slot.jobs and name == "next-page":
            return slot.jobs[-1].job.next_page
        if slot.jobs and slot.jobs[-1].pages and name == "read":
            page = slot.jobs[-1].pages[-1].page
            return lambda: page.read(65536)
        return None

    async def probe(self, session: Session) -> Seen:
        """Everything that can be read of the options: a :class:`Snapshot`."""

        async def look() -> Snapshot:
            options = await session.options()
            values = {item.name: await session.get(item.name) for item in options if item.readable}
            return Snapshot(options, values, await session.params())

        return await self.call(look)

    async def tidy(self) -> None:
        """Close whatever is open."""
        for slots in self.sessions.values():
            for slot in slots:
                await self.call(slot.session.close)


JOB_VERBS = frozenset({Do.NEXT_PAGE, Do.CANCEL_JOB, Do.SETTLED})
PAGE_VERBS = frozenset({Do.READ, Do.READ_TO_END, Do.INFO, Do.END})


async def _patience() -> None:
    for _ in range(PATIENCE):
        await trio.lowlevel.checkpoint()


__all__ = ["Actor", "Interrupted", "Kind", "PageEnd", "Seen", "Slot", "Snapshot", "Strips"]
