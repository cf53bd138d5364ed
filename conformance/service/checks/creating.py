"""How jobs are made (rest-api.md 5.1 and 5.4)."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

import trio

from conformance.outcomes import NotApplicable
from conformance.service.checks.registry import check
from conformance.service.desk import Desk
from conformance.service.job import STATES
from conformance.service.rest_client import RestClient

GUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
SOON_S = 5.0
WRONG: tuple[dict[str, Any], ...] = (
    {"autoRun": "yes"},
    {"config": []},
    {"caps": "all"},
    {"jobTimeout": {}},
    {"device": 7},
    {"scannerFailureTimeout": "soon"},
)
"""Known keys with values of which nobody can say what they mean."""
KEY_FIELDS = ("DWT-PRODUCT-KEY", "X-DICS-LICENSE-KEY")


@check("REST-16")
async def empty_body(desk: Desk) -> None:
    """Nothing at all makes a job."""
    await desk.create()  # the scanner that was used last is the default one
    await desk.tidy()
    for body in (b"", b"{}"):
        reply = await desk.when_free(body, content_type=None)
        desk.status(reply, 201, point="empty body" if not body else "empty object", why="for a body without keys")
        await desk.tidy()


@check("REST-17")
async def places_of_the_key(desk: Desk) -> None:
    """Each of the three places does."""
    given = dict(desk.rest.fields).get(KEY_FIELDS[0], "any-text")
    others = [(name, value) for name, value in desk.rest.fields if name not in KEY_FIELDS]
    bare = RestClient(desk.rest.wire, desk.rest.root, others)
    for name in KEY_FIELDS:
        reply = await desk.post_job(desk.keys(), {name: given}, rest=bare)
        if name == KEY_FIELDS[0]:
            desk.prerequisite(reply, 201)
        desk.status(reply, 201, point=name, why=f"with a key in {name} alone")
        await desk.tidy()
    reply = await desk.post_job(desk.keys(license=given), rest=bare)
    desk.status(reply, 201, point="license", why="with a key in the body alone")


@check("REST-24")
async def created(desk: Desk) -> None:
    """What is said of a new job."""
    uids = set()
    for _ in range(2):
        reply = await desk.post_job(desk.keys())
        desk.status(reply, 201, point="status")
        found = desk.an_object(reply, "body")
        uid, status, scanner = (found.get(key) for key in ("jobuid", "status", "scanner"))
        desk.require(isinstance(uid, str) and GUID.fullmatch(uid), f"{reply}: jobuid is {uid!r}", "jobuid")
        desk.require(status in STATES, f"{reply}: status is {status!r}", "status word")
        desk.require(
            isinstance(scanner, dict) and scanner.get("name") == desk.facts.scanner.name,
            f"{reply}: scanner is {scanner!r}",
            "scanner",
        )
        desk.require(uid not in uids, f"{reply}: the UID {uid} had another job before", "same UID")
        uids.add(uid)
        desk.status(await desk.job_of(reply).get(), 200, point="GET")
        await desk.tidy()


@check("REST-25")
async def auto_run(desk: Desk) -> None:
    """Pending only if that was asked for."""
    async with desk.job() as job:
        said = job.made.object.get("status")
        desk.require(said == "pending", f"{job.made}: autoRun false gave {said!r}", "autoRun false")
        await trio.sleep(0.3)
        state = await job.state()
        desk.require(state == "pending", f"with autoRun false the job is {state} though nobody started it", "runs")
    for keys, shown in (({"autoRun": True}, "autoRun true"), ({}, "no autoRun")):
        body = desk.keys()
        del body["autoRun"]
        reply = desk.prerequisite(await desk.post_job(body | keys), 201)
        job = desk.job_of(reply)
        with trio.move_on_after(SOON_S):
            while (state := await job.state()) == "pending":  # noqa: ASYNC110  # the event is in another process
                await trio.sleep(0.05)
        desk.require(state != "pending", f"with {shown} the job is still pending after {SOON_S:g} s", shown)
        await desk.tidy()


@check("REST-26")
async def one_job_at_a_time(desk: Desk) -> None:
    """A second job is refused while there is a first, and only then."""
    first = await desk.when_free(desk.keys())
    desk.require(first.status != 423, f"{first}, though every job was deleted", "after DELETE")
    await desk.tidy()
    async with desk.job() as job:
        desk.refused(await desk.post_job(desk.keys()), 423, -1004, point="pending", why="while the first is pending")
        desk.status(await job.delete(), 204, point="DELETE")
    reply = await desk.when_free(desk.keys())
    desk.status(reply, 201, point="after DELETE", why="though the first job was deleted")
    await desk.tidy()
    async with desk.running() as running:
        if running is None:
            return
        reply = await desk.post_job(desk.keys())
        if await running.state() == "running":
            desk.refused(reply, 423, -1004, point="running", why="while the first runs")


@check("REST-27")
async def the_end_frees_the_scanner(desk: Desk) -> None:
    """Nobody has to delete a job that has ended for another to begin."""
    first = await desk.ended()
    reply = await desk.when_free(desk.keys())
    desk.status(reply, 201, point="locked", why="though the first job has ended")
    desk.status(await first.get(), 200, point="first job", why="after a second was made")


@check("REST-28")
async def side_by_side(desk: Desk) -> None:
    """A job on one scanner does not keep another scanner from having one."""
    async with desk.job(desk.facts.others[0]) as other:
        reply = await desk.post_job(desk.keys())
        desk.status(reply, 201, point="locked", why=f"while {desk.facts.others[0].name} has a job")
        job = desk.job_of(reply)
        desk.prerequisite(await job.patch("running"), 200)
        state = await job.end()
        desk.require(state == "completed", f"beside a job of another scanner the job is {state}", "ended")
        still = await other.state()
        desk.require(still == "pending", f"the job of the other scanner is {still} instead of pending", "other job")


@check("REST-29")
async def wrong_types(desk: Desk) -> None:
    """What cannot be meant makes no job."""
    for wrong in WRONG:
        reply = await desk.post_job(desk.keys() | wrong)
        desk.refused(reply, 400, -2113, point="status", why=f"for {wrong}")
        after = await desk.post_job(desk.keys())
        desk.require(after.status != 423, f"after {wrong} was refused the scanner has a job all the same", "job made")
        await desk.tidy()


@check("REST-30")
async def unknown_devices(desk: Desk) -> None:
    """A scanner that is not there is not replaced."""
    for device in ("no scanner of this name", '{"deviceInfo": {"id": "nobody:0"}, "deviceType": 64, "name": "AA=="}'):
        desk.refused(await desk.post_job(desk.keys() | {"device": device}), 400, -1003, point="device")


@check("REST-31")
async def location(desk: Desk) -> None:
    """A Location leads to the job."""
    async with desk.job() as job:
        said = job.made.get("location")
        if said is None:
            raise NotApplicable(f"{job.made}: no Location, which is no duty here")
        parts = urlsplit(said)
        here = parts.netloc in {"", desk.place.host} and parts.scheme in {"", desk.place.scheme}
        desk.require(here, f"{job.made}: Location is {said!r}, and the service is at {desk.place.host}", "address")
        root = desk.rest.root
        desk.require(parts.path.startswith(f"{root}/"), f"{job.made}: Location is {said!r}", "path")
        reply = await desk.rest.ask("GET", parts.path.removeprefix(root))
        desk.status(reply, 200, point="leads nowhere")
        state = reply.object.get("status")
        desk.require(state == "pending", f"{reply}: the job at its Location is {state!r}", "another job")


@check("REST-32")
async def case_of_uids(desk: Desk) -> None:
    """A UID is the same in either case."""
    async with desk.job() as job:
        for uid in (job.uid.upper(), job.uid.lower()):
            path = job.path.removesuffix(job.uid) + uid
            desk.status(await desk.rest.ask("GET", path), 200, point="case")
