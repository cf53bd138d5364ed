"""``python -m conformance.selftest.services``: judge ``check service`` by the zoo, print the kill matrix, and write its page.

The exit status is 1 if a defect survives, a legal service gets an alarm, or (when all are judged) nothing dies by some requirement; 2 for a name that is
neither a defect nor a legal service.
"""

from __future__ import annotations

import argparse
import datetime as dt
import multiprocessing
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeVar

from conformance.selftest.services.defects import DEFECTS
from conformance.selftest.services.family import FAMILY
from conformance.selftest.services.judge import active
from conformance.selftest.services.matrix import JudgeDefect, JudgeLegal
from conformance.selftest.services.table import PAGE, Matrix, lines, page, unguarded

T = TypeVar("T")


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge, print, and say by the exit status how it went."""
    parser = argparse.ArgumentParser(prog="python -m conformance.selftest.services", description="Judge check service.")
    parser.add_argument("names", nargs="*", help="defects and legal services to judge it by; none: all of them")
    parser.add_argument(
        "--everything", action="store_true", help="run all checks on each of them, not only those that it is about"
    )
    parser.add_argument("--processes", type=int, default=1, metavar="N", help="share the work between N processes")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE}, too; for all of them only")
    options = parser.parse_args(arguments)
    names = set(options.names)
    unknown = names - {item.name for item in DEFECTS} - FAMILY.keys()
    if unknown:
        parser.error(f"neither a defect nor a legal service: {', '.join(sorted(unknown))}")
    if options.write and names:
        parser.error("--write is for all of them, without names")
    defects = [item.name for item in DEFECTS if not names or item.name in names]
    family = [name for name in FAMILY if not names or name in names]
    rows = tuple(_shared(JudgeDefect(options.everything), defects, options.processes))
    peace = tuple(_shared(JudgeLegal(options.everything or options.write), family, options.processes))
    matrix = Matrix(rows, peace, () if names else unguarded(rows, active()))
    for line in lines(matrix):
        print(line)
    if options.write:
        today = dt.datetime.now(dt.UTC).date().isoformat()
        Path(PAGE).write_text(page(matrix, today, everything=options.everything), encoding="utf-8")
    return 0 if matrix.good else 1


def _shared(function: Callable[[str], T], names: Iterable[str], processes: int) -> Iterator[T]:
    """*function* of each name, in their order, with a word at the terminal after each."""
    wanted = list(names)
    if processes <= 1 or len(wanted) < 2:
        yield from _told(map(function, wanted), wanted)
        return
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        yield from _told(pool.imap(function, wanted), wanted)


def _told(results: Iterable[T], names: Sequence[str]) -> Iterator[T]:
    for number, (result, name) in enumerate(zip(results, names, strict=True), 1):
        if sys.stderr.isatty():
            print(f"\r{number} of {len(names)}: {name:<40}", end="", file=sys.stderr, flush=True)
        yield result


if __name__ == "__main__":
    sys.exit(main())
