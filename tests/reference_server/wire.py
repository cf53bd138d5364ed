"""A service on a real socket in the same trio run, and clients that behave as badly as real ones."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import trio

from device_protocol.aio import DeviceClock
from reference_server.app import serve
from reference_server.config import ServerConfig
from reference_server.host import Host
from tests.reference_server.client import JOBS
from tests.reference_server.fakes import FakeHost


@dataclass
class Wire:
    """Where the service listens."""

    port: int
    host: FakeHost

    async def connect(self) -> trio.SocketStream:
        """A new connection."""
        return await trio.open_tcp_stream("127.0.0.1", self.port)

    async def send(self, method: str, path: str, body: bytes = b"", *lines: str) -> trio.SocketStream:
        """A new connection with one request on it."""
        stream = await self.connect()
        head = [f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Content-Length: {len(body)}", *lines]
        await stream.send_all("\r\n".join([*head, "", ""]).encode() + body)
        return stream

    async def ask(self, method: str, path: str, body: object = None) -> tuple[int, bytes]:
        """One request on a connection of its own, which the client closes as soon as it has the last byte."""
        data = b"" if body is None else json.dumps(body).encode()
        stream = await self.send(method, path, data)
        async with stream:
            return await read_answer(stream)

    async def create(self, **keys: Any) -> str:
        """A new job; its path."""
        status, body = await self.ask("POST", JOBS, keys)
        assert status == 201, body
        return f"{JOBS}/{json.loads(body)['jobuid']}"


async def read_head(stream: trio.abc.ReceiveStream) -> tuple[int, dict[str, str], bytes]:
    """Status, headers, and what came of the body with them."""
    data = b""
    while b"\r\n\r\n" not in data:
        part = await stream.receive_some(1 << 14)
        assert part, "the service closed the connection"
        data += part
    head, _, rest = data.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    return int(first.split()[1]), headers, rest


async def read_answer(stream: trio.abc.ReceiveStream) -> tuple[int, bytes]:
    """A whole answer."""
    status, headers, body = await read_head(stream)
    size = int(headers.get("content-length", "0"))
    parts = [body]
    have = len(body)
    while have < size:
        part = await stream.receive_some(1 << 16)
        assert part, f"the body ended after {have} of {size} bytes"
        parts.append(bytes(part))
        have += len(part)
    return status, b"".join(parts)


@asynccontextmanager
async def wire(
    folder: Path, host: FakeHost | None = None, clock: DeviceClock | None = None, **changes: Any
) -> AsyncIterator[Wire]:
    """A service over *host* on a free port; its https doors are shut, so that nobody but the devices and the jobs sleeps on *clock*."""
    devices = host or FakeHost()

    @asynccontextmanager
    async def open_devices(_config: ServerConfig) -> AsyncIterator[Host]:
        yield devices

    shut = {"https_port": "off", "status_https_port": "off"}
    config = ServerConfig(folder, port=0, **(shut | changes))
    async with trio.open_nursery() as nursery:
        ready = await nursery.start(partial(serve, config, open_devices=open_devices, clock=clock))
        yield Wire(int(ready.http.rsplit(":", 1)[1]), devices)
        nursery.cancel_scope.cancel()
