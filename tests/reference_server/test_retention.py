"""Retention (S-100): off by default; how long, how many and with how many pages in all jobs are kept after their end, and 410 from then on."""

from __future__ import annotations

from pathlib import Path

import pytest
import trio

from device_protocol.testing import Jumper, run
from reference_server.config import Limits
from reference_server.settings import BY_KEY
from reference_server.status.figures import StatusSource
from tests.reference_server.client import Lab, lab
from tests.reference_server.fakes import FakeHost, Script, content


async def done(it: Lab, **keys: object) -> str:
    """A job that has completed; its path."""
    job = await it.client.create(**({"device": "virtual:feeder"} | keys))
    await it.registry.find(job.rpartition("/")[2]).released.wait()
    assert await it.client.state(job) == "completed"
    return job


async def answers(it: Lab, job: str) -> set[int]:
    """Statuses of everything that can be asked of *job*."""
    asked = [("GET", ""), ("GET", "/next-page"), ("GET", "/next-page-info"), ("GET", "/content?page=0")]
    replies = [await it.client.request(method, f"{job}{path}") for method, path in asked]
    return {reply.status for reply in replies}


def test_off_by_default(tmp_path: Path) -> None:
    """Without these options jobs and their pages stay until somebody deletes them, for weeks and by the dozen."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            jobs = [await done(it) for _ in range(20)]
            await trio.sleep(60 * 86_400)
            for job in jobs:
                assert (await it.client.get(f"{job}/content?page=2")).body == content(3, 1000)

    run(main, clock=Jumper())
    assert {BY_KEY[f"limits.retain_{name}"].default for name in ("seconds", "jobs", "pages")} == {None}


def test_age(tmp_path: Path) -> None:
    """A job goes so many seconds after its end, not after its beginning, with its files; it answers 410; a shorter jobTimeout goes first."""

    async def main() -> None:
        host = FakeHost({"virtual:feeder": Script(pages=4, step_s=10)})
        async with lab(tmp_path, host, limits=Limits(retain_seconds=30), buffer_bytes=0, disk_floor_bytes=0) as it:
            job = await done(it)
            await trio.sleep(29)
            assert await answers(it, job) == {200}
            assert len(list((tmp_path / "spill").iterdir())) == 1
            await trio.sleep(2)
            assert await answers(it, job) == {410}
            assert (await it.client.get(job)).json()["code"] == -1034
            assert list((tmp_path / "spill").iterdir()) == []
            figures = StatusSource(it.service, {}, {}).figures()
            assert (figures.expired_jobs, figures.buffer.jobs, figures.buffer.pages, figures.buffer.disk) == (
                1,
                0,
                0,
                0,
            )
            job = await done(it, jobTimeout=5)
            await trio.sleep(6)
            assert await answers(it, job) == {410}
            pending = await it.client.create(autoRun=False)
            await trio.sleep(1000)
            assert await it.client.state(pending) == "pending"

    run(main, clock=Jumper())


def test_number_of_jobs(tmp_path: Path) -> None:
    """The jobs that ended first go; running and pending ones are not counted; one that is deleted makes room."""

    async def main() -> None:
        host = FakeHost({"virtual:feeder": Script(), "virtual:flatbed": Script(pages=1)})
        async with lab(tmp_path, host, limits=Limits(retain_jobs=2)) as it:
            pending = await it.client.create(autoRun=False, device="virtual:flatbed")
            first, second, third = [await done(it) for _ in range(3)]
            assert await answers(it, first) == {410}
            assert await answers(it, second) == await answers(it, third) == {200}
            await it.client.request("DELETE", third)
            fourth = await done(it)
            assert await answers(it, second) == await answers(it, fourth) == {200}
            assert await it.client.state(pending) == "pending"
            assert it.registry.expired == 1

    run(main, clock=Jumper())


@pytest.mark.parametrize("limit", [1, 6])
def test_number_of_pages(tmp_path: Path, limit: int) -> None:
    """The oldest jobs go until the pages of the others are few enough; the newest stays even if it alone has more, since nobody may have read it."""

    async def main() -> None:
        async with lab(tmp_path, limits=Limits(retain_pages=limit)) as it:
            jobs = [await done(it) for _ in range(3)]
            kept = [job for job in jobs if await answers(it, job) == {200}]
            assert kept == jobs[-max(1, limit // 3) :]
            assert it.service.buffer.status().pages == 3 * len(kept)
            assert (await it.client.get(f"{jobs[-1]}/content?page=2")).body == content(3, 1000)

    run(main, clock=Jumper())


def test_a_reader_of_an_expired_job(tmp_path: Path) -> None:
    """Who is being given a page when its job expires does not get half of one for a whole: the answer breaks off, and the next one is 410."""

    async def main() -> None:
        host = FakeHost({"virtual:feeder": Script(pages=1, page_bytes=3 << 20)})
        limits = Limits(retain_seconds=10, stall_seconds=100)
        async with lab(tmp_path, host, limits=limits, buffer_bytes=0, disk_floor_bytes=0) as it:
            job = await done(it)
            started = trio.Event()

            async def slow(message: dict[str, object]) -> None:
                started.set()
                await trio.sleep(20)

            with pytest.raises(Exception, match="removed together with its job"):  # which ends the connection
                await it.client.get(f"{job}/next-page", on_message=slow)
            assert started.is_set()
            assert await answers(it, job) == {410}

    run(main, clock=Jumper())
