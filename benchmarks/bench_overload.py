"""10,000 clients that poll for a page which does not come, at all the descriptors there are and at 1,024: the state of the job meanwhile, and afterwards."""

from __future__ import annotations

import resource
import tempfile
from pathlib import Path

from benchmarks.catalogue import CannotRunError
from benchmarks.runner import Figure
from tests.reference_server.security.overload import overload

CLIENTS = 10_000
SECONDS = 20.0
USUAL_LIMIT = 1024


def run() -> list[Figure]:
    """Once with each limit; the crowd, the one who asks and the service are three processes on the same machine."""
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < CLIENTS + 100:
        raise CannotRunError(f"{CLIENTS} clients need as many open files, and the hard limit here is lower")
    figures = []
    for descriptors in (0, USUAL_LIMIT):
        with tempfile.TemporaryDirectory() as folder:
            outcome = overload(Path(folder), CLIENTS, SECONDS, descriptors)
        limit = f"at {descriptors or resource.getrlimit(resource.RLIMIT_NOFILE)[1]} descriptors"
        told = ", ".join(f"{count} x {what}" for what, count in sorted(outcome.told.items()))
        note = (
            f"{len(outcome.times)} requests, median {outcome.percentile(50) * 1e3:.1f} ms; the crowd was told: {told}"
        )
        figures += [
            Figure(
                f"{CLIENTS} pollers {limit}: p99 of GET job",
                outcome.percentile(99) * 1e3,
                "ms",
                wanted="< 250 ms",
                note=note,
            ),
            Figure(f"{CLIENTS} pollers {limit}: recovered after", outcome.recovered, "s", wanted="< 10 s"),
        ]
    return figures
