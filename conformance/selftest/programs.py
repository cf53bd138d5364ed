"""``python -m conformance.selftest.programs``: what programs come to, and how short their failures become, measured on the zoo.

``coverage`` prints how often 500 programs on legal scanners make each call in each state of the table; ``shrinking`` how many commands and re-runs the
failures of the defects take. ``--count N`` changes the number of programs, ``--write FILE`` writes a dated page.
"""

from __future__ import annotations

import argparse
import datetime as dt
import statistics
import sys
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from conformance.programs import Found, search
from conformance.programs.coverage import Coverage, measure
from conformance.programs.shrink import DEFAULT_RUNS
from conformance.selftest.build import SCANNER
from conformance.selftest.defects import DEFECTS, Defect
from conformance.selftest.family import FAMILY
from device_protocol.testing import Jumper, run

LONGEST, MEDIAN, SECONDS = 10, 5, 2.0
"""Limits: commands of a shrunk program, their median over the zoo, and the median of the real seconds that shrinking takes."""


MACHINES = ("plain", "slow", "scan-ahead")
"""Of the legal family: one that cancels at once, one whose cancellations take time, one that feeds ahead and so can be draining."""


@dataclass(frozen=True, slots=True)
class Shrinking:
    """How one failure became short.

    Attributes:
        defect: its name.
        found: the failure.
        programs: how many were run until it was found.
        seconds: real time that making it short took.
    """

    defect: str
    found: Found
    programs: int
    seconds: float


def coverage(count: int) -> Coverage:
    """The cells that *count* programs come to, on machines that together know all states."""
    found = Coverage()
    share = -(-count // len(MACHINES))
    for index, name in enumerate(MACHINES):
        first, last = index * share, min(count, (index + 1) * share)
        part = run(lambda: measure(FAMILY[name], SCANNER, seed=first, count=last - first), clock=Jumper())  # noqa: B023  # run returns before the next
        found = Coverage(found.programs + part.programs, found.cells + part.cells)
    return found


def shrink_all(count: int, defects: Iterable[Defect] = DEFECTS) -> list[Shrinking]:
    """The failures that at most *count* programs find on each defect, made short."""
    rows = []
    for item in defects:
        began = time.monotonic()
        searched = run(lambda item=item: search(item.build, SCANNER, count=count, time_budget=30), clock=Jumper())  # type: ignore[misc]  # a default binds it
        if searched.found is not None:
            spent = time.monotonic() - began
            share = searched.found.runs / (searched.found.runs + searched.programs)
            rows.append(Shrinking(item.name, searched.found, searched.programs, spent * share))
    return rows


def shrinking_table(rows: Sequence[Shrinking]) -> tuple[str, bool]:
    """The rows for people, and whether the limits are kept."""
    width = max((len(row.defect) for row in rows), default=0)
    lines = [f"{'defect':<{width}}  by        commands  of  re-runs"]
    for row in rows:
        found = row.found
        lines.append(
            f"{row.defect:<{width}}  {found.failure.requirement:<8}  {len(found.program):>8}  {found.original:>2}  {found.runs:>7}"
        )
    lengths = [len(row.found.program) for row in rows]
    runs = [row.found.runs for row in rows]
    seconds = statistics.median(row.seconds for row in rows)
    kept = max(lengths) <= LONGEST and statistics.median(lengths) <= MEDIAN and max(runs) <= DEFAULT_RUNS
    lines.append(
        f"{len(rows)} defects: at most {max(lengths)} commands, median {statistics.median(lengths):g};"
        f" at most {max(runs)} re-runs, median {statistics.median(runs):g}; {seconds:.2f} s median"
    )
    return "\n".join(lines), kept and seconds < SECONDS


def main(words: Sequence[str] | None = None) -> int:
    """Measure, and print or write what came; gives 1 if a limit is not kept."""
    parser = argparse.ArgumentParser(prog="python -m conformance.selftest.programs", description=__doc__)
    parser.add_argument("what", choices=("coverage", "shrinking"))
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--write", type=Path)
    given = parser.parse_args(words)
    if given.what == "coverage":
        covered = coverage(given.count)
        text, kept = covered.table(), not covered.missing
    else:
        text, kept = shrinking_table(shrink_all(given.count))
    if given.write is None:
        sys.stdout.write(f"{text}\n")
    else:
        today = dt.datetime.now(tz=dt.UTC).date()
        given.write.write_text(f"# Programs: {given.what}\n\nMeasured on {today}.\n\n```\n{text}\n```\n")
    return 0 if kept else 1


if __name__ == "__main__":
    raise SystemExit(main())
