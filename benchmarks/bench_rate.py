"""Four virtual machines of 120 sheets a minute at once, in real time, through the service as JPEG: whether they keep the rate of their profile."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from benchmarks.client import Client
from benchmarks.runner import Figure
from benchmarks.service import DATA, Service, Spent, service
from simulators.fixture_files import fixture
from simulators.profile import load_profile

PROFILE = "production-duplex-a3"
NAMES = ("virtual:one", "virtual:two", "virtual:three", "virtual:four")
PAGES = 80
WARM_UP = 8
"""Pages at the beginning that do not count: the first sheets are on their way."""


@dataclass(frozen=True)
class Arrival:
    """When the pages of one machine came, in seconds."""

    times: list[float]

    @property
    def rate(self) -> float:
        """Pages a second, once it runs; both sides of a sheet come at once, so that backs are counted."""
        backs = self.times[WARM_UP + 1 :: 2]
        return 2 * (len(backs) - 1) / (backs[-1] - backs[0])


def run() -> list[Figure]:
    """Colour at 300 dpi, both sides of A4; one machine alone, then four at once."""
    nominal = load_profile(fixture(f"profiles/{PROFILE}.toml")).timing.sheets_per_minute / 60 * 2
    with service("--devices", str(DATA / "four-production.toml")) as running:
        _scan(running, NAMES, 4)  # starts the workers
        (alone,) = _scan(running, NAMES[:1], PAGES)
        spent = Spent(running)
        with spent:
            together = _scan(running, NAMES, PAGES)
        spent.pages = PAGES * len(NAMES)
    slowest = min(arrival.rate for arrival in together)
    return [
        Figure("one machine of 120 sheets/min, both sides", alone.rate, "pages/s", "nominal", nominal, ">= 0.98 x"),
        Figure(
            "the slowest of four at once",
            slowest,
            "pages/s",
            "nominal",
            nominal,
            ">= 0.98 x",
            f"{sum(arrival.rate for arrival in together):.1f} pages/s in all; {spent.told()}",
        ),
    ]


def _scan(running: Service, names: tuple[str, ...], pages: int) -> list[Arrival]:
    with ThreadPoolExecutor(len(names)) as pool:
        return list(pool.map(lambda name: _arrivals(running, name, pages), names))


def _arrivals(running: Service, name: str, pages: int) -> Arrival:
    with Client(running.url) as client:
        job = client.create(
            client.device(name),
            PixelType=2,
            Resolution=300,
            PageSize=1,
            IfFeederEnabled=True,
            IfDuplexEnabled=True,
            XferCount=pages,
        )
        times = [time.perf_counter() for _ in client.pages(job)]
        client.delete(job)
    if len(times) != pages:
        raise RuntimeError(f"{len(times)} pages of {name} instead of {pages}")
    return Arrival(times)
