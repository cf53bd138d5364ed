"""The model of status, events and lists of devices."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

from conformance.programs.actor import Kind, Seen
from conformance.programs.beliefs import RUNNING, Disagrees, J, S, SessionBelief, World, narrow
from conformance.programs.judge_options import blame_refused
from device_protocol import Code, DeviceList, Event, EventKind, FeederState, JobState, JobStatus, Status
from device_protocol.states import JobHandle, Verb

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


def judge_status(session: SessionBelief, seen: Seen) -> None:
    """Judge ``status``.

    Raises:
        Disagrees: the state of session or job, the revision, the progress or the feeder's state cannot be true.
    """
    session.states, performed = narrow(Verb.STATUS, session.states, seen, blame_refused(session, "STAT-01"))
    if not performed:
        return
    status = seen.value
    if not isinstance(status, Status):
        raise Disagrees("STAT-01", "a status", seen)
    _judge_state(session, status)
    _judge_job(session, status)
    _judge_revision(session.status, status)
    _judge_feeder(session, status)
    session.status = status


def _judge_state(session: SessionBelief, status: Status) -> None:
    if status.state in session.states:
        if status.state not in {S.CANCELLING, S.PAGE_GAP, S.DRAINING}:
            session.states = frozenset({status.state})
        return
    wanted = "/".join(sorted(state.value for state in session.states))
    if session.states == {S.IDLE}:
        raise Disagrees(session.idle_because, wanted, status.state.value)
    if session.states == {S.LOST}:
        raise Disagrees("ERR-03", wanted, status.state.value)
    raise Disagrees("STAT-01" if session.states & RUNNING else session.idle_because, wanted, status.state.value)


def _judge_job(session: SessionBelief, status: Status) -> None:
    job = status.job
    if not session.jobs:
        if job is not None and not job.state.terminal:
            raise Disagrees(session.idle_because, "no job", job)
        return
    if session.states & {S.LOST, S.CLOSED}:
        return
    if job is None:
        raise Disagrees("STAT-02", "the status of the job", "none")
    last = session.jobs[-1]
    legal: set[JobState] = set()
    for state in last.states:
        legal |= _STATES.get(state, frozenset(JobState))
    if job.state not in legal and not (session.idle_because == "SCAN-04" and job.state is JobState.ABORTED):
        raise Disagrees("STAT-02", " or ".join(sorted(legal)), job.state.value)
    before, session.job_seen = session.job_seen, job
    if before is not None:
        _judge_progress(before, job)


def _judge_progress(before: JobStatus, job: JobStatus) -> None:
    if before.state.terminal and job.state is not before.state:
        raise Disagrees("STAT-02", f"{before.state} to stay", job.state.value)
    if job.pages < before.pages:
        raise Disagrees("STAT-05", f"at least {before.pages} pages", job.pages)
    if job.pages > before.pages or job.state.terminal or before.progress is None or job.progress is None:
        return
    if job.progress < before.progress - 1e-9:
        raise Disagrees("STAT-05", f"progress of at least {before.progress}", job.progress)


def _judge_revision(before: Status | None, status: Status) -> None:
    if before is None:
        return
    if status.revision < before.revision:
        raise Disagrees("STAT-04", f"a revision of at least {before.revision}", status.revision)
    if status.revision == before.revision and status != replace(before, revision=status.revision):
        raise Disagrees("STAT-04", f"a revision above {before.revision} after a change", status.revision)


def _judge_feeder(session: SessionBelief, status: Status) -> None:
    device = session.device
    caps, paper = device.caps, device.paper
    if caps is None or not any(item.kind.feeds and item.paper_detectable for item in caps.sources):
        return
    if session.states != {S.IDLE} or device.armed or paper.jammed:
        return
    if status.feeder is FeederState.EMPTY:
        if paper.low > 0:
            raise Disagrees("PAGE-07", f"{paper.low:g} sheets in the feeder", status.feeder.value)
        paper.high = 0
    elif status.feeder is FeederState.LOADED:
        if paper.high == 0:
            raise Disagrees("PAGE-07", "an empty feeder", status.feeder.value)
        paper.low = max(paper.low, 1)
    elif status.feeder is FeederState.JAMMED:
        raise Disagrees("ERR-06", "no jam", status.feeder.value)
    if Code.JAM in status.conditions:
        raise Disagrees("ERR-06", "no jam", status.conditions)


def judge_listen(session: SessionBelief, seen: Seen) -> None:
    """Judge ``events``.

    Raises:
        Disagrees: it is refused, or works when it must not.
    """
    session.states, _ = narrow(Verb.EVENTS, session.states, seen, blame_refused(session, "STAT-03"))


def judge_events(events: Sequence[Event]) -> None:
    """Judge a run of events.

    Raises:
        Disagrees: they go back, or one comes twice (STAT-03).
    """
    for before, event in itertools.pairwise(events):
        if event.revision < before.revision:
            raise Disagrees("STAT-03", f"revisions from {before.revision}", event)
        if event == before and event.kind is not EventKind.BUTTON:
            raise Disagrees("STAT-03", "each event once", event)


def judge_devices(world: World, device_ids: tuple[str, ...], seen: Seen) -> None:
    """Judge an enumeration.

    Raises:
        Disagrees: it fails, repeats an id, lacks a device, or an earlier list has changed.
    """
    if seen.kind is not Kind.VALUE or not isinstance(seen.value, DeviceList):
        raise Disagrees("DISC-01", "a list of devices", seen)
    for old, copy in world.lists:
        if tuple(old.devices) != copy:
            raise Disagrees("DISC-02", "an earlier list to stay as it was", f"{len(old.devices)} devices")
    ids = [item.id for item in seen.value.devices]
    if not all(ids) or len(set(ids)) != len(ids):
        raise Disagrees("DISC-01", "unique ids", ids)
    for on, device_id in enumerate(device_ids):
        if world.devices[on].plugged and device_id not in ids:
            raise Disagrees("DISC-05" if world.devices[on].open else "DISC-01", f"{device_id} in the list", ids)
    world.lists.append((seen.value, tuple(seen.value.devices)))
