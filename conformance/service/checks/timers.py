"""jobTimeout and scannerFailureTimeout (rest-api.md 5.6). The shortest times that there are: seconds are whole."""

from __future__ import annotations

from typing import Any

import trio

from conformance.outcomes import NotApplicable
from conformance.service.checks.registry import check
from conformance.service.desk import Desk, short
from conformance.service.job import PAGE_S, Job

SECOND = 1
GRACE_S = 6.0
"""So much later than it should a timer may be seen to have gone off."""
SHEETS = 4
"""Both sides of them, large: a quick scanner is to run for longer than the shortest jobTimeout."""


async def gone(desk: Desk, job: Job, second: int, since: str) -> None:
    """Wait until the job is removed; fail if it stays."""
    reply = await job.removed(second + GRACE_S)
    desk.status(reply, 410, point="not removed", why=f"with a jobTimeout of {second} s, {since}")


@check("REST-46")
async def pending_expires(desk: Desk) -> None:
    """A pending job goes, not before its time, and gives its scanner back."""
    second = await desk.short_time()
    job = await desk.create(jobTimeout=second)
    await trio.sleep(0.4 * second)
    desk.status(await job.get(), 200, point="early", why=f"long before its jobTimeout of {second} s was over")
    await gone(desk, job, second, "pending all the time")
    reply = await desk.when_free(desk.keys())
    desk.status(reply, 201, point="scanner", why="after the pending job was removed")


@check("REST-47", feeder_sheets=SHEETS)
async def running_does_not_expire(desk: Desk) -> None:
    """A scan that takes longer than jobTimeout comes to its end."""
    scanner = desk.facts.feeder or desk.facts.scanner
    feeds = desk.facts.feeder is not None
    config = desk.config(scanner, feeder=feeds, large=True) | {"IfDuplexEnabled": feeds}
    second = await desk.short_time()
    if feeds:
        job = await desk.from_feeder(SHEETS, config=config, jobTimeout=second)
    else:
        job = await desk.create(scanner, config=config, jobTimeout=second)
    desk.prerequisite(await job.patch("running"), 200)
    began = trio.current_time()
    while (reply := await job.get()).object.get("status") == "running" and reply.status == 200:
        if trio.current_time() - began > second + GRACE_S:
            return
        await trio.sleep(0.1)
    took = trio.current_time() - began
    desk.status(reply, 200, point="removed", why=f"while it ran, with a jobTimeout of {second} s")
    state = reply.object.get("status")
    if state == "completed" and took < second * 1.2:
        raise NotApplicable("the longest scan that can be had is shorter than the shortest jobTimeout")
    desk.require(
        state == "completed" or took < second,
        f"a job that ran longer than its jobTimeout of {second} s ended as {state}: {short(reply.body)}",
        "ended",
    )


@check("REST-48")
async def ended_expires(desk: Desk) -> None:
    """The time of an ended job counts from its end."""
    second = await desk.short_time()
    job = await desk.create(jobTimeout=second)
    await trio.sleep(0.6 * second)
    desk.prerequisite(await job.patch("running"), 200)
    with trio.move_on_after(PAGE_S):
        while await job.state() == "running":  # noqa: ASYNC110  # the event is in another process
            await trio.sleep(0.05)  # always, since what is waited for next is not much longer
    await trio.sleep(0.6 * second)
    why = f"soon after its end, with a jobTimeout of {second} s"
    desk.status(await job.get(), 200, point="early", why=why)
    await gone(desk, job, second, "after its end")


@check("REST-49")
async def zero_is_never(desk: Desk) -> None:
    """Neither 0 nor nothing is a short time."""
    patience = desk.place.patience
    wishes: tuple[tuple[dict[str, Any], str], ...] = (({"jobTimeout": 0}, "jobTimeout 0"), ({}, "no jobTimeout"))
    for keys, shown in wishes:
        async with desk.job(**keys) as job:
            await trio.sleep(patience)
            desk.status(await job.get(), 200, point=shown, why=f"{patience:g} s after it was made with {shown}")


@check("REST-50")
async def hanging_scanner(desk: Desk) -> None:
    """A scanner that stops getting on ends its job as faulted."""
    scanner = desk.facts.scanner
    async with desk.disturbing(scanner) as operator:
        await operator.hang(scanner)
        job = await desk.create(scanner, scannerFailureTimeout=SECOND)
        desk.prerequisite(await job.patch("running"), 200)
        state = "running"
        with trio.move_on_after(SECOND + 3 * GRACE_S):
            state = await job.end()
        evidence = f"with a scannerFailureTimeout of {SECOND} s the job of a hanging scanner is {state}"
        desk.require(state == "faulted", evidence, "state")
