"""The proof that a defect shows: a few requests, and what a person does in between, on which the defective scanner answers otherwise than the legal one."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import trio

from conformance.bench import Log
from conformance.escl.operator import Operator
from conformance.escl.ordering import Order, Region
from conformance.selftest.escl.build import HOST, Build, Running
from conformance.wire import Answer, Request, WireClient, WireFault
from conformance.wire.exchange import Fields
from device_protocol.testing import Jumper, run

SHOWN = ("content-type", "content-length", "allow", "location", "content-location", "retry-after", "connection")
SECONDS = 100.0
"""Virtual time after which a request is given up; that it hangs is what it shows then."""

ORDER = Order("Platen", Region(0, 0, 720, 720), "Grayscale8", 75, "image/jpeg", "image/jpeg")
FEED = ORDER.but(source="Feeder", duplex="false")


@dataclass
class Session:
    """A proof under way.

    Attributes:
        root: path of the scanner.
        jobs: paths of those that were made.
        trace: what was seen.
    """

    running: Running
    client: WireClient
    operator: Operator
    root: str
    jobs: list[str] = field(default_factory=list)
    trace: list[str] = field(default_factory=list)

    def path(self, name: str) -> str:
        """``job/...`` is below the newest job, anything else below the root."""
        first, slash, rest = name.partition("/")
        if first == "job" and self.jobs:
            return f"{self.jobs[-1]}{slash}{rest}"
        return f"{self.root}/{name}"


Step: TypeAlias = Callable[[Session], Awaitable[None]]
Proof: TypeAlias = tuple[Step, ...]


def ask(method: str, name: str, body: bytes = b"", fields: Fields = ()) -> Step:
    """One request, and what came."""

    async def step(session: Session) -> None:
        began = trio.current_time()
        try:
            answer = await session.client.request(method, session.path(name), fields, body, wait=SECONDS)
        except WireFault as fault:
            session.trace.append(f"{method} {name}: {fault.kind.value}")
            return
        took = trio.current_time() - began
        location = answer.head.get("location")
        if method in {"POST", "PUT"} and location and answer.status < 300:
            session.jobs.append(location[location.find(session.root) :])
        session.trace.append(f"{method} {name}: {told(answer)} after {took:.0f} s")

    return step


def told(answer: Answer) -> str:
    """An answer for the trace."""
    heads = [f"{name}: {value}" for name in SHOWN if (value := answer.head.get(name)) is not None]
    try:
        body = answer.body.decode()
    except UnicodeDecodeError:
        body = f"{len(answer.body)} bytes, {hashlib.sha256(answer.body).hexdigest()[:16]}"
    return f"HTTP/{answer.head.http_version} {answer.status} {heads} {body}"


def get(name: str) -> Step:
    """GET."""
    return ask("GET", name)


CAPABILITIES, STATUS, NEXT, DELETE = (
    get("ScannerCapabilities"),
    get("ScannerStatus"),
    get("job/NextDocument"),
    ask("DELETE", "job"),
)


def post(order: Order = ORDER, fields: Fields = (("Content-Type", "text/xml"),)) -> Step:
    """A job."""
    return ask("POST", "ScanJobs", order.body(), fields)


def act(action: str, *arguments: Any) -> Step:
    """Somebody does something to the machine."""

    async def step(session: Session) -> None:
        await getattr(session.operator, action)(*arguments)

    return step


def wait(seconds: float) -> Step:
    """Let time pass."""

    async def step(_session: Session) -> None:
        await trio.sleep(seconds)

    return step


def twice(first: str, second: str, method: str = "GET") -> Step:
    """Two requests on one connection."""

    async def step(session: Session) -> None:
        async with session.client.connection() as connection:
            for name, way in ((first, method), (second, "GET")):
                try:
                    answer = await session.client.exchange(connection, Request(way, session.path(name)))
                    connection.next_exchange()
                except WireFault as fault:
                    session.trace.append(f"{way} {name}: {fault.kind.value}")
                    return
                session.trace.append(f"{way} {name}: {told(answer)}")

    return step


def at_once(count: int, name: str) -> Step:
    """So many requests on as many connections, which stand before the first is sent."""

    async def step(session: Session) -> None:
        seen: list[str] = [""] * count

        async def one(number: int) -> None:
            async with session.client.connection() as connection:
                await trio.sleep(1)
                answer = await session.client.exchange(connection, Request("GET", session.path(name)))
                seen[number] = told(answer)

        async with trio.open_nursery() as nursery:
            for number in range(count):
                nursery.start_soon(one, number)
        session.trace.extend(seen)

    return step


def cut_off() -> Step:
    """A client that leaves within a page."""

    async def step(session: Session) -> None:
        async with session.client.connection() as connection:
            await connection.send(Request("GET", session.path("job/NextDocument")))
            await connection.head()
            async with aclosing(connection.pieces()) as pieces:
                await anext(pieces)

    return step


def flood(size: int) -> Step:
    """A body of so many blanks that never ends, and what is said of it within a minute."""

    async def step(session: Session) -> None:
        async with session.client.connection() as connection:
            head = f"POST {session.path('ScanJobs')} HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {1 << 40}\r\n\r\n"
            said = b"nothing"
            try:
                await connection.stream.send_all(head.encode())
                for _ in range(size >> 16):
                    await connection.stream.send_all(b" " * (1 << 16))
            except trio.BrokenResourceError:
                said = b"cut off"
            with trio.move_on_after(60):
                said = bytes(await connection.stream.receive_some(12))
        session.trace.append(said.decode())

    return step


def show(build: Build, proof: Proof) -> tuple[str, ...]:
    """What *proof* sees on a scanner."""

    async def main() -> list[str]:
        async with build() as running:
            target, log = running.suite.target, Log()
            client = WireClient(running.connect, target.address.authority, log)
            session = Session(running, client, target.operator(log), target.address.root)
            for step in proof:
                await step(session)
            return session.trace

    return tuple(run(main, clock=Jumper()))
