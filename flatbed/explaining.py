"""What ``flatbed explain`` and ``flatbed check list`` say: the registry, the checks, the zoos and one seeded defect as the suite sees it."""

from __future__ import annotations

import difflib
import textwrap
from collections.abc import Iterator
from typing import Any

from conformance.requirements import EVERY, Requirement, Status, Subject, of
from conformance.runner.plan import select
from conformance.selftest.catalogue import SeededDefect, defects_of, sample
from conformance.verdicts import Judgement

WIDTH = 100
STEPS_SHOWN = 12
"""The last ones of the trace; all of them are in the JSON."""


def find(name: str) -> Requirement:
    """The requirement with that id, in whatever case.

    Raises:
        ValueError: there is none; says which ones are alike.
    """
    row = EVERY.get(name.strip().upper())
    if row is None:
        alike = difflib.get_close_matches(name.strip().upper(), EVERY, 3)
        hint = f"did you mean {', '.join(alike)}?" if alike else "`flatbed check list` has them all."
        raise ValueError(f"there is no requirement {name!r}; {hint}")
    return row


def as_data(row: Requirement, *, traces: bool = True) -> dict[str, Any]:
    """All that is known of a requirement, for machines."""
    subjects = [subject for subject in Subject if subject in row.subjects]
    return {
        "id": row.id,
        "level": row.level.value,
        "status": row.status.value,
        "text": row.text,
        "why": row.why,
        "clauses": list(row.sources),
        "subjects": [subject.value for subject in subjects],
        "profile": row.profile.value,
        "needs": row.gate.words if row.gate else "",
        "since": row.since,
        "defects": [
            {"subject": subject.value, "name": item.name, "what": item.what}
            for subject in subjects
            for item in defects_of(row.id, subject)
        ],
        "trace": _as_data(_sample(row)) if traces else None,
    }


def explained(row: Requirement) -> Iterator[str]:
    """The same for people, line by line."""
    yield f"{row.id}  {row.level.value}, {row.status.value}, since revision {row.since}"
    yield from _paragraph(row.text)
    yield ""
    yield from _field(
        "Judged", ", ".join(f"flatbed check {subject.value}" for subject in Subject if subject in row.subjects)
    )
    yield from _field("Clause", row.clause)
    yield from _field("Applies to", f"a target with {row.gate.words}" if row.gate else "every target")
    if row.why:
        yield from _field("Why", row.why)
    if row.status is Status.PLANNED:
        yield from _field("Not yet", row.why_planned)
    for subject in Subject:
        found = defects_of(row.id, subject) if subject in row.subjects else ()
        if found:
            yield ""
            yield f"What must die by it ({subject.value})"
        for item in found:
            yield from textwrap.wrap(f"{item.name}: {item.what}", WIDTH, initial_indent="  ", subsequent_indent="    ")
    shown = _sample(row)
    if shown is not None:
        defect, judgement = shown
        yield ""
        yield f"How {defect.name} dies: {judgement.verdict.value}"
        yield from _paragraph(judgement.evidence)
        left_out = max(0, len(judgement.steps) - STEPS_SHOWN)
        if left_out:
            yield f"  after {left_out} steps without a fault:"
        for number, step in enumerate(judgement.steps[left_out:], left_out + 1):
            yield f"  {number}. {step}"


def _sample(row: Requirement) -> tuple[SeededDefect, Judgement] | None:
    """The first seeded defect of a requirement that can be run here, and its verdict."""
    for subject in Subject:
        for defect in defects_of(row.id, subject) if subject in row.subjects else ():
            judgement = sample(defect.name, subject)
            if judgement is not None:
                return defect, judgement
    return None


def _as_data(shown: tuple[SeededDefect, Judgement] | None) -> dict[str, Any] | None:
    if shown is None:
        return None
    defect, judgement = shown
    return {
        "defect": defect.name,
        "verdict": judgement.verdict.value,
        "evidence": judgement.evidence,
        "steps": list(judgement.steps),
    }


def listed(words: tuple[str, ...], subject: Subject | None) -> list[Requirement]:
    """The requirements that *words* pick, of one subject or of all.

    Raises:
        ValueError: nothing fits.
    """
    if subject is not None:
        return select(words or None, subject)
    found: dict[str, Requirement] = {}
    problem: ValueError | None = None
    for each in Subject:
        if not of(each):
            continue
        try:
            found |= {row.id: row for row in select(words or None, each)}
        except ValueError as error:
            problem = error
    if not found:
        raise problem or ValueError("no requirement fits")
    return [row for row in EVERY.values() if row.id in found]


def _paragraph(text: str) -> Iterator[str]:
    yield from textwrap.wrap(text, WIDTH, initial_indent="  ", subsequent_indent="  ")


def _field(name: str, text: str) -> Iterator[str]:
    yield from textwrap.wrap(text, WIDTH, initial_indent=f"{name:<11}", subsequent_indent=" " * 11)
