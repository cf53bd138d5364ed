"""How a row on services is written."""

from __future__ import annotations

from conformance.requirements.model import Gate, Profile, Requirement, Status, Subject
from conformance.verdicts import Level


def row(
    number: int,
    level: Level,
    text: str,
    sources: tuple[str, ...],
    kills: tuple[str, ...],
    why: str,
    gate: Gate | None = None,
    planned: str = "",
) -> Requirement:
    """REST-*number*; see :class:`Requirement` for the columns."""
    return Requirement(
        f"REST-{number:02d}",
        level,
        text,
        sources,
        kills,
        gate,
        Profile.REST,
        since=2,
        status=Status.PLANNED if planned else Status.ACTIVE,
        why_planned=planned,
        why=why,
        subjects=frozenset({Subject.SERVICE}),
    )
