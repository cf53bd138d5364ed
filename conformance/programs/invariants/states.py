"""Invariants of sessions, jobs and the status that tells of them."""

from __future__ import annotations

from dataclasses import replace

from conformance.programs.beliefs import RUNNING, Disagrees, J, S, SessionBelief, may_have_ended
from conformance.programs.calls import Kind
from conformance.programs.invariants.model import Invariant
from conformance.programs.observation import Observation
from device_protocol import Code, JobState, JobStatus
from device_protocol.states import JobHandle

_STATES: dict[JobHandle, frozenset[JobState]] = {
    J.ARMED: frozenset({JobState.PENDING, JobState.PROCESSING}),
    J.TRANSFERRING: frozenset({JobState.PROCESSING}),
    J.PAGE_GAP: frozenset({JobState.PROCESSING}),
    J.DRAINING: frozenset({JobState.PROCESSING}),
    J.CANCELLING: frozenset({JobState.PENDING, JobState.PROCESSING, JobState.CANCELED}),
    J.CANCELED: frozenset({JobState.CANCELED}),
    J.COMPLETED: frozenset({JobState.COMPLETED}),
    J.ABORTED: frozenset({JobState.ABORTED}),
}


def answers(session: SessionBelief, seen: Observation) -> None:
    """Every read is answered."""
    if seen.unanswered is None:
        return
    name, found = seen.unanswered
    if found.kind is Kind.LATE:
        raise Disagrees("ERR-08", f"{name} to return", found)
    if found.kind is Kind.CRASH:
        raise Disagrees("ERR-01", f"an answer to {name}", found)
    if session.states == {S.LOST}:
        raise Disagrees("ERR-03", f"{name} while lost", found)
    raise Disagrees("STAT-01" if name == "status" else "CAPS-10", f"an answer to {name}", found)


def one_session(session: SessionBelief, seen: Observation) -> None:
    """The session that was open before stays closed."""
    caps = session.device.caps
    if seen.old is None or caps is None or not caps.exclusive:
        return
    if seen.old.error is None or seen.old.error.code is not Code.CLOSED:
        raise Disagrees("LIFE-02", "CLOSED from the session before, since an exclusive device has one", seen.old)


def state_agrees(session: SessionBelief, seen: Observation) -> None:
    """The state of the session is one that the table allows after this history."""
    status = seen.status
    if status is None or status.state in session.states:
        return
    if status.state is S.IDLE and may_have_ended(session):
        return
    wanted = "/".join(sorted(state.value for state in session.states))
    if session.states == {S.LOST}:
        raise Disagrees("ERR-03", wanted, status.state.value)
    blame = "STAT-01" if session.states & RUNNING else session.idle_because
    raise Disagrees(blame, wanted, status.state.value)


def no_job_without_start(session: SessionBelief, seen: Observation) -> None:
    """Before the first start no job is under way, and after it there is the status of one."""
    status = seen.status
    if status is None:
        return
    if not session.jobs:
        if status.job is not None and not status.job.state.terminal:
            raise Disagrees("SCAN-04" if session.idle_because == "SCAN-04" else "LIFE-01", "no job", status.job)
    elif status.job is None and not session.states & {S.LOST, S.CLOSED}:
        raise Disagrees("STAT-02", "the status of the job", "none")


def _job(session: SessionBelief, seen: Observation) -> JobStatus | None:
    """The status of the last job that the program has started, while the session has its device."""
    status = seen.status
    if status is None or not session.jobs or session.states & {S.LOST, S.CLOSED}:
        return None
    return status.job


def job_agrees(session: SessionBelief, seen: Observation) -> None:
    """The state of the job is one that fits its handle."""
    job = _job(session, seen)
    if job is None:
        return
    legal: set[JobState] = set()
    for state in session.jobs[-1].states:
        legal |= _STATES.get(state, frozenset(JobState))
    if may_have_ended(session):
        legal.add(JobState.ABORTED)
    if job.state not in legal and not (session.idle_because == "SCAN-04" and job.state is JobState.ABORTED):
        raise Disagrees("STAT-02", " or ".join(sorted(legal)), job.state.value)


def terminal_stays(session: SessionBelief, seen: Observation) -> None:
    """A job that has come to a terminal state stays in it."""
    job, before = _job(session, seen), session.job_seen
    if job is not None and before is not None and before.state.terminal and job.state is not before.state:
        raise Disagrees("STAT-02", f"{before.state} to stay", job.state.value)


def job_error(session: SessionBelief, seen: Observation) -> None:
    """A job carries an error if one has ended it, and that one."""
    job = _job(session, seen)
    if job is None:
        return
    last = session.jobs[-1]
    if last.own == {J.ABORTED}:
        if job.error is not last.error:
            raise Disagrees("ERR-02", f"{last.error}, which ended the job", job.error)
    elif job.error is not None and not job.state.terminal:
        raise Disagrees("ERR-06", "no error in a job that runs", job.error)
    elif job.error is not None and job.state is JobState.COMPLETED:
        raise Disagrees("ERR-06", "no error in a job that is complete", job.error)


def revision_stays_up(session: SessionBelief, seen: Observation) -> None:
    """The revision never falls."""
    before, status = session.status, seen.status
    if before is not None and status is not None and status.revision < before.revision:
        raise Disagrees("STAT-04", f"a revision of at least {before.revision}", status.revision)


def revision_counts(session: SessionBelief, seen: Observation) -> None:
    """What has changed has a new revision."""
    before, status = session.status, seen.status
    if before is None or status is None or status.revision != before.revision:
        return
    if status != replace(before, revision=status.revision):
        raise Disagrees("STAT-04", f"a revision above {before.revision} after a change", status.revision)


def progress_grows(session: SessionBelief, seen: Observation) -> None:
    """Progress lies between 0 and 1 and does not fall within a page; pages do not become fewer."""
    job, before = _job(session, seen), session.job_seen
    if job is None:
        return
    if job.progress is not None and not 0 <= job.progress <= 1:
        raise Disagrees("STAT-05", "progress from 0 to 1", job.progress)
    if before is None or job.pages != before.pages or job.state.terminal:
        return
    if before.progress is not None and job.progress is not None and job.progress < before.progress - 1e-9:
        raise Disagrees("STAT-05", f"progress of at least {before.progress}", job.progress)


def pages_counted(session: SessionBelief, seen: Observation) -> None:
    """The status counts the pages that have begun; one that an error or a cancellation prevented may count or not."""
    job = _job(session, seen)
    if job is None:
        return
    last = session.jobs[-1]
    doubt = 1 if last.own & {J.ABORTED, J.CANCELLING, J.CANCELED} else 0
    if not last.begun <= job.pages <= last.begun + doubt:
        raise Disagrees("PAGE-01", f"{last.begun} pages that have begun", job.pages)


ROWS = (
    Invariant(
        "reads-are-answered",
        "STAT-01",
        "What may be read in this state is answered, by a value of its type, in time.",
        "device-models.md 5c; eSCL 9; TWAIN 11",
        answers,
        ("ERR-01", "ERR-03", "ERR-08", "CAPS-10"),
    ),
    Invariant(
        "one-session",
        "LIFE-02",
        "An exclusive device has one session: the one before stays closed.",
        "SANE 4.3.4; Chrome documentScan open; TWAIN Direct busy",
        one_session,
    ),
    Invariant(
        "state-agrees",
        "STAT-01",
        "The state that status tells is one that the state table allows.",
        "device-models.md 5c; eSCL 9; TWAIN 11",
        state_agrees,
        ("ERR-03", "LIFE-01", "SCAN-04", "PAGE-02", "PAGE-05", "CANC-03", "CANC-06", "CANC-07", "CANC-08"),
    ),
    Invariant(
        "no-job-without-start",
        "LIFE-01",
        "There is no job before the first start that worked, and there is one after it.",
        "SANE 4.3.4, 4.3.9; TWAIN 7",
        no_job_without_start,
        ("SCAN-04", "STAT-02"),
    ),
    Invariant(
        "job-agrees",
        "STAT-02",
        "The state of the job that status tells fits what its handle has been through.",
        "eSCL 9.1",
        job_agrees,
    ),
    Invariant("terminal-stays", "STAT-02", "A terminal state of a job stays.", "eSCL 9.1", terminal_stays),
    Invariant(
        "error-of-the-job",
        "ERR-06",
        "A job carries the error that ended it, and no other.",
        "eSCL 9.1; NAPS2; Kyocera stale state",
        job_error,
        ("ERR-02",),
    ),
    Invariant(
        "revision-never-falls",
        "STAT-04",
        "The revision of the status never falls.",
        "TWAIN Direct session revision",
        revision_stays_up,
    ),
    Invariant(
        "revision-counts-changes",
        "STAT-04",
        "A status that differs from the one before has a higher revision.",
        "TWAIN Direct session revision",
        revision_counts,
    ),
    Invariant(
        "progress-grows",
        "STAT-05",
        "Progress is between 0 and 1 and does not fall within a page.",
        "NAPS2; ImageCapture",
        progress_grows,
    ),
    Invariant(
        "pages-are-counted",
        "PAGE-01",
        "The job's count of pages is the number of pages that have begun.",
        "TWAIN Direct block numbers; eSCL 9.1 ImagesCompleted",
        pages_counted,
    ),
)
