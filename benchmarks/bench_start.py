"""From the start of ``flatbed serve`` to its ready file, beside a Python that only imports what it is made of."""

from __future__ import annotations

import sys

from benchmarks.runner import Figure, interleaved
from benchmarks.service import run_words, service

IMPORTS = "import trio, starlette.applications, hypercorn.trio, pydantic"


def run() -> list[Figure]:
    """Time to ready; the time to end again is not counted."""
    ready: list[float] = []

    def start() -> None:
        with service() as running:
            ready.append(running.seconds)

    medians = interleaved({"start": start, "imports": lambda: run_words([sys.executable, "-c", IMPORTS])}, 5)
    seconds = sorted(ready[1:])[len(ready[1:]) // 2]
    return [Figure("start to ready", seconds * 1e3, "ms", "bare imports", medians["imports"] * 1e3, "< 1 s")]
