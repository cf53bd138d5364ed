"""The actor: carries out the commands of a program on a backend, and says what came of each."""

from __future__ import annotations

from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import trio

from conformance.programs.calls import (
    ANSWERS,
    ANYTHING,
    DEADLINE_S,
    DEVICES,
    IS_JOB,
    IS_PAGE,
    IS_SESSION,
    IS_STREAM,
    SKIPPED,
    Interrupted,
    Kind,
    Seen,
    Snapshot,
    Strips,
    Wanted,
    call,
    sound,
    verb,
)
from conformance.programs.commands import CURRENT_VALUE, Command, Do, ProgramError, option_value, settings_of, start_of
from conformance.shapes import attempt, check_of, flaw, worded
from device_protocol import DeviceList, Event, JobState, PageEnd, PageInfo, Value
from device_protocol.aio import Backend, EventStream, Job, Page, Session
from device_protocol.aio.events import DEFAULT_LIMIT

SMALL_READS = 200
"""So many reads of ``read-to-end`` have the sizes that were asked for; the rest of the page is read in one piece."""

MOST_READS = 100_000
MOST_BYTES = 1 << 28
SPARE_BYTES = 1 << 16
"""A page is read until so many reads or bytes; one that has so many bytes more than it declares is endless."""


@dataclass(eq=False)
class SessionSlot:
    """A session that a program has opened, with its jobs."""

    on: int
    session: Session
    jobs: list[JobSlot] = field(default_factory=list)
    stream: EventStream | None = None
    heard: deque[Event] = field(default_factory=lambda: deque(maxlen=DEFAULT_LIMIT))
    """Events that were taken from the stream and that no command has asked for yet."""
    astray: str = ""
    """What came from the stream that is no event, in words."""


@dataclass(eq=False)
class JobSlot:
    """A job with its pages."""

    job: Job
    pages: list[PageSlot] = field(default_factory=list)


@dataclass(eq=False)
class PageSlot:
    """A page."""

    page: Page
    info: PageInfo
    """As it was at the beginning."""


Slot = SessionSlot | JobSlot | PageSlot | None


class Actor:
    """Does what commands say. *device_ids* begin with the device under test; another one is looked for when a command speaks of it."""

    def __init__(self, backend: Backend, device_ids: tuple[str, ...], deadline: float = DEADLINE_S) -> None:
        self.backend = backend
        self.device_ids = device_ids
        self._looked = len(device_ids) > 1
        self.deadline = deadline
        self.sessions: dict[int, list[SessionSlot]] = {0: [], 1: []}
        self.pinned: dict[int, Slot] = {}
        """The handles of the calls of a ``together``, by the identity of the command: what they mean was settled before either began."""

    def session(self, on: int, age: int = 0) -> SessionSlot | None:
        """The session of that age on that device."""
        slots = self.sessions[on]
        return slots[-1 - age] if age < len(slots) else None

    def job(self, command: Command) -> JobSlot | None:
        """The job that *command* means: counted over all sessions of its device."""
        pinned = self.pinned.get(id(command))
        if isinstance(pinned, JobSlot):
            return pinned
        jobs = [job for session in self.sessions[command.on] for job in session.jobs]
        return jobs[-1 - command.age] if command.age < len(jobs) else None

    def page(self, command: Command) -> PageSlot | None:
        """The page that *command* means: counted over all jobs of its device."""
        pinned = self.pinned.get(id(command))
        if isinstance(pinned, PageSlot):
            return pinned
        pages = [page for session in self.sessions[command.on] for job in session.jobs for page in job.pages]
        return pages[-1 - command.age] if command.age < len(pages) else None

    def slot(self, command: Command) -> Slot:
        """The handle that *command* acts on; None if there is none (yet)."""
        if id(command) in self.pinned:
            return self.pinned[id(command)]
        if command.do in JOB_VERBS:
            return self.job(command)
        if command.do in PAGE_VERBS:
            return self.page(command)
        return self.session(command.on, command.age)

    def owner(self, slot: Slot) -> SessionSlot | None:
        """The session that a handle belongs to."""
        for session in (*self.sessions[0], *self.sessions[1]):
            if slot is session or slot in session.jobs or any(slot in job.pages for job in session.jobs):
                return session
        return None

    def name(self, slot: Slot) -> str:
        """What a handle is called in reports: counted from 1, in the order in which the device gave them."""
        for session in (*self.sessions[0], *self.sessions[1]):
            number = self.sessions[session.on].index(session) + 1
            where = f"session {number} of {self.device_ids[session.on]}"
            if slot is session:
                return where
            for job_number, job in enumerate(session.jobs, 1):
                if slot is job:
                    return f"job {job_number} of {where}"
                if slot in job.pages:
                    return f"page {job.pages.index(slot) + 1} of job {job_number} of {where}"
        return "no handle"

    async def call(self, function: Callable[[], Awaitable[Any]], wanted: Wanted = ANYTHING) -> Seen:
        """Call it, with this actor's deadline."""
        return await call(function, wanted, self.deadline)

    async def perform(self, command: Command) -> Seen:
        """Carry out *command*."""
        if command.on and not self._looked:
            await self._look()
        if command.on >= len(self.device_ids):
            return SKIPPED
        device_id = self.device_ids[command.on]
        match command.do:
            case Do.DEVICES:
                return await self.call(verb(self.backend, "devices"), DEVICES)
            case Do.OPEN:
                return await self._open(command.on, device_id)
            case Do.OPEN_UNKNOWN:
                return await self.call(lambda: self.backend.open(command.name), IS_SESSION)
            case Do.CONTROL:
                return await self.call(lambda: self._control(device_id, command))
        slot = self.slot(command)
        if slot is None:
            return SKIPPED
        if isinstance(slot, SessionSlot):
            return await self._on_session(command, slot)
        if isinstance(slot, JobSlot):
            return await self.on_job(command, slot)
        return await self.on_page(command, slot)

    async def _look(self) -> None:
        self._looked = True
        found = await self.call(verb(self.backend, "devices"), DEVICES)
        if isinstance(found.value, DeviceList):
            others = tuple(item.id for item in found.value.devices if item.id != self.device_ids[0])
            self.device_ids += others[:1]

    async def _open(self, on: int, device_id: str) -> Seen:
        seen = await self.call(lambda: self.backend.open(device_id), IS_SESSION)
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
        return await self.call(self.session_call(command, session), ANSWERS.get(command.do, ANYTHING))

    @staticmethod
    def session_call(command: Command, session: Session) -> Callable[[], Awaitable[Any]]:
        """The call that *command* means."""
        match command.do:
            case Do.CLOSE:
                return verb(session, "close")
            case Do.CAPS:
                return verb(session, "caps")
            case Do.OPTIONS:
                return verb(session, "options")
            case Do.PARAMS:
                return verb(session, "params")
            case Do.STATUS:
                return verb(session, "status")
            case Do.CANCEL:
                return verb(session, "cancel")
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
        seen = await self.call(self.session_call(command, slot.session), IS_JOB)
        if seen.kind is Kind.VALUE:
            slot.jobs.append(JobSlot(seen.value))
        return seen

    async def _set_again(self, session: Session, name: str) -> Seen:
        seen = await self.call(lambda: session.get(name), ANSWERS[Do.GET])
        if seen.kind is not Kind.VALUE:
            return SKIPPED
        return await self.call(lambda: session.set(name, seen.value), ANSWERS[Do.SET])

    async def _listen(self, slot: SessionSlot) -> Seen:
        async def listen() -> EventStream:
            await trio.lowlevel.checkpoint()
            return slot.session.events()

        seen = await self.call(listen, IS_STREAM)
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
        stream = slot.stream
        while stream is not None and len(fresh) <= DEFAULT_LIMIT:
            event, error = attempt(stream.receive_nowait)
            if isinstance(error, trio.WouldBlock):
                break
            problem = flaw(event, Event) if error is None else f"a stream that raises {worded(error)}"
            if problem is not None:
                slot.astray = problem
                break
            fresh.append(event)
        slot.heard.extend(fresh)
        return tuple(fresh)

    async def on_job(self, command: Command, slot: JobSlot) -> Seen:
        """Carry out a command on a job."""
        match command.do:
            case Do.CANCEL_JOB:
                return await self.call(verb(slot.job, "cancel"))
            case Do.SETTLED:
                return await self.call(verb(slot.job, "settled"), check_of(JobState))
        seen = await self.call(verb(slot.job, "next_page"), IS_PAGE)
        if seen.kind is not Kind.VALUE or seen.value is None:
            return seen
        info = self.info(seen.value)
        if info.kind is not Kind.VALUE:
            return info
        slot.pages.append(PageSlot(seen.value, info.value))
        return Seen(Kind.VALUE, slot.pages[-1])

    async def on_page(self, command: Command, slot: PageSlot) -> Seen:
        """Carry out a command on a page."""
        match command.do:
            case Do.END:
                return await self.call(verb(slot.page, "end"), check_of(PageEnd))
            case Do.INFO:
                return self.info(slot.page)
            case Do.READ:
                return await self.call(lambda: slot.page.read(command.value), check_of(bytes))
        sizes = [size for size in command.value or () if isinstance(size, int) and size > 0] or [1 << 20]
        return await self.call(lambda: _read(slot, sizes), lambda _: None)

    @staticmethod
    def info(page: Page) -> Seen:
        """What a page says of itself."""
        info, error = attempt(lambda: page.info)
        if error is not None:
            return Seen(Kind.CRASH, f"gave a page whose info raises {worded(error)}")
        problem = flaw(info, PageInfo)
        return Seen(Kind.VALUE, info) if problem is None else Seen(Kind.CRASH, f"gave {problem}")

    async def probe(self, session: Session) -> Seen:
        """Everything that can be read of the options: a :class:`Snapshot`."""
        values: dict[str, Value] = {}

        async def look() -> Snapshot:
            options = sound(await session.options(), ANSWERS[Do.OPTIONS])
            for item in options:
                if item.readable:
                    values[item.name] = sound(await session.get(item.name), ANSWERS[Do.GET])
            return Snapshot(options, values, sound(await session.params(), ANSWERS[Do.PARAMS]))

        return await self.call(look, lambda _: None)

    async def tidy(self) -> None:
        """Close whatever is open."""
        for slots in self.sessions.values():
            for slot in slots:
                await self.call(verb(slot.session, "close"))


JOB_VERBS = frozenset({Do.NEXT_PAGE, Do.CANCEL_JOB, Do.SETTLED})
PAGE_VERBS = frozenset({Do.READ, Do.READ_TO_END, Do.INFO, Do.END})


async def _read(slot: PageSlot, sizes: list[int]) -> Strips:
    """Read to the end, or to where it is plain that there is none."""
    total = slot.info.params.total
    most = MOST_BYTES if total is None else max(0, total) + SPARE_BYTES
    found = Strips(b"", max(sizes))
    strips: list[bytes] = []
    for reads in range(MOST_READS):
        size = sizes[reads % len(sizes)] if reads < SMALL_READS else 1 << 20
        strip = sound(await slot.page.read(size), check_of(bytes))
        if not strip:
            break
        strips.append(strip)
        found = replace(
            found, count=found.count + len(strip), overlong=max(found.overlong, len(strip) * (len(strip) > size))
        )
        if found.count > min(most, MOST_BYTES):
            return replace(found, endless=found.count > most, stopped=True)
    else:
        return replace(found, stopped=True)
    return replace(found, data=b"".join(strips))


__all__ = ["Actor", "Interrupted", "Kind", "PageEnd", "Seen", "Slot", "Snapshot", "Strips"]
