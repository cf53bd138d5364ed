"""``python -m benchmarks``: measure, and print a table of ratios."""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import traceback

from benchmarks.catalogue import BENCHMARKS, CannotRunError, load
from benchmarks.runner import Figure, table


def main(arguments: list[str] | None = None) -> int:
    """Run what was asked for; gives 1 if something could not be measured because it failed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", action="append", choices=BENCHMARKS, metavar="NAME", help="run this one; repeatable")
    parser.add_argument("--list", action="store_true", help="name the benchmarks and leave")
    parser.add_argument("--json", action="store_true", help="print data instead of a table")
    options = parser.parse_args(arguments)
    if options.list:
        for name, summary in BENCHMARKS.items():
            print(f"{name:10} {summary}")
        return 0
    figures: dict[str, list[Figure]] = {}
    skipped: dict[str, str] = {}
    failed: dict[str, str] = {}
    for name in options.only or BENCHMARKS:
        print(f"... {name}: {BENCHMARKS[name]}", file=sys.stderr, flush=True)
        try:
            figures[name] = load(name)()
        except CannotRunError as reason:
            skipped[name] = str(reason)
        except Exception as error:  # noqa: BLE001  # the others are still worth measuring
            traceback.print_exc()
            failed[name] = f"{type(error).__name__}: {error}"
    machine = f"{os.cpu_count()} CPUs, {platform.system()} {platform.machine()}, Python {platform.python_version()}"
    if options.json:
        plain = {name: [figure.plain() for figure in found] for name, found in figures.items()}
        report = {"schema": 1, "machine": machine, "figures": plain, "skipped": skipped, "failed": failed}
        print(json.dumps(report, indent=2))
    else:
        print(f"{machine}; medians, each pair in one run; ratio: how many times as good as the other\n")
        print(table([figure for found in figures.values() for figure in found]))
        for name, why in skipped.items():
            print(f"\n{name}: not run: {why}")
        for name, why in failed.items():
            print(f"\n{name}: FAILED: {why}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
