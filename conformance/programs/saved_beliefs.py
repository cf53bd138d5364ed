"""Beliefs put aside, so that the model can try one order of two calls and then the other."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from typing import Any

from conformance.programs.actor import JobSlot, PageSlot, SessionSlot
from conformance.programs.beliefs import DeviceBelief, JobBelief, PageBelief, Paper, SessionBelief, World

Slots = tuple[dict[SessionSlot, SessionBelief], dict[JobSlot, JobBelief], dict[PageSlot, PageBelief]]


def _beliefs(world: World) -> Iterator[object]:
    """Everything that the world holds, each before what it holds: two worlds of the same calls give it in the same order."""
    yield world
    for device in world.devices:
        yield device
        yield device.paper
        for session in device.sessions:
            yield session
            for job in session.jobs:
                yield job
                yield from job.pages


def _copied(fields: Mapping[str, Any]) -> dict[str, Any]:
    return {name: copy.copy(value) if isinstance(value, list | dict | set) else value for name, value in fields.items()}


class Saved:
    """All beliefs at one moment."""

    def __init__(
        self,
        world: World,
        sessions: dict[SessionSlot, SessionBelief],
        jobs: dict[JobSlot, JobBelief],
        pages: dict[PageSlot, PageBelief],
    ) -> None:
        self._fields = [(belief, _copied(vars(belief))) for belief in _beliefs(world)]
        self._slots: Slots = (dict(sessions), dict(jobs), dict(pages))

    def restore(self) -> Slots:
        """Have it be that moment again; gives which handle is believed what."""
        for belief, fields in self._fields:
            vars(belief).clear()
            vars(belief).update(_copied(fields))
        sessions, jobs, pages = self._slots
        return dict(sessions), dict(jobs), dict(pages)

    def widen(self, other: Saved) -> None:
        """Believe what is here or in *other*, which the same calls have led to in another order."""
        if len(self._fields) != len(other._fields):
            return
        for (belief, mine), (_, theirs) in zip(self._fields, other._fields, strict=True):
            match belief:
                case SessionBelief():
                    mine["states"] |= theirs["states"]
                    mine["defined"] = mine["defined"] and theirs["defined"]
                case JobBelief():
                    mine["own"] |= theirs["own"]
                    mine["disturbed"] = mine["disturbed"] or theirs["disturbed"]
                    mine["ended_early"] = mine["ended_early"] or theirs["ended_early"]
                    mine["paper"] = _either(mine["paper"], theirs["paper"])
                case PageBelief():
                    mine["own"] |= theirs["own"]
                case Paper():
                    mine.update(vars(_either(Paper(**mine), Paper(**theirs))))
                case DeviceBelief():
                    mine["armed"] |= theirs["armed"]
                    mine["strikes"] = {
                        kind: max(mine["strikes"].get(kind, 0), theirs["strikes"].get(kind, 0))
                        for kind in mine["armed"]
                    }
                    mine["glass"] += mine["glass"] != theirs["glass"]


def _either(left: Paper, right: Paper) -> Paper:
    return Paper(min(left.low, right.low), max(left.high, right.high), left.jammed or right.jammed, left.cover)
