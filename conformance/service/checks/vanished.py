"""Clients that are gone, with a job under way (WIRE-15)."""

from __future__ import annotations

import trio

from conformance.service.checks.registry import check
from conformance.service.desk import BUSY_S, Desk
from conformance.service.job import PAGE_S, Job
from conformance.wire import Request


@check("WIRE-15")
async def vanished(desk: Desk) -> None:
    """Nobody reads, nobody deletes: the scan ends, the scanner is free, and the job goes after its time."""
    second = await desk.short_time()
    job = await desk.create(jobTimeout=second)
    desk.prerequisite(await job.patch("running"), 200)
    async with desk.rest.wire.connection() as connection:
        fields = desk.rest.fields_for(b"", {}, None)
        await connection.send(Request("GET", f"{desk.rest.root}{job.path}/next-page", fields))
    state = "running"
    with trio.move_on_after(PAGE_S):
        while state == "running":
            await trio.sleep(0.05)
            state = await job.state()
    desk.require(state != "running", f"{PAGE_S:g} s after its client left, the job still runs", "runs on")
    reply = await desk.when_free(desk.keys())
    desk.status(reply, 201, point="busy", why=f"{BUSY_S:g} s after the job of a client that left has ended")
    await _removed(desk, job, second)
    await desk.tidy()
    await desk.create(jobTimeout=second)
    reply = await desk.when_free(desk.keys())
    desk.status(
        reply,
        201,
        point="pending",
        why=f"{BUSY_S:g} s after a client left a pending job with a jobTimeout of {second} s",
    )


async def _removed(desk: Desk, job: Job, second: int) -> None:
    left = await job.removed(second + BUSY_S)
    desk.status(left, 410, point="kept", why=f"long after a jobTimeout of {second} s, for a job whose client left")
