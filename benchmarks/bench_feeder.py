"""The virtual feeder through the service as JPEG (A4, colour, 300 dpi): pages a second on one device, and on two at once."""

from __future__ import annotations

import statistics
import time
from concurrent.futures import ThreadPoolExecutor

from benchmarks.client import Client
from benchmarks.runner import Figure
from benchmarks.service import DATA, Service, Spent, service

PAGES = 40
ROUNDS = 5


def run() -> list[Figure]:
    """Whole jobs, from creation to the last byte of the last page; one and two devices in turn."""
    with service("--devices", str(DATA / "two-feeders.toml")) as running:
        _pages_per_second(running, ["virtual:feeder", "virtual:second"])  # starts the workers
        one: list[float] = []
        two: list[float] = []
        spent = Spent(running)
        for _ in range(ROUNDS):
            with spent:
                one.append(_pages_per_second(running, ["virtual:feeder"]))
            spent.pages += PAGES
            two.append(_pages_per_second(running, ["virtual:feeder", "virtual:second"]))
    alone, together = statistics.median(one), statistics.median(two)
    return [
        Figure("virtual feeder as JPEG, service", alone, "pages/s", wanted=">= 20 pages/s", note=spent.told()),
        Figure("two virtual feeders at once", together, "pages/s", "one feeder", alone, ">= 1.4 x"),
    ]


def _pages_per_second(running: Service, names: list[str]) -> float:
    with ThreadPoolExecutor(len(names)) as pool:
        start = time.perf_counter()
        counts = list(pool.map(lambda name: _drain(running, name), names))
        seconds = time.perf_counter() - start
    return sum(counts) / seconds


def _drain(running: Service, name: str) -> int:
    with Client(running.url) as client:
        count, _ = client.drain(
            client.device(name),
            PixelType=2,
            Resolution=300,
            PageSize=1,
            IfFeederEnabled=True,
            IfDuplexEnabled=True,
            XferCount=PAGES,
        )
    if count != PAGES:
        raise RuntimeError(f"{count} pages of {name} instead of {PAGES}")
    return count
