"""The cursor rule: a page counts as read only after its last chunk was accepted and no disconnect was seen (design 6)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
import trio

from device_protocol.testing import Jumper, run
from reference_server.config import Limits
from reference_server.pages.spill import GoneError
from tests.reference_server.client import lab
from tests.reference_server.fakes import FakeHost, Script, content

BIG = 1_000_000
Hook = Callable[[dict[str, Any]], Awaitable[None] | None]


def feeder(**script: Any) -> FakeHost:
    """A host whose feeder follows a script."""
    return FakeHost({"virtual:feeder": Script(**script)})


def leave_at(gone: trio.Event, moment: str) -> Hook:
    """A client that leaves after the head, or after the first chunk of the body."""
    seen = {"chunks": 0}

    def hook(message: dict[str, Any]) -> None:
        seen["chunks"] += message["type"] == "http.response.body"
        if moment == "head" or seen["chunks"]:
            gone.set()

    return hook


@pytest.mark.parametrize(
    ("endpoint", "moment"),
    [
        ("next-page", "head"),
        ("next-page", "chunk"),
        ("next-page-info", "head"),
    ],  # the information is one chunk: after it the client has everything
)
def test_client_that_leaves_gets_the_page_again(endpoint: str, moment: str, tmp_path: Path) -> None:
    """A client that leaves after the headers, or in the middle of the body, has not read the page: the next caller gets it, and the job goes on."""

    async def main() -> None:
        async with lab(tmp_path, feeder(pages=2, page_bytes=BIG)) as it:
            job = await it.client.create()
            first = []
            for _ in range(3):
                gone = trio.Event()
                await it.client.get(f"{job}/{endpoint}", gone=gone, on_message=leave_at(gone, moment))
            for _ in range(3):
                reply = await it.client.get(f"{job}/{endpoint}")
                first.append(reply.body if endpoint == "next-page" else reply.body and reply.json()["imageId"])
            expected = [content(1, BIG), content(2, BIG), b""] if endpoint == "next-page" else [1, 2, b""]
            assert first == expected

    run(main, clock=Jumper())


def test_client_that_has_everything_and_leaves_at_once(tmp_path: Path) -> None:
    """A client that leaves in the moment in which it has the last byte has read the page: nobody gets it twice (over a socket: test_wire)."""

    async def main() -> None:
        async with lab(tmp_path, feeder(pages=2, page_bytes=BIG)) as it:
            job = await it.client.create()
            got = 0
            gone = trio.Event()

            def count(message: dict[str, Any]) -> None:
                nonlocal got
                got += len(message.get("body", b""))
                if got == BIG:
                    gone.set()

            await it.client.get(f"{job}/next-page", gone=gone, lag=2, on_message=count)
            assert (await it.client.get(f"{job}/next-page")).body == content(2, BIG)

    run(main, clock=Jumper())


def test_client_whose_leaving_shows_late(tmp_path: Path) -> None:
    """A client that leaves before the last chunk has not read the page, although the server hears of it a few scheduler passes later."""

    async def main() -> None:
        async with lab(tmp_path, feeder(pages=1, page_bytes=BIG)) as it:
            job = await it.client.create()
            gone = trio.Event()
            sent = 0

            def leave_before_the_last(message: dict[str, Any]) -> None:
                nonlocal sent
                sent += len(message.get("body", b""))
                if sent > BIG // 2:
                    gone.set()

            await it.client.get(f"{job}/next-page", gone=gone, lag=3, on_message=leave_before_the_last)
            assert sent < BIG, "the last chunk is not even sent"
            assert (await it.client.get(f"{job}/next-page")).body == content(1, BIG)

    run(main, clock=Jumper())


def test_client_that_leaves_while_waiting(tmp_path: Path) -> None:
    """A client that leaves while it waits is out of the line: the page goes to the next, and nothing waits for it any more."""

    async def main() -> None:
        async with lab(tmp_path, feeder(pages=1, step_s=10)) as it:
            job = await it.client.create()
            gone, got = trio.Event(), []

            async def impatient() -> None:
                reply = await it.client.get(f"{job}/next-page", gone=gone)
                assert reply.messages == []

            async def patient() -> None:
                got.append((await it.client.get(f"{job}/next-page")).body)

            async with trio.open_nursery() as nursery:
                nursery.start_soon(impatient)
                await trio.sleep(
                    1
                )  # not wait_all_tasks_blocked: the clock waits for that too, and who is first is not said
                nursery.start_soon(patient)
                await trio.sleep(4)
                gone.set()
            assert got == [content(1, 1000)]
            assert it.registry.polls == 0

    run(main, clock=Jumper())


def test_nobody_else_gets_a_page_in_delivery(tmp_path: Path) -> None:
    """While a page is on its way to a slow client, others get other pages; when that client fails, its page goes to the next caller."""

    async def main() -> None:
        async with lab(tmp_path, feeder(pages=2, page_bytes=BIG)) as it:
            job = await it.client.create()
            gone, go_on = trio.Event(), trio.Event()

            async def slow(message: dict[str, Any]) -> None:
                if message["type"] == "http.response.body":
                    await go_on.wait()

            async with trio.open_nursery() as nursery:
                nursery.start_soon(lambda: it.client.get(f"{job}/next-page", gone=gone, on_message=slow))
                await trio.sleep(1)
                assert (await it.client.get(f"{job}/next-page")).body == content(2, BIG)
                last: list[bytes] = []

                async def wait_for_last() -> None:
                    last.append((await it.client.get(f"{job}/next-page")).body)

                nursery.start_soon(wait_for_last)
                await trio.sleep(1)
                assert last == [], "it must wait: the page in delivery may come back"
                gone.set()
                go_on.set()
            assert last == [content(1, BIG)]
            assert (await it.client.get(f"{job}/next-page")).status == 204

    run(main, clock=Jumper())


def test_client_that_never_reads(tmp_path: Path) -> None:
    """After the stall limit the page of a client that takes nothing is free for others, and its answer never counts, even if it wakes up."""

    async def main() -> None:
        async with lab(tmp_path, feeder(pages=1, page_bytes=BIG), limits=Limits(stall_seconds=60)) as it:
            job = await it.client.create()
            wake = trio.Event()

            async def asleep(message: dict[str, Any]) -> None:
                if message["type"] == "http.response.body":
                    await wake.wait()

            async with trio.open_nursery() as nursery:
                nursery.start_soon(lambda: it.client.get(f"{job}/next-page", on_message=asleep))
                await trio.sleep(1)
                begun = trio.current_time()
                assert (await it.client.get(f"{job}/next-page")).body == content(1, BIG)
                assert trio.current_time() - begun == pytest.approx(59)
                wake.set()
            assert (await it.client.get(f"{job}/next-page")).status == 204

    run(main, clock=Jumper())


def test_slow_client_that_makes_progress(tmp_path: Path) -> None:
    """A client that is slow but takes a chunk now and then is not given up on."""

    async def main() -> None:
        async with lab(tmp_path, feeder(pages=1, page_bytes=BIG), limits=Limits(stall_seconds=60)) as it:
            job = await it.client.create()

            async def slow(_message: dict[str, Any]) -> None:
                await trio.sleep(50)

            reply = await it.client.get(f"{job}/next-page", on_message=slow)
            assert reply.body == content(1, BIG)
            assert (await it.client.get(f"{job}/next-page")).status == 204

    run(main, clock=Jumper())


def test_job_deleted_during_delivery(tmp_path: Path) -> None:
    """Deleting a job while one of its spilled pages is on its way breaks that answer off and leaves the service and other jobs as they were."""

    async def main() -> None:
        host = feeder(pages=1, page_bytes=3_000_000)
        async with lab(tmp_path, host, buffer_bytes=0, disk_floor_bytes=0) as it:
            job = await it.client.create()
            other = await it.client.create(device="virtual:flatbed")
            deleted = False

            async def delete(message: dict[str, Any]) -> None:
                nonlocal deleted
                if message["type"] == "http.response.body" and not deleted:
                    deleted = True
                    await it.client.request("DELETE", job)

            with pytest.raises(GoneError):
                await it.client.get(f"{job}/next-page", on_message=delete)
            assert (await it.client.get(f"{other}/next-page")).status == 200

    run(main, clock=Jumper())
