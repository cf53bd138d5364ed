"""The kill matrix of services and the table of false alarms, for people: lines at the terminal, and a page of the documentation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from conformance.requirements import EVERY
from conformance.selftest.services.matrix import Peace, Row

PAGE = "docs/reference/kill-matrix-services.md"


@dataclass(frozen=True, slots=True)
class Matrix:
    """What the suite made of the zoo.

    Attributes:
        rows: of the defects.
        family: of the legal services.
        unguarded: requirements by which nothing died, if everything was judged.
    """

    rows: tuple[Row, ...]
    family: tuple[Peace, ...]
    unguarded: tuple[str, ...] = ()

    @property
    def survivors(self) -> tuple[Row, ...]:
        """Defects that are not killed by their own id, and those that show nothing."""
        return tuple(row for row in self.rows if not row.killed or not row.differs)

    @property
    def alarmed(self) -> tuple[Peace, ...]:
        """Legal services that the suite has something against."""
        return tuple(peace for peace in self.family if peace.alarms)

    @property
    def good(self) -> bool:
        """Whether all is as it must be."""
        return not (self.survivors or self.alarmed or self.unguarded)

    @property
    def summary(self) -> str:
        """In one line."""
        dead = len(self.rows) - len(self.survivors)
        return (
            f"{dead} of {len(self.rows)} defects killed by their own id, "
            f"{len(self.alarmed)} of {len(self.family)} legal services with a false alarm"
        )


def lines(matrix: Matrix) -> Iterator[str]:
    """For the terminal."""
    width = max((len(row.name) for row in matrix.rows), default=4)
    for row in matrix.rows:
        state = row.verdict if row.killed else f"SURVIVES ({row.verdict}, was {row.base})"
        same = "" if row.differs else "  SHOWS NOTHING"
        also = f"  also {', '.join(row.others)}" if row.others else ""
        yield f"{row.name:<{width}}  {row.requirement}  {state}{same}{also}"
    for peace in matrix.family:
        for alarm in peace.alarms:
            yield f"false alarm on {peace.name}: {alarm}"
    for name in matrix.unguarded:
        yield f"nothing dies by {name}"
    yield matrix.summary


def page(matrix: Matrix, day: str, *, everything: bool) -> str:
    """For the documentation; *everything* says whether all checks ran on each defect, as they did on each legal service."""
    found = ["# Kill matrix: services", ""]
    found += [
        f"Made on {day} by `python -m conformance.selftest.services --write{' --everything' if everything else ''}`: {matrix.summary}.",
        "",
        "Each defect is one small change of the reference service, which runs over connections in memory and on a clock that jumps. It must die by the",
        "requirement that it breaks, which passes on the service that it was made from"
        + (
            "; what else it breaks is in the last column."
            if everything
            else "; only that one was checked (`--everything` checks all)."
        ),
        "",
        "## Seeded defects",
        "",
        *_table(("defect", "what it does wrong", "dies by", "verdict", "also breaks"), _rows(matrix.rows)),
        "",
        "## Legal but odd services",
        "",
        "All of them judged by everything: neither failures nor warnings. What binds nobody (SHOULD) and is left undone on purpose is in the last column.",
        "",
        *_table(
            ("service", "what is odd about it", "passed", "not applicable", "alarms", "left undone"),
            _peace(matrix.family),
        ),
    ]
    return "\n".join(found) + "\n"


def _rows(rows: Sequence[Row]) -> Iterator[tuple[str, ...]]:
    for row in rows:
        verdict = row.verdict if row.killed else f"**survives** ({row.verdict})"
        yield row.name, row.what, row.requirement, verdict, ", ".join(row.others)


def _peace(family: Sequence[Peace]) -> Iterator[tuple[str, ...]]:
    for peace in family:
        alarms = "; ".join(peace.alarms) or "none"
        yield peace.name, peace.what, str(peace.passed), str(peace.not_applicable), alarms, ", ".join(peace.leaves)


def _table(head: Sequence[str], rows: Iterator[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


def unguarded(rows: Sequence[Row], checked: Sequence[str]) -> tuple[str, ...]:
    """Checked requirements by which no defect died: their check could be taken away and nobody would notice."""
    killing = {row.requirement for row in rows if row.killed}
    return tuple(name for name in checked if name in EVERY and name not in killing)
