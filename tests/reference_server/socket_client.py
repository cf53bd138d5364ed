"""WebSocket clients: one that speaks ASGI in the same trio run, so that time is virtual, and one on a real connection."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import trio
from trio_websocket import ConnectionClosed, HandshakeError, WebSocketConnection, open_websocket_url

from reference_server.wire.connections import CONNECTION, Connection
from tests.reference_server.client import Client

EVENTS = "/api/flatbed/events"
JOB_SOCKET = "/api/flatbed/jobs"


@dataclass
class Talk:
    """An upgrade over ASGI: what came of it, and how to say something.

    Attributes:
        status: 101 when it was accepted, else the refusal's.
        subprotocol: that was chosen.
        close: code and reason.
        gate: when set, each message of the service waits until it was opened once more.
    """

    status: int = 0
    subprotocol: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""
    close: tuple[int, str] | None = None
    gate: trio.Semaphore | None = None

    def __post_init__(self) -> None:
        self._to_client, self._frames = trio.open_memory_channel[str](10_000)
        self._from_client, self._inbox = trio.open_memory_channel[dict[str, Any]](10)
        self.answered = trio.Event()
        self.ended = trio.Event()
        self._from_client.send_nowait({"type": "websocket.connect"})

    async def receive(self) -> dict[str, Any]:
        """The application's receive."""
        return await self._inbox.receive()

    async def send(self, message: Any) -> None:
        """The application's send."""
        await trio.lowlevel.checkpoint()
        match message["type"]:
            case "websocket.accept":
                self.status, self.subprotocol = 101, message["subprotocol"]
                self.answered.set()
            case "websocket.http.response.start":
                self.status = message["status"]
                self.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            case "websocket.http.response.body":
                self.body += message["body"]
                self.answered.set()
            case "websocket.send":
                if self.gate is not None:
                    await self.gate.acquire()
                self._to_client.send_nowait(message["text"])
            case "websocket.close":
                self.close = (message["code"], message["reason"])
                self._to_client.close()
                await self.leave()

    async def say(self, text: str | None = None, data: bytes | None = None) -> None:
        """Say something to the service."""
        await self._from_client.send({"type": "websocket.receive", "text": text, "bytes": data})

    async def leave(self) -> None:
        """The client goes away."""
        await self._from_client.send({"type": "websocket.disconnect", "code": 1006})

    async def frame(self) -> Any:
        """The next message, as JSON.

        Raises:
            trio.EndOfChannel: the service closed.
        """
        return json.loads(await self._frames.receive())

    def frames_now(self) -> list[Any]:
        """What has come and was not taken yet."""
        found = []
        while True:
            try:
                found.append(json.loads(self._frames.receive_nowait()))
            except (trio.WouldBlock, trio.EndOfChannel):
                return found


@asynccontextmanager
async def talk(
    client: Client,
    path: str,
    *,
    protocols: tuple[str, ...] = (),
    headers: dict[str, str] | None = None,
    gate: trio.Semaphore | None = None,
    connection: Connection | None = None,
) -> AsyncIterator[Talk]:
    """Ask for an upgrade; the client leaves at the end."""
    parts = urlsplit(f"ws://x{path}")
    lines = [(b"host", client.host.encode())] if client.host is not None else []
    lines += [(name.lower().encode(), value.encode("latin-1")) for name, value in (headers or {}).items()]
    lines += [(b"sec-websocket-protocol", ", ".join(protocols).encode())] if protocols else []
    scope: dict[str, Any] = {
        "type": "websocket",
        "http_version": "1.1",
        "scheme": "ws",
        "path": parts.path,
        "raw_path": parts.path.encode(),
        "query_string": parts.query.encode(),
        "root_path": "",
        "headers": lines,
        "client": client.peer,
        "server": client.server,
        "subprotocols": list(protocols),
        "state": {} if connection is None else {CONNECTION: connection},
    }
    it = Talk(gate=gate)

    async def run() -> None:
        await client.application(scope, it.receive, it.send)
        it.ended.set()
        it.answered.set()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(run)
        await it.answered.wait()
        yield it
        with trio.CancelScope(shield=True):
            if not it.ended.is_set():
                it.gate = None
                with trio.move_on_after(30):
                    await it.leave()
                    await it.ended.wait()
        nursery.cancel_scope.cancel()


__all__ = [
    "EVENTS",
    "JOB_SOCKET",
    "ConnectionClosed",
    "HandshakeError",
    "Talk",
    "WebSocketConnection",
    "open_websocket_url",
    "talk",
]
