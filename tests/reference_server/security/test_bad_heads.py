"""What is no proper request: an error status or a closed connection, never a failure of ours, and never a wait (service-behaviour.md S-073)."""

from __future__ import annotations

from pathlib import Path

import pytest
import trio
import trio.testing

from reference_server.config import Limits
from tests.reference_server.client import JOBS
from tests.reference_server.fakes import FakeHost, Script
from tests.reference_server.wire import Wire, wire

GET = b"GET /api/server/version HTTP/1.1\r\nHost: localhost\r\n"
POST = f"POST {JOBS} HTTP/1.1\r\nHost: localhost\r\n".encode()
SECONDS = 5.0

REFUSED = {
    "no HTTP at all": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    "HTTP/2 by prior knowledge": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\x00\x00\x00\x04\x00\x00\x00\x00\x00",
    "HTTP/3.0": b"GET /api/server/version HTTP/3.0\r\nHost: localhost\r\n\r\n",
    "no version": b"GET /api/server/version\r\n\r\n",
    "absolute form": b"GET http://evil.example/api/server/version HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "CONNECT": b"CONNECT evil.example:443 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "asterisk": b"GET * HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "NUL in the path": b"GET /api/\0server HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "non-ASCII path": b"GET /api/\xff\xfe HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "NUL in a header": GET + b"X-A: a\0b\r\n\r\n",
    "a folded header name": GET + b"X A: b\r\n\r\n",
    "a bare line feed in a header": GET + b"X-A: a\nOrigin : b\r\n\r\n",
    "no host": b"GET /api/server/version HTTP/1.1\r\n\r\n",
    "two hosts": GET + b"Host: evil.example\r\n\r\n",
    "a negative length": POST + b"Content-Length: -1\r\n\r\n",
    "a length that is no number": POST + b"Content-Length: 1e3\r\n\r\n",
    "two lengths": POST + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}",
    "a length and chunks": POST + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
    "an unknown coding": POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n",
    "a chunk that is none": POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",
    "a long URL": b"GET /api/server/version?" + b"a" * 9000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "a URL of a megabyte": b"GET /" + b"a" * (1 << 20) + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    "many headers": GET + b"".join(b"X-%d: y\r\n" % number for number in range(200)) + b"\r\n",
    "a header of a megabyte": GET + b"X-A: " + b"a" * (1 << 20) + b"\r\n\r\n",
    "a million headers": GET + b"X-A: y\r\n" * 1_000_000,
}
TOLERATED = {
    "HTTP/2 by upgrade": GET
    + b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n",
    "an unknown upgrade": GET + b"Connection: Upgrade\r\nUpgrade: irc/6.9, flatbed\r\n\r\n",
    "expecting something": POST + b"Content-Length: 2\r\nExpect: 100-continue\r\n\r\n{}",
    "twice the same length": POST + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
    "many query keys": b"GET /api/server/version?" + b"a&" * 4000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
}


async def exchange(it: Wire, data: bytes) -> list[int]:
    """Send bytes as they are; the statuses of all answers until the service closes, or has answered and waits for more."""
    stream = await it.connect()
    answer = b""

    async def send() -> None:
        try:
            await stream.send_all(data)
        except trio.BrokenResourceError:
            return  # it had seen enough

    async with stream, trio.open_nursery() as nursery:
        nursery.start_soon(send)
        try:
            while part := await stream.receive_some(1 << 16):
                answer += part
                if _statuses(answer)[-1:] > [199] and b"connection: close" not in answer.lower():
                    break
        except trio.BrokenResourceError:
            pass
        nursery.cancel_scope.cancel()
    return _statuses(answer)


def _statuses(answer: bytes) -> list[int]:
    return [int(line[9:12]) for line in answer.split(b"\r\n") if line.startswith(b"HTTP/1.1 ")]


@pytest.mark.parametrize("name", REFUSED)
async def test_refused(name: str, tmp_path: Path) -> None:
    """Each is answered with a 4xx, or its connection is closed, within seconds; the service goes on, and no job came of it."""
    async with wire(tmp_path) as it:
        with trio.fail_after(SECONDS):
            statuses = await exchange(it, REFUSED[name])
        assert all(400 <= status < 500 for status in statuses), statuses
        assert (await it.ask("GET", "/api/server/version"))[0] == 200
        assert it.host.sessions == []


@pytest.mark.parametrize("name", TOLERATED)
async def test_tolerated(name: str, tmp_path: Path) -> None:
    """Each is answered as if the odd part were not there: an upgrade that we do not speak is ignored (RFC 9110 7.8)."""
    async with wire(tmp_path) as it:
        with trio.fail_after(SECONDS):
            statuses = await exchange(it, TOLERATED[name])
        assert statuses[-1] in {200, 201}, statuses


async def test_a_slow_head_is_given_up(tmp_path: Path) -> None:
    """Slowloris: a head that trickles is closed at its deadline, however lively it is; a silent connection may stay until its place is needed."""
    async with wire(tmp_path, limits=Limits(head_seconds=0.5)) as it:
        silent, stream = await it.connect(), await it.connect()
        closed = False
        with trio.fail_after(SECONDS):
            await stream.send_all(GET)
            while not closed:
                try:
                    await stream.send_all(b"X-A: b\r\n")
                except trio.BrokenResourceError:
                    closed = True
                await trio.sleep(0.05)
            await silent.send_all(GET + b"\r\n")
            assert (await silent.receive_some(12)).endswith(b"200")
        await stream.aclose()
        await silent.aclose()


async def test_a_slow_body_is_given_up(tmp_path: Path) -> None:
    """A body that does not come is 408 at its deadline, and its connection is closed."""
    async with wire(tmp_path, limits=Limits(body_seconds=0.3)) as it:
        stream = await it.send("POST", JOBS, b"", "X: y")
        await stream.aclose()
        stream = await it.connect()
        with trio.fail_after(SECONDS):
            await stream.send_all(POST + b"Content-Length: 10\r\n\r\n{")
            data = b""
            while part := await stream.receive_some(1 << 16):
                data += part
        assert data.startswith(b"HTTP/1.1 408")
        await stream.aclose()


async def test_a_flood_of_small_chunks(tmp_path: Path) -> None:
    """A body in fifty thousand chunks of a byte, for which nobody asked, ends in an answer and leaves nothing behind that serves it."""
    async with wire(tmp_path, limits=Limits(body_seconds=0.5)) as it:
        await it.ask("GET", "/api/server/version")
        before = trio.lowlevel.current_statistics().tasks_living
        for path in ("/nowhere", JOBS):
            with trio.fail_after(SECONDS):
                answers = await exchange(
                    it,
                    f"POST {path} HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n".encode()
                    + b"1\r\n \r\n" * 50_000,
                )
            assert len(answers) == 1, (path, answers)
        with trio.fail_after(2 * SECONDS):
            while trio.lowlevel.current_statistics().tasks_living > before:  # noqa: ASYNC110  # the sweep ends them
                await trio.sleep(0.1)


async def test_a_poll_whose_client_left_behind_a_pipeline(tmp_path: Path) -> None:
    """A client that sends a poll and further requests behind it, and leaves, is noticed although nothing of it is read any more: its poll ends."""
    limits = Limits(polls_per_job=1)
    async with wire(tmp_path, FakeHost({"virtual:feeder": Script(hang_at=1)}), limits=limits) as it:
        job = await it.create()
        stream = await it.connect()
        poll = f"GET {job}/next-page HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        await stream.send_all(poll * 100)
        with trio.fail_after(SECONDS):
            while (await it.ask("GET", f"{job}/next-page"))[0] != 503:  # noqa: ASYNC110  # until the poll is there
                await trio.sleep(0.01)
        await stream.aclose()
        second = await it.connect()
        with trio.fail_after(SECONDS):
            answered = True
            while answered:
                await second.aclose()
                second = await it.send("GET", f"{job}/next-page")
                with trio.move_on_after(0.3) as scope:
                    await second.receive_some(1)
                answered = not scope.cancelled_caught
        await second.aclose()


async def test_a_poll_whose_client_left_behind_a_long_body(tmp_path: Path) -> None:
    """The same with a body beyond the limit behind the poll."""
    async with wire(tmp_path, FakeHost({"virtual:feeder": Script(hang_at=1)}), limits=Limits(body_bytes=1000)) as it:
        job = await it.create()
        before = trio.lowlevel.current_statistics().tasks_living
        stream = await it.connect()
        head = f"GET {job}/next-page HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000000\r\n\r\n"
        await stream.send_all(head.encode() + b"x" * 100_000)
        await trio.testing.wait_all_tasks_blocked(0.1)  # the service has taken what it will take
        await stream.aclose()
        with trio.fail_after(SECONDS):
            while trio.lowlevel.current_statistics().tasks_living > before:  # noqa: ASYNC110  # the sweep tells it
                await trio.sleep(0.1)
