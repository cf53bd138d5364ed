"""Defects of what services and eSCL scanners have in common (WIRE-10, 11, 13 to 16)."""

from __future__ import annotations

from starlette.types import Message

from conformance.selftest.services.around import JOB, Asked, Reply, error, meets
from conformance.selftest.services.defects.defect import rebuilt, wrapped
from conformance.selftest.services.defects.sockets import FOREIGN
from conformance.selftest.services.defects.timers import PendingNeverExpires
from conformance.selftest.services.proof import create, get, listen, post, wait
from conformance.selftest.services.talk import AroundSockets, Edit
from reference_server.access.facts import FactFinder
from reference_server.access.table import HostName, Origin
from reference_server.config import Limits
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


async def _localhost_only(asked: Asked) -> Reply:
    host = asked.headers.get("host", "").rpartition(":")[0] or asked.headers.get("host", "")
    return error(403, -2137, "Not known by this name.") if host == "localhost" else await asked.pass_on()


async def _error_under_200(asked: Asked) -> Reply:
    reply = await asked.pass_on()
    return reply.but(200) if reply.status in {409, 410} and asked.method == "GET" else reply


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
        "Sends an error under 200.",
        meets("", f"{JOB}/next-page", _error_under_200),
        create(run=False),
        get("job/next-page"),
    ),
    rebuilt(
        "open-to-the-web",
        "WIRE-13",
        "Serves pages of every origin.",
        get("/api/device/scanners", Origin=FOREIGN),
        facts=OpenToTheWeb,
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
        create(run=False, jobTimeout=10),
        wait(60),
        create(run=False),
        registry=PendingNeverExpires,
    ),
    rebuilt(
        "no-limits",
        "WIRE-16",
        "Takes a body of any size.",
        post("jobs", b'{"autoRun":false,"name":"' + b"x" * (2 << 20) + b'"}'),
        config={"limits": Limits(body_bytes=1 << 40)},
    ),
)
