"""The suite: how long it takes to judge a device, a service and a SANE back end, as its users call it."""

from __future__ import annotations

import subprocess
import tempfile
import time
from pathlib import Path

from benchmarks.runner import Figure
from benchmarks.service import flatbed_command
from flatbed.testing import ScanService


def run() -> list[Figure]:
    """Each once: they take seconds."""
    figures = [
        _timed(
            "check device virtual:flatbed, 500 programs", "< 10 s", "device", "virtual:flatbed", "--programs", "500"
        ),
        _timed("check device virtual:feeder", "< 20 s", "device", "virtual:feeder"),
        _timed("check sane test:0", "< 5 s", "sane", "test:0"),
    ]
    with ScanService.start() as service:
        figures.append(_timed("check service, our own", "< 60 s", "service", service.url))
    return figures


def _timed(what: str, wanted: str, *words: str) -> Figure:
    """One run that has to end clean.

    Raises:
        RuntimeError: it did not.
    """
    with tempfile.TemporaryDirectory() as folder:
        command = [*flatbed_command(), "check", *words, "--replay-dir", str(Path(folder) / "replay")]
        start = time.perf_counter()
        result = subprocess.run(command, check=False, capture_output=True, text=True)
        seconds = time.perf_counter() - start
    if result.returncode:
        raise RuntimeError(f"{what}: exit {result.returncode}: {(result.stderr or result.stdout)[-2000:]}")
    return Figure(what, seconds, "s", wanted=wanted, note=result.stdout.strip().splitlines()[-2])
