"""The state machine of the contract, as one table.

Theory, in one page. Four kinds of handles exist: a *Backend*, the *Session* on one of its devices, the *Job* that ``start`` gives, and the *Page* that
``next_page`` gives. Each is in one state at a time; a handle that has been overtaken by events is not forgotten but has a state of its own (COMPLETED,
ENDED, CLOSED, ...), so that every call on it has a defined answer. :data:`TABLE` has exactly one cell for each (object, verb, state). Two rules:

1. Everything that decides whether a call is legal stands in this table. The guard, the checks, the diagram and the documentation are made from it, and
   no prose beside it may say otherwise.
2. A refused call changes nothing (LIFE-07). Where several refusals apply, ``codes.PRECEDENCE`` decides.

A session's state and its current job's state move together: while a job runs, both are in one of ARMED, TRANSFERRING, PAGE_GAP, DRAINING, CANCELLING.
``next_page`` that finds no more pages completes the job and makes the session IDLE; so does an error that ends the job. Sources: device-models.md 5c,
TWAIN chapter 11, SANE 4.4, TWAIN Direct; what they leave open was decided in docs/decisions/0002.

One call at a time on a handle: while one is under way, a second of the same handle gets BUSY, except ``status``, ``events``, ``cancel``, ``settled`` and
``close``, which are legal beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import TypeAlias

from device_protocol.codes import Code


class BackendState(StrEnum):
    """States of a backend as seen by a verb that names a device."""

    READY = "ready"
    DEVICE_OPEN = "device-open"
    """The named device has a session already."""
    CLOSED = "closed"


class SessionState(StrEnum):
    """States of a session."""

    IDLE = "idle"
    ARMED = "armed"
    """The job is accepted, no page has begun."""
    TRANSFERRING = "transferring"
    """A page has begun and has not been ended."""
    PAGE_GAP = "page-gap"
    """A page was ended, the next has not begun."""
    DRAINING = "draining"
    """As PAGE_GAP, but the input has stopped: what is left is in the machine's memory."""
    CANCELLING = "cancelling"
    LOST = "lost"
    CLOSED = "closed"


class JobHandle(StrEnum):
    """States of the handle of a job."""

    ARMED = "armed"
    TRANSFERRING = "transferring"
    PAGE_GAP = "page-gap"
    DRAINING = "draining"
    CANCELLING = "cancelling"
    COMPLETED = "completed"
    CANCELED = "canceled"
    ABORTED = "aborted"
    LOST = "lost"
    CLOSED = "closed"


class PageHandle(StrEnum):
    """States of the handle of a page."""

    READING = "reading"
    AT_END = "at-end"
    """The end marker was given, ``end`` was not called yet."""
    ENDED = "ended"
    CANCELLED = "cancelled"
    FAILED = "failed"
    """An error ended the page and its job."""
    LOST = "lost"
    CLOSED = "closed"


class JobState(StrEnum):
    """States of a job as ``status`` reports them; the last three are terminal and stay (STAT-02)."""

    PENDING = "pending"
    PROCESSING = "processing"
    COMPLETED = "completed"
    CANCELED = "canceled"
    ABORTED = "aborted"

    @property
    def terminal(self) -> bool:
        """Whether the job has ended."""
        return self in {JobState.COMPLETED, JobState.CANCELED, JobState.ABORTED}


class Verb(StrEnum):
    """All verbs, by the object they belong to."""

    DEVICES = "devices"
    WATCH = "watch"
    OPEN = "open"
    CONTROL = "control"
    CAPS = "caps"
    OPTIONS = "options"
    GET = "get"
    PARAMS = "params"
    STATUS = "status"
    EVENTS = "events"
    SET = "set"
    SET_LIVE = "set (live option)"
    APPLY = "apply"
    RESET = "reset"
    START = "start"
    CANCEL = "cancel"
    CLOSE = "close"
    NEXT_PAGE = "next_page"
    SETTLED = "settled"
    READ = "read"
    END = "end"


State: TypeAlias = BackendState | SessionState | JobHandle | PageHandle


class Outcome(StrEnum):
    """What a cell promises."""

    LEGAL = "legal"
    NO_OP = "no-op"
    """Legal, and nothing is left to do."""
    AGAIN = "again"
    """Gives again what ended it: the end marker, the same final values, or the error of the job."""
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Cell:
    """One answer of the table: what happens, with which code it is refused, and the states in which the handle may be afterwards."""

    outcome: Outcome
    code: Code | None = None
    then: tuple[State, ...] = ()

    def __str__(self) -> str:
        if self.code is not None:
            return self.code.value
        arrow = " / ".join(state.value for state in self.then)
        return f"{self.outcome.value}{' -> ' + arrow if arrow else ''}"


def _to(*then: State) -> Cell:
    return Cell(Outcome.LEGAL, None, then)


_OK = Cell(Outcome.LEGAL)
_NO_OP = Cell(Outcome.NO_OP)
_AGAIN = Cell(Outcome.AGAIN)
_BUSY = Cell(Outcome.REFUSED, Code.BUSY)
_WRONG = Cell(Outcome.REFUSED, Code.WRONG_STATE)
_CANCELLED = Cell(Outcome.REFUSED, Code.CANCELLED)
_LOST = Cell(Outcome.REFUSED, Code.DEVICE_LOST)
_CLOSED = Cell(Outcome.REFUSED, Code.CLOSED)

B, S, J, P = BackendState, SessionState, JobHandle, PageHandle

_RUNNING = (S.ARMED, S.TRANSFERRING, S.PAGE_GAP, S.DRAINING)


def _row(states: type[Enum], default: Cell, **cells: Cell) -> dict[State, Cell]:
    """A row of the table: *default* except where a state is named; LOST and CLOSED have their own default."""
    row: dict[State, Cell] = {}
    for state in states:
        usual = {"LOST": _LOST, "CLOSED": _CLOSED}.get(state.name, default)
        row[state] = cells.get(state.name, usual)  # type: ignore[index]  # states is one of the four enums of State
    return row


BACKEND: dict[Verb, dict[State, Cell]] = {
    Verb.DEVICES: _row(B, _OK),
    Verb.WATCH: _row(B, _OK),
    Verb.CONTROL: _row(B, _OK),
    Verb.OPEN: _row(B, _to(B.DEVICE_OPEN), DEVICE_OPEN=_BUSY),
    Verb.CLOSE: _row(B, _to(B.CLOSED), CLOSED=_NO_OP),
}

_READS = {verb: _row(S, _OK) for verb in (Verb.CAPS, Verb.OPTIONS, Verb.GET, Verb.PARAMS, Verb.EVENTS)}

SESSION: dict[Verb, dict[State, Cell]] = {
    **_READS,
    Verb.STATUS: _row(S, _OK, LOST=_OK),
    Verb.SET: _row(S, _WRONG, IDLE=_OK, CANCELLING=_BUSY),
    Verb.SET_LIVE: _row(S, _OK, CANCELLING=_BUSY),
    Verb.APPLY: _row(S, _WRONG, IDLE=_OK, CANCELLING=_BUSY),
    Verb.RESET: _row(S, _WRONG, IDLE=_OK, CANCELLING=_BUSY),
    Verb.START: _row(S, _BUSY, IDLE=_to(S.ARMED)),
    Verb.CANCEL: _row(S, _to(S.CANCELLING, S.IDLE), IDLE=_NO_OP, CANCELLING=_NO_OP, LOST=_NO_OP),
    Verb.CLOSE: _row(S, _to(S.CLOSED), LOST=_to(S.CLOSED), CLOSED=_NO_OP),
}

JOB: dict[Verb, dict[State, Cell]] = {
    Verb.NEXT_PAGE: _row(
        J,
        _to(J.TRANSFERRING, J.COMPLETED, J.ABORTED),
        TRANSFERRING=_WRONG,
        CANCELLING=_CANCELLED,
        COMPLETED=_AGAIN,
        CANCELED=_CANCELLED,
        ABORTED=_AGAIN,
    ),
    Verb.CANCEL: _row(
        J,
        _to(J.CANCELLING, J.CANCELED),
        CANCELLING=_NO_OP,
        COMPLETED=_NO_OP,
        CANCELED=_NO_OP,
        ABORTED=_NO_OP,
        LOST=_NO_OP,
    ),
    Verb.SETTLED: _row(J, _OK, COMPLETED=_AGAIN, CANCELED=_AGAIN, ABORTED=_AGAIN, LOST=_AGAIN),
}

PAGE: dict[Verb, dict[State, Cell]] = {
    Verb.READ: _row(
        P, _to(P.READING, P.AT_END, P.FAILED), AT_END=_WRONG, ENDED=_WRONG, CANCELLED=_CANCELLED, FAILED=_AGAIN
    ),
    Verb.END: _row(P, _to(P.ENDED), ENDED=_AGAIN, CANCELLED=_CANCELLED, FAILED=_AGAIN),
}

TABLE: dict[str, dict[Verb, dict[State, Cell]]] = {
    "Backend": BACKEND,
    "Session": SESSION,
    "Job": JOB,
    "Page": PAGE,
}
"""The whole machine: object, verb, state -> cell."""


def cell(verb: Verb, state: State) -> Cell:
    """The answer of the table to *verb* on a handle in *state*."""
    match state:
        case BackendState():
            return BACKEND[verb][state]
        case SessionState():
            return SESSION[verb][state]
        case JobHandle():
            return JOB[verb][state]
        case PageHandle():
            return PAGE[verb][state]


def refusal(verb: Verb, state: State) -> Code | None:
    """The code with which *verb* is refused in *state*, or None if it is legal."""
    return cell(verb, state).code
