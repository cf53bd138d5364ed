"""A job of 500 pages, drained page by page: what the server's memory does, and whether any page can be read again at the end."""

from __future__ import annotations

import hashlib
import random

from benchmarks.client import Client
from benchmarks.runner import Figure
from benchmarks.service import DATA, Service, service

PAGES = 500
AGAIN = 50
EVERY = 10  # pages between two looks at the memory


def run() -> list[Figure]:
    """Once: it takes half a minute. The beginning is after ten pages, when everything is imported and at work."""
    with service("--devices", str(DATA / "two-feeders.toml")) as running, Client(running.url) as client:
        device = client.device("virtual:feeder")
        job = client.create(
            device, PixelType=2, Resolution=300, PageSize=1, IfFeederEnabled=True, IfDuplexEnabled=True, XferCount=PAGES
        )
        before, most, all_processes, digests = _drain(running, client, job)
        uids = client.page_uids(job, PAGES)
        chosen = random.Random(0).sample(range(PAGES), AGAIN)
        for index in chosen:
            for page in (client.page_by_uid(job, uids[index]), client.page_by_index(job, index)):
                if hashlib.sha256(page).digest() != digests[index]:
                    raise RuntimeError(f"page {index} is another one when it is read again")
        after = running.memory()
        client.delete(job)
    return [
        Figure(f"server after {PAGES} pages: growth", max(most, after) - before, "MB", wanted="< 50 MB"),
        Figure(f"server after {PAGES} pages: most", max(most, after), "MB", wanted="< 200 MB"),
        Figure(
            "server and its workers: most",
            all_processes,
            "MB",
            note=f"{AGAIN} pages read again by UID and by index: the same bytes",
        ),
    ]


def _drain(running: Service, client: Client, job: str) -> tuple[float, float, float, list[bytes]]:
    """Memory at the beginning and at most, of the server and with its workers, MB; and what each page was."""
    before = most = everything = 0.0
    digests: list[bytes] = []
    for page in client.pages(job):
        digests.append(hashlib.sha256(page).digest())
        if len(digests) % EVERY == 0:
            now = running.memory()
            before = before or now
            most = max(most, now)
            everything = max(everything, running.memory_with_workers())
    if len(digests) != PAGES:
        raise RuntimeError(f"{len(digests)} pages instead of {PAGES}")
    return before, most, everything, digests
