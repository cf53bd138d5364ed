"""A client that speaks ASGI to the application in the same trio run, so that time can be virtual and disconnects are exact."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import trio

from device_protocol.aio import RealClock
from reference_server.access.audit import Audit
from reference_server.access.consent import ConsentDesk
from reference_server.access.facts import FactFinder, SameUser
from reference_server.application import Application
from reference_server.config import ServerConfig
from reference_server.documents.store import DocumentStore
from reference_server.endpoints.call import Service
from reference_server.events.hub import EventHub
from reference_server.jobs.registry import open_registry
from reference_server.jobs.scanning import Workshop
from reference_server.log import LogLevel
from reference_server.pages.buffer import PageBuffer
from reference_server.uids import PageUids
from tests.reference_server.fakes import FakeHost

JOBS = "/api/device/scanners/jobs"


@dataclass
class Reply:
    """An answer."""

    status: int
    headers: dict[str, str]
    body: bytes
    messages: list[dict[str, Any]] = field(default_factory=list)

    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """Sends requests to an application."""

    def __init__(self, application: Application) -> None:
        self.application = application
        self.peer: tuple[str, int] | None = ("127.0.0.1", 50000)
        self.server: tuple[str, int] | None = ("127.0.0.1", 18622)
        self.host: str | None = "127.0.0.1:18622"
        self.scheme = "http"

    async def request(
        self,
        method: str,
        path: str,
        body: object = None,
        headers: Mapping[str, str] | None = None,
        *,
        gone: trio.Event | None = None,
        lag: int = 0,
        on_message: Callable[[dict[str, Any]], Any] | None = None,
        raw_headers: list[tuple[bytes, bytes]] | None = None,
    ) -> Reply:
        """One request.

        Args:
            method: in upper case.
            path: with the query.
            body: bytes, or something that becomes JSON.
            headers: besides Host.
            gone: when set, the client leaves.
            lag: scheduler passes until the server's ``receive`` tells of it; Hypercorn needs two.
            on_message: called, and awaited if it gives something to await, with each message of the answer before the send returns.
            raw_headers: as they are.
        """
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        parts = urlsplit(path) if not path.startswith("//") else urlsplit("http://x" + path)
        lines = [(b"host", self.host.encode())] if self.host is not None else []
        lines += [(name.lower().encode(), value.encode("latin-1")) for name, value in (headers or {}).items()]
        lines += raw_headers or []
        if data and not {name.lower() for name in headers or {}} & {"content-length", "transfer-encoding"}:
            lines.append((b"content-length", str(len(data)).encode()))
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": self.scheme,
            "path": parts.path,
            "raw_path": parts.path.encode(),
            "query_string": parts.query.encode(),
            "root_path": "",
            "headers": lines,
            "client": self.peer,
            "server": self.server,
        }
        pending = [{"type": "http.request", "body": data, "more_body": False}]
        left = trio.Event() if gone is None else gone
        reply = Reply(0, {}, b"")

        async def receive() -> dict[str, Any]:
            if pending:
                return pending.pop(0)
            await left.wait()
            for _ in range(lag):
                await trio.lowlevel.checkpoint()
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            reply.messages.append(message)
            if message["type"] == "http.response.start":
                reply.status = message["status"]
                reply.headers = {name.decode().title(): value.decode() for name, value in message["headers"]}
            else:
                reply.body += message["body"]
            if on_message is not None:
                waiting = on_message(message)
                if waiting is not None:
                    await waiting
            await trio.lowlevel.checkpoint()

        await self.application(scope, receive, send)
        return reply

    async def get(self, path: str, **rest: Any) -> Reply:
        return await self.request("GET", path, **rest)

    async def create(self, **keys: Any) -> str:
        """A new job; its path."""
        reply = await self.request("POST", JOBS, keys)
        assert reply.status == 201, reply.body
        return f"{JOBS}/{reply.json()['jobuid']}"

    async def state(self, job: str) -> str:
        return str((await self.get(job)).json()["status"])


@dataclass
class Lab:
    """A service over fake devices."""

    client: Client
    host: FakeHost
    service: Service
    config: ServerConfig

    @property
    def registry(self) -> Any:
        return self.service.registry


@asynccontextmanager
async def lab(
    folder: Path,
    host: FakeHost | None = None,
    token: str | None = None,
    same_user: SameUser = lambda _client, _server: None,
    audit: Audit | None = None,
    **changes: Any,
) -> AsyncIterator[Lab]:
    """A service over *host* with its data in *folder*; *changes* go into its configuration."""
    devices = host or FakeHost()
    config = ServerConfig(folder, **changes)
    sizes = config.buffer_bytes, config.disk_floor_bytes, config.limits.variant_bytes, config.disk_limit_bytes
    buffer = PageBuffer(folder / "spill", *sizes)
    uids, hub = PageUids(lambda: 1_790_000_000.0), EventHub(config.limits.events)
    shop = Workshop(devices, RealClock(), uids, 80, config.limits.close_seconds, hub)
    async with open_registry(shop, buffer, config.limits) as registry:
        consent = ConsentDesk.of(config, RealClock())
        service = Service(
            config,
            devices,
            registry,
            buffer,
            LogLevel(config.log_level, fixed="log_level" in config.fixed),
            consent,
            audit or Audit(None),
            DocumentStore(config),
        )
        application = Application(service, FactFinder(config, token, same_user))
        yield Lab(Client(application), devices, service, config)
