"""The desk: what a check has in its hands."""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urljoin, urlsplit

import trio

from conformance.bench import Log
from conformance.escl import limits, markup, reading
from conformance.escl.ordering import Order, Region
from conformance.escl.reading import JobInfo, StatusInfo
from conformance.outcomes import Broken, NeedsOperator, NotApplicable, OverBudget, Untestable
from conformance.requirements.escl.facts import EsclCaps, EsclFacts, InputCaps
from conformance.wire import Answer, WireClient, WireFault
from device_protocol.vocabularies.escl import JPEG, AdfState, EsclJobState, ScannerState

if TYPE_CHECKING:
    from collections.abc import Iterator
    from xml.etree.ElementTree import Element

    from conformance.escl.operator import Operator
    from conformance.requirements import Requirement
    from conformance.wire.exchange import Fields

XML_TYPE = ("Content-Type", "text/xml")
GONE = (404, 410)
OVER = {state.value for state in EsclJobState if state.over}
LEAST_DPI = 75
SMALL = 720
"""Width and height of a small region in 1/300 inch: 61 mm, which holds a mark of our sheets."""


class EndlessJob(Untestable):
    """A job gives one document after the other."""


@dataclass(slots=True)
class EsclJob:
    """A job that was accepted.

    Attributes:
        location: as it came.
        path: what is asked for at this scanner.
        order: what was ordered.
        answer: to the POST.
        pages: documents that were fetched.
    """

    location: str
    path: str
    order: Order
    answer: Answer
    pages: list[Answer] = field(default_factory=list)

    @property
    def uid(self) -> str:
        """The last part of the path."""
        return self.path.rstrip("/").rpartition("/")[2]


class Desk:
    """One check's view of the scanner.

    Attributes:
        facts: what it declared at first contact.
        requirement: the one under check.
        client: speaks HTTP.
        pages: the same for pages, which are larger and take longer.
        root: path of the scanner, without a slash at its end.
        host: name and port by which it is called.
        names: further names by which it is announced.
        operator: who stands before it.
        quick: nothing that takes minutes.
        in_flight: bytes that the buffers of a connection may hold: a scanner cannot know that they did not arrive.
        random: seeded by the run's seed and the requirement's id.
        note: for evidence that is no verdict.
    """

    def __init__(
        self,
        facts: EsclFacts,
        requirement: Requirement,
        *,
        client: WireClient,
        pages: WireClient,
        root: str,
        operator: Operator,
        names: tuple[str, ...] = (),
        quick: bool = False,
        in_flight: int = 0,
        seed: int = 0,
        note: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.facts = facts
        self.requirement = requirement
        self.client = client
        self.pages = pages
        self.root = root
        self.host = client.host
        self.names = names
        self.operator = operator
        self.quick = quick
        self.in_flight = in_flight
        self.random = random.Random(f"{seed}/{requirement.id}")  # noqa: S311  # reproducible choices, no secrets
        self.note = note
        self._jobs: list[EsclJob] = []

    @property
    def log(self) -> Log:
        """The commands of the run."""
        return self.client.log

    # -- judging

    def broken(self, evidence: str, point: str = "") -> Broken:
        """The exception that says that the requirement is broken."""
        return Broken(self.requirement.id, evidence, point)

    def require(self, holds: object, evidence: str, point: str = "") -> None:
        """Break the requirement unless *holds*."""
        if not holds:
            raise self.broken(evidence, point)

    @contextmanager
    def wire(self, point: str) -> Iterator[None]:
        """A fault of an exchange in the block breaks the requirement."""
        try:
            yield
        except WireFault as fault:
            raise self.broken(f"{fault.kind.value}: {fault.evidence}", f"{point} {fault.kind.value}") from fault

    def takes_minutes(self, what: str) -> None:
        """Leave the check out of a quick run.

        Raises:
            OverBudget: this is one.
        """
        if self.quick:
            raise OverBudget(f"--quick: {what}")

    # -- documents

    def path(self, name: str) -> str:
        """The path of a resource below the root, or of a job's."""
        return f"{self.root}/{name}"

    async def ask(
        self, method: str, name: str, fields: Fields = (), body: bytes = b"", *, wait: float | None = None
    ) -> Answer:
        """One request below the root."""
        return await self.client.request(method, self.path(name), fields, body, wait=wait)

    async def document(self, name: str) -> Element:
        """A document of the scanner.

        Raises:
            Untestable: it is not given, or cannot be read.
        """
        answer = await self.ask("GET", name)
        if answer.status != 200:
            raise Untestable(f"GET {self.path(name)} was answered {answer.status}")
        try:
            return markup.read(answer.body)
        except markup.MarkupError as error:
            raise Untestable(f"{name}: {error}") from None

    async def capabilities(self) -> EsclCaps:
        """What it declares now."""
        return reading.capabilities(await self.document("ScannerCapabilities"))

    async def status(self) -> StatusInfo:
        """What it says of itself now."""
        return reading.status(await self.document("ScannerStatus"))

    async def listed(self, job: EsclJob) -> JobInfo | None:
        """The status' entry of *job*, found by its path, or by its last part."""
        for info in (await self.status()).jobs:
            same = urlsplit(info.uri).path.rstrip("/") == job.path
            if same or (info.uuid and info.uuid.removeprefix("urn:uuid:") == job.uid):
                return info
        return None

    # -- what can be ordered

    @property
    def caps(self) -> EsclCaps:
        """What it declared at first contact.

        Raises:
            Untestable: that cannot be read.
        """
        if self.facts.caps is None:
            raise Untestable(self.facts.said)
        return self.facts.caps

    def source(self) -> InputCaps:
        """The way to scan that costs least paper.

        Raises:
            Untestable: there is none.
        """
        found = self.caps.platen or self.feeder_or_none()
        if found is None:
            raise Untestable("ScannerCapabilities has no source")
        return found

    def feeder_or_none(self) -> InputCaps | None:
        """The feeder, one-sided if there is a choice."""
        return self.caps.simplex or self.caps.duplex

    def feeder(self) -> InputCaps:
        """The feeder, one-sided if there is a choice.

        Raises:
            NotApplicable: there is none.
        """
        found = self.feeder_or_none()
        if found is None:
            raise NotApplicable("ScannerCapabilities has no feeder")
        return found

    def order(self, source: InputCaps | None = None, *, both_sides: bool = False) -> Order:
        """A small, quick scan.

        Args:
            source: default: see :meth:`source`.
            both_sides: of a feeder.
        """
        source = source or self.source()
        caps = self.caps
        feeds = source is not caps.platen
        media = pick(source.media, JPEG, "image/png", "image/tiff")
        return Order(
            source="Feeder" if feeds else "Platen",
            region=small(source),
            color_mode=pick(source.color_modes, "Grayscale8", "RGB24"),
            dpi=next(iter(quick_dpi(source)), None),
            format=media,
            format_ext=media if media in source.formats_ext else "",
            duplex=("true" if both_sides else "false") if feeds else "",
        )

    # -- jobs

    async def supply(self, order: Order, sheets: int = 1) -> None:
        """Have paper where *order* will look for it.

        Raises:
            NeedsOperator: there is none, and nobody who puts some in.
        """
        feeds = order.feeds or (not order.source and self.caps.platen is None)
        if not feeds or self.feeder_or_none() is None:  # a feeder that is not there is ordered to be refused
            return
        if self.operator.controls:
            await self.operator.load(sheets)
        elif (await self.status()).adf != AdfState.LOADED:
            raise NeedsOperator("the feeder is not loaded (AdfState), and nobody is there to put paper in")

    async def post(self, order: Order | bytes, *, host: str | None = None, fields: Fields = (XML_TYPE,)) -> Answer:
        """POST of settings; whatever job begins is ended after the check."""
        body = order if isinstance(order, bytes) else order.body()
        extra = [*fields, *([("Host", host)] if host is not None else [])]
        answer = await self.ask("POST", "ScanJobs", extra, body, wait=limits.PAGE_S)
        if 200 <= answer.status < 300 and answer.head.get("location"):
            self._jobs.append(self._job(answer, order if isinstance(order, Order) else Order()))
        return answer

    async def start(self, order: Order | None = None, *, sheets: int = 1) -> EsclJob:
        """A job that was accepted.

        Raises:
            Untestable: it was not, though the scanner declares all that was ordered.
        """
        order = order or self.order()
        await self.supply(order, sheets)
        answer = await self.post_patiently(order)
        return self.taken(answer, order)

    async def post_patiently(
        self, order: Order | bytes, *, host: str | None = None, fields: Fields = (XML_TYPE,)
    ) -> Answer:
        """POST; 503 is tried again for a while, since the job before may be on its way out."""
        until = trio.current_time() + limits.TAKEN_S
        while True:
            answer = await self.post(order, host=host, fields=fields)
            if answer.status != 503 or trio.current_time() + limits.RETRY_S > until:
                return answer
            await trio.sleep(retry_after(answer))

    def taken(self, answer: Answer, order: Order) -> EsclJob:
        """The job of an answer to a POST.

        Raises:
            Untestable: it has none.
        """
        if not 200 <= answer.status < 300:
            raise Untestable(f"a job that the capabilities offer was answered {answer.status}")
        if not answer.head.get("location"):
            raise Untestable("a job was accepted without a Location")
        job = self._jobs[-1]
        job.order = order
        return job

    def _job(self, answer: Answer, order: Order) -> EsclJob:
        location = answer.head.get("location") or ""
        return EsclJob(location, self.local_path(location), order, answer)

    def local_path(self, location: str) -> str:
        """Where *location* leads at this scanner; where it is a name of somebody else, the path alone (as sane-airscan does)."""
        try:
            return urlsplit(urljoin(f"http://{self.host}{self.root}/ScanJobs", location)).path.rstrip("/") or "/"
        except ValueError:
            return "/"

    async def next(self, job: EsclJob, *, wait: float = limits.PAGE_S) -> Answer:
        """The answer to NextDocument that is no 503; a document is kept in the job."""
        until = trio.current_time() + wait
        while True:
            left = max(1.0, until - trio.current_time())
            answer = await self.pages.request("GET", f"{job.path}/NextDocument", wait=left)
            if answer.status == 200:
                job.pages.append(answer)
            if answer.status != 503 or trio.current_time() + limits.RETRY_S > until:
                return answer
            await trio.sleep(retry_after(answer))

    async def page(self, job: EsclJob) -> Answer:
        """The next document.

        Raises:
            Untestable: there is none.
        """
        answer = await self.next(job)
        if answer.status != 200:
            raise Untestable(f"NextDocument was answered {answer.status} where a page was due")
        return answer

    async def rest(self, job: EsclJob) -> Answer:
        """All further documents, kept in the job; gives the answer that was none.

        Raises:
            EndlessJob: there is no end to them.
        """
        while True:
            answer = await self.next(job)
            if answer.status != 200:
                return answer
            most = limits.MOST_PAGES if job.order.feeds else limits.MOST_OF_GLASS
            if len(job.pages) >= most or sum(len(page.body) for page in job.pages) > limits.MOST_JOB_BYTES:
                raise EndlessJob(f"a job gave {len(job.pages)} documents and no end")

    async def scan(self, order: Order | None = None, *, sheets: int = 1) -> EsclJob:
        """A whole job.

        Raises:
            Untestable: it gave no page.
        """
        job = await self.start(order, sheets=sheets)
        end = await self.rest(job)
        if not job.pages:
            raise Untestable(f"a job gave no page; NextDocument was answered {end.status}")
        return job

    async def delete(self, path: str) -> Answer:
        """DELETE of a job."""
        return await self.client.request("DELETE", path)

    async def settled(self, within: float = limits.SETTLED_S) -> StatusInfo:
        """The status once the scanner is idle, or the last one that was seen."""
        until = trio.current_time() + within
        while True:
            status = await self.status()
            if status.state == ScannerState.IDLE or trio.current_time() >= until:
                return status
            await trio.sleep(0.5)

    async def tidy(self) -> None:
        """End the jobs of the check and put the scanner back; what goes wrong there is no matter of this check."""
        for job in reversed(self._jobs):
            try:
                with trio.move_on_after(limits.SETTLED_S):
                    await self.delete(job.path)
            except WireFault:
                continue
        self._jobs.clear()
        try:
            with trio.move_on_after(limits.SETTLED_S):
                await self.operator.restore()
        except (NeedsOperator, Untestable):
            return


def quick_dpi(source: InputCaps) -> tuple[int, ...]:
    """Resolutions that are quick and still show something, ascending: there are scanners that offer 1 dpi."""
    return tuple(dpi for dpi in source.resolutions if dpi >= LEAST_DPI) or source.resolutions


def pick(offered: tuple[str, ...], *wanted: str) -> str:
    """The first of *wanted* that is offered, else the first that is; empty if there is none."""
    return next((item for item in wanted if item in offered), next(iter(offered), ""))


def small(source: InputCaps) -> Region:
    """A corner that is quick to scan, within what the source reaches."""
    width = min(max(SMALL, source.number("MinWidth") or 0), source.number("MaxWidth") or SMALL)
    height = min(max(SMALL, source.number("MinHeight") or 0), source.number("MaxHeight") or SMALL)
    return Region(0, 0, width, height)


def retry_after(answer: Answer) -> float:
    """Seconds to wait: what the scanner says, within reason."""
    said = answer.head.get("retry-after") or ""
    return min(float(said), limits.RETRY_S) if said.isascii() and said.isdigit() and said != "0" else limits.RETRY_S
