"""The model of status and of lists of devices."""

from __future__ import annotations

from conformance.programs import judge_jobs
from conformance.programs.beliefs import Disagrees, S, SessionBelief, World, may_have_ended, narrow
from conformance.programs.calls import Kind, Seen
from conformance.programs.invariants.paper import senses_paper
from conformance.programs.judge_options import blame_refused
from device_protocol import DeviceList, FeederState, Status
from device_protocol.states import Verb


def judge_status(session: SessionBelief, seen: Seen) -> None:
    """Judge ``status`` as a call; what it tells is for the invariants.

    Raises:
        Disagrees: it is refused, or gives no status.
    """
    session.states, performed = narrow(Verb.STATUS, session.states, seen, blame_refused(session, "STAT-01"))
    if performed and not isinstance(seen.value, Status):
        raise Disagrees("STAT-01", "a status", seen)


def learn(session: SessionBelief, status: Status) -> None:
    """Take over what a status tells that the invariants have found sound."""
    if status.state in session.states - {S.CANCELLING, S.PAGE_GAP, S.DRAINING}:
        session.states = frozenset({status.state})
    if status.state is S.IDLE and may_have_ended(session):
        judge_jobs.ended_itself(session.jobs[-1], status.job.error if status.job is not None else None)
    if session.jobs and status.job is not None and not session.states & {S.LOST, S.CLOSED}:
        session.job_seen = status.job
    paper = session.device.paper
    if senses_paper(session):
        if status.feeder is FeederState.EMPTY and paper.low == 0:
            paper.high = 0
        elif status.feeder is FeederState.LOADED and paper.high > 0:
            paper.low = max(paper.low, 1)
    session.status = status


def judge_listen(session: SessionBelief, seen: Seen) -> None:
    """Judge ``events``.

    Raises:
        Disagrees: it is refused, or works when it must not.
    """
    session.states, _ = narrow(Verb.EVENTS, session.states, seen, blame_refused(session, "STAT-03"))


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
