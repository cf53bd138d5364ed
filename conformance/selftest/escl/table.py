"""The kill matrix and the false-alarm table of ``check escl``, as text and as a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from conformance.selftest.escl.defects import Defect
from conformance.selftest.escl.family import Oddity
from conformance.selftest.escl.judge import DEAD, every_id
from conformance.verdicts import Judgement, Verdict

PAGE = "docs/reference/kill-matrix-escl.md"

QUIET = frozenset({Verdict.PASS, Verdict.NOT_APPLICABLE})
"""What a legal scanner may get."""

HEAD = """\
# The zoo of eSCL scanners

How far `flatbed check escl` can be believed: scanners with one defect each, which have to die by the requirement that names it,
and legal but odd ones, about which nothing may be said.
`python -m conformance.selftest.escl --write` makes this page; it was last made on {day}.

{summary}
"""


@dataclass(frozen=True, slots=True)
class Killed:
    """What became of a defect.

    Attributes:
        defect: which.
        by: the requirements by which it died.
        own: the verdict on its own requirement.
    """

    defect: Defect
    by: tuple[str, ...]
    own: Judgement

    @property
    def dead(self) -> bool:
        """Whether it died by the one that names it."""
        return self.own.verdict in DEAD


@dataclass(frozen=True, slots=True)
class Heard:
    """What was said of a legal scanner.

    Attributes:
        oddity: which.
        passes: requirements that it kept.
        alarms: those about which something was said.
    """

    oddity: Oddity
    passes: int
    alarms: tuple[Judgement, ...]


def killed(defect: Defect, found: Mapping[str, Judgement]) -> Killed:
    """From the verdicts on a defect."""
    return Killed(
        defect, tuple(name for name, item in found.items() if item.verdict in DEAD), found[defect.requirement]
    )


def heard(oddity: Oddity, found: Mapping[str, Judgement]) -> Heard:
    """From the verdicts on a legal scanner."""
    alarms = tuple(item for item in found.values() if item.verdict not in QUIET)
    return Heard(oddity, sum(item.verdict is Verdict.PASS for item in found.values()), alarms)


def unguarded(rows: tuple[Killed, ...]) -> tuple[str, ...]:
    """Requirements by which no defect died that names them: without their check nothing would be missed."""
    return tuple(name for name in every_id() if name not in {row.defect.requirement for row in rows if row.dead})


def summary(rows: tuple[Killed, ...], peace: tuple[Heard, ...]) -> str:
    """In a sentence."""
    dead, quiet = sum(row.dead for row in rows), sum(not item.alarms for item in peace)
    ids = len({row.defect.requirement for row in rows})
    return (
        f"{dead} of {len(rows)} defects of {ids} requirements died by their own; {quiet} of {len(peace)} legal scanners were left in peace, "
        "each judged by every requirement."
    )


def page(rows: tuple[Killed, ...], peace: tuple[Heard, ...], day: str) -> str:
    """The page."""
    lines = [HEAD.format(day=day, summary=summary(rows, peace)), "## Defects", ""]
    lines += ["| requirement | scanner | what it does wrong | verdict | evidence |", "|---|---|---|---|---|"]
    for row in rows:
        evidence = " ".join(row.own.evidence.split()).replace("|", "\\|")
        cells = (row.defect.requirement, row.defect.name, row.defect.what, row.own.verdict.value, evidence[:160])
        lines.append(f"| {' | '.join(cells)} |")
    lines += ["", "## Legal scanners", "", "| scanner | it | requirements kept | alarms |", "|---|---|---|---|"]
    for item in peace:
        alarms = ", ".join(f"{found.id} {found.verdict.value}" for found in item.alarms) or "none"
        lines.append(f"| {item.oddity.name} | {item.oddity.what} | {item.passes} | {alarms} |")
    return "\n".join([*lines, ""])
