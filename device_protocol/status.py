"""What a device says of itself while a session is open: status, job status, events."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from device_protocol.codes import Code
from device_protocol.states import JobState, SessionState


class FeederState(StrEnum):
    """What the paper sensor of the feeder says."""

    NONE = "none"
    """There is no feeder."""
    UNKNOWN = "unknown"
    """There is one, but nothing senses paper in it."""
    EMPTY = "empty"
    LOADED = "loaded"
    JAMMED = "jammed"


@dataclass(frozen=True, slots=True)
class JobStatus:
    """Where the current or last job of a session stands.

    Attributes:
        state: see the state table; a terminal state stays (STAT-02).
        pages: pages that have begun.
        progress: 0 to 1 of the current page, non-decreasing within it (STAT-05); None where the device does not tell.
        error: the code that ended the job.
        dropped: frames of a camera that were lost before the page that began last (CAM-03).
    """

    state: JobState
    pages: int = 0
    progress: float | None = None
    error: Code | None = None
    dropped: int = 0


@dataclass(frozen=True, slots=True)
class Status:
    """A snapshot that disturbs nothing (STAT-01).

    Attributes:
        state: of the session.
        feeder: what the paper sensor says (PAGE-07).
        conditions: what stands in the way now (COVER_OPEN, JAM, WARMING_UP, ...).
        job: current or last job; None before the first.
        revision: grows by at least one for each visible change and never falls (STAT-04).
        scan_ahead: pages that the machine may feed ahead of the reader.
        buffered: pages that it has fed ahead now.
    """

    state: SessionState
    feeder: FeederState = FeederState.NONE
    conditions: frozenset[Code] = frozenset()
    job: JobStatus | None = None
    revision: int = 0
    scan_ahead: int = 0
    buffered: int = 0


class EventKind(StrEnum):
    """What an event is about."""

    STATE = "state"
    CONDITION = "condition"
    OPTIONS_CHANGED = "options-changed"
    BUTTON = "button"
    LOST = "lost"
    OVERFLOW = "overflow"
    """The reader was too slow: *count* events before this one were dropped."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something happened. Events come in order, exactly once, and none after close (STAT-03).

    Attributes:
        kind: what it is about.
        revision: of the status after the change.
        detail: the new state, the condition's code, the button's name, the options' names separated by spaces.
        count: dropped events, for OVERFLOW.
    """

    kind: EventKind
    revision: int
    detail: str = ""
    count: int = 0
