"""Checks of HTTP itself: ESCL-01 to ESCL-07, ESCL-09 and ESCL-10."""

from __future__ import annotations

from urllib.parse import urlsplit

import trio

from conformance.escl import limits, markup
from conformance.escl.desk import XML_TYPE, Desk
from conformance.escl.registry import check
from conformance.outcomes import NotApplicable
from conformance.wire import Answer, Request, WireFault

DOCUMENTS = ("ScannerCapabilities", "ScannerStatus")
TRIES = 3
LINGER_S = 0.5
"""How long to look whether something comes after the end of an answer."""


@check("ESCL-01")
async def answers_end(desk: Desk) -> None:
    """Documents and an error, each on a connection of its own."""
    for name in (*DOCUMENTS, "NoSuchDocument"):
        with desk.wire(name):
            await desk.ask("GET", name)


@check("ESCL-02")
async def connections_are_kept(desk: Desk) -> None:
    """Two requests on one connection; a peer that closes between them without saying so does that three times in a row."""
    evidence = ""
    for _ in range(TRIES):
        async with desk.client.connection() as connection:
            await desk.client.exchange(connection, Request("GET", desk.path("ScannerCapabilities")))
            if not connection.reusable:
                return
            connection.next_exchange()
            try:
                second = await desk.client.exchange(connection, Request("GET", desk.path("ScannerStatus")))
            except WireFault as fault:
                evidence = fault.evidence
                continue
        desk.require(
            second.status == 200 and _root_of(second) == "ScannerStatus",
            f"the second request on a connection asked for ScannerStatus and got {second.status} {_root_of(second)}",
            "second answer",
        )
        return
    raise desk.broken(
        f"the scanner does not say `Connection: close`, and the next request on the connection was not answered: {evidence}",
        "not kept",
    )


@check("ESCL-03", sheets=1)
async def head_is_harmless(desk: Desk) -> None:
    """HEAD of the documents, then of a page that must still come afterwards."""
    for name in DOCUMENTS:
        async with desk.client.connection() as connection:
            answer = await desk.client.exchange(connection, Request("HEAD", desk.path(name)))
            more = await connection.leftover(LINGER_S) if answer.status == 200 else b""
        desk.require(not more, f"HEAD {name} was answered with a body", f"body of {name}")
    job = await desk.start()
    await desk.client.request("HEAD", f"{job.path}/NextDocument", wait=limits.PAGE_S)
    end = await desk.next(job)
    desk.require(
        end.status == 200, f"after HEAD of NextDocument, GET was answered {end.status} instead of a page", "page gone"
    )


@check("ESCL-04")
async def nothing_is_elsewhere(desk: Desk) -> None:
    """Documents are no redirects."""
    for name in DOCUMENTS:
        answer = await desk.ask("GET", name)
        desk.require(
            not 300 <= answer.status < 400,
            f"GET {name} was answered {answer.status}, to {answer.head.get('location') or 'nowhere'}",
            f"redirect of {name}",
        )


@check("ESCL-05")
async def unknown_paths(desk: Desk) -> None:
    """Names that eSCL does not have."""
    for name in ("NoSuchDocument", "ScannerStatus/NoSuchPart"):
        answer = await desk.ask("GET", name)
        desk.require(answer.status == 404, f"GET {desk.path(name)} was answered {answer.status}", name)


WRONG = (("POST", "ScannerCapabilities"), ("DELETE", "ScannerStatus"), ("PUT", "ScanJobs"), ("PUT", "ScannerStatus"))
"""Methods that these paths do not have, each known to HTTP."""


async def _wrong(desk: Desk, method: str, name: str) -> Answer:
    body = desk.order().body() if name == "ScanJobs" else b""
    return await desk.ask(method, name, [XML_TYPE] if body else [], body)


@check("ESCL-06")
async def wrong_methods(desk: Desk) -> None:
    """Refused, and no job more than before."""
    before = len((await desk.status()).jobs)
    for method, name in WRONG:
        answer = await _wrong(desk, method, name)
        desk.require(answer.status >= 400, f"{method} {name} was answered {answer.status}", f"{method} {name}")
    after = len((await desk.status()).jobs)
    desk.require(after <= before, f"{after - before} jobs more after requests by methods that make none", "made a job")


@check("ESCL-07")
async def wrong_methods_are_told(desk: Desk) -> None:
    """405 with Allow, or 501."""
    for method, name in WRONG:
        answer = await _wrong(desk, method, name)
        desk.require(answer.status in {405, 501}, f"{method} {name} was answered {answer.status}", f"{method} {name}")
        desk.require(
            answer.status == 501 or answer.head.get("allow"),
            f"{method} {name} was answered 405 without Allow",
            f"Allow of {name}",
        )


@check("ESCL-09", sheets=1)
async def tls_is_not_left(desk: Desk) -> None:
    """Location and JobUri, where they are whole addresses."""
    job = await desk.start()
    info = await desk.listed(job)
    given = {"Location": job.location, "JobUri": info.uri if info is not None else ""}
    whole = {name: urlsplit(value).scheme for name, value in given.items() if urlsplit(value).scheme}
    for name, scheme in whole.items():
        desk.require(scheme == "https", f"{name} is {given[name]} over TLS", name)
    if not whole:
        raise NotApplicable("Location and JobUri are paths, which lead nowhere else")


@check("ESCL-10", sheets=1)
async def documents_are_quick(desk: Desk) -> None:
    """At rest and while a job waits for its client."""
    await _timed(desk, "at rest")
    await desk.start()
    await _timed(desk, "during a job")


async def _timed(desk: Desk, when: str) -> None:
    for name in DOCUMENTS:
        began = trio.current_time()
        with desk.wire(f"{name} {when}"):
            await desk.ask("GET", name, wait=limits.DOCUMENT_S)
        took = trio.current_time() - began
        desk.require(took <= limits.DOCUMENT_S, f"GET {name} took {took:.1f} s {when}", f"{name} {when}")


def _root_of(answer: Answer) -> str:
    try:
        return markup.local(markup.read(answer.body))
    except markup.MarkupError:
        return "no XML"
