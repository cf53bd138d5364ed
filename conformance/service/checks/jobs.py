"""What a job says, what changes it, and what it leaves when it ends badly (rest-api.md 5.5)."""

from __future__ import annotations

import trio

from conformance.service.checks.cells import canceled
from conformance.service.checks.registry import check
from conformance.service.desk import UNKNOWN_JOB, Desk, short
from conformance.service.job import END, JOBS, PAGE_S, STATES, Job
from conformance.service.rest_client import Reply

NOBODY = -1034
SHEETS = 4
JAM_AT = 3


def code_of(reply: Reply) -> int | None:
    """The job's code, as a number or as the text of one (D-04)."""
    found = reply.object.get("code")
    if isinstance(found, str) and found.lstrip("-").isdigit():
        return int(found)
    return reply.code


@check("REST-33")
async def what_a_job_says(desk: Desk) -> None:
    """Word, code and message, in every state that can be had without trouble."""
    jobs = [await desk.ended()]
    one = await canceled(desk)
    jobs += [one] if one is not None else []
    jobs.append(await desk.create())
    for job in jobs:
        reply = desk.prerequisite(await job.get(), 200)
        found = desk.an_object(reply, "body")
        word, code = found.get("status"), code_of(reply)
        desk.require(word in STATES, f"{reply}: status is {word!r}", "status")
        desk.require(code is not None, f"{reply}: code is {found.get('code')!r}", "code")
        desk.require(code == 0, f"{reply}: the job is {word}, and its code {code}", "code of a good job")
        desk.require(isinstance(found.get("message"), str), f"{reply}: message is {found.get('message')!r}", "message")
        if isinstance(found.get("code"), str):
            desk.note(f"D-04: {reply}: code is a text")


@check("REST-42")
async def fault(desk: Desk) -> None:
    """A jam at the third sheet leaves two pages, an error, and an end."""
    scanner = desk.feeder
    async with desk.disturbing(scanner) as operator:
        await operator.load(scanner, SHEETS)
        await operator.jam(scanner, JAM_AT)
        job = await desk.create(scanner, config=desk.config(scanner, feeder=True))
        desk.prerequisite(await job.patch("running"), 200)
        state = await job.end()
        reply = await job.get()
        desk.require(state == "faulted", f"the feeder jammed, and the job is {state}: {short(reply.body)}", "state")
        code, message = code_of(reply), reply.object.get("message")
        desk.require(code is not None and code < 0, f"{reply}: code of the faulted job is {code!r}", "code")
        desk.require(isinstance(message, str) and message, f"{reply}: message is {message!r}", "message")
        *pages, end = await job.rest_of_pages()
        desk.require(len(pages) == JAM_AT - 1, f"sheet {JAM_AT} jammed, and {len(pages)} pages can be read", "pages")
        desk.status(end, *END, point="end", why="after the pages of a faulted job")


@check("REST-43")
async def other_words(desk: Desk) -> None:
    """A PATCH that says nothing does nothing."""
    async with desk.job() as job:
        for body in ({}, {"status": "sprinting"}, {"status": 1}, {"state": "running"}):
            reply = await job.ask("PATCH", "", body)
            desk.refused(reply, 400, -2113, point="status", why=f"for {body}")
            state = await job.state()
            desk.require(state == "pending", f"PATCH with {body} made the job {state}", "effect")


@check("REST-44")
async def code_of_no_job(desk: Desk) -> None:
    """Everything below a job that is not there has the same code."""
    deleted = await desk.create()
    desk.prerequisite(await deleted.delete(), 204, 200)
    nobody = Job(desk.rest, UNKNOWN_JOB, await desk.rest.ask("GET", f"{JOBS}/{UNKNOWN_JOB}"))
    below = ["", "/scanner/settings", "/next-page", "/next-page-info"]
    below += [path for part, path in (("capabilities", "/scanner/capabilities"),) if part not in desk.facts.missing]
    below += ["/content?type=image/png&page=0"] if "content" not in desk.facts.missing else []
    for job, status in ((deleted, 410), (nobody, 404)):
        for path in below:
            name = path.partition("?")[0] or "/"
            desk.refused(await job.ask("GET", path), status, NOBODY, point=f"GET {name} {status}")
        desk.refused(await job.patch("running"), status, NOBODY, point=f"PATCH {status}")
        desk.refused(await job.delete(), status, NOBODY, point=f"DELETE {status}")


@check("REST-45", feeder_sheets=SHEETS)
async def pages_of_a_canceled_job(desk: Desk) -> None:
    """What went through before the cancel can be read after it."""
    scanner = desk.feeder
    job = await desk.from_feeder(SHEETS, config=desk.config(scanner, feeder=True, large=True))
    desk.prerequisite(await job.patch("running"), 200)
    first = await job.info()
    if first.status in END:
        desk.too_little_paper(SHEETS)
    desk.prerequisite(first, 200)
    await job.patch("canceled")
    with trio.fail_after(PAGE_S):
        state = await job.end()
    page = await job.page()
    desk.status(page, 200, point="pages", why=f"though a page was there before the job was {state}")
    end = (await job.rest_of_pages())[-1]
    desk.status(end, *END, point="end", why="after the pages of a canceled job")
