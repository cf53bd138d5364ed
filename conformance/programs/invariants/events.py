"""Invariants of events."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from conformance.programs.beliefs import Disagrees, SessionBelief
from conformance.programs.invariants.model import Invariant
from conformance.programs.observation import Observation
from device_protocol import Event, EventKind


def _pairs(session: SessionBelief, seen: Observation) -> Iterator[tuple[Event, Event]]:
    """Neighbours, the last event of the observation before included."""
    before = () if session.heard is None else (session.heard,)
    return itertools.pairwise((*before, *seen.events))


def in_order(session: SessionBelief, seen: Observation) -> None:
    """What comes is events, and they do not go back."""
    if seen.astray:
        raise Disagrees("STAT-03", "events", seen.astray)
    for before, event in _pairs(session, seen):
        if event.revision < before.revision:
            raise Disagrees("STAT-03", f"revisions from {before.revision}", event)


def once(session: SessionBelief, seen: Observation) -> None:
    """An event comes once; only a button can be pressed twice within a revision."""
    for before, event in _pairs(session, seen):
        if event == before and event.kind is not EventKind.BUTTON:
            raise Disagrees("STAT-03", "each event once", event)


def none_after_close(_: SessionBelief, seen: Observation) -> None:
    """A session that is closed gives no events."""
    if seen.late:
        raise Disagrees("STAT-03", "no event after close", seen.late[0])


ROWS = (
    Invariant(
        "events-in-order",
        "STAT-03",
        "The revisions of events do not fall.",
        "TWAIN Direct waitForEvents",
        in_order,
    ),
    Invariant(
        "events-come-once",
        "STAT-03",
        "No event comes twice.",
        "TWAIN Direct waitForEvents; ImageCapture delegate",
        once,
    ),
    Invariant(
        "no-event-after-close",
        "STAT-03",
        "A closed session gives no events.",
        "ImageCapture delegate",
        none_after_close,
    ),
)
