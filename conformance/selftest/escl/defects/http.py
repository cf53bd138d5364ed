"""Defects of HTTP itself (ESCL-01 to ESCL-10)."""

from __future__ import annotations

from dataclasses import replace

import trio

from conformance.selftest.escl.build import Answering, Build
from conformance.selftest.escl.defects.defect import defect
from conformance.selftest.escl.edits import EditedStream, around
from conformance.selftest.escl.proof import FEED, NEXT, STATUS, ask, at_once, get, post, twice
from simulators.escl.http_server import Limits
from simulators.escl.points import Answer, Point, told
from simulators.escl.routes import Request

TLS = Build(scheme="https")
FEW = 8
SLOW_S = 8.0


class NeverEnds(EditedStream):
    """Chunks go out, and the one that ends them does not."""

    def outgoing(self, data: bytes) -> bytes:
        """See :class:`EditedStream`."""
        return data.removesuffix(b"0\r\n\r\n")


class OneAnswer(EditedStream):
    """Closes after the first answer, and does not say so."""

    answered = False

    def outgoing(self, data: bytes) -> bytes:
        """See :class:`EditedStream`."""
        self.answered = True
        return data

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        """See :class:`EditedStream`."""
        return b"" if self.answered else await super().receive_some(max_bytes)


class HeadWithBody(EditedStream):
    """Sends a body after the head that HEAD asked for."""

    asked = False

    def incoming(self, data: bytes) -> bytes:
        """See :class:`EditedStream`."""
        self.asked = data.startswith(b"HEAD ")
        return data

    def outgoing(self, data: bytes) -> bytes:
        """See :class:`EditedStream`."""
        return data + b"<scan:Surprise/>" if self.asked and data.startswith(b"HTTP/") else data


def _head_is_get(answering: Answering) -> Answering:
    async def answer(request: Request) -> Answer:
        if request.method == "HEAD" and request.target.endswith("/NextDocument"):
            return await answering(replace(request, method="GET"))
        return await answering(request)

    return answer


def _redirect(request: Request, answer: Answer) -> Answer:
    if request.target.endswith("/ScannerStatus"):
        return told(302, "Elsewhere.", ("Location", "http://elsewhere.invalid/eSCL/ScannerStatus"))
    return answer


def _any_path(answering: Answering) -> Answering:
    async def answer(request: Request) -> Answer:
        first = await answering(request)
        if first.status != 404 or "ScanJobs" in request.target:
            return first
        return await answering(replace(request, target="/eSCL/ScannerStatus"))

    return answer


def _any_method(answering: Answering) -> Answering:
    async def answer(request: Request) -> Answer:
        first = await answering(request)
        if first.status != 405 or request.target.endswith("/ScanJobs"):
            return first
        return await answering(replace(request, method="GET"))

    return answer


def _put_is_post(answering: Answering) -> Answering:
    async def answer(request: Request) -> Answer:
        return await answering(replace(request, method="POST" if request.method == "PUT" else request.method))

    return answer


def _without_allow(_request: Request, answer: Answer) -> Answer:
    return answer.but(headers=tuple(pair for pair in answer.headers if pair[0] != "Allow"))


def _wrong_method_is_400(_request: Request, answer: Answer) -> Answer:
    return answer.but(status=400) if answer.status == 405 else answer


def _mixes_up(answering: Answering) -> Answering:
    busy = 0

    async def answer(request: Request) -> Answer:
        nonlocal busy
        busy += 1
        try:
            await trio.sleep(0.1)  # so that others come in between
            crowded = busy > FEW and request.target.endswith("/ScannerStatus")
            return await answering(replace(request, target="/eSCL/ScannerCapabilities") if crowded else request)
        finally:
            busy -= 1

    return answer


def _slow_status(answering: Answering) -> Answering:
    async def answer(request: Request) -> Answer:
        if request.target.endswith("/ScannerStatus"):
            await trio.sleep(SLOW_S)
        return await answering(request)

    return answer


def _too_long(request: Request, answer: Answer) -> Answer:
    return answer.but(length=len(answer.body) + 10) if request.target.endswith("/ScannerStatus") else answer


def _in_chunks(request: Request, answer: Answer) -> Answer:
    return answer.but(chunked=True) if request.target.endswith("/ScannerStatus") else answer


DEFECTS = (
    defect(
        "length-too-long",
        "ESCL-01",
        "announces ten bytes more of the status than there are",
        STATUS,
        around=around(_too_long),
    ),
    defect(
        "chunk-never-ends",
        "ESCL-01",
        "sends the status in chunks and never the last one",
        STATUS,
        around=around(_in_chunks),
        edit=NeverEnds,
    ),
    defect(
        "closes-without-a-word",
        "ESCL-02",
        "closes after each answer without `Connection: close`",
        twice("ScannerStatus", "ScannerStatus"),
        edit=OneAnswer,
    ),
    defect(
        "head-eats-a-page",
        "ESCL-03",
        "takes HEAD of NextDocument for GET, so that the page is gone",
        post(),
        ask("HEAD", "job/NextDocument"),
        NEXT,
        around=_head_is_get,
    ),
    defect(
        "head-has-a-body",
        "ESCL-03",
        "answers HEAD with a body",
        twice("ScannerStatus", "ScannerStatus", "HEAD"),
        edit=HeadWithBody,
    ),
    defect(
        "redirects-elsewhere", "ESCL-04", "redirects the status to another machine", STATUS, around=around(_redirect)
    ),
    defect(
        "any-path-is-fine", "ESCL-05", "answers unknown paths with the status", get("NoSuchDocument"), around=_any_path
    ),
    defect(
        "any-method-is-get",
        "ESCL-06",
        "takes every method for GET",
        ask("DELETE", "ScannerStatus"),
        around=_any_method,
    ),
    defect(
        "put-makes-a-job",
        "ESCL-06",
        "takes PUT of ScanJobs for POST",
        ask("PUT", "ScanJobs", FEED.body()),
        around=_put_is_post,
    ),
    defect("no-allow", "ESCL-07", "says 405 without Allow", ask("PUT", "ScannerStatus"), around=around(_without_allow)),
    defect(
        "wrong-method-is-400",
        "ESCL-07",
        "says 400 to a method that a path does not have",
        ask("PUT", "ScannerStatus"),
        around=around(_wrong_method_is_400),
    ),
    defect(
        "few-at-a-time",
        "ESCL-08",
        "refuses the ninth of requests at once",
        at_once(16, "ScannerStatus"),
        limits=Limits(connections=FEW),
    ),
    defect(
        "mixes-up-answers",
        "ESCL-08",
        "gives one document for the other when many ask at once",
        at_once(16, "ScannerStatus"),
        around=_mixes_up,
    ),
    defect(
        "leaves-tls",
        "ESCL-09",
        "says http: in the Location over TLS",
        post(),
        base=TLS,
        changes={Point.LOCATION: lambda location, _: location.replace("https:", "http:")},
    ),
    defect("slow-status", "ESCL-10", "takes eight seconds for the status", STATUS, around=_slow_status),
)
