"""A service of which a test says what it answers: HTTP on memory streams, and what it was asked."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import h11
import trio

from conformance.bench import Log
from conformance.requirements import EVERY
from conformance.requirements.rest.facts import ScannerFacts, ServiceFacts
from conformance.service.desk import Desk, Place
from conformance.service.operators import Absent, Operator
from conformance.service.rest_client import RestClient
from conformance.wire import WireClient, WireLimits

HOST = "127.0.0.1:18622"
LIMITS = WireLimits(answer=30)


@dataclass(frozen=True)
class Asked:
    """A request that came."""

    method: str
    target: str
    fields: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Said:
    """An answer; a body that is no bytes becomes JSON."""

    status: int
    body: object = b""
    fields: Mapping[str, str] = field(default_factory=dict)


Handler = Callable[[Asked], Awaitable[Said] | Said]


@dataclass
class Scripted:
    """The service.

    Attributes:
        answer: what it does with a request.
        asked: what came, in its order.
    """

    answer: Handler
    nursery: trio.Nursery
    asked: list[Asked] = field(default_factory=list)

    async def connect(self) -> trio.abc.Stream:
        ours, theirs = trio.testing.memory_stream_pair()
        self.nursery.start_soon(self._serve, theirs)
        return ours

    def rest(self, **rest: Any) -> RestClient:
        return RestClient(WireClient(self.connect, HOST, Log(), LIMITS), **rest)

    def desk(self, requirement: str = "REST-01", operator: Operator | None = None, **facts: Any) -> Desk:
        """A desk of *requirement*."""
        scanner = facts.pop("scanner", ScannerFacts("One", 64, "device one"))
        place = Place(self.connect, "http", HOST)
        found = ServiceFacts("20250428", scanner, **facts)
        return Desk(place, self.rest(), found, EVERY[requirement], operator or Absent(), log=Log())

    async def _serve(self, stream: trio.abc.Stream) -> None:
        http = h11.Connection(h11.SERVER)
        try:
            request, body = None, b""
            while not isinstance(event := http.next_event(), h11.EndOfMessage):
                if event is h11.NEED_DATA:
                    http.receive_data(bytes(await stream.receive_some()))
                elif isinstance(event, h11.Request):
                    request = event
                elif isinstance(event, h11.Data):
                    body += bytes(event.data)
                elif isinstance(event, h11.ConnectionClosed):
                    return
            assert request is not None
            fields = {bytes(name).decode(): bytes(value).decode() for name, value in request.headers}
            asked = Asked(request.method.decode(), request.target.decode(), fields, body)
            self.asked.append(asked)
            said = self.answer(asked)
            said = said if isinstance(said, Said) else await said
            data = said.body if isinstance(said.body, bytes) else json.dumps(said.body).encode()
            lines = {"Content-Length": str(len(data))} if said.status != 204 else {}
            if not isinstance(said.body, bytes):
                lines["Content-Type"] = "application/json"
            head = h11.Response(status_code=said.status, headers=list((lines | dict(said.fields)).items()))
            pieces = [http.send(head), http.send(h11.Data(data=data)) if data else b"", http.send(h11.EndOfMessage())]
            await stream.send_all(b"".join(piece for piece in pieces if piece))
        except (trio.BrokenResourceError, h11.RemoteProtocolError):
            await trio.aclose_forcefully(stream)


@asynccontextmanager
async def scripted(answer: Handler) -> AsyncIterator[Scripted]:
    """The service while it runs."""
    async with trio.open_nursery() as nursery:
        yield Scripted(answer, nursery)
        nursery.cancel_scope.cancel()
