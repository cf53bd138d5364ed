"""Checks of the settings: ESCL-34 to ESCL-42."""

from __future__ import annotations

from conformance.escl.desk import XML_TYPE, Desk, EsclJob
from conformance.escl.ordering import Order, Region
from conformance.escl.pictures import PICTURES, SheetError, kind_of, picture_of
from conformance.escl.registry import check
from conformance.outcomes import NotApplicable, Untestable
from conformance.requirements.escl.facts import InputCaps
from conformance.wire.exchange import Fields
from device_protocol.vocabularies.escl import UNITS_PER_INCH

MUCH_TOO_LARGE = 300
"""Units beyond the largest size: an inch."""


async def _taken(desk: Desk, order: Order, point: str, *, fields: Fields = (XML_TYPE,)) -> EsclJob:
    """A job that has to be accepted and to give its page."""
    await desk.supply(order)
    answer = await desk.post_patiently(order, fields=fields)
    desk.require(200 <= answer.status < 300, f"{point}: the job was answered {answer.status}", point)
    job = desk.taken(answer, order)
    page = await desk.next(job)
    desk.require(page.status == 200, f"{point}: NextDocument was answered {page.status}", point)
    return job


async def _size(desk: Desk, job: EsclJob) -> tuple[int, int]:
    if kind_of(job.pages[0].body) not in PICTURES:
        raise Untestable(f"the page is no picture that can be looked into: {job.pages[0].head.content_type}")
    try:
        picture = await picture_of(job.pages[0].body)
    except SheetError as error:
        raise Untestable(f"the page {error} (ESCL-44)") from None
    await desk.rest(job)
    return picture.width, picture.height


@check("ESCL-34", sheets=1)
async def white_space(desk: Desk) -> None:
    """As escl-scanner-cli sends it."""
    await _taken(desk, desk.order().but(before="\n    "), "white space first")


@check("ESCL-35", sheets=4)
async def spellings(desk: Desk) -> None:
    """Of the platen; of the feeder too where somebody loads it."""
    orders = []
    if desk.caps.platen is not None:
        usual = desk.order(desk.caps.platen)
        orders += [usual.but(source="Flatbed"), usual.but(source_prefix="scan")]
    feeder = desk.feeder_or_none()
    if feeder is not None and (desk.operator.tireless or not orders):
        usual = desk.order(feeder)
        orders += [usual.but(source=name) for name in ("Adf", "ADF")]
        orders.append(usual.but(source="Adf", source_prefix="scan"))
    for order in orders:
        job = await _taken(desk, order, f"{order.source_prefix}:InputSource {order.source}")
        await desk.rest(job)


@check("ESCL-36", sheets=2)
async def prefixes(desk: Desk) -> None:
    """Others than usual, and the default namespace; the region shows whether the settings were read at all."""
    usual = desk.order()
    for order, point in (
        (usual.but(scan="a", pwg="b"), "prefixes a and b"),
        (usual.but(scan="", pwg="pwg"), "a default namespace"),
    ):
        job = await _taken(desk, order, point)
        width, height = await _size(desk, job)
        _near(desk, (width, height), order, order.region, point)


@check("ESCL-37", sheets=1)
async def no_region(desk: Desk) -> None:
    """The whole source; of a feeder the paper says how long it is."""
    source = desk.source()
    job = await _taken(desk, desk.order(source).but(region=None), "no region")
    _whole(desk, await _size(desk, job), job.order, source, "no region")


@check("ESCL-38", sheets=1)
async def large_region(desk: Desk) -> None:
    """An inch more than there is."""
    source = desk.source()
    region = Region(0, 0, *(side + MUCH_TOO_LARGE for side in _most(source)))
    job = await _taken(desk, desk.order(source).but(region=region), "a large region")
    _whole(desk, await _size(desk, job), job.order, source, "a large region")


def _most(source: InputCaps) -> tuple[int, int]:
    width, height = source.number("MaxWidth"), source.number("MaxHeight")
    if width is None or height is None:
        raise Untestable(f"{source.name} has no MaxWidth or MaxHeight (ESCL-13)")
    return width, height


def _whole(desk: Desk, size: tuple[int, int], order: Order, source: InputCaps, point: str) -> None:
    width, height = _most(source)
    if order.feeds:
        height = min(height, round(size[1] * UNITS_PER_INCH / (order.dpi or UNITS_PER_INCH)))
    _near(desk, size, order, Region(0, 0, width, height), point)


def _near(desk: Desk, size: tuple[int, int], order: Order, region: Region | None, point: str) -> None:
    assert region is not None
    assert order.dpi is not None
    wanted = (region.width * order.dpi / UNITS_PER_INCH, region.height * order.dpi / UNITS_PER_INCH)
    desk.require(
        all(abs(got - due) <= 1.5 for got, due in zip(size, wanted, strict=True)),
        f"{point}: the page has {size[0]} x {size[1]} pixels, where {wanted[0]:.0f} x {wanted[1]:.0f} were due",
        point,
    )


@check("ESCL-39", sheets=1)
async def extended_format_wins(desk: Desk) -> None:
    """Two formats that are both offered."""
    source = desk.source()
    extended = next((media for media in PICTURES if media in source.formats_ext), None)
    plain = next((media for media in source.media if media != extended), None)
    if extended is None or plain is None:
        raise NotApplicable(f"{source.name}: {', '.join(source.media)}")
    job = await _taken(desk, desk.order(source).but(format=plain, format_ext=extended), "both formats")
    got = kind_of(job.pages[0].body)
    desk.require(
        got == extended,
        f"DocumentFormatExt {extended} and DocumentFormat {plain} gave {got or 'no known file'}",
        "which format",
    )


@check("ESCL-40", sheets=4)
async def defaults(desk: Desk) -> None:
    """One part of the settings after the other is left out, then all of them."""
    usual = desk.order()
    without = {
        "no format": usual.but(format="", format_ext=""),
        "no ColorMode": usual.but(color_mode=""),
        "no resolution": usual.but(dpi=None),
        "the source alone": Order(source=usual.source),
    }
    for point, order in without.items():
        job = await _taken(desk, order, point)
        await desk.rest(job)


@check("ESCL-41", sheets=1, feeder_sheets=1)
async def one_is_true(desk: Desk) -> None:
    """Both sides of a sheet."""
    order = desk.order(desk.caps.duplex, both_sides=True).but(duplex="1")
    job = await _taken(desk, order, "Duplex 1")
    await desk.rest(job)
    count = len(job.pages)
    desk.require(
        count == 2 if desk.operator.controls else count % 2 == 0,
        f"Duplex 1 gave {count} documents of one sheet",
        "sides",
    )


@check("ESCL-42", sheets=1)
async def no_content_type(desk: Desk) -> None:
    """As escl-scanner-cli sends it."""
    await _taken(desk, desk.order(), "no Content-Type", fields=())
