"""The two cursors (rest-api.md 5.7)."""

from __future__ import annotations

import trio

from conformance.service.checks.registry import check
from conformance.service.desk import Desk, short
from conformance.service.job import END, PAGE_S, Job, info_of
from conformance.service.rest_client import Reply
from conformance.wire import Request

SHEETS = 3
MANY = 200


async def infos(job: Job) -> list[Reply]:
    """All that next-page-info still tells; the last reply is the one that ends it."""
    replies = [await job.info()]
    while replies[-1].status == 200 and len(replies) < MANY:
        replies.append(await job.info())
    return replies


async def first_info(desk: Desk, job: Job) -> str:
    """The UID of the first page, by next-page-info."""
    reply = desk.prerequisite(await job.info(), 200)
    uid = info_of(reply).get("imageuid")
    desk.require(isinstance(uid, str) and uid, f"{reply}: no imageuid in {short(reply.body)}", "imageuid")
    return str(uid)


@check("REST-51")
async def independent(desk: Desk) -> None:
    """Pages that were read can still be asked about."""
    job = await desk.ended()
    *pages, _ = await job.rest_of_pages()
    desk.prerequisite(pages[0] if pages else await job.page(), 200)
    *told, end = await infos(job)
    evidence = f"{len(pages)} pages were read, and next-page-info then tells of {len(told)}"
    desk.require(len(told) == len(pages), f"{evidence} and says {end.status}", "count")
    uids = [info_of(reply).get("imageuid") for reply in told]
    desk.require(len(set(map(str, uids))) == len(uids), f"next-page-info told of one page twice: {uids}", "twice")


@check("REST-52")
async def end_again(desk: Desk) -> None:
    """The end stays the end."""
    job = await desk.ended()
    ends = {"next-page": (await job.rest_of_pages())[-1], "next-page-info": (await infos(job))[-1]}
    for name, first in ends.items():
        ask = job.page if name == "next-page" else job.info
        desk.note(f"D-05: {name} ends with {first.status}")
        for reply in (first, await ask(), await ask()):
            desk.status(reply, *END, point=name, why="after the last page")
            if reply.status == 204:
                kind = reply.get("content-type")
                desk.require(kind is None, f"{reply} has the Content-Type {kind!r}", f"{name} type")
                desk.require(not reply.body, f"{reply} has a body: {short(reply.body)}", f"{name} body")


@check("REST-53")
async def waiting(desk: Desk) -> None:
    """Who asks at once gets the page when it is there."""
    for ask, name in ((Job.page, "next-page"), (Job.info, "next-page-info")):
        job = await desk.create()
        desk.prerequisite(await job.patch("running"), 200)
        reply = await ask(job)
        desk.status(reply, 200, point=name, why="right after the start")
        await job.delete()


@check("REST-54")
async def by_uid(desk: Desk) -> None:
    """A page by its UID is no step of any cursor."""
    job = await desk.ended()
    uid = await first_info(desk, job)
    for _ in range(2):
        reply = await job.page(f"?page={uid}")
        desk.status(reply, 200, point="by UID")
    page = await job.page()
    desk.status(page, 200, point="cursor", why="for the first page, after it was fetched by its UID")
    same = page.body == reply.body and page.content_type == reply.content_type
    desk.require(same, f"{reply} gives another page than next-page gives first", "another page")


@check("REST-55", feeder_sheets=SHEETS)
async def at_the_same_time(desk: Desk) -> None:
    """Three calls for three pages get one each, in their order."""
    scanner = desk.feeder
    config = desk.config(scanner, feeder=True, large=True) | {"XferCount": SHEETS}
    job = await desk.from_feeder(SHEETS, config=config)
    desk.prerequisite(await job.patch("running"), 200)
    replies: dict[int, Reply] = {}

    async def fetch(number: int) -> None:
        replies[number] = await job.page()

    async with trio.open_nursery() as nursery:
        for number in range(SHEETS):
            nursery.start_soon(fetch, number)
            await trio.sleep(0.05)
    *told, _ = await infos(job)
    if len(told) < SHEETS:
        desk.too_little_paper(SHEETS)
    for number, reply in replies.items():
        desk.status(reply, 200, point="calls", why=f"for call {number + 1} of {SHEETS} at the same time")
    after = await job.page()
    desk.status(after, *END, point="left over", why=f"after {SHEETS} calls for {SHEETS} pages got one each")
    for number, reply in sorted(replies.items()):
        uid = info_of(told[number]).get("imageuid")
        right = await job.page(f"?page={uid}")
        if right.status == 200:
            same = right.body == reply.body
            desk.require(same, f"call {number + 1} did not get page {number + 1}", "order")


@check("REST-56")
async def gone_client(desk: Desk) -> None:
    """Whoever left before the page came has not had it."""
    for _ in range(2):
        job = await desk.create(config=desk.config(desk.facts.scanner, large=True))
        desk.prerequisite(await job.patch("running"), 200)
        async with desk.rest.wire.connection() as connection:
            fields = desk.rest.fields_for(b"", {}, None)
            await connection.send(Request("GET", f"{desk.rest.root}{job.path}/next-page", fields))
            await trio.sleep(0.1)
        left_early = await job.state() == "running"
        reply = await job.page(wait=PAGE_S)
        if left_early:
            desk.status(reply, 200, point="lost", why="for the page that a client that had left was waiting for")
            return
        if reply.status == 200:
            return
        await job.delete()
    desk.note("the scan was over before a client could leave")


@check("REST-57")
async def refused_call(desk: Desk) -> None:
    """A call with a type that is none leaves the page where it is."""
    job = await desk.ended()
    reply = await job.page("?type=text/html")
    desk.require(reply.status != 200, f"{reply} for type=text/html", "not refused")
    desk.status(await job.page(), 200, point="cursor", why="for the first page, after a call that was refused")
