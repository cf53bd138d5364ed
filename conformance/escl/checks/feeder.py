"""Checks of what can be wrong with a feeder: ESCL-58 to ESCL-61, WIRE-09."""

from __future__ import annotations

from conformance.escl import limits
from conformance.escl.desk import Desk, EsclJob
from conformance.escl.ordering import Order
from conformance.escl.registry import check
from conformance.outcomes import Untestable
from conformance.wire import Answer
from device_protocol.vocabularies.escl import AdfState

REFUSED_EMPTY = (409, 503)
END_EMPTY = (404, 409, 503)
OPEN = {AdfState.DOOR_OPEN.value, AdfState.HATCH_OPEN.value}


@check("ESCL-58", feeder_sheets=1)
async def empty_feeder(desk: Desk) -> None:
    """All paper is taken out, then a job is posted."""
    await desk.operator.load(0)
    order = desk.order(desk.feeder())
    posted = await desk.post(order)
    if not 200 <= posted.status < 300:
        desk.require(posted.status in REFUSED_EMPTY, f"a job from an empty feeder was answered {posted.status}", "POST")
        await _says_empty(desk, posted, "POST")
        return
    job = desk.taken(posted, order)
    with desk.wire("NextDocument"):
        answer = await desk.pages.request("GET", f"{job.path}/NextDocument", wait=limits.PAGE_S)
    desk.require(
        answer.status in END_EMPTY, f"the first page of a job from an empty feeder was answered {answer.status}", "page"
    )
    if answer.status != 404:
        await _says_empty(desk, answer, "NextDocument")


async def _says_empty(desk: Desk, answer: Answer, what: str) -> None:
    state = (await desk.status()).adf
    desk.require(
        state == AdfState.EMPTY,
        f"{what} was answered {answer.status} for an empty feeder, and AdfState is {state}",
        "AdfState",
    )


@check("ESCL-59", feeder_sheets=3)
async def jam(desk: Desk) -> None:
    """The second of three sheets jams."""
    await desk.operator.jam(2)
    job = await desk.start(desk.order(desk.feeder()), sheets=3)
    end = await desk.rest(job)
    desk.require(len(job.pages) >= 1, "the sheet before the one that jammed gave no page", "page lost")
    desk.require(len(job.pages) < 3, "a sheet jammed, and all 3 came", "no jam")
    state = (await desk.status()).adf
    desk.require(
        state == AdfState.JAM, f"a jam was answered {end.status}, and AdfState is {state or 'not there'}", "AdfState"
    )


@check("ESCL-60", feeder_sheets=1)
async def open_cover(desk: Desk) -> None:
    """The cover is open when the job is posted; then it is closed."""
    order = desk.order(desk.feeder())
    await desk.supply(order)
    await desk.operator.open_cover()
    posted = await desk.post(order)
    said = posted.status
    if 200 <= said < 300:
        said = (await desk.next(desk.taken(posted, order))).status
    state = (await desk.status()).adf
    desk.require(said >= 400, f"a job with an open cover was answered {said}", "no error")
    desk.require(state in OPEN, f"the cover is open, and AdfState is {state or 'not there'}", "AdfState")
    await desk.operator.close_cover()
    page = await desk.next(await desk.start(order))
    desk.require(page.status == 200, f"the cover was closed, and a page was answered {page.status}", "closed")


@check("ESCL-61", feeder_sheets=2)
async def cleared_jam(desk: Desk) -> None:
    """The first sheet jams, is taken out, and another one is put in."""
    await desk.operator.jam(1)
    order = desk.order(desk.feeder())
    await desk.supply(order)
    posted = await desk.post_patiently(order)
    if 200 <= posted.status < 300:
        await desk.rest(desk.taken(posted, order))
    if (await desk.status()).adf != AdfState.JAM:
        raise Untestable("no jam was told (ESCL-59)")
    await desk.operator.clear_jam()
    await desk.supply(order)
    state = (await desk.status()).adf
    desk.require(state != AdfState.JAM, "the jam was cleared, and AdfState is still ScannerAdfJam", "AdfState")
    answer = await desk.post_patiently(order)
    desk.require(200 <= answer.status < 300, f"the jam was cleared, and a job was answered {answer.status}", "POST")
    page = await desk.next(desk.taken(answer, order))
    desk.require(page.status == 200, f"the jam was cleared, and a page was answered {page.status}", "page")


@check("WIRE-09", feeder_sheets=2)
async def feeder_state_is_true(desk: Desk) -> None:
    """Empty and loaded, where somebody can do that; else what the feeder says now, and what a job then does."""
    order = desk.order(desk.feeder())
    counts: tuple[int | None, ...] = (0, 2) if desk.operator.controls else (None,)
    for sheets in counts:
        if sheets is not None:
            await desk.operator.load(sheets)
        state = (await desk.status()).adf
        if state not in {AdfState.LOADED, AdfState.EMPTY}:
            raise desk.broken(f"AdfState is {state or 'not there'} at rest", "at rest")
        if sheets is not None:
            due = AdfState.LOADED if sheets else AdfState.EMPTY
            desk.require(state == due, f"there are {sheets} sheets, and AdfState is {state}", "paper")
        job, end = await _what_comes(desk, order)
        pages = len(job.pages) if job is not None else 0
        desk.require(
            bool(pages) == (state == AdfState.LOADED),
            f"AdfState was {state}, and a job gave {pages} pages ({end})",
            "job",
        )


async def _what_comes(desk: Desk, order: Order) -> tuple[EsclJob | None, int]:
    posted = await desk.post_patiently(order)
    if not 200 <= posted.status < 300:
        return None, posted.status
    job = desk.taken(posted, order)
    return job, (await desk.rest(job)).status
