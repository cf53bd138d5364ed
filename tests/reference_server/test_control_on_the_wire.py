"""Faults that the control API sets in a running service, as a client of the API meets them on its port (S-084, S-086, S-091)."""

from __future__ import annotations

import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import trio

from device_protocol.aio import ManualClock
from reference_server.app import serve
from reference_server.config import ServerConfig
from reference_server.host import Host
from reference_server.ready import Ready
from tests.reference_server.fakes import FakeHost
from tests.reference_server.wire import read_answer

VERSION = "/api/server/version"


@dataclass
class Service:
    """A running service."""

    ready: Ready
    clock: ManualClock

    async def control(self, method: str, path: str, body: object = None) -> tuple[int, Any]:
        """A request to the control API as the ready file describes it."""
        url, _, token = (self.ready.control or "").partition("#")
        parts = urlsplit(url)
        data = b"" if body is None else json.dumps(body).encode()
        head = [f"{method} {parts.path}{path} HTTP/1.1", f"Host: {parts.netloc}", f"Content-Length: {len(data)}"]
        async with await trio.open_tcp_stream("127.0.0.1", parts.port or 0) as stream:
            await stream.send_all("\r\n".join([*head, f"Authorization: Bearer {token}", "", ""]).encode() + data)
            status, answer = await read_answer(stream)
        return status, json.loads(answer) if answer else None

    def connect(self) -> trio.SocketStream:
        """A connection to the API's port.

        Raises:
            ConnectionRefusedError: nobody listens.
        """
        sock = socket.create_connection(("127.0.0.1", urlsplit(self.ready.http or "").port or 0))
        sock.setblocking(False)
        return trio.SocketStream(trio.socket.from_stdlib_socket(sock))

    def refused(self) -> bool:
        """Whether nobody listens."""
        try:
            self.connect().socket.close()
        except ConnectionRefusedError:
            return True
        return False


async def version(stream: trio.SocketStream) -> int:
    """A request on a connection that is there already."""
    await stream.send_all(f"GET {VERSION} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    return (await read_answer(stream))[0]


@asynccontextmanager
async def running(folder: Path, **changes: Any) -> AsyncIterator[Service]:
    """A service with its API and status ports."""

    @asynccontextmanager
    async def open_devices(_config: ServerConfig) -> AsyncIterator[Host]:
        yield FakeHost()

    clock = ManualClock()
    config = ServerConfig(folder, port=0, https_port="off", status_https_port="off", **changes)
    async with trio.open_nursery() as nursery:
        yield Service(await nursery.start(partial(serve, config, open_devices=open_devices, clock=clock)), clock)
        nursery.cancel_scope.cancel()


async def test_refuse_and_lift(tmp_path: Path) -> None:
    """New connections are refused and those that stand go on; the port stays the service's own; lifted, it listens again as if nothing had been."""
    async with running(tmp_path) as it, it.connect() as stream:
        assert await version(stream) == 200
        assert (await it.control("POST", "/faults", {"name": "refuse"}))[0] == 200
        assert it.refused()
        assert await version(stream) == 200
        port = urlsplit(it.ready.http or "").port or 0
        with socket.socket() as other:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 0)
            assert other.connect_ex(("127.0.0.1", port)) != 0
            try:
                other.bind(("127.0.0.1", port))
            except OSError:
                pass
            else:
                raise AssertionError("somebody else took the port")
        assert (await it.control("DELETE", "/faults/refuse"))[0] == 204
        assert not it.refused()
        async with it.connect() as again:
            assert await version(again) == 200


async def test_down_and_up_again(tmp_path: Path) -> None:
    """Connections are cut and new ones refused for five seconds of the service clock; the status port goes on all the time."""
    async with running(tmp_path) as it, it.connect() as stream:
        assert await version(stream) == 200
        await it.control("POST", "/faults", {"name": "down", "duration": 5})
        assert await stream.receive_some(100) == b"", "the connection that stood was cut"
        assert it.refused()
        await it.clock.advance(4.9)
        assert it.refused()
        assert [item["name"] for item in (await it.control("GET", "/faults"))[1]["active"]] == ["down"]
        await it.clock.advance(0.2)
        async with it.connect() as again:
            assert await version(again) == 200
        assert (await it.control("GET", "/faults"))[1]["active"] == []


async def test_late_start(tmp_path: Path) -> None:
    """The ready file is there at once, says where the service will be, and nobody gets in before it is time."""
    async with running(tmp_path, faults=("late-start:after=3",)) as it:
        assert it.refused()
        await it.clock.advance(3.1)
        async with it.connect() as stream:
            assert await version(stream) == 200


async def test_two_faults_that_shut_the_doors(tmp_path: Path) -> None:
    """The doors open only when the last fault that shuts them is over."""
    async with running(tmp_path, faults=("refuse",)) as it:
        await it.control("POST", "/faults", {"name": "down", "duration": 2})
        await it.clock.advance(2.1)
        assert it.refused()
        await it.control("DELETE", "/faults")
        assert not it.refused()
