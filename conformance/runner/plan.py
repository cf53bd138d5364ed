"""The plan: what will become of each requirement, as far as the declarations tell before anything is done."""

from __future__ import annotations

import fnmatch
from collections.abc import Collection, Iterable, Mapping

from conformance.bench import Budget
from conformance.checks import CHECKS
from conformance.requirements import REVISION, Facts, Requirement, Status, Subject, of
from conformance.runner.events import PlanMade, Planned
from conformance.verdicts import Verdict
from device_protocol import SourceKind


def select(
    only: Collection[str] | None,
    subject: Subject = Subject.DEVICE,
    *,
    skip: Collection[str] = (),
    revision: int | None = None,
) -> list[Requirement]:
    """The requirements on *subject* that the words pick.

    Args:
        only: what to take; None: everything. A word is an id, a family, the beginning of an id (``SET-0``) or a shell pattern (``*-01``).
        subject: who is judged.
        skip: what to leave out, in the same words.
        revision: leave out what is newer than that; None: nothing.

    Raises:
        ValueError: a word picks nothing, or nothing is left.
    """
    rows = of(subject)
    taken = set(rows) if only is None else _picked(only, rows)
    taken -= _picked(skip, rows)
    if revision is not None and not 1 <= revision <= REVISION:
        raise ValueError(f"there is no revision {revision} of the requirements; there are 1 to {REVISION}")
    found = [row for row in rows.values() if row.id in taken and (revision is None or row.since <= revision)]
    if not found:
        raise ValueError("no requirement is left to check: --only, --skip and --revision exclude each other")
    return found


def _picked(words: Collection[str], rows: Mapping[str, Requirement]) -> set[str]:
    """The ids that *words* pick."""
    picked: set[str] = set()
    for word in {text.strip().upper() for text in words}:
        pattern = word if any(letter in word for letter in "*?[") else f"{word}*"
        fitting = {name for name in rows if name == word} or set(fnmatch.filter(rows, pattern) if word else ())
        if not fitting:
            families = ", ".join(dict.fromkeys(row.family for row in rows.values()))
            raise ValueError(
                f"no such requirement or family: {word}; families are {families}, a requirement is written like "
                f"{next(iter(rows))}, several like {next(iter(rows))[:-1]} or *-01"
            )
        picked |= fitting
    return picked


def make_plan(facts: Facts, rows: Iterable[Requirement], budget: Budget, programs: int = 0) -> PlanMade:
    """What to do about *rows* on a device that declares *facts*."""
    left = budget.sheets
    entries = []
    for row in rows:
        entry = _planned(row, facts)
        if entry.expected is None and left is not None:
            if entry.sheets > left:
                reason = f"needs about {entry.sheets} sheets, {left} of {budget.sheets} are left"
                entry = Planned(row.id, Verdict.NOT_CHECKED, reason)
            else:
                left -= entry.sheets
        entries.append(entry)
    return PlanMade(tuple(entries), str(budget), programs)


def _planned(row: Requirement, facts: Facts) -> Planned:
    if row.gate is not None and (quote := row.gate.missing(facts)) is not None:
        return Planned(row.id, Verdict.NOT_APPLICABLE, f"needs {row.gate.words}; the device declares {quote}")
    if row.status is Status.PLANNED or row.id not in CHECKS:
        return Planned(row.id, Verdict.NOT_CHECKED, row.why_planned or "there is no check yet")
    check = CHECKS[row.id]
    glass = facts.caps.first(SourceKind.FLATBED) is not None
    feeds = any(source.kind.feeds for source in facts.caps.sources)
    sheets = (check.feeder_sheets if feeds else 0) + (0 if glass else check.sheets)
    return Planned(row.id, None, "", sheets)
