"""UIDs that climb, clients that wait, and JSON without an end (S-073)."""

from __future__ import annotations

import trio

from conformance.service.checks.registry import check
from conformance.service.desk import DOCUMENTS, Desk, short
from conformance.service.job import JOBS, PAGE_S
from conformance.wire import FaultKind, WireFault

ODD_UIDS = (
    "..%2f..%2f..%2f..%2fetc%2fpasswd",
    "%2e%2e%2f%2e%2e%2fdocuments",
    "..%5c..%5cdocuments",
    "0123456789ab%00",
    "%c0%ae%c0%ae%2f",
    "a" * 300,
)
VERSION = "/api/server/version"
WAITING = 32
SOON_S = 5.0
DEPTH = 100_000


@check("REST-109")
async def odd_uids(desk: Desk) -> None:
    """A UID that is a path is an unknown UID."""
    job = await desk.ended()
    for uid in ODD_UIDS:
        shown = uid if len(uid) < 50 else "300 letters"
        for method, path, name in (
            ("GET", f"{DOCUMENTS}/{uid}", "document"),
            ("DELETE", f"{DOCUMENTS}/{uid}", "document"),
            ("GET", f"{JOBS}/{uid}", "job"),
            ("GET", f"{job.path}/next-page?page={uid}", "page"),
        ):
            reply = await desk.rest.ask(method, path)
            right = 400 <= reply.status < 500
            point = f"{method} {name}"
            desk.require(right, f"{method} {name} with the UID {shown}: {reply.status}, {short(reply.body)}", point)


@check("REST-112")
async def many_wait(desk: Desk) -> None:
    """Those who wait take nothing from those who do not."""
    slow = 0
    for _ in range(2):
        job = await desk.create(config=desk.config(desk.facts.scanner, large=True))
        desk.prerequisite(await job.patch("running"), 200)
        began = trio.current_time()
        async with trio.open_nursery() as nursery:
            for _ in range(WAITING):
                nursery.start_soon(_wait, desk, job.path)
            await trio.sleep(0.1)
            asked = trio.current_time()
            try:
                reply = await desk.rest.ask("GET", VERSION, wait=SOON_S)
            except WireFault as fault:
                if fault.kind is not FaultKind.SILENT:
                    raise
                desk.broken(f"GET {VERSION}: {fault.evidence} while {WAITING} clients wait for a page", "silent")
            took = trio.current_time() - asked
            desk.status(reply, 200, point="status", why=f"while {WAITING} clients wait for a page")
            await job.end()
            whole = trio.current_time() - began
            nursery.cancel_scope.cancel()
        await job.delete()
        if took < 0.8 * whole or whole < 0.5:
            return
        slow += 1
    desk.require(
        slow < 2, f"GET {VERSION} was answered only when the scan for {WAITING} waiting clients was over", "late"
    )


async def _wait(desk: Desk, job: str) -> None:
    """One of many; refusing some of them (429, 503) is a way to protect the others."""
    try:
        await desk.rest.wire.request("GET", f"{desk.rest.root}{job}/next-page", desk.rest.fields, wait=PAGE_S)
    except WireFault:
        return


@check("REST-113")
async def deep_json(desk: Desk) -> None:
    """Depth is refused like any other nonsense."""
    deep = b'{"config": ' + b"[" * DEPTH + b"]" * DEPTH + b"}"
    reply = await desk.post_job(deep)
    desk.status(reply, 400, 413, point="deep JSON", why=f"for JSON of {DEPTH} levels")
    after = await desk.rest.ask("GET", VERSION)
    desk.status(after, 200, point="afterwards", why="after JSON without an end")
