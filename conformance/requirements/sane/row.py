"""What the rows on SANE back ends have in common."""

from conformance.requirements.model import Gate, Profile, Requirement, Subject
from conformance.verdicts import Level


def row(
    number: int, level: Level, clause: str, text: str, why: str, *kills: str, gate: Gate | None = None
) -> Requirement:
    """A row; several clauses are parted by semicolons, and a bare number is one of the standard."""
    return Requirement(
        f"SANE-{number:02}",
        level,
        text,
        tuple(f"SANE 1.06, {part}" if part[0].isdigit() else part for part in clause.split("; ")),
        kills,
        gate=gate,
        profile=Profile.SANE,
        since=2,
        why=why,
        subjects=frozenset({Subject.SANE}),
    )
