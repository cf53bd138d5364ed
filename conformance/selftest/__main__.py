"""``python -m conformance.selftest``: judge the suite and print the kill matrix.

The exit status is 1 if a defect survives, a legal device gets an alarm, or (when everything is judged) nothing dies by some requirement; 2 for a name
that is neither a defect nor a legal device.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from conformance.selftest.defects import DEFECTS
from conformance.selftest.family import EVERYBODY
from conformance.selftest.judge import judge


def main(arguments: Sequence[str] | None = None) -> int:
    """Judge, print, and say by the exit status how it went."""
    parser = argparse.ArgumentParser(prog="python -m conformance.selftest", description="Judge the conformance suite.")
    parser.add_argument("names", nargs="*", help="defects and legal devices to judge it by; none: all of them")
    parser.add_argument(
        "--programs", type=int, default=0, metavar="N", help="also run N random programs on each device"
    )
    parser.add_argument("--everything", action="store_true", help="run all checks on each defect, not only its own")
    options = parser.parse_args(arguments)
    names = set(options.names)
    unknown = names - {item.name for item in DEFECTS} - EVERYBODY.keys()
    if unknown:
        parser.error(f"neither a defect nor a legal device: {', '.join(sorted(unknown))}")
    defects = [item for item in DEFECTS if not names or item.name in names]
    family = [name for name in EVERYBODY if not names or name in names]
    judged = judge(defects, family, everything=options.everything, programs=options.programs)
    print(judged.table(whole=not names))
    return 1 if judged.survivors or judged.alarms or (judged.unguarded and not names) else 0


if __name__ == "__main__":
    sys.exit(main())
