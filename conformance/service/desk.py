"""The desk: what a check of a service has in its hands.

**Time.** The only clock of a check is trio's: it waits with ``trio.sleep`` and limits with ``trio.move_on_after``, and nothing in this room reads a real clock
(the log's times are for reports alone). So the same checks run in seconds of real time against a service on a socket, and in none against one on memory
streams under a clock that jumps, where a jobTimeout of a second passes when everybody sleeps.
"""

from __future__ import annotations

import math
import random
import re
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from dataclasses import dataclass
from typing import Any, NoReturn

import trio

from conformance.bench import Log
from conformance.outcomes import Broken, NeedsOperator, NotApplicable, Untestable
from conformance.requirements.model import Requirement
from conformance.requirements.rest.facts import FEEDER_ENABLED, PIXEL_TYPE, X_RESOLUTION, ScannerFacts, ServiceFacts
from conformance.service.job import JOBS, Job, uid_in
from conformance.service.operators import Operator
from conformance.service.rest_client import MISSING, Reply, RestClient
from conformance.service.traps import OpenTrap
from conformance.service.web_socket import Conversation, Refused, converse
from conformance.wire import Connect, WireFault

DOCUMENTS = "/api/storage/documents"
_JOB = re.compile(r"\b[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b")
_PAGE = re.compile(r"\b[0-9a-f]{12}\b")
BUSY_S = 20.0
"""For so long a scanner may still be busy with what a check before this one left to it; clients are patient too (rest-api.md 5.9)."""
ANSWERS_IN_TIME = 10
"""So many answers fit into the shortest time that is given to a job."""
STEP_S = 60
"""For one step of a scanner, where the default has 15: a lamp may take longer to warm up, and clients ask for 60 or 90, too (rest-api.md 5.1)."""
LOW_DPI, HIGH_DPI = 75, 600
TIDY_S = 30.0
PATIENCE_S = 1.3
FOREIGN_ORIGIN = "https://foreign.example"
FOREIGN_HOST = "foreign.example"
UNKNOWN_JOB = "00000000-0000-4000-8000-000000000000"
UNKNOWN_DOCUMENT = "0123456789ab"
HTTP_ERROR = 400


@dataclass(frozen=True, slots=True)
class Place:
    """Where the service is.

    Attributes:
        connect: gives connections to it.
        scheme: http or https.
        host: as it stands in ``Host``.
        beyond: gives connections to the same port by an address of this machine that is not loopback; None where there is none.
        open_trap: opens an address that nobody should fetch.
        patience: for so many seconds a check waits for what must not happen; the longer, the more it sees.
    """

    connect: Connect
    scheme: str
    host: str
    beyond: Connect | None = None
    open_trap: OpenTrap | None = None
    patience: float = PATIENCE_S


class Desk:
    """One check's view of the service.

    Attributes:
        facts: what the first contact found.
        requirement: the one under check.
        rest: requests to the service.
        place: where it is.
        operator: beside the scanner.
        log: of all exchanges.
        random: seeded by the run's seed and the requirement's id.
    """

    def __init__(
        self,
        place: Place,
        rest: RestClient,
        facts: ServiceFacts,
        requirement: Requirement,
        operator: Operator,
        *,
        log: Log,
        seed: int = 0,
        note: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.place = place
        self.rest = rest
        self.facts = facts
        self.requirement = requirement
        self.operator = operator
        self.log = log
        self._note = note
        self.random = random.Random(f"{seed}/{requirement.id}")  # noqa: S311  # reproducible choices, no secrets
        self._jobs: dict[str, Job] = {}
        self._documents: dict[str, str] = {}
        self._disturbed: list[ScannerFacts] = []

    # -- verdicts --------------------------------------------------------------------------------------------------

    def require(self, holds: object, evidence: str, point: str = "") -> None:
        """Fail unless *holds*."""
        if not holds:
            self.broken(evidence, point)

    def broken(self, evidence: str, point: str = "") -> NoReturn:
        """Fail; what differs from run to run is taken out of the *evidence*, and a *point* has nothing of the sort."""
        raise Broken(self.requirement.id, self.stable(evidence), point)

    def stable(self, text: str) -> str:
        """*text* with placeholders for UIDs and for the address of the service, so that two runs say the same."""
        text = text.replace(self.place.host, "HOST")
        port = self.place.host.rpartition(":")[2]
        if port.isdigit():
            text = text.replace(f":{port}", ":PORT")
        return _numbered("UID", _PAGE, _numbered("JOB", _JOB, text))

    def status(self, reply: Reply, *wanted: int, point: str, why: str = "") -> Reply:
        """Fail unless *reply* has one of the *wanted* statuses."""
        words = " or ".join(str(status) for status in wanted)
        self.require(reply.status in wanted, f"{reply} instead of {words}{f' {why}' if why else ''}", point)
        return reply

    def refused(self, reply: Reply, status: int, code: int | None, *, point: str, why: str = "") -> Reply:
        """Fail unless *reply* is an error with this status and code."""
        self.status(reply, status, point=point, why=why)
        wanted = f"with code {code}"
        self.require(
            code is None or reply.code == code, f"{reply}: its body {short(reply.body)} is not {wanted}", point
        )
        return reply

    def an_object(self, reply: Reply, point: str) -> Mapping[str, Any]:
        """The JSON object in *reply*, or fail."""
        found = reply.json
        self.require(isinstance(found, dict), f"{reply}: {short(reply.body)} is no JSON object", point)
        return dict(found)

    def an_array(self, reply: Reply, point: str) -> Sequence[Any]:
        """The JSON array in *reply*, or fail."""
        found = reply.json
        self.require(isinstance(found, list), f"{reply}: {short(reply.body)} is no JSON array", point)
        return list(found)

    def prerequisite(self, reply: Reply, *wanted: int) -> Reply:
        """Something that has to work for this check, and is the subject of another.

        Raises:
            Untestable: it does not.
        """
        if reply.status not in wanted:
            words = " or ".join(map(str, wanted))
            raise Untestable(self.stable(f"{reply} instead of {words}: {short(reply.body)}"))
        return reply

    def note(self, text: str) -> None:
        """Something that a report should show although it is no failure, such as a position in the register of contradictions."""
        self._note(self.stable(text))

    # -- jobs ------------------------------------------------------------------------------------------------------

    def keys(self, scanner: ScannerFacts | None = None, **keys: Any) -> dict[str, Any]:
        """The body of a POST jobs for a small and quick scan that waits to be started; *keys* are added."""
        scanner = scanner or self.facts.scanner
        config = self.config(scanner) | keys.pop("config", {})
        patience = {"scannerFailureTimeout": STEP_S}
        return {"device": scanner.device, "autoRun": False, "config": config, **patience, **keys}

    def config(self, scanner: ScannerFacts, *, feeder: bool = False, large: bool = False) -> dict[str, Any]:
        """A ``config`` for a quick scan of *scanner*, or for one that takes its time."""
        dpi = nearest(resolutions(scanner), HIGH_DPI if large else LOW_DPI)
        types = scanner.values(PIXEL_TYPE)
        wanted = (2, 1, 0) if large else (1, 2, 0)
        kind = next((number for number in wanted if number in types), wanted[0])
        return {
            "IfShowUI": False,
            "PixelType": kind,
            "Resolution": dpi,
            "IfFeederEnabled": feeder,
            "IfDuplexEnabled": False,
        }

    async def post_job(
        self, body: object, fields: Mapping[str, str] | None = None, *, rest: RestClient | None = None, **how: Any
    ) -> Reply:
        """POST jobs as it is; whatever job comes of it is deleted at the end."""
        reply = await (rest or self.rest).ask("POST", JOBS, body, fields, **how)
        uid = uid_in(reply)
        if uid is not None and reply.status < HTTP_ERROR:
            self._jobs[uid] = Job(self.rest, uid, reply, fields)
        return reply

    async def when_free(self, body: object, fields: Mapping[str, str] | None = None, **how: Any) -> Reply:
        """The same, asked again while the scanner is busy, but not for ever."""
        reply = await self.post_job(body, fields, **how)
        with trio.move_on_after(BUSY_S):
            while reply.status in {423, 503}:
                await trio.sleep(0.25)
                reply = await self.post_job(body, fields, **how)
        return reply

    def job_of(self, reply: Reply) -> Job:
        """The job that *reply* made.

        Raises:
            Untestable: it made none.
        """
        uid = uid_in(reply)
        if uid is None or uid not in self._jobs:
            raise Untestable(self.stable(f"{reply} made no job: {short(reply.body)}"))
        return self._jobs[uid]

    async def create(
        self, scanner: ScannerFacts | None = None, fields: Mapping[str, str] | None = None, **keys: Any
    ) -> Job:
        """A pending job for a quick scan; a scanner that is still busy is waited for.

        Raises:
            Untestable: there is none to be had.
        """
        return self.job_of(await self.when_free(self.keys(scanner, **keys), fields))

    @asynccontextmanager
    async def job(
        self, scanner: ScannerFacts | None = None, fields: Mapping[str, str] | None = None, **keys: Any
    ) -> AsyncIterator[Job]:
        """A pending job, deleted afterwards."""
        job = await self.create(scanner, fields, **keys)
        try:
            yield job
        finally:
            await self._forget(job)

    async def ended(self, *, run: str = "completed", **keys: Any) -> Job:
        """A job that has come to its end, with its pages unread.

        Raises:
            Untestable: it did not end so.
        """
        job = await self.create(autoRun=True, **keys)
        state = await job.end()
        if state != run:
            raise Untestable(f"a job is {state} instead of {run}: {short((await job.get()).body)}")
        return job

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Job | None]:
        """A job that runs and will do so for a while, by the longest scan that costs no paper; None if even that is over at once."""
        scanner = self.facts.scanner
        config = self.config(scanner, large=True)
        job = await self.create(config=config)
        self.prerequisite(await job.patch("running"), 200)
        try:
            yield job if await job.state() == "running" else None
        finally:
            await self._forget(job)

    async def from_feeder(self, sheets: int, **keys: Any) -> Job:
        """A pending job of the feeder, with paper for it as far as anybody can see to that.

        Raises:
            NotApplicable: no scanner has a feeder.
        """
        scanner = self.feeder
        with suppress(NeedsOperator):
            await self.operator.load(scanner, sheets)
            if feeds_unasked(scanner):
                self._disturbed.append(scanner)  # so much paper is right for this check, and not for the next one
        config = self.config(scanner, feeder=True) | keys.pop("config", {})
        return await self.create(scanner, config=config, **keys)

    @property
    def feeder(self) -> ScannerFacts:
        """The scanner with a feeder."""
        if self.facts.feeder is None:
            raise NotApplicable("no scanner has a feeder")
        return self.facts.feeder

    def too_little_paper(self, sheets: int) -> NoReturn:
        """The feeder gave fewer pages than this check needs, which is nobody's failure."""
        raise NeedsOperator(f"put {sheets} sheets into the feeder of {self.feeder.name}")

    @asynccontextmanager
    async def disturbing(self, scanner: ScannerFacts) -> AsyncIterator[Operator]:
        """The operator, who makes the scanner good again afterwards."""
        self._disturbed.append(scanner)
        yield self.operator

    async def _forget(self, job: Job) -> None:
        with trio.move_on_after(TIDY_S, shield=True), suppress(WireFault):
            await job.delete()
        self._jobs.pop(job.uid, None)

    async def short_time(self) -> int:
        """The shortest jobTimeout, in whole seconds, in which this service answers a few requests."""
        began = trio.current_time()
        await self.rest.ask("GET", "/api/server/version")
        return math.ceil(max(1.0, ANSWERS_IN_TIME * (trio.current_time() - began)))

    # -- documents -------------------------------------------------------------------------------------------------

    async def post_document(self, body: object = None, fields: Mapping[str, str] | None = None) -> Reply:
        """POST documents as it is; whatever document comes of it is deleted at the end."""
        reply = await self.rest.ask("POST", DOCUMENTS, {} if body is None else body, fields)
        uid = reply.object.get("uid")
        if isinstance(uid, str) and reply.status < HTTP_ERROR:
            password = body.get("password", "") if isinstance(body, dict) else ""
            self._documents[uid] = password if isinstance(password, str) else ""
        return reply

    async def document(self, body: object = None) -> str:
        """A new document; its path."""
        reply = self.prerequisite(await self.post_document(body), 201, 200)
        uid = reply.object.get("uid")
        if not isinstance(uid, str):
            raise Untestable(self.stable(f"{reply}: no uid in {short(reply.body)}"))
        return f"{DOCUMENTS}/{uid}"

    # -- sockets ---------------------------------------------------------------------------------------------------

    def socket(
        self, target: str, protocols: Sequence[str] = (), fields: Sequence[tuple[str, str]] = ()
    ) -> AbstractAsyncContextManager[Conversation | Refused]:
        """Ask for an upgrade at *target*."""
        place = self.place
        common = [(name, value) for name, value in self.rest.fields if name.lower() == "authorization"]
        return converse(place.connect, place.host, target, self.log, protocols=protocols, fields=[*common, *fields])

    # -- afterwards ------------------------------------------------------------------------------------------------

    async def tidy(self) -> None:
        """Delete what the check has made."""
        with trio.move_on_after(TIDY_S, shield=True):
            for job in tuple(self._jobs.values()):
                await self._forget(job)
            for uid, password in self._documents.items():
                with suppress(WireFault):
                    await self.rest.ask("DELETE", f"{DOCUMENTS}/{uid}", None, {"DWT-DOC-PASSWORD": password})
            for scanner in self._disturbed:
                with suppress(WireFault, NeedsOperator):
                    await self.operator.clear(scanner)


def _numbered(word: str, pattern: re.Pattern[str], text: str) -> str:
    """*text* with what fits the pattern as JOB, JOB-2 and so on, in the order of their appearance."""
    names: dict[str, str] = {}

    def name(match: re.Match[str]) -> str:
        return names.setdefault(match[0].lower(), f"{word}-{len(names) + 1}" if names else word)

    return pattern.sub(name, text)


def feeds_unasked(scanner: ScannerFacts) -> bool:
    """Whether it takes paper from its feeder where nobody asked for that: it has nothing else, or prefers it."""
    return bool(scanner.capabilities.get(FEEDER_ENABLED, {}).get("defaultValue"))


def resolutions(scanner: ScannerFacts) -> tuple[float, ...]:
    """The resolutions that a scanner declares, of a range some; empty if it declares none."""
    listed = tuple(
        float(value)
        for value in scanner.values(X_RESOLUTION)
        if isinstance(value, int | float) and not isinstance(value, bool)
    )
    if listed:
        return listed
    about = scanner.capabilities.get(X_RESOLUTION, {})
    least, most, step = (about.get(key) for key in ("minValue", "maxValue", "stepSize"))
    if isinstance(least, int | float) and isinstance(most, int | float) and isinstance(step, int | float) and step > 0:
        wanted = (75, 100, 150, 200, 300, 600)
        return tuple(float(dpi) for dpi in wanted if least <= dpi <= most and (dpi - least) % step == 0)
    return ()


def nearest(values: Sequence[float], wanted: float) -> int:
    """The one of *values* that is nearest to *wanted*; *wanted* itself if there are none."""
    return int(min(values, key=lambda value: (abs(value - wanted), value), default=wanted))


def short(body: bytes) -> str:
    """The beginning of a body, for evidence."""
    text = body[:160].decode("utf-8", "replace")
    if not text.isprintable():
        return f"a body of {len(body)} bytes"
    return repr(text) + ("..." if len(body) > 160 else "")


__all__ = ["MISSING", "Desk", "Place", "nearest", "resolutions", "short"]
