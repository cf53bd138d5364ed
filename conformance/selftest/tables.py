"""The pages ``kill-matrix.md`` and ``false-alarms.md`` of the zoo of devices."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence

from conformance.requirements import REQUIREMENTS
from conformance.selftest.matrix import Peace, Row, Scope, lonely
from conformance.selftest.pages import page, table

MATRIX, ALARMS = "kill-matrix.md", "false-alarms.md"
COMMAND = "python -m conformance.selftest --write"

_MATRIX = """\
Every seeded defect of the zoo of devices: what it does wrong, the requirement by which it must die, and what became of it. *Others* are further requirements
that break on it when every check runs (the cross matrix): a check that stands alone in its row is the only one that sees this defect. *Program* is the shortest
command sequence to which a random one was made, with the requirement that it breaks; an empty cell means that {programs} random programs found nothing, and
only the check does. A defect counts as killed if its check passes on the legal device that it was made from and breaks on the defect
([decision 0044](../decisions/0044-the-zoo-of-devices.md))."""

_SCOPES = {
    Scope.OWN: "only the check of its own requirement ran",
    Scope.BEFORE: "its own check ran, and all before it in the plan",
    Scope.ALL: "all checks ran",
}

_ALARMS = """\
Legal devices, however odd, about which the suite has to be silent: neither a failure nor a warning. Each was judged by every check, and by random programs
with several seeds."""


def kill_matrix(rows: Sequence[Row], scope: Scope, programs: int, took_s: float, day: dt.date) -> str:
    """The page of the defects."""
    dead = sum(row.killed for row in rows)
    found = [len(row.program) for row in rows if row.program is not None]
    kinds = Counter(row.requirement for row in rows)
    summary = [
        f"* {len(rows)} defects of {len(kinds)} requirements; {dead} killed by their declared id; {_SCOPES[scope]}.",
        f"* Survivors: {', '.join(row.name for row in rows if not row.killed) or 'none'}.",
        f"* Equivalent (their proof shows no difference): {', '.join(row.name for row in rows if not row.differs) or 'none'}.",
    ]
    if programs:
        summary.append(
            f"* Random programs find {len(found)} of them; the shortest programs have {_median(found)} commands in the median, "
            f"{max(found, default=0)} at most."
        )
    if scope is Scope.ALL:
        alone = lonely(rows)
        shadowed = [name for name in REQUIREMENTS if name in kinds and not alone[name]]
        summary.append(
            f"* {len(kinds) - len(shadowed)} requirements have a defect that no other check sees. Those of the others are seen by another check too, "
            f"under another id: {', '.join(shadowed) or 'none'}."
        )
    body = table(
        ("Defect", "What it does wrong", "Must die by", "Verdict", "Others", "Program"),
        (
            (
                f"`{row.name}`",
                row.what,
                row.requirement,
                row.verdict if row.killed else f"**survives**: {row.verdict}, was {row.base}",
                ", ".join(row.others),
                "" if row.program is None else f"{'; '.join(row.program)} ({row.blames})",
            )
            for row in rows
        ),
    )
    return page(
        "The kill matrix",
        _MATRIX.format(programs=programs or "no"),
        COMMAND,
        ["\n".join(summary), body],
        took_s=took_s,
        day=day,
    )


def false_alarms(rows: Sequence[Peace], took_s: float, day: dt.date) -> str:
    """The page of the legal devices."""
    loud = [row for row in rows if row.alarms]
    summary = [
        (
            f"* {len(rows)} devices, {sum(row.passed for row in rows)} passes, {sum(row.programs for row in rows)} programs "
            f"of {sum(row.commands for row in rows)} commands."
        ),
        f"* False alarms: {sum(len(row.alarms) for row in loud) or 'none'}.",
        *(f"* {row.name}: {alarm}" for row in loud for alarm in row.alarms),
    ]
    body = table(
        ("Device", "Passes", "Not applicable", "Seeds", "Programs", "Commands", "Alarms"),
        (
            (
                f"`{row.name}`",
                row.passed,
                row.not_applicable,
                row.seeds,
                row.programs,
                row.commands,
                len(row.alarms) or "none",
            )
            for row in rows
        ),
    )
    return page("False alarms", _ALARMS, COMMAND, ["\n".join(summary), body], took_s=took_s, day=day)


def _median(numbers: Sequence[int]) -> int:
    return sorted(numbers)[len(numbers) // 2] if numbers else 0
