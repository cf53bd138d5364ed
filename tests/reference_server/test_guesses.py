"""Guessed UIDs: misses are limited for each caller, and nobody else notices (service-behaviour.md S-073)."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import trio

from device_protocol.testing import Jumper, run
from reference_server.access.guesses import BURST, CALLERS, GuessLimit
from tests.reference_server.client import JOBS, Lab, lab

PAGE = "http://localhost:3000"


async def guess(it: Lab, times: int, path: str = f"{JOBS}/00000000-0000-0000-0000-00000000000", **rest: str) -> int:
    """Ask for what is not there; the last status."""
    status = 0
    for number in range(times):
        status = (await it.client.get(f"{path}{number}", headers=rest)).status
    return status


def test_a_burst_of_guesses_is_stopped(tmp_path: Path) -> None:
    """Sixty misses are answered 404; from then on that caller gets 429 with Retry-After, for what is there too, until its time has passed."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            job = await it.client.create()
            assert await guess(it, BURST) == 404
            reply = await it.client.get(job)
            assert (reply.status, reply.json()["code"]) == (429, -2007)
            wait = int(reply.headers["Retry-After"])
            assert wait >= 1
            assert (await it.client.get("/api/server/version")).status == 200, "there is nothing to guess there"
            await trio.sleep(wait)
            assert (await it.client.get(job)).status == 200
            assert await guess(it, 4) == 404
            await trio.sleep(3600)
            assert (await it.client.get(job)).status == 200
            assert await guess(it, BURST) == 404, "all is forgiven"

    run(main, clock=Jumper())


def test_pages_count_too(tmp_path: Path) -> None:
    """Page UIDs that the job does not have are misses as jobs are."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            job = await it.client.create()
            for number in range(BURST):
                assert (await it.client.get(f"{job}/next-page?page={number:012x}")).status == 404
            assert (await it.client.get(f"{job}/next-page?page={BURST:012x}")).status == 429

    run(main, clock=Jumper())


def test_documents_count_too(tmp_path: Path) -> None:
    """Document UIDs that nobody knows are misses, whatever is asked of them, and so are those of the legacy API's jobs."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            for number in range(BURST // 3):
                uid = f"{number:012x}"
                assert (await it.client.get(f"/api/storage/documents/{uid}")).status == 404
                assert (await it.client.get(f"/api/storage/documents/{uid}/content")).status == 404
                assert (await it.client.get(f"/DWTAPI/ScanJobs/{uid}/NextDocument")).status == 404
            assert (await it.client.get("/api/storage/documents/000000000000")).status == 429
            assert (await it.client.get("/api/device/scanners")).status == 429

    run(main, clock=Jumper())


def test_others_do_not_notice(tmp_path: Path) -> None:
    """A foreign page that guesses with image tags, or a page that guesses with its origin, locks out itself alone: other callers get their answers."""

    async def main() -> None:
        async with lab(tmp_path, allow_origin=("https://app.example",)) as it:
            job = await it.client.create()
            path = f"{JOBS}/x/next-page?page=00000000000"
            assert await guess(it, BURST + 1, path, **{"Sec-Fetch-Site": "cross-site"}) == 429
            assert await guess(it, BURST + 1, Origin="https://app.example") == 429
            assert (await it.client.get(job)).status == 200
            assert await guess(it, 1, Origin=PAGE) == 404
            assert await guess(it, BURST, Origin="http://localhost:1") == 429, "one more than the rest of one bucket"
            assert await guess(it, 1, Origin=PAGE) == 429, "another port of localhost is no other caller"
            it.client.host = "localhost"
            assert (await it.client.get(job)).status == 200

    run(main, clock=Jumper())


def test_a_removed_job_is_no_guess(tmp_path: Path) -> None:
    """A client that knows the UID of a deleted job is told 410 however often it asks, on every path of the job and over the legacy API too."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            job = await it.client.create()
            await it.client.request("DELETE", job)
            legacy = f"/DWTAPI/ScanJobs/{job.rsplit('/', 1)[-1]}"
            for _ in range(BURST):
                assert (await it.client.get(job)).status == 410
                assert (await it.client.get(f"{job}/next-page")).status == 410
                assert (await it.client.get(f"{legacy}/NextDocument")).status == 410
                assert (await it.client.request("DELETE", job)).status == 410

    run(main, clock=Jumper())


def test_honest_clients_never_meet_it(tmp_path: Path) -> None:
    """A client that asks for a forgotten job four times a second for ten minutes is told 404 each time."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            for _ in range(2400):
                assert (await it.client.get(f"{JOBS}/{UUID(int=1)}")).status == 404
                await trio.sleep(0.25)

    run(main, clock=Jumper())


def test_callers_are_bounded() -> None:
    """A crowd of callers is remembered up to a limit."""
    limit = GuessLimit(lambda: 0.0)
    assert not limit
    for number in range(CALLERS + 10):
        limit.missed((str(number),))
    assert limit
    assert len(limit._callers) == CALLERS
