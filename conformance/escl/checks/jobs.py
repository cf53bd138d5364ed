"""Checks of jobs from their beginning to their end: ESCL-52 to ESCL-57, WIRE-04, WIRE-05, WIRE-08, WIRE-15."""

from __future__ import annotations

import trio

from conformance.escl import limits
from conformance.escl.desk import GONE, Desk, EndlessJob
from conformance.escl.registry import check
from conformance.outcomes import NotApplicable
from conformance.wire import Request, WireFault
from device_protocol.vocabularies.escl import ScannerState

NOBODYS = "00000000-0000-4000-8000-000000000000"
DELETED = (200, 202, 204)
LOOK_EVERY_S = 10.0


@check("ESCL-52", sheets=3)
async def uris_are_unique(desk: Desk) -> None:
    """Of three jobs, one of them deleted."""
    first, second = await desk.scan(), await desk.start()
    await desk.delete(second.path)
    third = await desk.start()
    paths = [first.path, second.path, third.path]
    desk.require(len(set(paths)) == 3, "two jobs have the same URI", "same")


@check("ESCL-53", sheets=1)
async def deleted_jobs_give_nothing(desk: Desk) -> None:
    """NextDocument after DELETE."""
    job = await desk.start()
    await desk.delete(job.path)
    answer = await desk.next(job)
    desk.require(answer.status in GONE, f"after DELETE, NextDocument was answered {answer.status}", "after DELETE")


@check("ESCL-54", sheets=2)
async def delete_while_a_page_is_asked_for(desk: Desk) -> None:
    """The pending request may end in any way, but has to end."""
    job = await desk.start()
    request = Request("GET", f"{job.path}/NextDocument")
    async with desk.pages.connection() as connection:
        with desk.wire("NextDocument"):
            await connection.send(request)
        with desk.wire("DELETE"):
            deleted = await desk.delete(job.path)
        desk.require(deleted.status in DELETED, f"DELETE during a page was answered {deleted.status}", "DELETE")
        command = desk.log.begin("http", "GET", f"{request.target}, pending")
        try:
            await connection.head()
            await connection.body()
            desk.log.finish(command, "answered")
        except WireFault as fault:
            desk.log.finish(command, error=fault.evidence)
            desk.require(
                fault.kind.value != "silent",
                "a NextDocument that was pending when its job was deleted never ended",
                "pending",
            )
    order = desk.order()
    await desk.supply(order)
    with desk.wire("afterwards"):  # there are scanners that do not survive it
        answer = await desk.post_patiently(order)
    desk.require(200 <= answer.status < 300, f"after a cancelled page, a job was answered {answer.status}", "not free")


@check("ESCL-55")
async def unknown_jobs(desk: Desk) -> None:
    """A name that no job has."""
    path = desk.path(f"ScanJobs/{NOBODYS}")
    deleted = await desk.delete(path)
    desk.require(deleted.status == 404, f"DELETE of a job that is none was answered {deleted.status}", "DELETE")
    page = await desk.client.request("GET", f"{path}/NextDocument")
    desk.require(page.status == 404, f"NextDocument of a job that is none was answered {page.status}", "NextDocument")


@check("ESCL-56", sheets=2)
async def two_jobs(desk: Desk) -> None:
    """The second is posted while the first has its page, and the first is fetched then."""
    job = await desk.start(sheets=2)
    await desk.post(desk.order())
    page = await desk.next(job)
    desk.require(
        page.status == 200, f"after a second POST, the first job's page was answered {page.status}", "first job"
    )


@check("ESCL-57", sheets=2)
async def no_delete_is_needed(desk: Desk) -> None:
    """A whole scan, and another one."""
    await desk.scan()
    order = desk.order()
    await desk.supply(order)
    answer = await desk.post_patiently(order)
    desk.require(
        200 <= answer.status < 300, f"after a job that was fetched, a job was answered {answer.status}", "busy"
    )


@check("WIRE-04", sheets=2)
async def busy(desk: Desk) -> None:
    """A second job is refused with 503 and a hint; when the first has gone it is taken."""
    job = await desk.start()
    refused = await desk.post(desk.order())
    if 200 <= refused.status < 300:
        raise NotApplicable(f"a second job is accepted ({refused.status}): the scanner is not busy with one")
    desk.require(refused.status == 503, f"a job for a busy scanner was answered {refused.status}", "status")
    desk.require(refused.head.get("retry-after"), "503 for a busy scanner has no Retry-After", "no hint")
    await desk.delete(job.path)
    order = desk.order()
    await desk.supply(order)
    answer = await desk.post_patiently(order)
    desk.require(200 <= answer.status < 300, f"a later retry was answered {answer.status}", "retry")


@check("WIRE-05", sheets=1)
async def the_end_is_404(desk: Desk) -> None:
    """After the last page, and when asked once more."""
    job = await desk.start()
    await desk.page(job)
    try:
        end = await (desk.rest(job) if job.order.feeds else desk.next(job))
    except EndlessJob as endless:
        raise desk.broken(endless.evidence, "endless") from None
    desk.require(end.status == 404, f"after the last page, NextDocument was answered {end.status}", "end")
    once_more = await desk.next(job)
    desk.require(once_more.status == 404, f"once more after the end, it was answered {once_more.status}", "once more")


@check("WIRE-08", sheets=2)
async def delete_can_be_repeated(desk: Desk) -> None:
    """Twice while a job runs, once after another one's end; then a third job is taken."""
    job = await desk.start()
    first, second = await desk.delete(job.path), await desk.delete(job.path)
    desk.require(first.status in DELETED, f"DELETE of a running job was answered {first.status}", "first")
    desk.require(second.status in {*DELETED, *GONE}, f"a second DELETE was answered {second.status}", "second")
    job = await desk.scan()
    after = await desk.delete(job.path)
    desk.require(after.status in {*DELETED, *GONE}, f"DELETE after the last page was answered {after.status}", "after")
    order = desk.order()
    await desk.supply(order)
    answer = await desk.post_patiently(order)
    desk.require(200 <= answer.status < 300, f"after a DELETE, a job was answered {answer.status}", "next job")


@check("WIRE-15", sheets=2)
async def vanished_clients(desk: Desk) -> None:
    """A job is left with its page in it. Looking at the status is not asking for it."""
    desk.takes_minutes("a client that vanishes is waited for up to four minutes")
    await desk.start()
    until = trio.current_time() + limits.VANISHED_S
    while trio.current_time() < until:
        await trio.sleep(LOOK_EVERY_S)
        if (await desk.status()).state == ScannerState.IDLE:
            break
    order = desk.order()
    await desk.supply(order)
    answer = await desk.post_patiently(order)
    desk.require(
        200 <= answer.status < 300,
        f"{limits.VANISHED_S:g} s after its client vanished, a job keeps the scanner busy: {answer.status}",
        "stays busy",
    )
