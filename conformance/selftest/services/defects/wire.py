"""Defects of what services and eSCL scanners have in common (WIRE-10, 11, 13 to 16)."""

from __future__ import annotations

from typing import Any

import trio
from starlette.types import Message

from conformance.selftest.services.around import JOB, Asked, Reply, error, meets
from conformance.selftest.services.build import ON_THE_NETWORK
from conformance.selftest.services.defects.defect import rebuilt, wrapped
from conformance.selftest.services.defects.sockets import FOREIGN
from conformance.selftest.services.proof import create, from_beyond, get, leave, listen, post, wait
from conformance.selftest.services.swapped import JOB as JOB_PATH
from conformance.selftest.services.swapped import swapped
from conformance.selftest.services.talk import AroundSockets, Edit
from reference_server.access.facts import FactFinder
from reference_server.access.table import HostName, Origin, Peer
from reference_server.config import Limits
from reference_server.endpoints.call import Call, Handler
from reference_server.errors import locked
from reference_server.jobs.job import Job, JobRequest
from reference_server.jobs.registry import JobRegistry
from reference_server.wire.delivery import Answer
from reference_server.wire.exchange import Exchange


class AnyHost(FactFinder):
    """Answers under every name."""

    def _host(self, _exchange: Exchange) -> HostName:
        return HostName.LOOPBACK


class OpenToTheWeb(FactFinder):
    """Lets every origin in."""

    def _origin(self, exchange: Exchange) -> Origin:
        found = super()._origin(exchange)
        return Origin.LISTED if found in {Origin.FOREIGN, Origin.OPAQUE} else found


class OpenToTheNetwork(FactFinder):
    """Takes everybody for a client on this machine."""

    def _peer(self, _exchange: Exchange) -> Peer:
        return Peer.LOCAL


class ClosesWithAnError(AroundSockets):
    """Closes as if it had failed when there is no more to say."""

    def edit(self) -> Edit:
        """See :class:`AroundSockets`."""
        return lambda message: {**message, "code": 1011} if message["type"] == "websocket.close" else message


class CrossTalk(AroundSockets):
    """Sends every notice to all who listen."""

    def start(self) -> None:
        """See :class:`AroundSockets`."""
        self.heard: list[str] = []

    def edit(self) -> Edit:
        """See :class:`AroundSockets`."""

        def change(message: Message) -> Message | None:
            text = str(message.get("text"))
            if "onPostTransferAsync" not in text:
                return message
            self.heard.append(text)
            others = [
                item for item in self.heard if item.partition("/jobs/")[2][:36] != text.partition("/jobs/")[2][:36]
            ]
            return {**message, "text": others[-1]} if others else message

        return change


class StaysBusy(JobRegistry):
    """Keeps scanners for clients that have left."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self.waited_for: set[str] = set()

    async def create(self, request: JobRequest) -> Job:
        """See :class:`JobRegistry`."""
        if request.device.id in self.waited_for:
            raise locked(request.scanner.name)
        return await super().create(request)


async def _leaves_it_busy(handler: Handler, call: Call) -> Answer:
    try:
        return await handler(call)
    except trio.Cancelled:
        registry = call.service.registry
        assert isinstance(registry, StaysBusy)
        registry.waited_for.add(call.job().request.device.id)
        raise


async def _localhost_only(asked: Asked) -> Reply:
    host = asked.headers.get("host", "").rpartition(":")[0] or asked.headers.get("host", "")
    return error(403, -2137, "Not known by this name.") if host == "localhost" else await asked.pass_on()


async def _error_under_200(asked: Asked) -> Reply:
    reply = await asked.pass_on()
    return reply.but(200) if reply.status == 400 else reply


DEFECTS = (
    wrapped(
        "localhost-only",
        "WIRE-10",
        "Answers under the one name that it has for itself.",
        meets("", ".*", _localhost_only),
        get("/api/server/version", Host="localhost:18622"),
    ),
    rebuilt(
        "any-host",
        "WIRE-10",
        "Answers under every name, so that a page can point its own name here.",
        get("/api/server/version", Host="evil.example"),
        facts=AnyHost,
    ),
    wrapped(
        "error-under-200",
        "WIRE-11",
        "Sends the error of a page under 200.",
        meets("GET", f"{JOB}/next-page", _error_under_200),
        create(),
        get("job/next-page?type=text/html"),
    ),
    rebuilt(
        "open-to-the-web",
        "WIRE-13",
        "Serves pages of every origin.",
        get("/api/device/scanners", Origin=FOREIGN),
        facts=OpenToTheWeb,
    ),
    rebuilt(
        "open-to-the-network",
        "WIRE-13",
        "Serves other machines without a token.",
        from_beyond("/api/device/scanners"),
        base=ON_THE_NETWORK,
        facts=OpenToTheNetwork,
    ),
    wrapped(
        "closes-with-an-error",
        "WIRE-14",
        "Closes the socket of a job that went well as if it had failed.",
        ClosesWithAnError,
        create("virtual:flatbed", requireWebsocket=True),
        listen(),
    ),
    wrapped(
        "cross-talk",
        "WIRE-14",
        "Sends the notices of one job to who listens to another.",
        CrossTalk,
        create(requireWebsocket=True),
        create("virtual:flatbed", requireWebsocket=True),
        listen(),
        listen(to="jobuid2"),
    ),
    rebuilt(
        "stays-busy",
        "WIRE-15",
        "Keeps the scanner for a client that went away.",
        create(),
        leave("job/next-page"),
        wait(60),
        create(),
        registry=StaysBusy,
        endpoints=swapped("GET", f"{JOB_PATH}/next-page", _leaves_it_busy),
    ),
    rebuilt(
        "no-limits",
        "WIRE-16",
        "Takes a body of any size.",
        post("jobs", b'{"autoRun":false,"name":"' + b"x" * (2 << 20) + b'"}'),
        config={"limits": Limits(body_bytes=1 << 40)},
    ),
)
