"""Invariants of paper and pages."""

from __future__ import annotations

from conformance.programs.beliefs import Disagrees, S, SessionBelief
from conformance.programs.calls import Kind
from conformance.programs.invariants.model import Invariant
from conformance.programs.observation import Observation
from device_protocol import Code, FeederState


def feeder_is_true(session: SessionBelief, seen: Observation) -> None:
    """The feeder says what lies in the hopper."""
    status, paper = seen.status, session.device.paper
    if status is None or not senses_paper(session):
        return
    if status.feeder is FeederState.EMPTY and paper.low > 0:
        raise Disagrees("PAGE-07", f"{paper.low:g} sheets in the feeder", status.feeder.value)
    if status.feeder is FeederState.LOADED and paper.high == 0:
        raise Disagrees("PAGE-07", "an empty feeder", status.feeder.value)


def senses_paper(session: SessionBelief) -> bool:
    """Whether the feeder's state can be held against what is known of the paper: a declared sensor, no job, no fault."""
    device = session.device
    if device.caps is None or not any(item.kind.feeds and item.paper_detectable for item in device.caps.sources):
        return False
    return session.states == {S.IDLE} and not device.armed and not device.paper.jammed


def conditions_stand(session: SessionBelief, seen: Observation) -> None:
    """No condition is told that does not stand."""
    status, device = seen.status, session.device
    if status is None or session.states != {S.IDLE} or device.armed:
        return
    if not device.paper.jammed and (status.feeder is FeederState.JAMMED or Code.JAM in status.conditions):
        raise Disagrees("ERR-06", "no jam", f"feeder {status.feeder.value}, {_listed(status.conditions)}")
    if not device.paper.cover and Code.COVER_OPEN in status.conditions:
        raise Disagrees("ERR-06", "the cover to be closed", _listed(status.conditions))


def _listed(conditions: frozenset[Code]) -> str:
    return ", ".join(sorted(code.value for code in conditions)) or "no condition"


def infos_stay(session: SessionBelief, seen: Observation) -> None:
    """What a page has said of itself stays, whatever comes after it."""
    if not session.jobs:
        return
    for page, info in zip(session.jobs[-1].pages, seen.infos, strict=False):
        if info.kind is not Kind.VALUE or info.value != page.info:
            raise Disagrees("SCAN-07", f"{page.info} still", info)


def nothing_after_cancel(_: SessionBelief, seen: Observation) -> None:
    """A cancelled page gives no more bytes."""
    found = seen.rest
    if found is None:
        return
    if found.kind is Kind.LATE:
        raise Disagrees("CANC-02", "a read after cancel to end", found)
    if found.error is None or found.error.code is not Code.CANCELLED:
        raise Disagrees("CANC-02", "CANCELLED from a cancelled page", found)


ROWS = (
    Invariant(
        "feeder-is-true",
        "PAGE-07",
        "The feeder is loaded while sheets lie in it, and empty when none do.",
        "AirSane issues 135 and 136",
        feeder_is_true,
    ),
    Invariant(
        "conditions-stand",
        "ERR-06",
        "A condition that status tells stands now.",
        "Kyocera stale state; eSCL 9",
        conditions_stand,
    ),
    Invariant(
        "pages-keep-their-word",
        "SCAN-07",
        "Number, side and parameters that a page has told stay as they are.",
        "SANE 4.3.8",
        infos_stay,
    ),
    Invariant(
        "nothing-after-cancel",
        "CANC-02",
        "No bytes follow a cancellation.",
        "SANE 4.3.11",
        nothing_after_cancel,
    ),
)
