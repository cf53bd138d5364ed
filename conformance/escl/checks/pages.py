"""Checks of pages as they come: ESCL-48 to ESCL-51, WIRE-06, WIRE-07."""

from __future__ import annotations

from contextlib import aclosing
from urllib.parse import urlsplit

import trio

from conformance.escl import limits, markup, reading
from conformance.escl.desk import GONE, Desk, EsclJob
from conformance.escl.ordering import Region
from conformance.escl.pictures import PICTURES, SheetError, kind_of, picture_of, sheet_of
from conformance.escl.registry import check
from conformance.outcomes import NeedsOperator, NotApplicable, OverBudget, Untestable
from conformance.requirements.escl.facts import InputCaps
from conformance.wire import Request
from sheets import Side

READABLE = 1200
"""Width and height in 1/300 inch of a region in which marks of our sheets can be read."""


@check("ESCL-48", sheets=1)
async def content_location(desk: Desk) -> None:
    """A path below that of the job, or an address of this scanner with one."""
    job = await desk.start()
    said = (await desk.page(job)).head.get("content-location")
    if said is None:
        raise NotApplicable("pages come without Content-Location")
    host = urlsplit(said).netloc
    desk.require(host in {"", desk.host}, f"Content-Location is {said[:120]}", "host")
    desk.require(
        desk.local_path(said).startswith(f"{job.path}/"),
        f"Content-Location is {said[:120]}, the job {job.path}",
        "path",
    )


def _readable(source: InputCaps) -> Region:
    return Region(
        0,
        0,
        min(READABLE, source.number("MaxWidth") or READABLE),
        min(READABLE, source.number("MaxHeight") or READABLE),
    )


@check("ESCL-49", sheets=3, feeder_sheets=3)
async def each_sheet_once(desk: Desk) -> None:
    """Three sheets, three pages; in order, where they are sheets of ours."""
    if not desk.operator.controls:
        raise NeedsOperator("somebody has to put 3 different sheets into the feeder")
    source = desk.feeder()
    job = await desk.start(desk.order(source).but(region=_readable(source)), sheets=3)
    await desk.rest(job)
    desk.require(len(job.pages) == 3, f"3 sheets gave {len(job.pages)} documents", "count")
    bodies = [page.body for page in job.pages]
    desk.require(len(set(bodies)) == len(bodies), "two sheets gave the same bytes", "same")
    seen = await _sheets(bodies)
    desk.require(
        seen is None or [number for number, _ in seen] == [1, 2, 3], f"the sheets came as {_told(seen)}", "order"
    )


@check("ESCL-50", sheets=2, feeder_sheets=2)
async def front_then_back(desk: Desk) -> None:
    """Two sheets, four documents."""
    source = desk.caps.duplex
    if source is None:
        raise NotApplicable("ScannerCapabilities has no AdfDuplexInputCaps")
    if not desk.operator.controls:
        raise NeedsOperator("somebody has to put 2 sheets into the feeder, printed on both sides")
    order = desk.order(source, both_sides=True).but(region=_readable(source))
    job = await desk.start(order, sheets=2)
    await desk.rest(job)
    desk.require(len(job.pages) == 4, f"both sides of 2 sheets gave {len(job.pages)} documents", "count")
    seen = await _sheets([page.body for page in job.pages])
    due = [(number, side) for number in (1, 2) for side in (Side.FRONT, Side.BACK)]
    desk.require(seen is None or seen == due, f"the sides came as {_told(seen)}", "order")


async def _sheets(pages: list[bytes]) -> list[tuple[int, Side]] | None:
    """Which of our sheets they are; None if one of them is none of ours."""
    found = []
    for page in pages:
        if kind_of(page) not in PICTURES:
            return None
        sheet = await sheet_of(page)
        if sheet is None:
            return None
        found.append(sheet)
    return found


def _told(seen: list[tuple[int, Side]] | None) -> str:
    return ", ".join(f"{number} {side.value}" for number, side in seen or ())


@check("ESCL-51", sheets=1)
async def image_info(desk: Desk) -> None:
    """After a page was fetched."""
    job = await desk.start()
    page = await desk.page(job)
    answer = await desk.client.request("GET", f"{job.path}/ScanImageInfo")
    if answer.status != 200 or not answer.body:
        raise NotApplicable(f"ScanImageInfo is answered {answer.status}")
    try:
        said = reading.image_size(markup.read(answer.body))
    except markup.MarkupError as error:
        raise desk.broken(f"ScanImageInfo: {error}", "unreadable") from None
    if kind_of(page.body) not in PICTURES:
        raise NotApplicable(f"the page is {page.head.content_type}, which cannot be looked into")
    try:
        picture = await picture_of(page.body)
    except SheetError as error:
        raise Untestable(f"the page: {error} (ESCL-44)") from None
    desk.require(
        said == (picture.width, picture.height),
        f"ScanImageInfo says {said[0]} x {said[1]}, the page has {picture.width} x {picture.height}",
        "size",
    )


@check("WIRE-06", sheets=2)
async def broken_transfer(desk: Desk) -> None:
    """The first bytes of a page are read, then the connection is cut off; a page that begins so must come again, whole."""
    source = desk.source()
    fine = [dpi for dpi in source.resolutions if dpi <= 300][-1:] or list(source.resolutions[:1])
    order = desk.order(source).but(region=None, dpi=next(iter(fine), None))
    if "RGB24" in source.color_modes:
        order = order.but(color_mode="RGB24")
    size = len((await desk.scan(order)).pages[0].body)
    job = await desk.start(order)
    start = b""
    with trio.move_on_after(limits.PAGE_S):
        while not start:
            start = await _cut_off(desk, job)
    again = await desk.next(job)
    if again.status in GONE and size <= desk.in_flight:
        raise OverBudget(
            f"a page of {size} bytes fits into the buffers of the connection: the scanner has written all of it before it could know"
        )
    desk.require(again.status == 200, f"after a transfer that broke, the page was answered {again.status}", "gone")
    desk.require(again.body.startswith(start), "after a transfer that broke, another page came", "changed")


async def _cut_off(desk: Desk, job: EsclJob) -> bytes:
    """What was read of the page before the connection was closed; nothing after 503, and some time."""
    request = Request("GET", f"{job.path}/NextDocument")
    command = desk.log.begin("http", "GET", f"{request.target}, closed after the first bytes")
    async with desk.pages.connection() as connection:
        await connection.send(request)
        head = await connection.head()
        if head.status == 503:
            desk.log.finish(command, "503")
            await trio.sleep(limits.RETRY_S)
            return b""
        if head.status != 200:
            desk.log.finish(command, str(head.status))
            raise Untestable(f"NextDocument was answered {head.status} where a page was due")
        async with aclosing(connection.pieces()) as pieces:
            async for piece in pieces:
                desk.log.finish(command, f"{len(piece)} bytes of it")
                return piece
    desk.log.finish(command, "no bytes")
    raise Untestable("a page has no bytes (ESCL-44)")


@check("WIRE-07", sheets=1)
async def early_requests(desk: Desk) -> None:
    """The page is asked for at once, on a connection that stands already."""
    order = desk.order()
    await desk.supply(order)
    async with desk.pages.connection() as connection:
        job = desk.taken(await desk.post_patiently(order), order)
        first = await desk.pages.exchange(connection, Request("GET", f"{job.path}/NextDocument"))
    desk.require(first.status in {200, 503}, f"the first NextDocument was answered {first.status}", "first")
    if first.status == 503:
        page = await desk.next(job)
        desk.require(page.status == 200, f"after 503, NextDocument was answered {page.status}", "after 503")
