"""What holds over plain sockets holds over TLS: nothing is lost to clients that leave, nothing hangs on clients that sleep (design 6, S-073)."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import trio
import trio_websocket

from reference_server.config import Limits
from reference_server.protocol_block import EVENTS_PATH
from reference_server.ready import Ready
from reference_server.tls import handshake
from tests.reference_server.client import JOBS
from tests.reference_server.fakes import FakeHost, Script, content
from tests.reference_server.secure_wire import ask, open_tls, running, send, trusting
from tests.reference_server.wire import read_answer, read_head

BIG = 8_000_000
"""More than the kernel takes for a client that does not read."""


def port_of(url: str | None) -> int:
    """The port of a URL."""
    return urlsplit(url or "").port or 0


def feeder(script: Script) -> FakeHost:
    """A host whose feeder follows a script."""
    return FakeHost({"virtual:feeder": script})


async def create(ready: Ready) -> str:
    """A new job; its path."""
    async with await send(ready.https, ready.ca, "POST", JOBS, b"{}") as stream:
        status, body = await read_answer(stream)
    assert status == 201
    return f"{JOBS}/{json.loads(body)['jobuid']}"


async def test_clients_that_leave(tmp_path: Path) -> None:
    """A client that goes away after the headers, or in mid body, with a close or without a word, has not read the page; the next one gets it whole."""
    async with running(tmp_path, host=feeder(Script(pages=2, page_bytes=BIG))) as ready:
        job = await create(ready)
        for enough in (0, 1_000_000):
            for politely in (True, False):
                stream = await send(ready.https, ready.ca, "GET", f"{job}/next-page")
                have = len((await read_head(stream))[2])
                while have < enough:
                    have += len(await stream.receive_some(1 << 16))
                if politely:
                    await stream.aclose()
                else:
                    await trio.aclose_forcefully(stream)
        assert await ask(ready.https, ready.ca, f"{job}/next-page") == (200, content(1, BIG))
        assert await ask(ready.https, ready.ca, f"{job}/next-page") == (200, content(2, BIG))
        assert (await ask(ready.https, ready.ca, f"{job}/next-page"))[0] == 204


async def test_pages_one_after_another_on_one_connection(tmp_path: Path) -> None:
    """A client that keeps its connection gets every page once, in order, and bodies of any size around the size of a TLS record."""
    sizes = (16_383, 16_384, 16_385, 300_000)
    for size in sizes:
        async with running(tmp_path / str(size), host=feeder(Script(pages=3, page_bytes=size))) as ready:
            job = await create(ready)
            stream = await open_tls(port_of(ready.https), trusting(ready.ca), "localhost")
            async with stream:
                for number in range(1, 4):
                    await stream.send_all(f"GET {job}/next-page HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
                    assert await read_answer(stream) == (200, content(number, size))


@pytest.mark.slow
async def test_client_that_never_reads(tmp_path: Path) -> None:
    """The page of a client that takes nothing is given to others after the stall limit."""
    host = feeder(Script(pages=1, page_bytes=4 * BIG))
    async with running(tmp_path, host=host, limits=Limits(stall_seconds=2)) as ready:
        job = await create(ready)
        asleep = await send(ready.https, ready.ca, "GET", f"{job}/next-page")
        await read_head(asleep)
        with trio.fail_after(10):
            assert (await ask(ready.https, ready.ca, f"{job}/next-page"))[1] == content(1, 4 * BIG)
        await trio.aclose_forcefully(asleep)


@pytest.mark.slow
async def test_shutdown_is_not_held_up(tmp_path: Path) -> None:
    """With clients that read nothing, that wait for a page, that are idle and that never shake hands, at every door, the service ends within seconds."""
    host = FakeHost({"virtual:feeder": Script(pages=1, page_bytes=40_000_000), "virtual:flatbed": Script(hang_at=1)})
    with trio.fail_after(20):
        async with running(tmp_path, host=host, ready_file=tmp_path / "ready") as ready:
            job = await create(ready)
            asleep = await send(ready.https, ready.ca, "GET", f"{job}/next-page")
            await read_head(asleep)
            left = [asleep, await open_tls(port_of(ready.https), trusting(ready.ca), "localhost")]
            left += [
                await trio.open_tcp_stream("127.0.0.1", port_of(base))
                for base in (ready.https, ready.http, ready.status)
            ]
            os.kill(os.getpid(), signal.SIGTERM)
            while (tmp_path / "ready").exists():  # noqa: ASYNC110  # another task of this run ends meanwhile
                await trio.sleep(0.01)
            assert host.open_devices == set()
            for stream in left:
                await trio.aclose_forcefully(stream)


async def test_handshakes_that_never_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A client that connects and says nothing, or half a greeting, is closed after a limit; others are served meanwhile."""
    monkeypatch.setattr(handshake, "HANDSHAKE_SECONDS", 1.5)
    async with running(tmp_path) as ready:
        silent = [await trio.open_tcp_stream("127.0.0.1", port_of(ready.https)) for _ in range(20)]
        await silent[0].send_all(b"\x16\x03\x01\x02\x00\x01")
        assert (await ask(ready.https, ready.ca, "/api/server/version"))[0] == 200
        with trio.fail_after(10):
            for stream in silent:
                assert await stream.receive_some(10) == b""
                await stream.aclose()


async def test_websockets_are_secured_too(tmp_path: Path) -> None:
    """A WebSocket opens through the https door as through the http one (wss, S-018)."""
    async with running(tmp_path) as ready:
        for base, context in ((ready.http, None), (ready.https, trusting(ready.ca))):
            address = (base or "").replace("http", "ws", 1)
            async with trio_websocket.open_websocket_url(f"{address}{EVENTS_PATH}", context) as socket:
                assert socket.path == EVENTS_PATH
