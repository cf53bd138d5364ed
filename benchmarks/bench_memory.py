"""What the server's memory does with many pages: 500 that are taken as they come, and 2,000 that nobody takes until the last has been scanned.

Both times pages are read again at the end, to see that none was lost and each is what it was.
"""

from __future__ import annotations

import hashlib
import random

from benchmarks.client import PNG, Client
from benchmarks.runner import Figure
from benchmarks.service import DATA, Service, service

PAGES = 500
AGAIN = 50
EVERY = 10  # pages between two looks at the memory

KEPT = 2000
BUFFER_MB = 64
FULL = 500  # pages of 180 kB: from here on the buffer is full, and each further page sends another one to disk


def run() -> list[Figure]:
    """Once each: they take half a minute and two."""
    return [*taken(), *kept()]


def taken() -> list[Figure]:
    """500 pages that are taken as they come. The beginning is after ten pages, when everything is imported and at work."""
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


def kept() -> list[Figure]:
    """2,000 pages through a buffer of 64 MB. The beginning is when the buffer has just become full.

    Raises:
        RuntimeError: a page was lost, came twice, or is another one when it is read again.
    """
    options = ("--devices", str(DATA / "full-feeder.toml"), "--buffer-mb", str(BUFFER_MB))
    with service(*options) as running, Client(running.url) as client:
        job = client.create(
            client.device("virtual:feeder"),
            PixelType=2,
            Resolution=150,
            PageSize=1,
            IfFeederEnabled=True,
            IfDuplexEnabled=True,
            XferCount=KEPT,
        )
        uids = client.page_uids(job, FULL)
        before = most = running.memory()
        while len(uids) < KEPT:
            uids += client.page_uids(job, EVERY)
            most = max(most, running.memory())
        digests, size = [], 0
        for page in client.pages(job, PNG):
            size += len(page)
            digests.append(hashlib.sha256(page).digest())
            if len(digests) % EVERY == 0:
                most = max(most, running.memory())
        if len(digests) != KEPT or len(set(digests)) != KEPT or len(set(uids)) != KEPT:
            raise RuntimeError(f"{len(digests)} pages, {len(set(digests))} different ones, instead of {KEPT}")
        for index in random.Random(0).sample(range(KEPT), AGAIN):
            for page in (client.page_by_uid(job, uids[index], PNG), client.page_by_index(job, index, PNG)):
                if hashlib.sha256(page).digest() != digests[index]:
                    raise RuntimeError(f"page {index} is another one when it is read again")
        client.delete(job)
    return [
        Figure(f"{KEPT} pages through {BUFFER_MB} MB: growth when full", most - before, "MB", wanted="< 10 MB"),
        Figure(
            f"{KEPT} pages through {BUFFER_MB} MB: most",
            most,
            "MB",
            wanted="< 250 MB",
            note=f"{size / 1e6:.0f} MB of pages, none lost; {AGAIN} read again by UID and by index: the same bytes",
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
