"""The model: holds each command's outcome against the state table and what is known of options and paper, and learns from it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from conformance.programs import judge_jobs, judge_options, judge_pages, judge_status
from conformance.programs.actor import Actor, JobSlot, PageSlot, SessionSlot
from conformance.programs.beliefs import (
    RUNNING,
    DeviceBelief,
    Disagrees,
    J,
    JobBelief,
    P,
    PageBelief,
    S,
    SessionBelief,
    World,
    narrow,
    same,
)
from conformance.programs.calls import ANSWER, ANSWERS, Interrupted, Kind, Seen, Snapshot, verb
from conformance.programs.commands import CURRENT_VALUE, Command, Do, calls_of, option_value, settings_of, start_of
from conformance.programs.invariants import Invariant
from conformance.programs.judge_opening import doubted, judge_abandoned_open
from conformance.programs.judge_options import Change
from conformance.programs.judge_surroundings import judge_control
from conformance.programs.judge_together import ENDERS, judge_together
from conformance.programs.observation import Observation, look, look_at_closed
from conformance.programs.saved_beliefs import Saved
from device_protocol import Code, OptionPolicy
from device_protocol.states import BackendState, Verb

_READERS = {Do.CAPS: Verb.CAPS, Do.OPTIONS: Verb.OPTIONS, Do.PARAMS: Verb.PARAMS}
_CHANGERS = frozenset({Do.SET, Do.APPLY, Do.RESET, Do.START})


class Broken(Disagrees):
    """An invariant does not hold."""

    def __init__(self, name: str, error: Disagrees) -> None:
        super().__init__(error.requirement, error.expected, error.got)
        self.name = name


class Model:
    """What a device that keeps the contract may answer.

    Attributes:
        world: the beliefs.
    """

    def __init__(self, actor: Actor) -> None:
        self.actor = actor
        self.world = World()
        self._sessions: dict[SessionSlot, SessionBelief] = {}
        self._jobs: dict[JobSlot, JobBelief] = {}
        self._pages: dict[PageSlot, PageBelief] = {}
        self._looks: dict[SessionSlot, tuple[Seen, Seen]] = {}

    def belief(self, on: int, age: int = 0) -> SessionBelief | None:
        """What is believed of a session."""
        slot = self.actor.session(on, age)
        return None if slot is None else self._sessions.get(slot)

    def job(self, command: Command) -> JobBelief | None:
        """What is believed of the job that *command* means."""
        slot = self.actor.job(command)
        return None if slot is None else self._jobs.get(slot)

    def page(self, command: Command) -> PageBelief | None:
        """What is believed of the page that *command* means."""
        slot = self.actor.page(command)
        return None if slot is None else self._pages.get(slot)

    def ready(self, command: Command) -> bool:
        """Whether it makes sense to carry out *command*: nobody waits for the end of a job that nobody drives."""
        if command.do is Do.TOGETHER:
            calls = calls_of(command.value)
            return all(map(self.ready, calls)) or any(call.do in ENDERS for call in calls)
        if command.do is not Do.SETTLED:
            return True
        job = self.job(command)
        return job is not None and not job.states & {J.ARMED, J.TRANSFERRING, J.PAGE_GAP, J.DRAINING}

    async def judge(self, command: Command, seen: Seen) -> None:
        """Hold *seen* against the model.

        Raises:
            Disagrees: the device did something that no device may do.
        """
        if seen.kind is Kind.SKIPPED:
            return
        if command.do is Do.TOGETHER:
            await judge_together(self, seen.value)
            return
        await self.first_look(command, seen)
        change = self.judge_one(command, seen)
        session = self._owner(command)
        if change is not None and session is not None:
            self.compare(command, session, change, await self.probe(session))
            other = self.belief(1 - command.on)
            if other is not None and other.probed:
                self.compare_other(other, await self.probe(other))

    def judge_one(self, command: Command, seen: Seen) -> Change | None:
        """Hold the outcome of one call against the model; gives what it may have changed of the options, if it is a call that may.

        Raises:
            Disagrees: see :meth:`judge`.
        """
        if seen.kind is Kind.SKIPPED:
            return None
        device = self.world.devices[command.on]
        match command.do:
            case Do.DEVICES:
                judge_status.judge_devices(self.world, self.actor.device_ids, seen)
            case Do.OPEN_UNKNOWN:
                if seen.error is None or seen.error.code is not Code.NOT_FOUND:
                    raise Disagrees("DISC-03", f"NOT_FOUND for {command.name!r}", seen)
            case Do.OPEN:
                self._open(device, seen)
            case Do.CONTROL:
                judge_control(device, command, seen)
            case Do.CANCEL_DURING:
                self._cancelled_during(command, seen.value)
            case Do.ABANDON:
                self._abandoned(command, seen.value)
            case _:
                return self._on_handle(command, seen)
        return None

    async def look(self, command: Command, seen: Seen) -> list[Observation]:
        """Read what may be read after *command*, of every session."""
        found = []
        for device in self.world.devices:
            own = device.on == command.on
            for slot in self.actor.sessions[device.on]:
                session = self._sessions.get(slot)
                if session is not None and session.states == {S.CLOSED}:
                    late = look_at_closed(self.actor, slot, session, command)
                    session.silent = True
                    found += [] if late is None else [late]
                elif session is not None and session.defined and session.probed:
                    found.append(await look(self.actor, slot, session, command, seen, own=own))
        return found

    @staticmethod
    def hold(found: Observation, invariants: Iterable[Invariant], known: Collection[str]) -> None:
        """Hold the *invariants* against what was read, and learn from it.

        Raises:
            Broken: one of them does not hold, and its requirement is not *known* to be broken.
        """
        session = found.session
        for row in invariants:
            try:
                row.holds(session, found)
            except Disagrees as error:
                if error.requirement not in known:
                    raise Broken(row.name, error) from None
        if found.status is not None:
            judge_status.learn(session, found.status)
        if found.options is not None:
            session.sound = found.options
        if found.events:
            session.heard = found.events[-1]

    def excuse(self, command: Command) -> None:
        """The disagreement over *command* is a known one: go on, but expect nothing of that session any more, unless it has just been opened."""
        if command.do is Do.TOGETHER:
            for call in calls_of(command.value):
                self.excuse(call)
            return
        session = self._owner(command)
        if session is not None and command.do not in {Do.OPEN, Do.STATUS, Do.GET, Do.OPTIONS, Do.CAPS}:
            session.defined = False

    def _on_handle(self, command: Command, seen: Seen) -> Change | None:
        session = self._owner(command)
        if session is None:
            return None
        if not session.defined:
            if command.do is Do.CLOSE:
                self._close(session, seen)
            return None
        if seen.kind is Kind.LATE:
            self._late(session, command)
            return None
        if seen.kind is Kind.CRASH:
            raise Disagrees("ERR-01", ANSWER, seen)
        if self._stray(command, session, seen):
            return None
        if command.do in _READERS:
            judge_options.judge_read_only(session, _READERS[command.do], seen)
        elif command.do in _CHANGERS:
            return self._change(session, command, seen)
        else:
            self._plain(session, command, seen)
        return None

    def _owner(self, command: Command) -> SessionBelief | None:
        slot = self.actor.slot(command)
        if isinstance(slot, JobSlot) and slot in self._jobs:
            return self._jobs[slot].session
        if isinstance(slot, PageSlot) and slot in self._pages:
            return self._pages[slot].job.session
        owner = self.actor.owner(slot)
        return None if owner is None else self._sessions.get(owner)

    def _stray(self, command: Command, session: SessionBelief, seen: Seen) -> bool:
        """Whether *command* acts on a handle of which nothing is believed, since the device gave it when it had to refuse.

        Raises:
            Disagrees: it works although its session is closed.
        """
        slot = self.actor.slot(command)
        if slot is None or slot in self._sessions or slot in self._jobs or slot in self._pages:
            return False
        asked = command.do is not Do.INFO  # what a page says of itself is no call
        if asked and session.states == {S.CLOSED} and (seen.error is None or seen.error.code is not Code.CLOSED):
            raise Disagrees("LIFE-06", f"CLOSED from {self.actor.name(slot)}", seen)
        return True

    def _plain(self, session: SessionBelief, command: Command, seen: Seen) -> None:
        match command.do:
            case Do.GET:
                judge_options.judge_get(session, command.name, seen)
            case Do.CLOSE:
                self._close(session, seen)
            case Do.STATUS:
                judge_status.judge_status(session, seen)
            case Do.LISTEN:
                judge_status.judge_listen(session, seen)
            case Do.HEAR:
                return
            case Do.CANCEL:
                judge_jobs.judge_cancel(session, None, seen)
            case Do.NEXT_PAGE | Do.CANCEL_JOB | Do.SETTLED:
                self._on_job(command, seen)
            case _:
                self._on_page(command, seen)

    def _on_job(self, command: Command, seen: Seen) -> None:
        job = self.job(command) if seen.kind is not Kind.SKIPPED else None
        if job is None:
            return
        if command.do is Do.NEXT_PAGE:
            judge_jobs.judge_next_page(job, seen)
            self._note_pages()
        elif command.do is Do.SETTLED:
            judge_jobs.judge_settled(job, seen)
        else:
            judge_jobs.judge_cancel(job.session, job, seen)

    def _note_pages(self) -> None:
        for slot, job in self._jobs.items():
            for page_slot, page in zip(slot.pages, job.pages, strict=False):
                self._pages.setdefault(page_slot, page)

    def _on_page(self, command: Command, seen: Seen) -> None:
        page = self.page(command)
        if page is None:
            return
        if command.do is Do.INFO:
            return
        if command.do is Do.END:
            judge_pages.judge_end(page, seen)
        elif command.do is Do.READ:
            if judge_pages.judge_read(page, command.value, seen):
                judge_pages.took(page, len(judge_pages.judge_value(seen)), command.value)
        elif judge_pages.judge_read(page, 1, seen):
            judge_pages.took_all(page, seen.value, command.value)

    # -- options

    def _change(self, session: SessionBelief, command: Command, seen: Seen) -> Change | None:
        match command.do:
            case Do.SET:
                again = command.value == CURRENT_VALUE
                value = session.values.get(command.name) if again else option_value(command.value)
                return judge_options.judge_set(session, command.name, value, seen, again=again)
            case Do.APPLY:
                return judge_options.judge_apply(session, settings_of(command.value), seen)
            case Do.RESET:
                names = None if command.value is None else tuple(command.value)
                return judge_options.judge_reset(session, names, seen)
        settings, pages = start_of(command.value)
        running = bool(session.states & RUNNING)
        slot = self.actor.slot(command)
        judge_jobs.judge_start(session, settings, pages, seen)
        if (
            isinstance(slot, SessionSlot)
            and seen.kind is Kind.VALUE
            and session.jobs
            and len(slot.jobs) == len(session.jobs)
        ):
            self._jobs[slot.jobs[-1]] = session.jobs[-1]
        if settings is None or running:
            return Change(others="SCAN-01" if running else "SET-06")
        session.pristine = False
        illegal = "SET-12" if judge_options.inside_out(settings) else "CAPS-04"
        return Change(allowed={item.name for item in session.options}, params=True, illegal=illegal, anything=True)

    async def probe(self, session: SessionBelief) -> Seen | None:
        """Everything that can be read of the options now; None if nothing can."""
        slot = next((slot for slot, belief in self._sessions.items() if belief is session), None)
        return await self.actor.probe(slot.session) if slot is not None and session.readable else None

    def compare(self, command: Command, session: SessionBelief, change: Change, seen: Seen | None) -> None:
        """Hold what a probe found against what may have changed.

        Raises:
            Disagrees: something else did, or nothing could be read.
        """
        if seen is None or not session.readable:
            return
        if seen.kind is not Kind.VALUE:
            raise Disagrees(_unread(seen), "options that can be read", seen)
        found: Snapshot = seen.value
        if not session.probed:
            session.learn(found)
        judge_options.compare(session, found, change)
        if command.do is Do.RESET and change.params:
            judge_options.judge_defaults(None if command.value is None else tuple(command.value), found)

    def compare_other(self, other: SessionBelief, seen: Seen | None) -> None:
        """What is done to one device must not be seen on the other.

        Raises:
            Disagrees: it is (LIFE-09).
        """
        try:
            self.compare(Command(Do.GET), other, Change(others="LIFE-09", params_blame="LIFE-09"), seen)
        except Disagrees as error:
            raise Disagrees("LIFE-09", error.expected, error.got) from None

    # -- sessions

    def _open(self, device: DeviceBelief, seen: Seen) -> None:
        if seen.kind is Kind.LATE:
            if "hang" in device.armed:
                return
            raise Disagrees("ERR-08", "open to return", seen)
        if seen.kind is Kind.CRASH:
            raise Disagrees("ERR-01", ANSWER, seen)
        if not device.plugged:
            if seen.error is None or seen.error.code not in {Code.NOT_FOUND, Code.DEVICE_LOST, Code.BUSY}:
                raise Disagrees("ERR-03", "NOT_FOUND or DEVICE_LOST while unplugged", seen)
            return
        exclusive = device.caps is None or device.caps.exclusive
        holding = [item for item in device.sessions if item.states != {S.CLOSED}]
        # A session that has lost its device may go on holding it until it is closed, or not: both are sound.
        lost = bool(holding) and all(item.states == {S.LOST} for item in holding)
        if device.open and exclusive and not (lost and seen.error is None):
            narrow(Verb.OPEN, frozenset({BackendState.DEVICE_OPEN}), seen, "LIFE-02")
            device.refused = True
            return
        if seen.error is not None:
            if doubted(device, seen.error.code):
                device.struck("busy")
                device.refused = True
                return
            blame = "LIFE-03" if device.refused and device.left != "CANC-08" else device.left
            raise Disagrees(blame or "LIFE-08", "a session", seen)
        slot = self.actor.session(device.on)
        assert slot is not None
        session = SessionBelief(device)
        device.sessions.append(session)
        self._sessions[slot] = session
        device.refused = False
        self._looked_first(slot, session)

    async def first_look(self, command: Command, seen: Seen) -> None:
        """Read what a session that has just been opened declares."""
        slot = self.actor.session(command.on)
        if command.do is not Do.OPEN or seen.kind is not Kind.VALUE or slot is None:
            return
        self._looks[slot] = (
            await self.actor.call(verb(slot.session, "caps"), ANSWERS[Do.CAPS]),
            await self.actor.probe(slot.session),
        )

    def _looked_first(self, slot: SessionSlot, session: SessionBelief) -> None:
        caps, found = self._looks[slot]
        if caps.kind is not Kind.VALUE:
            raise Disagrees("ERR-01" if caps.kind is Kind.CRASH else "LIFE-01", "capabilities right after open", caps)
        device = session.device
        judge_options.judge_caps(caps.value)
        if device.caps is not None and device.caps != caps.value:
            raise Disagrees("CAPS-09", "the same capabilities as before", caps)
        device.caps = caps.value
        if found.kind is not Kind.VALUE:
            raise Disagrees(_unread(found), "options that can be read", found)
        judge_options.opened(session, found.value)

    def _close(self, session: SessionBelief, seen: Seen) -> None:
        device, closed = session.device, session.states == {S.CLOSED}
        if seen.kind is not Kind.VALUE:
            blame = "LIFE-05" if closed else "CANC-08" if device.left == "CANC-08" else "LIFE-04"
            raise Disagrees(blame, "close to return", seen)
        if closed:
            return
        running = bool(session.states & RUNNING)
        if running and session.jobs:
            judge_jobs.settle(session.jobs[-1], frozenset({S.IDLE}), "LIFE-04")
        if device.left != "CANC-08" or session.defined:
            device.left = "LIFE-04" if running else "LIFE-08"
        if device.caps is not None and device.caps.option_policy is OptionPolicy.REMEMBERED:
            device.remembered = dict(session.values) if session.defined else None
        session.states, session.defined = frozenset({S.CLOSED}), True

    def _late(self, session: SessionBelief, command: Command) -> None:
        device = session.device
        if "hang" in device.armed and command.do not in {Do.CLOSE, Do.CANCEL, Do.CANCEL_JOB, Do.SETTLED, Do.STATUS}:
            device.struck("hang")
            session.defined = False
            return
        blame = {
            Do.CLOSE: "LIFE-04",
            Do.CANCEL: "CANC-04",
            Do.CANCEL_JOB: "CANC-04",
            Do.SETTLED: "CANC-04",
        }.get(command.do, "ERR-08")
        raise Disagrees(blame, f"{command.do.value} to return", f"no answer in {self.actor.deadline:g} s")

    def _cancelled_during(self, command: Command, seen: Interrupted) -> None:
        session = self.belief(command.on, command.age)
        if session is None or not session.defined or not session.jobs:
            return
        job = session.jobs[-1]
        if seen.call.kind is Kind.LATE:
            raise Disagrees("CANC-02", f"a blocked {command.name} to end after cancel", seen.call)
        if seen.call.kind is Kind.CRASH:
            raise Disagrees("ERR-01", ANSWER, seen.call)
        overtaken = seen.call.error is not None and seen.call.error.code is Code.CANCELLED
        if not overtaken:
            inner = Command(Do.NEXT_PAGE if command.name == "next-page" else Do.READ, value=65536, on=command.on)
            self._on_job(inner, seen.call) if inner.do is Do.NEXT_PAGE else self._on_page(inner, seen.call)
        judge_jobs.judge_cancel(session, None, seen.after)
        if overtaken and not (job.own & {J.CANCELLING, J.CANCELED}) and not session.states & {S.LOST, S.CLOSED}:
            raise Disagrees("CANC-02", "no CANCELLED, since nothing was cancelled", seen.call)

    def _abandoned(self, command: Command, seen: Interrupted) -> None:
        if command.name == "open":
            judge_abandoned_open(self.world.devices[command.on], seen)
            return
        session = self.belief(command.on, command.age)
        slot = self.actor.session(command.on, command.age)
        if session is None or slot is None:
            return
        if seen.call.kind is Kind.CRASH:
            raise Disagrees("ERR-01", ANSWER, seen.call)
        if command.name == "close" and seen.after.kind is not Kind.VALUE:
            session.states = frozenset({S.CLOSED})
            raise Disagrees("LIFE-05", "a second close to return", seen.after)
        if seen.call.kind is Kind.VALUE and seen.call.value is not None and command.name == "next-page":
            session.defined = True
        if session.states != {S.CLOSED}:
            session.device.left = "CANC-08"
            if session.jobs and session.states & RUNNING:
                judge_jobs.settle(session.jobs[-1], frozenset({S.IDLE}), "CANC-08")
        session.device.paper.low = max(0.0, session.device.paper.low - 2)
        session.defined = False
        self._close(session, seen.after)

    # -- what is believed, to try and to take back

    def save(self) -> Saved:
        """All beliefs as they are."""
        return Saved(self.world, self._sessions, self._jobs, self._pages)

    def restore(self, saved: Saved) -> None:
        """All beliefs as they were."""
        self._sessions, self._jobs, self._pages = saved.restore()

    def belief_of(self, slot: SessionSlot) -> SessionBelief | None:
        """What is believed of the session in *slot*."""
        return self._sessions.get(slot)

    def session_of(self, command: Command) -> SessionBelief | None:
        """The session that *command* acts on, by itself, a job or a page."""
        return self._owner(command)


def _unread(seen: Seen) -> str:
    """The requirement that is broken by options that cannot be read."""
    return {Kind.CRASH: "ERR-01", Kind.LATE: "ERR-08"}.get(seen.kind, "CAPS-10")


__all__ = ["Model", "P", "same"]
