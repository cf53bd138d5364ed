"""The first contact: what is there, asked as any client would, before anything is judged."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from conformance.requirements.rest.facts import FEEDER_ENABLED, ScannerFacts, ServiceFacts
from conformance.runner.facts import Unreachable
from conformance.service.desk import DOCUMENTS, short
from conformance.service.job import JOBS, uid_in
from conformance.service.rest_client import Reply, RestClient
from conformance.wire import FaultKind, WireFault

CAMERA = 4129
"""CAP_CAMERAPREVIEWUI marks a camera (rest-api.md 5.3)."""
LOOKED_AT = 4
"""Scanners that are asked for their capabilities."""
ALL_TYPES = 0xFFF
NOT_THERE = frozenset({404, 405, 501})
CANDIDATES = ("http://localhost:8080", "http://127.0.0.1:3000", "https://localhost")
"""Origins that a service on loopback may let in without being told to."""


class FirstContact:
    """Asks a service what it is.

    Args:
        rest: requests to it.
        scanner: name of the scanner to use; empty: the one that costs least.
        origins: that are let in, as the user knows.
        legacy: whether the legacy API is wanted; None: if it is there.
    """

    def __init__(
        self, rest: RestClient, scanner: str = "", origins: Sequence[str] = (), legacy: bool | None = None
    ) -> None:
        self._rest = rest
        self._scanner = scanner
        self._origins = tuple(origin for origin in origins if origin != "*")
        self._any_origin = "*" in origins
        self._legacy = legacy
        self._missing: dict[str, str] = {}

    async def make(self) -> ServiceFacts:
        """All the facts.

        Raises:
            Unreachable: there is no service, or none that could be judged.
        """
        version = await self._version()
        scanners = await self._look_at(await self._scanners())
        scanner = self._choose(scanners)
        feeder = next((one for one in (scanner, *scanners) if FEEDER_ENABLED in one.capabilities), None)
        if self._scanner and feeder is not None and feeder.device != scanner.device:
            feeder = None  # whoever names a scanner wants no other one to move
        if not scanner.capabilities:
            self._missing["capabilities"] = self._missing.get("capabilities", "capabilities: none")
        else:
            self._missing.pop("capabilities", None)
        await self._parts()
        origins, said = await self._let_in()
        others = tuple(one for one in scanners if one.device != scanner.device)
        return ServiceFacts(
            version, scanner, others, feeder, origins, said, self._missing, self._any_origin, dict(self._sockets)
        )

    _sockets: Mapping[str, Any] = {}

    async def _version(self) -> str:
        reply = await self._ask("GET", "/api/server/version")
        found = reply.object.get("version")
        return found if isinstance(found, str) else str(reply.status)

    async def _scanners(self) -> list[ScannerFacts]:
        replies = []
        for query in ("", f"?type={ALL_TYPES}"):
            replies.append(await self._ask("GET", f"/api/device/scanners{query}"))
            found = replies[-1].json
            scanners = [_scanner(item) for item in found if isinstance(item, dict)] if isinstance(found, list) else []
            if scanners:
                return scanners
        if replies[0].status in NOT_THERE or not isinstance(replies[0].json, list):
            raise Unreachable(f"No scanning service: {replies[0]}: {short(replies[0].body)}")
        raise Unreachable("The service lists no scanner, so nothing could be judged: connect one, or switch one on.")

    async def _look_at(self, scanners: Sequence[ScannerFacts]) -> list[ScannerFacts]:
        """Those of *scanners* that can be used, with their capabilities; one pending job each, no paper."""
        named = [one for one in scanners if one.name == self._scanner]
        if self._scanner and not named:
            names = ", ".join(one.name for one in scanners)
            raise Unreachable(f"No scanner is called {self._scanner!r}; there are {names}.")
        usable, refusals = [], []
        for one in [*named, *(other for other in scanners if other not in named)][:LOOKED_AT]:
            made = await self._ask("POST", JOBS, {"device": one.device, "autoRun": False, "requireWebsocket": True})
            uid = uid_in(made)
            if uid is None:
                refusals.append(f"{one.name}: {made}: {short(made.body)}")
                continue
            try:
                usable.append(replace(one, capabilities=await self._capabilities(uid)))
                self._note_socket(made)
                await self._look_for_content(uid)
            finally:
                await self._ask("DELETE", f"{JOBS}/{uid}")
        if not usable or (named and usable[0].device != named[0].device):
            hint = " A product key is given with --product-key." if any("-2800" in text for text in refusals) else ""
            raise Unreachable(f"No job can be made: {'; '.join(refusals)}.{hint}")
        return usable

    def _choose(self, scanners: Sequence[ScannerFacts]) -> ScannerFacts:
        """The named one; else the first that needs no paper, rather a flatbed than a camera."""
        if self._scanner:
            return scanners[0]
        return min(scanners, key=lambda one: (CAMERA in one.capabilities, FEEDER_ENABLED in one.capabilities))

    async def _capabilities(self, uid: str) -> Mapping[int, Mapping[str, Any]]:
        reply = await self._ask("GET", f"{JOBS}/{uid}/scanner/capabilities")
        if reply.status in NOT_THERE:
            self._missing["capabilities"] = str(reply)
        found = reply.json
        return {
            number: item
            for item in (found if isinstance(found, list) else ())
            if isinstance(item, dict) and isinstance(number := _number(item.get("capability")), int)
        }

    def _note_socket(self, made: Reply) -> None:
        if isinstance(made.object.get("protocol"), dict):
            self._sockets = made.object["protocol"]
            self._missing.pop("web sockets", None)
        elif not self._sockets:
            self._missing["web sockets"] = f"{made} with requireWebsocket: no protocol"

    async def _look_for_content(self, uid: str) -> None:
        reply = await self._ask("GET", f"{JOBS}/{uid}/content?type=image/png&page=0")
        if reply.status in NOT_THERE and reply.code != UNKNOWN_JOB_CODE:
            self._missing["content"] = str(reply)

    async def _parts(self) -> None:
        """Which parts of the API there are."""
        await self._look_for("read-barcode", "POST", "/api/process/read-barcode", {})
        await self._look_for("check-blank", "POST", "/api/process/check-blank", {})
        if self._legacy is False:
            self._missing["legacy"] = "--no-legacy"
        elif self._legacy is None:
            await self._look_for("legacy", "GET", "/DWTAPI/Scanners")
        made = await self._look_for("documents", "POST", DOCUMENTS, {})
        uid = made.object.get("uid")
        if "documents" in self._missing or not isinstance(uid, str):
            self._missing.setdefault("metadata", self._missing.get("documents", "documents: no uid"))
            return
        await self._look_for("metadata", "PATCH", f"{DOCUMENTS}/{uid}", {"metadata": "x"})
        await self._ask("DELETE", f"{DOCUMENTS}/{uid}")

    async def _look_for(self, name: str, method: str, path: str, body: object = None) -> Reply:
        reply = await self._ask(method, path, body)
        if reply.status in NOT_THERE:
            self._missing[name] = str(reply)
        return reply

    async def _let_in(self) -> tuple[tuple[str, ...], str]:
        """Origins that are let in, those first that the user knows, and what was said to the others."""
        found, said = list(self._origins), ""
        for origin in CANDIDATES:
            reply = await self._ask("GET", "/api/server/version", None, {"Origin": origin})
            allowed = reply.get("access-control-allow-origin")
            if allowed in {origin, "*"} and reply.status < 400:
                found.append(origin)
            else:
                said = said or f"{reply} for Origin: {origin}, Access-Control-Allow-Origin: {allowed}"
        return tuple(dict.fromkeys(found)), said

    async def _ask(self, method: str, path: str, body: object = None, fields: Mapping[str, str] | None = None) -> Reply:
        """A request, once more if its connection broke: whether that may happen is for checks to say.

        Raises:
            Unreachable: nobody answers.
        """
        try:
            return await self._rest.ask(method, path, body, fields)
        except WireFault as first:
            if first.kind is FaultKind.NO_CONNECTION:
                raise Unreachable(first.evidence) from None
        try:
            return await self._rest.ask(method, path, body, fields)
        except WireFault as fault:
            raise Unreachable(f"{method} {path}: {fault.evidence}") from None


UNKNOWN_JOB_CODE = -1034


def _scanner(item: Mapping[str, Any]) -> ScannerFacts:
    kind, device = item.get("type"), item.get("device")
    return ScannerFacts(
        str(item.get("name")),
        kind if isinstance(kind, int) else 0,
        device if isinstance(device, str) else "",
    )


def _number(capability: object) -> object:
    return capability.get("value") if isinstance(capability, dict) else capability
