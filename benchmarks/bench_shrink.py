"""Shrinking: the random programs that kill the zoo's defects, made short."""

from __future__ import annotations

import statistics
import time

from benchmarks.runner import Figure
from conformance.programs import find_failure
from conformance.programs.find import Found
from conformance.selftest.build import SCANNER
from conformance.selftest.defects import DEFECTS
from device_protocol.testing import Jumper
from device_protocol.testing import run as run_trio

PROGRAMS = 60
"""For each defect; those that none of them finds are not counted."""


def run() -> list[Figure]:
    """Over the whole zoo: steps that are left, runs that it took, and seconds for finding and shortening together."""
    found: list[Found] = []
    seconds: list[float] = []
    for defect in DEFECTS:
        begun = time.perf_counter()
        failure = run_trio(
            lambda build=defect.build: find_failure(build, SCANNER, count=PROGRAMS, time_budget=20.0),  # type: ignore[misc]  # the default binds it
            clock=Jumper(),
        )
        if failure is not None:
            seconds.append(time.perf_counter() - begun)
            found.append(failure)
    steps = sorted(len(item.program) for item in found)
    runs = [item.runs for item in found]
    told = f"{len(found)} of {len(DEFECTS)} defects die by {PROGRAMS} programs; the longest program has {steps[-1]} steps, {max(runs)} runs at most"
    return [
        Figure("shrunk programs of the zoo, steps (median)", statistics.median(steps), "steps", wanted="5", note=told),
        Figure("found and shrunk (median)", statistics.median(seconds), "s", wanted="< 2 s"),
    ]
