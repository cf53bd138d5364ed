"""A document of 200 JPEG pages as a PDF: when its first byte comes, and what the server's memory does until the last one."""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass

from benchmarks.client import JPEG, Client
from benchmarks.runner import Figure
from benchmarks.service import DATA, Service, service

PAGES = 200
SCANNED = 20  # different ones; each goes into the document ten times
ROUNDS = 5
EVERY = 4 << 20  # bytes between two looks at the memory


@dataclass(frozen=True)
class Fetched:
    """One PDF: seconds until its first byte and in all, its bytes, and by how much memory grew meanwhile, MB."""

    first: float
    seconds: float
    size: int
    growth: float


def run() -> list[Figure]:
    """Five times plain and five times with an open password; in between nothing is kept."""
    with service("--devices", str(DATA / "two-feeders.toml")) as running, Client(running.url) as client:
        document = _document(client)
        plain = [_fetch(running, client, document) for _ in range(ROUNDS)]
        locked = [_fetch(running, client, document, "&password=secret") for _ in range(ROUNDS)]
    size = plain[0].size
    return [
        _first(f"PDF of {PAGES} JPEG pages, {size / 1e6:.0f} MB: first byte", plain),
        Figure("the same: growth of the server", max(each.growth for each in plain), "MB", wanted="< 30 MB"),
        _first("the same with AES-256: first byte", locked),
        Figure("the same: growth of the server", max(each.growth for each in locked), "MB", wanted="< 30 MB"),
        Figure(
            "the same: whole file",
            statistics.median(each.seconds for each in locked),
            "s",
            "without AES",
            statistics.median(each.seconds for each in plain),
        ),
    ]


def _first(what: str, fetched: list[Fetched]) -> Figure:
    slowest = max(each.first for each in fetched) * 1e3
    median = statistics.median(each.first for each in fetched) * 1e3
    return Figure(what, median, "ms", wanted="< 100 ms", note=f"the slowest of {len(fetched)}: {slowest:.0f} ms")


def _document(client: Client) -> str:
    """A document with pages of a feeder; its path."""
    device = client.device("virtual:feeder")
    job = client.create(device, PixelType=2, Resolution=200, PageSize=1, IfFeederEnabled=True, XferCount=SCANNED)
    for _ in client.pages(job, JPEG):
        pass
    uids = client.page_uids(job, SCANNED)
    document = f"/storage/documents/{client.post('/storage/documents', {})['uid']}"
    for number in range(PAGES):
        source = f"/api/device/scanners/jobs/{job}/next-page?page={uids[number % SCANNED]}"
        client.post(f"{document}/pages", {"source": source})
    client.delete(job)
    return document


def _fetch(running: Service, client: Client, document: str, query: str = "") -> Fetched:
    before = most = running.memory()
    size = seen = 0
    first = 0.0
    start = time.perf_counter()
    for chunk in client.stream(f"{document}/content?type=application/pdf{query}"):
        first = first or time.perf_counter() - start
        size += len(chunk)
        if size - seen >= EVERY:
            seen = size
            most = max(most, running.memory())
    return Fetched(first, time.perf_counter() - start, size, max(most, running.memory()) - before)
