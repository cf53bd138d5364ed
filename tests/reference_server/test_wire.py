"""Over real sockets: clients that leave, that never read, that send too much, and those that behave (design 6, S-073)."""

from __future__ import annotations

import gc
import json
from pathlib import Path

import pytest
import trio
import trio.lowlevel

from reference_server.config import Limits
from tests.reference_server.client import JOBS
from tests.reference_server.fakes import FakeHost, Script, content
from tests.reference_server.wire import Wire, read_answer, read_head, wire

BIG = 8_000_000
"""More than the kernel takes for a client that does not read."""


def feeder(script: Script) -> FakeHost:
    """A host whose feeder follows a script."""
    return FakeHost({"virtual:feeder": script})


async def test_clients_that_close_after_the_last_byte_lose_and_repeat_nothing(tmp_path: Path) -> None:
    """A hundred clients, three at a time, that each close their connection in the moment in which they have their page, get a hundred different pages."""
    async with wire(tmp_path, feeder(Script(pages=100, page_bytes=300_000))) as it:
        job = await it.create()
        got: list[bytes] = []

        async def read() -> None:
            while True:
                status, body = await it.ask("GET", f"{job}/next-page")
                if status == 204:
                    return
                got.append(body)

        async with trio.open_nursery() as nursery:
            for _ in range(3):
                nursery.start_soon(read)
        assert len(got) == 100
        assert set(got) == {content(number, 300_000) for number in range(1, 101)}


async def test_client_that_leaves_after_the_headers(tmp_path: Path) -> None:
    """A client that goes away after the headers, with the body unread, has not read the page."""
    async with wire(tmp_path, feeder(Script(pages=2, page_bytes=BIG))) as it:
        job = await it.create()
        for _ in range(3):
            stream = await it.send("GET", f"{job}/next-page")
            assert (await read_head(stream))[0] == 200
            await stream.aclose()
        assert (await it.ask("GET", f"{job}/next-page"))[1] == content(1, BIG)
        assert (await it.ask("GET", f"{job}/next-page"))[1] == content(2, BIG)
        assert (await it.ask("GET", f"{job}/next-page"))[0] == 204


async def test_client_that_leaves_in_mid_body(tmp_path: Path) -> None:
    """A client that goes away after a million bytes of a page has not read it."""
    async with wire(tmp_path, feeder(Script(pages=1, page_bytes=BIG))) as it:
        job = await it.create()
        stream = await it.send("GET", f"{job}/next-page")
        have = len((await read_head(stream))[2])
        while have < 1_000_000:
            have += len(await stream.receive_some(1 << 16))
        await stream.aclose()
        assert (await it.ask("GET", f"{job}/next-page"))[1] == content(1, BIG)


async def test_client_that_leaves_while_it_waits(tmp_path: Path) -> None:
    """A client that goes away while it waits for a page is out of the line: the page goes to the one who waits behind it."""
    gate = trio.Semaphore(0)
    async with wire(tmp_path, feeder(Script(pages=1, gate=gate))) as it:
        job = await it.create()
        first = await it.send("GET", f"{job}/next-page")
        await _settle(it, job)
        second = await it.send("GET", f"{job}/next-page")
        await _settle(it, job)
        await first.aclose()
        await _settle(it, job)
        gate.release()
        gate.release()
        async with second:
            assert await read_answer(second) == (200, content(1, 1000))


async def _settle(it: Wire, job: str) -> None:
    """Let the service see what was sent to it, or closed, before: it answers a few other requests meanwhile."""
    for _ in range(3):
        await it.ask("GET", job)


async def test_a_body_of_100_megabytes_is_not_read(tmp_path: Path) -> None:
    """A hundred megabytes, announced or in chunks, are refused with 413 long before they are sent, and the service goes on."""
    block = b"x" * 65536
    async with wire(tmp_path) as it:
        for announcement in ("Content-Length: 100000000", "Transfer-Encoding: chunked"):
            stream = await it.connect()
            await stream.send_all(f"POST {JOBS} HTTP/1.1\r\nHost: localhost\r\n{announcement}\r\n\r\n".encode())
            sent = 0
            chunked = announcement.endswith("chunked")
            try:
                while sent < 100_000_000:
                    await stream.send_all(b"10000\r\n" + block + b"\r\n" if chunked else block)
                    sent += len(block)
            except trio.BrokenResourceError:
                pass
            assert sent < 20_000_000
            await stream.aclose()
            stream = await it.connect()
            await stream.send_all(f"POST {JOBS} HTTP/1.1\r\nHost: localhost\r\n{announcement}\r\n\r\n".encode())
            if chunked:
                await stream.send_all((b"10000\r\n" + block + b"\r\n") * 20)
            status, body = await read_answer(stream)
            assert (status, json.loads(body)["code"]) == (413, -2113)
            await stream.aclose()
        assert (await it.ask("GET", "/api/server/version"))[0] == 200


async def test_unread_bodies_of_refused_requests(tmp_path: Path) -> None:
    """A request that is refused for other reasons, with a megabyte of body on its way, gets its answer, and its connection does not stay behind."""
    async with wire(tmp_path) as it:
        for path, status in (("/nowhere", 404), ("/api/server/version", 405)):
            stream = await it.send("POST", path, b"x" * 900_000)
            async with stream:
                assert (await read_answer(stream))[0] == status


@pytest.mark.slow
async def test_client_that_never_reads(tmp_path: Path) -> None:
    """The page of a client that takes nothing is given to others after the stall limit, and the connection is ended by the kernel."""
    async with wire(tmp_path, feeder(Script(pages=1, page_bytes=4 * BIG)), limits=Limits(stall_seconds=2)) as it:
        job = await it.create()
        asleep = await it.send("GET", f"{job}/next-page")
        await read_head(asleep)
        with trio.fail_after(10):
            assert (await it.ask("GET", f"{job}/next-page"))[1] == content(1, 4 * BIG)
        with trio.fail_after(30):
            have = 0
            try:
                while part := await asleep.receive_some(1 << 20):
                    have += len(part)
            except trio.BrokenResourceError:
                pass
        assert have < 4 * BIG
        await asleep.aclose()


async def test_one_connection_for_everything(tmp_path: Path) -> None:
    """A client that keeps its connection gets all pages, the end and the state on it; 204 has no body and no type, and nothing is chunked."""
    async with wire(tmp_path) as it:
        job = await it.create()
        stream = await it.connect()
        statuses = []
        for path in (f"{job}/next-page",) * 4 + (f"{job}/next-page-info", "/api/server/version", "/nowhere"):
            await stream.send_all(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            status, headers, body = await read_head(stream)
            statuses.append(status)
            while len(body) < int(headers.get("content-length", "0")):
                body += await stream.receive_some(1 << 16)
            assert "transfer-encoding" not in headers
            assert "connection" not in headers
            assert ("content-type" in headers) is (status != 204)
        await stream.send_all(b"POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 2\r\n\r\n{}")
        status, headers, _ = await read_head(stream)
        assert (status, "connection" in headers) == (404, False), "a small body that nobody wants does no harm"
        assert statuses == [200, 200, 200, 204, 200, 200, 404]
        await stream.aclose()


async def test_two_scanners_at_once(tmp_path: Path) -> None:
    """Jobs on different scanners run in parallel, and one that faults leaves the other alone."""
    host = FakeHost(
        {"virtual:feeder": Script(pages=50, page_bytes=50_000), "virtual:flatbed": Script(pages=5, fail_at=1)}
    )
    async with wire(tmp_path, host) as it:
        good, bad = await it.create(), await it.create(device="virtual:flatbed")
        assert (await it.ask("GET", f"{bad}/next-page"))[0] == 204
        count = 0
        while (await it.ask("GET", f"{good}/next-page"))[0] == 200:
            count += 1
        assert count == 50
        assert json.loads((await it.ask("GET", bad))[1])["code"] == -1020


@pytest.mark.slow
async def test_500_pages_fit(tmp_path: Path) -> None:
    """500 pages of 300 kB, drained page by page, take less than 50 MB more memory; afterwards any page can still be read by UID and by index."""
    size = 300_000
    async with wire(tmp_path, feeder(Script(pages=500, page_bytes=size)), disk_floor_bytes=0) as it:
        await it.ask("GET", "/api/server/version")
        gc.collect()
        before = _resident()
        job = await it.create()
        peak = 0
        for number in range(1, 501):
            assert (await it.ask("GET", f"{job}/next-page"))[1] == content(number, size)
            if number % 50 == 0:
                peak = max(peak, _resident())
        assert (await it.ask("GET", f"{job}/next-page"))[0] == 204
        assert peak - before < 50 << 20, f"{(peak - before) >> 20} MB"
        for index in range(0, 500, 11):
            assert (await it.ask("GET", f"{job}/content?page={index}"))[1] == content(index + 1, size)
        uid = json.loads((await it.ask("GET", f"{job}/next-page-info"))[1])["imageuid"]
        assert (await it.ask("GET", f"{job}/next-page?page={uid}"))[1] == content(1, size)


def _resident() -> int:
    """Resident memory of this process in bytes."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096
