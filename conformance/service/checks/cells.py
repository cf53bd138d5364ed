"""The table of states (rest-api.md 5.5), cell by cell: for each request a job in every state."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from conformance.service.checks.registry import check
from conformance.service.desk import UNKNOWN_JOB, Desk
from conformance.service.job import END, JOBS, Job
from conformance.service.rest_client import Reply

Ask = Callable[[Job], Awaitable[Reply]]
OTHERS: Mapping[str, frozenset[int]] = {"deleted": frozenset({410}), "unknown": frozenset({404})}
"""Everything is answered so for a job that was deleted, and for one that nobody knows."""
WRONG_STATE = -1011
ENDED = ("completed", "canceled")


async def canceled(desk: Desk) -> Job | None:
    """A job that was canceled: while pending, where that is allowed (D-02), else while it ran; None if that was too quick for us."""
    job = await desk.create()
    if (await job.patch("canceled")).status == 200:
        return job
    await job.delete()
    job = await desk.create(config=desk.config(desk.facts.scanner, large=True))
    desk.prerequisite(await job.patch("running"), 200)
    took = (await job.patch("canceled")).status == 200
    return job if took and await job.end() != "completed" else None


@asynccontextmanager
async def in_state(desk: Desk, state: str) -> AsyncIterator[Job | None]:
    """A job in *state*; None if it cannot be had."""
    match state:
        case "pending":
            yield await desk.create()
        case "running":
            async with desk.running() as job:
                yield job
        case "completed":
            yield await desk.ended()
        case "canceled":
            yield await canceled(desk)
        case "deleted":
            job = await desk.create()
            desk.prerequisite(await job.delete(), 204, 200)
            yield job
        case _:
            yield Job(desk.rest, UNKNOWN_JOB, await desk.rest.ask("GET", f"{JOBS}/{UNKNOWN_JOB}"))
    await desk.tidy()


async def cell(desk: Desk, ask: Ask, state: str, wanted: frozenset[int] | set[int]) -> tuple[Job, Reply] | None:
    """The answer to a request in one state, which must be one of *wanted*; None if the state was gone by then."""
    async with in_state(desk, state) as job:
        if job is None:
            desk.note(f"{state}: over before it could be asked")
            return None
        reply = await ask(job)
        if state == "running" and reply.status not in wanted and await job.state() != "running":
            desk.note("running: over before the answer")
            return None
        desk.status(reply, *sorted(wanted), point=state, why=f"for a job that is {state}")
        if reply.status == 409:
            desk.refused(reply, 409, WRONG_STATE, point=f"{state} code")
        return job, reply


async def row(desk: Desk, ask: Ask, cells: Mapping[str, frozenset[int] | set[int]]) -> None:
    """All cells of one request."""
    for state, wanted in {**cells, **OTHERS}.items():
        await cell(desk, ask, state, wanted)


@check("REST-34")
async def get(desk: Desk) -> None:
    """GET job."""
    for state in ("pending", "running", *ENDED):
        async with in_state(desk, state) as job:
            if job is None:
                continue
            reply = desk.status(await job.get(), 200, point=state, why=f"for a job that is {state}")
            said = reply.object.get("status")
            fits = said == state or (state == "running" and said == "completed")
            desk.require(fits, f"{reply}: the job is {state}, and status is {said!r}", f"{state} word")
    for state, wanted in OTHERS.items():
        await cell(desk, Job.get, state, wanted)


@check("REST-35")
async def start(desk: Desk) -> None:
    """PATCH running."""

    def ask(job: Job) -> Awaitable[Reply]:
        return job.patch("running")

    async with in_state(desk, "pending") as job:
        assert job is not None
        reply = desk.status(await ask(job), 200, point="pending", why="for a job that is pending")
        said = reply.object.get("status")
        desk.require(said in {"running", "completed"}, f"{reply}: status is {said!r}", "pending answer")
        state = await job.state()
        desk.require(state != "pending", "after PATCH running was answered 200 the job is still pending", "no start")
        await job.end()
    for state in ("running", *ENDED):
        async with in_state(desk, state) as job:
            if job is None:
                continue
            reply = await ask(job)
            if state == "running" and await job.state() != "running":
                continue
            desk.status(reply, 409, 200, point=state, why=f"for a job that is {state}")
            await effect(desk, job, reply, state)
    for state, wanted in OTHERS.items():
        await cell(desk, ask, state, wanted)


async def effect(desk: Desk, job: Job, reply: Reply, state: str) -> None:
    """A request that does not fit is refused as out of sequence, or ignored (D-03)."""
    if reply.status == 409:
        desk.refused(reply, 409, WRONG_STATE, point=f"{state} code")
        return
    desk.note(f"D-03: {reply} for a job that is {state}: ignored instead of 409")
    after = await job.state()
    fits = after == state or (state == "running" and after == "completed")
    desk.require(fits, f"{reply} made a job that was {state} {after}", f"{state} effect")


@check("REST-36")
async def cancel(desk: Desk) -> None:
    """PATCH canceled."""

    def ask(job: Job) -> Awaitable[Reply]:
        return job.patch("canceled")

    async with in_state(desk, "pending") as job:
        assert job is not None
        reply = desk.status(await ask(job), 200, 409, point="pending", why="for a job that is pending")
        desk.note(f"D-02: {reply} for a pending job")
        state = await job.state()
        wanted = "canceled" if reply.status == 200 else "pending"
        desk.require(state == wanted, f"{reply}, and the job is {state} instead of {wanted}", "pending effect")
    async with in_state(desk, "running") as job:
        if job is not None:
            await _cancel_running(desk, job)
    for state in ENDED:
        async with in_state(desk, state) as job:
            if job is not None:
                reply = desk.status(await ask(job), 409, 200, point=state, why=f"for a job that is {state}")
                await effect(desk, job, reply, state)
    for state, wanted_statuses in OTHERS.items():
        await cell(desk, ask, state, wanted_statuses)


async def _cancel_running(desk: Desk, job: Job) -> None:
    reply = await job.patch("canceled")
    if reply.status == 409 and await job.state() == "completed":
        return  # it was over before the request came
    desk.status(reply, 200, point="running", why="for a job that is running")
    state, said = await job.end(), reply.object.get("status")
    desk.require(
        state == "canceled" or said == state == "completed",
        f"{reply} with status {said!r}, and the job ended as {state}",
        "running effect",
    )


@check("REST-37")
async def delete(desk: Desk) -> None:
    """DELETE job."""
    for state in ("pending", "running", *ENDED):
        async with in_state(desk, state) as job:
            if job is None:
                continue
            desk.status(await job.delete(), 204, point=state, why=f"for a job that is {state}")
            gone = await job.get()
            desk.status(gone, 410, point=f"{state} effect", why=f"after a job that was {state} was deleted")
            free = await desk.when_free(desk.keys())
            desk.require(
                free.status != 423, f"{free}: the job that was {state} and deleted still locks", f"{state} lock"
            )
    for state, wanted in OTHERS.items():
        await cell(desk, Job.delete, state, wanted)


@check("REST-38")
async def capabilities(desk: Desk) -> None:
    """Capabilities."""

    def ask(job: Job) -> Awaitable[Reply]:
        return job.ask("GET", "/scanner/capabilities")

    await row(desk, ask, {"pending": {200}, "running": {409}, "completed": {409}, "canceled": {409}})


@check("REST-39")
async def settings(desk: Desk) -> None:
    """Settings."""

    def ask(job: Job) -> Awaitable[Reply]:
        return job.ask("GET", "/scanner/settings?showui=false")

    await row(desk, ask, {"pending": {200}, "running": {409}, "completed": {409}, "canceled": {409}})


@check("REST-40")
async def pages(desk: Desk) -> None:
    """next-page and next-page-info."""
    for ask in (Job.page, Job.info):
        await cell(desk, ask, "pending", {409})
        found = await cell(desk, ask, "completed", {200})
        if found is not None:
            await cell(desk, ask, "canceled", {200, *END})
        for state, wanted in OTHERS.items():
            await cell(desk, ask, state, wanted)


@check("REST-41")
async def content(desk: Desk) -> None:
    """Content."""

    def ask(job: Job) -> Awaitable[Reply]:
        return job.content("?type=image/png&page=0")

    await row(desk, ask, {"pending": {409}, "running": {200, 204}, "completed": {200}, "canceled": {200, 204}})
