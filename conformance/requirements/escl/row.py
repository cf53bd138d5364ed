"""How a row on eSCL scanners is written."""

from __future__ import annotations

from conformance.requirements.model import Gate, Profile, Requirement, Subject
from conformance.verdicts import Level


def row(
    number: int,
    level: Level,
    text: str,
    sources: tuple[str, ...],
    kills: tuple[str, ...],
    why: str,
    gate: Gate | None = None,
) -> Requirement:
    """ESCL-*number*; see :class:`Requirement` for the columns."""
    return Requirement(
        f"ESCL-{number:02d}",
        level,
        text,
        sources,
        kills,
        gate,
        Profile.ESCL,
        since=2,
        why=why,
        subjects=frozenset({Subject.ESCL}),
    )
