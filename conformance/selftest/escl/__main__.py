"""``python -m conformance.selftest.escl``: judge ``check escl`` by the zoo, print what came of it, and write its page.

The exit status is 1 if a defect survives, a legal scanner gets an alarm, or (when all are judged) nothing dies by some requirement; 2 for a name that is
neither a defect nor a legal scanner.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Sequence
from pathlib import Path

from conformance.selftest.escl.defects import DEFECTS
from conformance.selftest.escl.family import FAMILY
from conformance.selftest.escl.judge import judged
from conformance.selftest.escl.table import PAGE, heard, killed, page, summary, unguarded


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge, print, and say by the exit status how it went."""
    parser = argparse.ArgumentParser(prog="python -m conformance.selftest.escl", description="Judge check escl.")
    parser.add_argument("names", nargs="*", help="defects and legal scanners to judge it by; none: all of them")
    parser.add_argument("--everything", action="store_true", help="run all checks on each defect, not only its own")
    parser.add_argument("--write", action="store_true", help=f"write {PAGE}, too; for all of them only")
    options = parser.parse_args(arguments)
    names = set(options.names)
    unknown = names - {item.name for item in DEFECTS} - {item.name for item in FAMILY}
    if unknown:
        parser.error(f"neither a defect nor a legal scanner: {', '.join(sorted(unknown))}")
    if options.write and names:
        parser.error("--write is for all of them, without names")
    rows = tuple(
        killed(item, judged(item.build, None if options.everything else [item.requirement]))
        for item in DEFECTS
        if not names or item.name in names
    )
    peace = tuple(heard(item, judged(item.build)) for item in FAMILY if not names or item.name in names)
    missed = () if names else unguarded(rows)
    for row in rows:
        if options.everything or not row.dead:
            print(f"{row.defect.requirement} {row.defect.name}: {', '.join(row.by) or 'alive'}")
    for alarmed in peace:
        for alarm in alarmed.alarms:
            print(f"alarm about {alarmed.oddity.name}: {alarm.id} {alarm.verdict.value}: {alarm.evidence}")
    for name in missed:
        print(f"{name}: nothing dies by it")
    print(summary(rows, peace))
    if options.write:
        today = dt.datetime.now(dt.UTC).date().isoformat()
        Path(PAGE).write_text(page(rows, peace, today), encoding="utf-8")
    good = all(row.dead for row in rows) and not any(item.alarms for item in peace) and not missed
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
