"""Who is let in: foreign origins, foreign hosts, and peers beyond loopback (S-073)."""

from __future__ import annotations

from conformance.service.checks.browsers import ALLOW, preflight
from conformance.service.checks.cursors import first_info
from conformance.service.checks.registry import check
from conformance.service.desk import FOREIGN_HOST, FOREIGN_ORIGIN, UNKNOWN_JOB, Desk
from conformance.service.job import JOBS
from conformance.wire import FaultKind, WireClient, WireFault

SCANNERS = "/api/device/scanners"
NAMES = ("127.0.0.1", "localhost")
FOREIGN = {"Origin": FOREIGN_ORIGIN}


@check("WIRE-10")
async def hosts(desk: Desk) -> None:
    """Every name that leads here is good, and no other."""
    name, colon, port = desk.place.host.rpartition(":")
    if not colon:
        name, port = desk.place.host, ""
    names = NAMES if name in NAMES else (name,)
    for good in names:
        reply = await desk.rest.ask("GET", SCANNERS, None, {"Host": f"{good}{colon}{port}"})
        desk.status(reply, 200, point="own name", why=f"for Host: {good}")
    for foreign in (FOREIGN_HOST, f"{FOREIGN_HOST}{colon}{port}", f"{name}.{FOREIGN_HOST}"):
        reply = await desk.rest.ask("GET", SCANNERS, None, {"Host": foreign})
        refused = 400 <= reply.status < 500
        desk.require(refused, f"{reply} for a Host of {FOREIGN_HOST}", "foreign name")


@check("WIRE-13")
async def strangers(desk: Desk) -> None:
    """A page of the web gets nothing and does nothing; neither does a machine on the network."""
    for method, path, body in (("GET", SCANNERS, None), ("PATCH", "/api/server", {})):
        reply = await desk.rest.ask(method, path, body, FOREIGN)
        desk.status(reply, 401, 403, point=f"{method} of a foreign origin", why=f"for Origin: {FOREIGN_ORIGIN}")
    reply = await desk.post_job(desk.keys(), FOREIGN, content_type="text/plain")
    desk.status(reply, 401, 403, point="POST of a foreign origin", why=f"for Origin: {FOREIGN_ORIGIN}")
    after = await desk.post_job(desk.keys())
    desk.require(after.status != 423, "a job of a foreign origin was refused, and locks the scanner", "effect")
    await _beyond(desk)


async def _beyond(desk: Desk) -> None:
    """The same port by another address."""
    if desk.place.beyond is None:
        desk.note("the service is not on loopback, or this machine has no other address: nobody can come from beyond")
        return
    away = WireClient(desk.place.beyond, desk.place.host, desk.log, desk.rest.wire.limits)
    try:
        answer = await away.request("GET", desk.rest.root + SCANNERS)
    except WireFault as fault:
        if fault.kind in {FaultKind.NO_CONNECTION, FaultKind.CLOSED}:
            return
        raise
    refused = answer.status in {401, 403}
    desk.require(refused, f"GET {SCANNERS} by another address without a token: {answer.status}", "beyond loopback")


@check("REST-107")
async def never_reflected(desk: Desk) -> None:
    """An origin that is not let in is not named."""
    replies = {
        "preflight": await preflight(desk, JOBS, FOREIGN_ORIGIN),
        "answer": await desk.rest.ask("GET", SCANNERS, None, FOREIGN),
        "error": await desk.rest.ask("GET", f"{JOBS}/{UNKNOWN_JOB}", None, FOREIGN),
        "null": await desk.rest.ask("GET", SCANNERS, None, {"Origin": "null"}),
    }
    for name, reply in replies.items():
        said = reply.get(f"{ALLOW}origin")
        open_to_all = said in {FOREIGN_ORIGIN, "null"} or (said == "*" and bool(reply.get(f"{ALLOW}credentials")))
        desk.require(not open_to_all, f"{reply}: Access-Control-Allow-Origin is {said!r}", name)


@check("REST-108")
async def other_sites(desk: Desk) -> None:
    """An ``<img>`` on a page of the web is no reader."""
    job = await desk.ended()
    other = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
    for below in ("/next-page", "/next-page-info"):
        await job.ask("GET", below, fields=other)
    desk.status(await job.page(), 200, point="next-page", why="for the first page, after another site had asked")
    desk.status(await job.info(), 200, point="next-page-info", why="for the first page, after another site had asked")


@check("REST-114")
async def no_word_of_jobs(desk: Desk) -> None:
    """A stranger cannot tell a job that is there from one that is not."""
    job = await desk.ended()
    uid = await first_info(desk, job)
    for below in ("", f"/next-page?page={uid}"):
        there = await desk.rest.ask("GET", job.path + below, None, FOREIGN)
        nowhere = await desk.rest.ask("GET", f"{JOBS}/{UNKNOWN_JOB}{below}", None, FOREIGN)
        if there.status == 200 and nowhere.status != 200:
            desk.broken(f"{there} for Origin: {FOREIGN_ORIGIN}", "read")
        same = (there.status, there.code) == (nowhere.status, nowhere.code)
        desk.require(same, f"a stranger is told {there.status} of a job and {nowhere.status} of none", "differs")
