"""The legacy API (rest-api.md 8)."""

from __future__ import annotations

from contextlib import suppress

import trio

from conformance.service.checks.registry import check
from conformance.service.desk import BUSY_S, UNKNOWN_JOB, Desk, short
from conformance.service.job import PAGE_S
from conformance.service.pictures import look
from conformance.service.rest_client import JSON, MISSING, Reply
from conformance.wire import WireFault

ROOT = "/DWTAPI"
JOBS = f"{ROOT}/ScanJobs"
ID_LIMIT = 200
NO_END = frozenset({202, 204})


async def start(desk: Desk, query: str = "") -> Reply:
    """POST ScanJobs, as soon as the scanner is free."""
    body = {key: value for key, value in desk.keys(license="any-text").items() if key != "autoRun"}
    reply = await desk.rest.ask("POST", JOBS + query, body, content_type="application/text")
    with trio.move_on_after(BUSY_S):
        while reply.status == 423:
            await trio.sleep(0.25)
            reply = await desk.rest.ask("POST", JOBS + query, body, content_type="application/text")
    return reply


def path_of(reply: Reply) -> str:
    """The path of the job that it made."""
    return f"{JOBS}/{reply.body[:ID_LIMIT].decode('latin-1').strip()}"


async def delete(desk: Desk, job: str) -> None:
    """DELETE, whatever comes of it."""
    with suppress(WireFault):
        await desk.rest.ask("DELETE", job)


@check("REST-102")
async def scanners(desk: Desk) -> None:
    """The same list as by the new API."""
    reply = desk.status(await desk.rest.ask("GET", f"{ROOT}/Scanners"), 200, point="status")
    names = [item.get("name") for item in desk.an_array(reply, "array") if isinstance(item, dict)]
    desk.require(desk.facts.scanner.name in names, f"{reply}: {desk.facts.scanner.name} is not in {names}", "scanner")
    for item in desk.an_array(reply, "array"):
        right = isinstance(item, dict) and isinstance(item.get("device"), str) and type(item.get("type")) is int
        desk.require(right, f"{reply}: {item!r} has no type and device", "entry")


@check("REST-103")
async def bare_id(desk: Desk) -> None:
    """The body is the id and nothing else."""
    for query in ("", "?timeout=30"):
        reply = await start(desk, query)
        try:
            desk.status(reply, 201, point="status")
            text = reply.body.decode("latin-1")
            kind = reply.content_type
            desk.require(kind == "text/plain", f"{reply}: the id is sent as {kind!r}", "type")
            bare = text.isprintable() and text and not set(text) & set("\"' {}[]/?#<>") and len(text) <= ID_LIMIT
            desk.require(bare, f"{reply}: the id is {short(reply.body)}", "bare")
            desk.require(not text.isdigit(), f"{reply}: the id {text} has only digits", "digits")
        finally:
            await delete(desk, path_of(reply))


@check("REST-104")
async def pages_and_end(desk: Desk) -> None:
    """Pages, then 410, as often as one asks."""
    made = desk.prerequisite(await start(desk, "?timeout=60"), 201)
    job = path_of(made)
    try:
        pages = 0
        while (reply := await desk.rest.ask("GET", f"{job}/NextDocument?1699", wait=PAGE_S)).status == 200:
            pages += 1
            found = look(reply.body)
            right = found is not None and found.media_type == reply.content_type
            desk.require(right, f"{reply}: {reply.content_type!r}, and the body is {short(reply.body)}", "page")
            desk.require(pages < 100, f"{job}: no end of the pages", "endless")
        if not pages:
            seen = await desk.rest.ask("GET", f"/api/device/scanners/jobs/{job.rpartition('/')[2]}")
            why = f"; by the new API the job is {short(seen.body)}" if seen.status == 200 else ""
            desk.broken(f"{reply} instead of a first page{why}", "first page")
        for _ in range(2):
            desk.require(reply.status not in NO_END, f"{reply} after the last page", f"{reply.status}")
            desk.status(reply, 410, point="end", why="after the last page")
            reply = await desk.rest.ask("GET", f"{job}/NextDocument", wait=PAGE_S)
    finally:
        await delete(desk, job)


@check("REST-105")
async def deleting(desk: Desk) -> None:
    """DELETE is 200 here, and errors are for people."""
    made = desk.prerequisite(await start(desk, "?timeout=60"), 201)
    job = path_of(made)
    desk.status(await desk.rest.ask("DELETE", job), 200, point="DELETE")
    gone = await desk.rest.ask("GET", f"{job}/NextDocument", wait=PAGE_S)
    desk.status(gone, 404, 410, point="after DELETE", why="after it was deleted")
    unknown = await desk.rest.ask("GET", f"{JOBS}/{UNKNOWN_JOB}/NextDocument")
    desk.status(unknown, 404, point="unknown")
    for reply in (unknown, await desk.rest.ask("POST", JOBS, b"{")):
        kind = reply.content_type
        plain = kind != JSON and not isinstance(reply.json, dict) if reply.json is not MISSING else kind == "text/plain"
        desk.require(plain, f"{reply}: an error as {kind!r}: {short(reply.body)}", "plain text")


@check("REST-106")
async def shared_locks(desk: Desk) -> None:
    """A scanner that one API has, the other has not."""
    async with desk.job():
        body = {key: value for key, value in desk.keys().items() if key != "autoRun"}
        reply = await desk.rest.ask("POST", JOBS, body)
        if reply.status == 201:
            await delete(desk, path_of(reply))
        desk.status(reply, 423, point="legacy", why="while the new API has the scanner")
