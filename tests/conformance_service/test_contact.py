"""The first contact: facts from what a service says, the quotations of what it lacks, and why it cannot be judged at all."""

from __future__ import annotations

import json
from typing import Any

import pytest
import trio

from conformance.bench import Log
from conformance.requirements.rest.facts import (
    CONTENT,
    DOCUMENTS,
    FEEDER,
    FOREIGN,
    LEGACY,
    METADATA,
    ONE_BIT,
    TWAIN,
    TWO_ORIGINS,
    TWO_SCANNERS,
    WEB_SOCKETS,
    ServiceFacts,
)
from conformance.runner.facts import Unreachable
from conformance.service.contact import FirstContact
from conformance.service.job import JOBS
from conformance.service.rest_client import RestClient
from conformance.wire import WireClient
from tests.conformance_service.scripted import HOST, Asked, Said, Scripted, scripted

UID = "7d0c2f0e-5a5e-4d0b-9f0a-3f1f5f6b2a11"
FLATBED: list[Any] = [{"capability": {"value": 257, "label": "x"}, "enums": [0, 1, 2]}]
WITH_FEEDER: list[Any] = [*FLATBED, {"capability": 4098}]
LOCALHOST = "http://localhost:8080"


class Service:
    """A small service: what it has can be taken away.

    Attributes:
        scanners: names, with their capabilities.
        lacks: beginnings of paths that are 404.
        busy: names of scanners that are in use.
        made: the scanner of the last job.
    """

    def __init__(self, **changes: Any) -> None:
        self.scanners: dict[str, list[Any]] = {"Feeder": WITH_FEEDER, "Flatbed": FLATBED}
        self.lacks: tuple[str, ...] = ()
        self.busy: tuple[str, ...] = ()
        self.kind = 256
        self.key = ""
        self.sockets = True
        self.made = ""
        vars(self).update(changes)

    def __call__(self, asked: Asked) -> Said:
        path = asked.target.partition("?")[0]
        if any(path.startswith(lack) for lack in self.lacks):
            return Said(404, {"code": -2113, "message": "nothing", "statusCode": 404})
        match asked.method, path:
            case "GET", "/api/server/version":
                origin = asked.fields.get("origin")
                allow = {"Access-Control-Allow-Origin": origin} if origin == LOCALHOST else {}
                return Said(200, {"version": "20250428", "compatible": True}, allow)
            case "GET", "/api/device/scanners" | "/DWTAPI/Scanners":
                return Said(200, [{"name": name, "type": self.kind, "device": name} for name in self.scanners])
            case "POST", "/api/device/scanners/jobs":
                return self._job(asked)
            case "POST", "/api/storage/documents":
                return Said(201, {"uid": "19c0a4c90010", "pages": []})
            case _, _ if path.endswith("/capabilities"):
                return Said(200, self.scanners[self.made])
            case "DELETE", _:
                return Said(204)
        return Said(409 if path.startswith(JOBS) else 400, {"code": -1011})

    def _job(self, asked: Asked) -> Said:
        wish = json.loads(asked.body)
        if self.key and asked.fields.get("dwt-product-key") != self.key:
            return Said(403, {"code": -2800, "message": "no key"})
        if wish["device"] in self.busy:
            return Said(423, {"code": -1004})
        self.made = wish["device"]
        block = {"protocol": {"jobuid": UID}} if self.sockets and wish.get("requireWebsocket") else {}
        return Said(201, {"jobuid": UID, "status": "pending", "scanner": {}} | block)


async def meet(
    service: Service, *, fields: tuple[tuple[str, str], ...] = (), **options: Any
) -> tuple[ServiceFacts, Scripted]:
    """The facts, and what was asked."""
    async with scripted(service) as scripted_service:
        return await FirstContact(scripted_service.rest(fields=fields), **options).make(), scripted_service


async def test_a_whole_service() -> None:
    """The scanner that needs no paper is used, the feeder is known, and nothing is missing."""
    facts, service = await meet(Service())
    assert (facts.version, facts.scanner.name, facts.feeder and facts.feeder.name) == ("20250428", "Flatbed", "Feeder")
    assert facts.missing == {}
    assert facts.origins == (LOCALHOST,)
    assert facts.protocol == {"jobuid": UID}
    for gate in (LEGACY, DOCUMENTS, METADATA, CONTENT, WEB_SOCKETS, FEEDER, ONE_BIT, TWO_SCANNERS, FOREIGN):
        assert gate.missing(facts) is None, gate.words
    made = [asked for asked in service.asked if (asked.method, asked.target) == ("POST", JOBS)]
    assert all(asked.json["autoRun"] is False for asked in made), "the first contact moves no paper"
    deleted = [asked.target for asked in service.asked if asked.method == "DELETE"]
    assert len(deleted) == len(made) + 1, "jobs and the document of the first contact are deleted"


async def test_what_is_missing_is_quoted() -> None:
    """Each part that is not there comes with the answer that says so, and gates give it on."""
    changes = {"lacks": ("/DWTAPI", "/api/storage"), "sockets": False, "scanners": {"Only": [{"capability": 1}]}}
    facts, _ = await meet(Service(**changes))
    assert LEGACY.missing(facts) == "GET /DWTAPI/Scanners: 404 with code -2113"
    assert DOCUMENTS.missing(facts) == METADATA.missing(facts) == "POST /api/storage/documents: 404 with code -2113"
    assert "no protocol" in str(WEB_SOCKETS.missing(facts))
    assert TWO_SCANNERS.missing(facts) == "scanners: Only and no other"
    assert FEEDER.missing(facts) == "capabilities: CAP_FEEDERENABLED (4098) of no scanner"
    assert "257" in str(ONE_BIT.missing(facts))
    assert TWAIN.missing(facts) == "type of Only: 256"
    assert "127.0.0.1:3000" in str(TWO_ORIGINS.missing(facts))


async def test_what_the_user_knows() -> None:
    """A scanner by name, origins, and whether the legacy API is wanted; whoever names a flatbed wants no feeder to move."""
    facts, _ = await meet(Service(), scanner="Flatbed", origins=("https://app.example",), legacy=False)
    assert (facts.scanner.name, facts.feeder) == ("Flatbed", None)
    assert facts.origins == ("https://app.example", LOCALHOST)
    assert LEGACY.missing(facts) == "--no-legacy"
    assert FOREIGN.missing(facts) is None
    facts, _ = await meet(Service(), scanner="Feeder", origins=("*",), legacy=True)
    assert facts.feeder is facts.scanner
    assert FOREIGN.missing(facts) == "--origin *: every one is let in"
    facts, _ = await meet(Service(lacks=("/DWTAPI",)), legacy=True)
    assert LEGACY.missing(facts) is None, "an API that is wanted is judged, though it is not there"


@pytest.mark.parametrize(
    ("service", "options", "words"),
    [
        (Service(lacks=("/",)), {}, "No scanning service"),
        (Service(scanners={}), {}, "lists no scanner"),
        (Service(busy=("Feeder", "Flatbed")), {}, "No job can be made: Feeder: .*423"),
        (Service(busy=("Flatbed",)), {"scanner": "Flatbed"}, "No job can be made: Flatbed: .*423"),
        (Service(key="secret"), {}, "--product-key"),
        (Service(), {"scanner": "Nobody"}, "No scanner is called 'Nobody'; there are Feeder, Flatbed"),
    ],
)
async def test_why_nothing_can_be_judged(service: Service, options: dict[str, Any], words: str) -> None:
    """A service that cannot be judged is told from a bad one, with what to do about it."""
    with pytest.raises((Unreachable, ExceptionGroup)) as caught:
        await meet(service, **options)
    error = caught.value.exceptions[0] if isinstance(caught.value, ExceptionGroup) else caught.value
    with pytest.raises(Unreachable, match=words):
        raise error


async def test_a_key_opens_it() -> None:
    """The product key that the user gives goes with the first contact, too."""
    facts, _ = await meet(Service(key="secret"), fields=(("DWT-PRODUCT-KEY", "secret"),))
    assert facts.scanner.name == "Flatbed"


async def test_nobody_is_there() -> None:
    """No connection at all, and one that is closed each time, are unreachable and nothing else."""

    async def refused() -> trio.abc.Stream:
        raise ConnectionRefusedError("refused")

    async def closed() -> trio.abc.Stream:
        ours, theirs = trio.testing.memory_stream_pair()
        await theirs.aclose()
        return ours

    for connect in (refused, closed):
        with pytest.raises(Unreachable):
            await FirstContact(RestClient(WireClient(connect, HOST, Log()))).make()


async def test_nonsense_does_not_break_it() -> None:
    """A list of anything, and capabilities of anything, are facts without value and no crash."""
    service = Service(scanners={"Odd": [{"capability": None}, {"capability": {"value": []}}, 7, "x"]})
    facts, _ = await meet(service)
    assert facts.scanner.capabilities == {}
    assert facts.missing["capabilities"] == "capabilities: none"
