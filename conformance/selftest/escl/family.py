"""Legal but odd scanners: what real ones do and may do. A check that fails or warns on one of them cries wolf."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from conformance.selftest.escl.build import LEGAL, Build, machine
from conformance.selftest.escl.edits import around, lacking, merged, said, statuses, texts
from device_protocol.vocabularies.escl import JPEG, PNG
from simulators.escl.points import Answer, Moment, Point, told
from simulators.escl.quirks import CHANGES
from simulators.escl.routes import Request, Routes
from simulators.escl.scanner import Scanner

AREA: dict[str, Any] = {"width_mm": 110.0, "height_mm": 115.0}
FLATBED = {"kind": "flatbed", "resolutions": [75, 150, 300], **AREA}
FEEDER = {"kind": "feeder", "resolutions": [75, 150, 300], **AREA}


@dataclass(frozen=True)
class Oddity:
    """A legal scanner.

    Attributes:
        name: for reports.
        what: how it is odd.
        build: how to open it.
    """

    name: str
    what: str
    build: Build


class OtherRoot(Routes):
    """Has its documents below another path."""

    def find(self, target: str) -> tuple[Scanner, str, tuple[str, ...]] | None:
        """See :class:`Routes`."""
        if not target.startswith("/scan/one/"):
            return None
        found = super().find(f"/eSCL/{target.removeprefix('/scan/one/')}")
        return None if found is None else (found[0], "/scan/one", found[2])


class EmptyLate(Scanner):
    """Takes a job for an empty feeder, and says 404 to the first NextDocument."""

    async def post(self, body: bytes, base: str, root: str, client: str = "") -> Answer:
        """See :class:`Scanner`."""
        answer = await super().post(body, base, root, client)
        empty = answer.status == 409 and b"ScannerAdfEmpty" in (await self.status(root)).body and b"Feeder" in body
        if not empty or b"image/x-nothing" in body or b"RGB48" in body:
            return answer
        return Answer(201, headers=(("Location", f"{root}/ScanJobs/{self._uid()}"),))


class EmptyIs503(Scanner):
    """Says 503 at an empty feeder."""

    async def post(self, body: bytes, base: str, root: str, client: str = "") -> Answer:
        """See :class:`Scanner`."""
        answer = await super().post(body, base, root, client)
        return answer.but(status=503) if answer.status == 409 and b"paper" in answer.body.lower() else answer


class ForgetsDeleted(Scanner):
    """Says 404 to a second DELETE, and 204 to the first."""

    async def delete(self, uid: str, client: str = "") -> Answer:
        """See :class:`Scanner`."""
        job = self._find(uid)
        over = job is not None and job.over
        answer = await super().delete(uid, client)
        return answer.but(status=404 if over else 204) if answer.status == 200 else answer


class NamesPages(Scanner):
    """Says in Content-Location where a page is."""

    async def next_document(self, uid: str, client: str = "") -> Answer:
        """See :class:`Scanner`."""
        answer = await super().next_document(uid, client)
        if answer.status != 200:
            return answer
        return answer.but(headers=(*answer.headers, ("Content-Location", f"/eSCL/ScanJobs/{uid}/1")))


def _other_prefixes(_request: Request, answer: Answer) -> Answer:
    if answer.media != "text/xml":
        return answer
    body = answer.body.replace(b"scan:", b"s:").replace(b"xmlns:scan", b"xmlns:s")
    return answer.but(body=body.replace(b"<pwg:", b"<p:").replace(b"</pwg:", b"</p:").replace(b"xmlns:pwg", b"xmlns:p"))


def _application_xml(_request: Request, answer: Answer) -> Answer:
    return answer.but(media="application/xml; charset=UTF-8") if answer.media == "text/xml" else answer


def _with_vendor(_request: Request, answer: Answer) -> Answer:
    mine = b'<v:Extra xmlns:v="http://vendor.example/1"><v:State>odd</v:State></v:Extra>'
    end = b"</scan:ScannerCapabilities>"
    return answer.but(body=answer.body.replace(end, mine + end))


def _not_implemented(_request: Request, answer: Answer) -> Answer:
    return answer.but(status=501, headers=()) if answer.status == 405 else answer


def _closes(_request: Request, answer: Answer) -> Answer:
    return answer.but(headers=(*answer.headers, ("Connection", "close")))


def _busy_twice(answer: Answer, moment: Moment) -> Answer:
    return told(503, "Warming up.", ("Retry-After", "5")) if moment.asked < 3 else answer


def _odd(name: str, what: str, **parts: Any) -> Oddity:
    return Oddity(name, what, replace(LEGAL, **parts))


FAMILY = (
    Oddity("as it is", "is our door", LEGAL),
    _odd("http-1.0", "speaks HTTP/1.0", changes=CHANGES["http-1.0"]),
    _odd("no length", "sends no Content-Length and closes", changes=CHANGES["no-content-length"]),
    _odd("chunked", "sends everything in chunks", changes=CHANGES["chunked"]),
    _odd("closes", "closes after each answer, and says so", around=around(_closes)),
    _odd("other root", "has its documents below /scan/one", routes=OtherRoot, root="/scan/one"),
    _odd("tls", "speaks https", scheme="https"),
    _odd("Location is a path", "gives a path as Location", changes=CHANGES["location-path"]),
    _odd("Location with a slash", "ends Location with a slash", changes=CHANGES["location-slash"]),
    _odd("Location is relative", "gives a Location without a root", changes=CHANGES["location-bare"]),
    _odd(
        "as little as possible",
        "leaves out whatever may be left out",
        changes=merged(
            [
                lacking(
                    "scan:Manufacturer",
                    "pwg:SerialNumber",
                    "scan:UUID",
                    "scan:SupportedIntents",
                    "scan:MinWidth",
                    "scan:MinHeight",
                    "scan:MaxScanRegions",
                    "scan:DocumentFormatExt",
                    "scan:FeederCapacity",
                    "scan:AdfOptions",
                ),
                lacking("scan:Age", "pwg:ImagesToTransfer", point=Point.STATUS),
            ]
        ),
    ),
    _odd("PNG only", "offers PNG alone", formats=(PNG,)),
    _odd("JPEG only", "offers JPEG alone", formats=(JPEG,)),
    _odd("feeder only", "has no glass", profile=machine(source=[FEEDER], default_source="feeder")),
    _odd("flatbed only", "has no feeder", profile=machine(source=[FLATBED], feeder={})),
    _odd("gray only", "has one colour mode", profile=machine(mode=[{"colour": "gray"}])),
    _odd(
        "ranges",
        "has a range of resolutions",
        changes=CHANGES["range-xy"],
        profile=machine(
            source=[
                {"kind": kind, "resolutions": {"minimum": 75, "maximum": 600, "step": 1}, **AREA}
                for kind in ("flatbed", "feeder", "feeder-duplex")
            ]
        ),
    ),
    _odd("not ready at first", "says 503 twice before each first page", changes=CHANGES["next-503-twice"]),
    _odd("busy at first", "says 503 twice before it takes a job", changes={Point.POSTED: _busy_twice}),
    _odd("empty is 503", "says 503 for an empty feeder", scanner=EmptyIs503),
    _odd("empty is told late", "takes a job for an empty feeder and then says 404", scanner=EmptyLate),
    _odd("a jam is 404", "says 404 to the page after a jam", changes=statuses(500, to=404)),
    _odd("forgets deleted jobs", "says 404 to a second DELETE", scanner=ForgetsDeleted),
    _odd("names its pages", "says Content-Location with each page", scanner=NamesPages),
    _odd("urn", "says its UUID as a URN", changes=said("scan:UUID", lambda text, _: f"urn:uuid:{text}")),
    _odd(
        "plain JobUuid",
        "says JobUuid without urn:uuid:",
        changes=texts("pwg:JobUuid", lambda text, _: text.removeprefix("urn:uuid:")),
    ),
    _odd("other prefixes", "has other prefixes for the namespaces", around=around(_other_prefixes)),
    _odd("application/xml", "calls its documents application/xml", around=around(_application_xml)),
    _odd("vendor's elements", "has elements of its own in the capabilities", around=around(_with_vendor)),
    _odd("501", "says 501 to methods that a path does not have", around=around(_not_implemented)),
    _odd(
        "takes its time",
        "takes as long as a real machine",
        speed=1.0,
        profile=machine(timing={"warm_up_s": 8.0, "page_s": 6.0}),
    ),
)
"""All of them."""
