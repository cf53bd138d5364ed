"""The plan: what will become of each requirement, as far as the declarations tell before anything is done."""

from __future__ import annotations

from collections.abc import Collection

from conformance.bench import Budget
from conformance.checks import CHECKS
from conformance.requirements import Facts, Requirement, Status, Subject, of
from conformance.runner.events import PlanMade, Planned
from conformance.verdicts import Verdict
from device_protocol import SourceKind


def select(only: Collection[str] | None, subject: Subject = Subject.DEVICE) -> list[Requirement]:
    """The requirements on *subject* that *only* names, by id or by family.

    Raises:
        ValueError: it names something that does not exist.
    """
    rows = of(subject)
    if only is None:
        return list(rows.values())
    families = tuple(dict.fromkeys(row.family for row in rows.values()))
    wanted = {word.strip().upper() for word in only}
    unknown = sorted(word for word in wanted if word not in rows and word not in families)
    if unknown:
        raise ValueError(
            f"no such requirement or family: {', '.join(unknown)}; families are {', '.join(families)}, "
            f"a requirement is written like {next(iter(rows))}"
        )
    return [row for row in rows.values() if row.id in wanted or row.family in wanted]


def make_plan(facts: Facts, only: Collection[str] | None, budget: Budget, programs: int = 0) -> PlanMade:
    """What to do on a device that declares *facts*.

    Raises:
        ValueError: see :func:`select`.
    """
    left = budget.sheets
    entries = []
    for row in select(only):
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
