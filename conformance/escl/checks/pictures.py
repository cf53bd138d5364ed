"""Checks of what is in a page: ESCL-43 to ESCL-47."""

from __future__ import annotations

from conformance.escl.desk import Desk, EsclJob, quick_dpi
from conformance.escl.ordering import Region
from conformance.escl.pictures import PICTURES, Picture, SheetError, kind_of, picture_of
from conformance.escl.registry import check
from conformance.outcomes import NotApplicable, Untestable
from conformance.requirements.escl.facts import InputCaps
from device_protocol.vocabularies.escl import UNITS_PER_INCH

CHANNELS = {"BlackAndWhite1": 1, "Grayscale8": 1, "RGB24": 3}
DPI_SHARE = 0.01
ONE_PIXEL = 1.0
ROUNDING = 0.5
"""A region in 1/300 inch has no whole number of pixels at most resolutions."""


@check("ESCL-43", sheets=2)
async def types_are_true(desk: Desk) -> None:
    """Each format that is offered."""
    source = desk.source()
    for media in source.media:
        order = desk.order(source).but(format=media, format_ext=media if media in source.formats_ext else "")
        job = await desk.start(order)
        page = await desk.page(job)
        said, found = page.head.content_type, kind_of(page.body)
        desk.require(said == media, f"{media} was asked for, and Content-Type is {said or 'not there'}", "Content-Type")
        desk.require(found in {media, ""}, f"Content-Type is {said}, and the bytes are {found}", "bytes")
        await desk.rest(job)


@check("ESCL-44", sheets=1)
async def pages_are_whole(desk: Desk) -> None:
    """The transfer, then the file."""
    job = await desk.start()
    with desk.wire("transfer"):
        page = await desk.page(job)
    desk.require(page.body, "a page has no bytes", "empty")
    if job.order.media not in PICTURES:
        raise NotApplicable(f"{desk.source().name} offers no picture that can be looked into")
    try:
        await picture_of(page.body)
    except SheetError as error:
        raise desk.broken(f"a page of {len(page.body)} bytes: {error}", "decode") from None


@check("ESCL-45", sheets=3)
async def sizes(desk: Desk) -> None:
    """A region away from the corner, and one of other shape and resolution."""
    source = desk.source()
    usual = desk.order(source)
    orders = [usual.but(region=_within(source, 45, 90, 601, 452))]
    orders += [usual.but(region=_within(source, 0, 31, 300, 720), dpi=dpi) for dpi in quick_dpi(source)[1:2]]
    for order in orders:
        picture = await _picture(await desk.scan(order))
        assert order.region is not None
        for got, units, axis in (
            (picture.width, order.region.width, "width"),
            (picture.height, order.region.height, "height"),
        ):
            due = units * (order.dpi or UNITS_PER_INCH) / UNITS_PER_INCH
            desk.require(
                abs(got - due) <= ONE_PIXEL + ROUNDING,
                f"a {axis} of {units}/300 inch at {order.dpi} dpi gave {got} pixels, where {due:.1f} were due",
                axis,
            )


def _within(source: InputCaps, x: int, y: int, width: int, height: int) -> Region:
    """A region that the source allows and reaches."""
    most_x, most_y = source.number("MaxWidth") or x + width, source.number("MaxHeight") or y + height
    width = min(max(width, source.number("MinWidth") or 0), most_x)
    height = min(max(height, source.number("MinHeight") or 0), most_y)
    return Region(min(x, most_x - width), min(y, most_y - height), width, height)


@check("ESCL-46", sheets=3)
async def color_modes(desk: Desk) -> None:
    """As many samples a pixel as the mode has."""
    source = desk.source()
    for mode in source.color_modes:
        if mode not in CHANNELS:
            continue
        picture = await _picture(await desk.scan(desk.order(source).but(color_mode=mode)))
        desk.require(
            picture.channels == CHANNELS[mode],
            f"{mode} gave a picture of {picture.channels} samples a pixel",
            f"samples of {mode}",
        )


@check("ESCL-47", sheets=2)
async def resolution_tags(desk: Desk) -> None:
    """The least resolution and the next one."""
    source = desk.source()
    for dpi in quick_dpi(source)[:2]:
        picture = await _picture(await desk.scan(desk.order(source).but(dpi=dpi)))
        if picture.dpi is None:
            raise NotApplicable("pages carry no resolution")
        desk.require(
            all(abs(said - dpi) <= max(1.0, dpi * DPI_SHARE) for said in picture.dpi),
            f"{dpi} dpi was asked for, and the page says {picture.dpi[0]:g} x {picture.dpi[1]:g}",
            "tag",
        )


async def _picture(job: EsclJob) -> Picture:
    """The picture in the first page of a job."""
    if job.order.media not in PICTURES:
        raise NotApplicable(f"only {job.order.media or 'no format'} is offered, which cannot be looked into")
    try:
        return await picture_of(job.pages[0].body)
    except SheetError as error:
        raise Untestable(f"the page: {error} (ESCL-44)") from None
