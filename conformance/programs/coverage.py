"""Which cells of the state table programs come to: a call counts for a cell when the model knows for sure in which state its handle is.

Cells that no program can come to are listed with the reason, so that the rest is a promise that a test holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from conformance.programs.actor import JobSlot, PageSlot
from conformance.programs.beliefs import S, SessionBelief
from conformance.programs.commands import Command, Do
from conformance.programs.execute import OpenBackend, running
from conformance.programs.find import control_caps
from conformance.programs.generate import Generator
from conformance.programs.model import Model
from device_protocol.options import Access
from device_protocol.states import TABLE, BackendState, JobHandle, State, Verb

Cell = tuple[str, Verb, State]

VERBS: dict[Do, Verb] = {
    Do.DEVICES: Verb.DEVICES,
    Do.CONTROL: Verb.CONTROL,
    Do.OPEN: Verb.OPEN,
    Do.CAPS: Verb.CAPS,
    Do.OPTIONS: Verb.OPTIONS,
    Do.GET: Verb.GET,
    Do.PARAMS: Verb.PARAMS,
    Do.STATUS: Verb.STATUS,
    Do.LISTEN: Verb.EVENTS,
    Do.SET: Verb.SET,
    Do.APPLY: Verb.APPLY,
    Do.RESET: Verb.RESET,
    Do.START: Verb.START,
    Do.CANCEL: Verb.CANCEL,
    Do.CANCEL_JOB: Verb.CANCEL,
    Do.CLOSE: Verb.CLOSE,
    Do.NEXT_PAGE: Verb.NEXT_PAGE,
    Do.SETTLED: Verb.SETTLED,
    Do.READ: Verb.READ,
    Do.READ_TO_END: Verb.READ,
    Do.END: Verb.END,
}

BEYOND: dict[str, str] = {
    "Backend watch": "a program has no command for it; discovery is for the checks",
    "Backend close": "the backend is opened and closed around a program, not in it",
    "closed": "the same: nothing is asked of a backend that is closed",
    "settled": "nobody waits for the end of a job that nobody drives",
}
"""Why a cell is out of the reach of programs: by verb of the backend, by state of the backend, or by verb of a running job."""

_RUNNING = (JobHandle.ARMED, JobHandle.TRANSFERRING, JobHandle.PAGE_GAP, JobHandle.DRAINING)


def reachable(name: str, verb: Verb, state: State) -> bool:
    """Whether a program can make this call in this state, and the model know it."""
    if name == "Backend":
        return f"Backend {verb.value}" not in BEYOND and state is not BackendState.CLOSED
    return not (verb is Verb.SETTLED and state in _RUNNING)


REACHABLE: frozenset[Cell] = frozenset(
    (name, verb, state)
    for name, row in TABLE.items()
    for verb, cells in row.items()
    for state in cells
    if reachable(name, verb, state)
)
"""All cells that are not beyond reach."""


@dataclass
class Coverage:
    """How often each cell was come to."""

    programs: int = 0
    cells: Counter[Cell] = field(default_factory=Counter)

    @property
    def missing(self) -> frozenset[Cell]:
        """Cells within reach that no program has come to."""
        return REACHABLE - self.cells.keys()

    def table(self) -> str:
        """For people: a line for each verb, how often it was called in each state; ``-`` where that is out of reach."""
        lines = []
        for name, row in TABLE.items():
            for verb, cells in row.items():
                counts = (
                    f"{state.value} {self.cells[name, verb, state]}"
                    if (name, verb, state) in REACHABLE
                    else f"{state.value} -"
                    for state in cells
                )
                lines.append(f"{name:<8} {verb.value:<18} {', '.join(counts)}")
        found = len(REACHABLE & self.cells.keys())
        lines.append(f"{found} of {len(REACHABLE)} cells within reach, in {self.programs} programs")
        return "\n".join(lines)


def cells_of(model: Model, command: Command) -> list[Cell]:
    """The cells that *command* is about to come to, as far as the model is sure of the states."""
    verb = VERBS.get(command.do)
    if verb is None:
        return []
    if command.do in {Do.DEVICES, Do.CONTROL, Do.OPEN}:
        state = BackendState.DEVICE_OPEN if model.world.devices[command.on].open else BackendState.READY
        return [("Backend", verb, state)]
    slot = model.actor.slot(command)
    session = model.session_of(command)
    if session is None or not session.defined:
        return []
    if isinstance(slot, JobSlot):
        job = model.job(command)
        return [] if job is None else [("Job", verb, state) for state in _sure(job.states, session)]
    if isinstance(slot, PageSlot):
        page = model.page(command)
        return [] if page is None else [("Page", verb, state) for state in _sure(page.states, session)]
    option = session.option(command.name)
    if verb is Verb.SET and option is not None and Access.LIVE in option.access:
        verb = Verb.SET_LIVE
    return [("Session", verb, state) for state in _sure(session.states, session)]


def _sure(states: Iterable[State], session: SessionBelief) -> list[State]:
    """The one state that a handle is in: of those that it may be in, the one that fits what the session told last."""
    possible = list(states)
    if len(possible) > 1 and session.status is not None:
        told = {S.IDLE: (S.IDLE, JobHandle.CANCELED)}.get(session.status.state, (session.status.state,))
        names = {(type(state), state.value) for state in told} | {(JobHandle, session.status.state.value)}
        possible = [state for state in possible if (type(state), state.value) in names]
    return possible if len(possible) == 1 else []


async def measure(open_backend: OpenBackend, device_id: str, *, seed: int = 0, count: int = 500) -> Coverage:
    """Run *count* programs and count the cells they come to; what they find is not looked at."""
    found = Coverage()
    for number in range(seed, seed + count):
        async with running(open_backend, device_id, seed=number) as run:
            caps = await control_caps(run.actor.backend, device_id, run.rules.deadline)
            generator = Generator(number, caps)
            while len(run.done) < generator.length and run.failure is None:
                command = generator.next(run.model, generator.length - len(run.done))
                found.cells.update(cells_of(run.model, command))
                await run.step(command)
        found.programs += 1
    return found
