"""``python -m conformance.selftest``: judge the suite by the zoo of devices, and print or write the kill matrix and the table of false alarms.

The exit status is 1 if a defect survives or is none, a legal device gets an alarm, or (when everything is judged) nothing dies by some requirement; 2 for a
name that is neither a defect nor a legal device.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
import time
from collections.abc import Sequence

from conformance.requirements import REQUIREMENTS
from conformance.selftest.defects import DEFECTS
from conformance.selftest.family import EVERYBODY
from conformance.selftest.judge import PROGRAMS
from conformance.selftest.matrix import DefectJudge, LegalJudge, Peace, Row, Scope, shared
from conformance.selftest.pages import write
from conformance.selftest.tables import ALARMS, MATRIX, false_alarms, kill_matrix

SEEDS, PROGRAMS_EACH = 5, 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge, print or write, and say by the exit status how it went."""
    parser = _parser()
    options = parser.parse_args(arguments)
    names = set(options.names)
    unknown = names - {item.name for item in DEFECTS} - EVERYBODY.keys()
    if unknown:
        parser.error(f"neither a defect nor a legal device: {', '.join(sorted(unknown))}")
    if options.write and names:
        parser.error("pages are written of the whole zoo")
    scope = Scope(options.scope or (Scope.ALL if options.write else Scope.OWN))
    programs = PROGRAMS if options.write and not options.programs else options.programs
    defects = [item.name for item in DEFECTS if not names or item.name in names]
    defects = [] if options.family_only else defects
    family = [] if options.defects_only else [name for name in EVERYBODY if not names or name in names]
    began = time.monotonic()
    rows = shared(DefectJudge(scope, programs), defects, options.jobs, _progress)
    told = time.monotonic()
    peace = shared(LegalJudge(options.seeds, PROGRAMS_EACH if options.seeds else 0), family, options.jobs, _progress)
    ended = time.monotonic()
    if options.write:
        day = dt.datetime.now(dt.UTC).date()
        if rows:
            write(MATRIX, kill_matrix(rows, scope, programs, told - began, day))
        if peace:
            write(ALARMS, false_alarms(peace, ended - told, day))
    print(text(rows, peace, whole=not names and not options.family_only))
    print(f"{ended - began:.0f} s")
    return 1 if _bad(rows, peace, whole=not names and not options.family_only) else 0


def _progress(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m conformance.selftest", description="Judge the conformance suite.")
    parser.add_argument("names", nargs="*", help="defects and legal devices to judge it by; none: all of them")
    parser.add_argument(
        "--programs", type=int, default=0, metavar="N", help="also run N random programs on each defect"
    )
    parser.add_argument(
        "--seeds",
        type=int,
        default=0,
        metavar="N",
        help=f"also run {PROGRAMS_EACH} programs of N seeds on each legal device",
    )
    parser.add_argument(
        "--scope",
        choices=[scope.value for scope in Scope],
        help="which checks run on a defect: its own (as made), that and all before it in the plan, or all (with --write)",
    )
    parser.add_argument("--defects-only", action="store_true", help="leave the legal devices out")
    parser.add_argument("--family-only", action="store_true", help="leave the defects out")
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="processes to share the work")
    parser.add_argument("--write", action="store_true", help="write the pages of the documentation")
    return parser


def unguarded(rows: Sequence[Row]) -> list[str]:
    """Requirements that no defect died by: their check could be removed, and nobody would notice."""
    killing = {row.requirement for row in rows if row.killed}
    return [name for name in REQUIREMENTS if name not in killing]


def text(rows: Sequence[Row], peace: Sequence[Peace], *, whole: bool) -> str:
    """The findings for people: one line for each defect, then the alarms; requirements without a kill if this is the *whole* zoo."""
    width = max((len(row.name) for row in rows), default=4)
    lines = [f"{'defect':<{width}}  must die by  check     programs"]
    for row in rows:
        by = "-" if row.program is None else f"{row.blames} ({len(row.program)} commands)"
        state = row.verdict if row.killed else f"SURVIVES ({row.verdict}, was {row.base})"
        also = f"  also {', '.join(row.others)}" if row.others else ""
        same = "" if row.differs else "  IS NO DEFECT: its proof shows no difference"
        lines.append(f"{row.name:<{width}}  {row.requirement:<11}  {state:<8}  {by}{also}{same}")
    lines += [f"false alarm on {one.name}: {alarm}" for one in peace for alarm in one.alarms]
    lines += [f"nothing dies by {name}" for name in unguarded(rows) if whole]
    dead, loud = sum(row.killed for row in rows), sum(len(one.alarms) for one in peace)
    return "\n".join([*lines, f"{dead} of {len(rows)} defects killed, {loud} false alarms"])


def _bad(rows: Sequence[Row], peace: Sequence[Peace], *, whole: bool) -> bool:
    sound = all(row.killed and row.differs for row in rows)
    return not sound or any(one.alarms for one in peace) or bool(whole and unguarded(rows))


if __name__ == "__main__":
    sys.exit(main())
