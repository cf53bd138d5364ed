"""The proof that a defect shows: a few requests, and what a person does in between, on which the defective service answers otherwise than the legal one."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias

import trio
from wsproto import ConnectionType, WSConnection
from wsproto.events import AcceptConnection, CloseConnection, Message, RejectConnection
from wsproto.events import Request as Upgrade

from conformance.bench import Log
from conformance.selftest.services.build import Build, Running
from conformance.wire import Answer, Request, WireClient, WireFault
from device_protocol.testing import Jumper, run

SHOWN = ("content-type", "allow", "location", "vary", "connection", "access-control-allow-origin")
SHOWN_PREFLIGHT = ("access-control-allow-methods", "access-control-allow-private-network")
UID = re.compile(r"\b[0-9a-f]{12}\b")
PLACES = {"jobs": "/api/device/scanners/jobs", "docs": "/api/storage/documents", "legacy": "/DWTAPI/ScanJobs"}
SECONDS = 400.0
"""Virtual time after which a step is given up; that it hangs is what it shows then."""


@dataclass
class Session:
    """A proof under way.

    Attributes:
        names: what earlier answers were called: ``job``, ``job2``, ... with their UIDs ``jobuid``, ``jobuid2``, ..., ``doc``, ``page`` (its UID), ``docpage``.
        jobs: how many were made.
        trace: what was seen.
    """

    service: Running
    client: WireClient
    names: dict[str, str] = field(default_factory=lambda: dict(PLACES))
    jobs: int = 0
    trace: list[str] = field(default_factory=list)

    def saw(self, what: str) -> None:
        """Add to the trace."""
        self.trace.append(what)

    def target(self, text: str) -> str:
        """The target of a request line: ``job/next-page`` is below the first job, ``/...`` is itself, ``{page}`` a UID."""
        text = re.sub(r"\{(\w+)\}", lambda match: self.names.get(match[1], match[0]), text)
        if text.startswith("/"):
            return text
        first, slash, rest = text.partition("/")
        first, mark, query = first.partition("?")
        return f"{self.names.get(first, '/none')}{mark}{query}{slash}{rest}"

    def learn(self, answer: Answer) -> None:
        """Remember what an answer names."""
        if answer.status == 201 and answer.head.content_type == "text/plain":
            self._learn_job(PLACES["legacy"], answer.body.decode())
        try:
            found = json.loads(answer.body)
        except ValueError:
            return
        if isinstance(found, list) and found:
            found = found[0]
        if isinstance(found, dict):
            if "jobuid" in found and answer.status in {200, 201}:
                self._learn_job(PLACES["jobs"], str(found["jobuid"]))
            elif "uid" in found:
                self.names.setdefault("doc", f"{PLACES['docs']}/{found['uid']}")
                pages = found.get("pages") or [{"uid": ""}]
                self.names["docpage"] = pages[-1]["uid"]
            elif "imageuid" in found:
                self.names["page"] = str(found["imageuid"])

    def _learn_job(self, place: str, uid: str) -> None:
        self.jobs += 1
        number = str(self.jobs) if self.jobs > 1 else ""
        self.names |= {f"job{number}": f"{place}/{uid}", f"jobuid{number}": uid}


Step: TypeAlias = Callable[[Session], Awaitable[None]]
Proof: TypeAlias = tuple[Step, ...]


async def _ask(method: str, target: str, body: bytes, fields: Mapping[str, str], session: Session) -> None:
    lines = [(name.replace("_", "-"), value) for name, value in fields.items()]
    whole = re.sub(rb"\{(\w+)\}", lambda match: session.names.get(match[1].decode(), match[0].decode()).encode(), body)
    try:
        with trio.move_on_after(SECONDS) as scope:
            answer = await session.client.request(method, session.target(target), lines, whole, wait=SECONDS)
        if scope.cancelled_caught:
            session.saw(f"{method} {target}: nothing")
            return
    except WireFault as fault:
        session.saw(f"{method} {target}: {fault.kind}")
        return
    session.learn(answer)
    shown = SHOWN + (SHOWN_PREFLIGHT if method == "OPTIONS" else ())
    heads = [f"{name}: {value}" for name in shown if (value := answer.head.get(name)) is not None]
    session.saw(f"{method} {target}: {answer.status} {heads} {_body(answer.body)}")


def _body(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return f"{len(body)} bytes, {hashlib.sha256(body).hexdigest()[:16]}"


def _step(method: str, target: str, body: Any, fields: Mapping[str, str]) -> Step:
    data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
    return partial(_ask, method, target, data, fields)


def get(target: str, **fields: str) -> Step:
    """GET."""
    return _step("GET", target, None, fields)


def post(target: str, body: Any = None, **fields: str) -> Step:
    """POST; *body* is bytes or becomes JSON, ``{page}`` in it is a UID."""
    return _step("POST", target, body, fields)


def patch(target: str, body: Any = None, **fields: str) -> Step:
    """PATCH."""
    return _step("PATCH", target, body, fields)


def delete(target: str, **fields: str) -> Step:
    """DELETE."""
    return _step("DELETE", target, None, fields)


def ask(method: str, target: str, body: Any = None, **fields: str) -> Step:
    """Any method."""
    return _step(method, target, body, fields)


def create(device: str = "virtual:feeder", *, run: bool = True, origin: str = "", **keys: Any) -> Step:
    """A job at the lowest resolution, unless it says otherwise; *keys* go into the body."""
    config = {"Resolution": 75, "PixelType": 1, **keys.pop("config", {})}
    body = {"device": device, "autoRun": run, "config": config, **keys}
    return post("jobs", body, **({"Origin": origin} if origin else {}))


def wait(seconds: float) -> Step:
    """Let time pass."""

    async def step(_session: Session) -> None:
        await trio.sleep(seconds)

    return step


def act(device: str, action: str, **arguments: Any) -> Step:
    """Somebody does something to a machine."""

    async def step(session: Session) -> None:
        await session.service.host.perform(device, action, arguments)

    return step


def together(*steps: Step) -> Step:
    """All of them at the same time, begun in this order; what they saw is in the order of their ends."""

    async def step(session: Session) -> None:
        async with trio.open_nursery() as nursery:
            for item in steps:
                nursery.start_soon(item, session)
                await trio.sleep(0.001)

    return step


def leave(target: str, after: float = 0.1) -> Step:
    """GET, by a client that leaves before it is answered."""

    async def step(session: Session) -> None:
        async with session.client.connection() as connection:
            await connection.send(Request("GET", session.target(target)))
            await trio.sleep(after)

    return step


def from_beyond(target: str) -> Step:
    """GET, by a client on another machine."""

    async def step(session: Session) -> None:
        away = WireClient(session.service.listener.connect_from_beyond, session.client.host, Log())
        try:
            answer = await away.request("GET", session.target(target))
        except WireFault as fault:
            session.saw(f"from beyond {target}: {fault.kind}")
        else:
            session.saw(f"from beyond {target}: {answer.status}")

    return step


def raw(data: bytes) -> Step:
    """Bytes on a connection, and what comes until it ends or ten seconds have passed."""

    async def step(session: Session) -> None:
        stream = await session.service.connect()
        await stream.send_all(data)
        with trio.move_on_after(10):
            while part := await stream.receive_some(1 << 16):
                session.saw(repr(part[:200]))
        await trio.aclose_forcefully(stream)

    return step


def listen(*, to: str = "jobuid", origin: str = "", seconds: float = 60.0, path: str = "/api/flatbed/jobs") -> Step:
    """A WebSocket for the notices of a job: what comes on it, until it is closed or *seconds* have passed."""

    async def step(session: Session) -> None:
        stream = await session.service.connect()
        protocol = WSConnection(ConnectionType.CLIENT)
        extra = [(b"Origin", origin.encode())] if origin else []
        first = Upgrade(session.client.host, path, subprotocols=["flatbed.job.v1"], extra_headers=extra)
        await stream.send_all(protocol.send(first))
        with trio.move_on_after(seconds):
            while data := await stream.receive_some(1 << 16):
                protocol.receive_data(data)
                for event in protocol.events():
                    match event:
                        case AcceptConnection():
                            session.saw(f"accepted {event.subprotocol}")
                            hello = json.dumps({"jobuid": session.names.get(to, to), "method": "subscribe"})
                            await stream.send_all(protocol.send(Message(hello)))
                        case RejectConnection():
                            session.saw(f"refused {event.status_code}")
                        case Message():
                            session.saw(f"notice {event.data}")
                        case CloseConnection():
                            session.saw(f"closed {event.code}")
                            await trio.aclose_forcefully(stream)
                            return
        session.saw("the connection ended")
        await trio.aclose_forcefully(stream)

    return step


def show(build: Build, proof: Proof) -> tuple[str, ...]:
    """What *proof* sees on a service; UIDs that are made by chance are called by the order in which they came."""

    async def main() -> list[str]:
        async with build() as service:
            session = Session(service, WireClient(service.connect, service.authority, Log()))
            for step in proof:
                await step(session)
            return session.trace

    order: dict[str, str] = {}
    return tuple(
        UID.sub(lambda match: order.setdefault(match[0], f"uid-{len(order)}"), line)
        for line in run(main, clock=Jumper())
    )
