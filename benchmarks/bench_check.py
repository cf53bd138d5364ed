"""``flatbed check device virtual:feeder``: all checks of the suite on the virtual feeder."""

from __future__ import annotations

import subprocess
import time

from benchmarks.runner import Figure
from benchmarks.service import flatbed_command


def run() -> list[Figure]:
    """Once: it takes seconds."""
    start = time.perf_counter()
    words = [*flatbed_command(), "check", "device", "virtual:feeder"]
    result = subprocess.run(words, check=False, capture_output=True, text=True)
    seconds = time.perf_counter() - start
    if result.returncode:
        raise RuntimeError(f"exit {result.returncode}: {(result.stderr or result.stdout)[-2000:]}")
    return [Figure("check device virtual:feeder", seconds, "s", wanted="< 20 s")]
