"""DATA-04, -05, -06, -07, -08, -09, -10: what the bytes are."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

import sheets
from conformance.bench import Bench, ScannedPage
from conformance.checks.pictures import grey, pixels, roughness
from conformance.checks.registry import check
from conformance.outcomes import NotApplicable
from device_protocol import RAW, ByteOrder, Colour, Mode, Settings, SourceCaps, find_mode

ALIKE = 0.2
"""How far pictures of one sheet at two depths may be from each other, of full brightness. SANE's test back end draws another one at 16 bits than at 8."""

PLAIN = 1000.0
"""Steps from pixel to pixel, of 65535, below which a picture is too plain to tell one byte order from the other."""


def _modes(source: SourceCaps) -> list[tuple[Mode, int]]:
    return [(mode, depth) for mode in source.modes for depth in mode.depths]


async def _pages(bench: Bench) -> list[tuple[str, ScannedPage]]:
    """A page of each mode and depth."""
    source = bench.source()
    return [
        (f"{mode.value} at {depth} bits", await bench.page(bench.settings(source, mode=mode.value, depth=depth)))
        for mode, depth in _modes(source)
    ]


@check("DATA-04", sheets=4)
async def total_is_height_times_stride(bench: Bench) -> None:
    """In every mode and depth, and at another resolution."""
    pages = await _pages(bench)
    pages.append(("another resolution", await bench.page(bench.settings(dpi=50))))
    for what, page in pages:
        params = page.end.params
        if params.format != RAW or page.end.incomplete:
            continue
        for said, total in (("at its end", params.total), ("at its beginning", _announced(page))):
            bench.require(
                total is None or total == len(page.data),
                f"{what}: {said} the page has {params.height} rows of {params.stride} bytes, {total} in all; "
                f"{len(page.data)} came",
                "total",
            )
        bench.require(
            page.end.bytes == len(page.data),
            f"{what}: end() says {page.end.bytes} bytes, {len(page.data)} came",
            "bytes",
        )


def _announced(page: ScannedPage) -> int | None:
    params = page.info.params
    return params.total if params.final else None


@check("DATA-05", sheets=4)
async def stride_holds_a_row(bench: Bench) -> None:
    """In every mode and depth, for the prediction and the page; and rows begin where the stride says."""
    for what, page in await _pages(bench):
        for said, params in (("announced", page.info.params), ("final", page.end.params)):
            if params.format != RAW:
                continue
            bench.require(
                params.stride >= params.packed_row,
                f"{what}: {params.width} pixels need {params.packed_row} bytes, the {said} stride is {params.stride}",
                "stride",
            )
    source = bench.source()
    async with bench.session() as session:
        for mode, depth in _modes(source):
            await session.apply(bench.settings(source, mode=mode.value, depth=depth))
            params = await session.params()
            bench.require(
                params.format != RAW or params.stride >= params.packed_row,
                f"params() predict {params.width} pixels ({params.packed_row} bytes) in a stride of {params.stride}",
                "predicted",
            )
    await _padded(bench)


PADDED_BY = 32


async def _padded(bench: Bench) -> None:
    """Where rows can be given padding (SANE's test back end: ppl-loss), the pixels before it are those of a page without."""
    if not any(option.name == "ppl-loss" for option in bench.facts.options):
        return
    settings = bench.settings()
    plain = pixels(await bench.page(settings))
    page = await bench.page(replace(settings, extra=(*settings.extra, ("ppl-loss", PADDED_BY))))
    padded = pixels(page)
    if plain is None or padded is None:
        return
    width = min(plain.shape[1], padded.shape[1])
    bench.require(
        padded.shape[0] == plain.shape[0] and bool((padded[:, :width] == plain[:, :width]).all()),
        f"rows of {page.end.params.width} pixels with padding make a page of {padded.shape[1]} x {padded.shape[0]} "
        f"pixels, without of {plain.shape[1]} x {plain.shape[0]}, and the pixels differ",
        "padding",
    )


@check("DATA-06", sheets=2)
async def height_is_known_at_the_end(bench: Bench) -> None:
    """Unknown at the beginning only where declared; known at the end always, and true."""
    for source in bench.caps.sources:
        if source.kind.feeds and source is not bench.source():
            continue
        page = await bench.page(bench.settings(source))
        first, last = page.info.params, page.end.params
        bench.require(
            first.height is not None or source.unknown_height,
            f"a page of {source.name} begins with unknown height; unknown_height is not declared",
            "undeclared",
        )
        bench.require(last.height is not None, f"a page of {source.name} ends without a height", "never")
        if last.format == RAW and last.stride and not page.end.incomplete:
            rows = len(page.data) / last.stride
            bench.require(last.height == rows, f"the height at the end is {last.height}, {rows:g} rows came", "wrong")


async def _straight(bench: Bench, settings: Settings, page: ScannedPage) -> None:
    """SANE's test back end has a switch that swaps bytes, and pictures in which that does not show: what it gives must be what it gives without."""
    if not any(option.name == "invert-endianess" for option in bench.facts.options):
        return
    straight = await bench.page(replace(settings, extra=(*settings.extra, ("invert-endianess", False))))
    bench.require(
        page.data == straight.data or page.end.params.byte_order is not straight.end.params.byte_order,
        f"declared {page.end.params.byte_order.value}: with the switch that swaps bytes put back, the bytes are others",
        "switch",
    )


@check("DATA-07", sheets=2)
async def byte_order_is_declared(bench: Bench) -> None:
    """A picture is smooth in the right order and rough in the other."""
    found = next(((source, mode) for source in bench.caps.sources for mode in source.modes if 16 in mode.depths), None)
    assert found is not None, "the gate asks for 16 bits"
    source, mode = found
    settings = bench.settings(source, mode=mode.value, depth=16)
    page = await bench.page(settings)
    declared = page.end.params.byte_order
    await _straight(bench, settings, page)
    other = ByteOrder.BIG if declared is ByteOrder.LITTLE else ByteOrder.LITTLE
    right, wrong = pixels(page, order=declared), pixels(page, order=other)
    if right is None or wrong is None:
        raise NotApplicable(f"pages of 16 bits come as {page.end.params.format}")
    rough_right, rough_wrong = roughness(right), roughness(wrong)
    bench.require(
        rough_right <= 2 * rough_wrong or rough_right < PLAIN,
        f"declared {declared.value}: steps from pixel to pixel are {rough_right:.0f} on average, "
        f"{rough_wrong:.0f} if the bytes are swapped",
        "rough",
    )
    if 8 in mode.depths:
        eight = pixels(await bench.page(bench.settings(source, mode=mode.value, depth=8)))
        if eight is not None and eight.shape == right.shape:
            off_right, off_wrong = (float(np.abs(grey(item) - grey(eight)).mean()) for item in (right, wrong))
            bench.require(
                off_right <= off_wrong + 0.02 or off_wrong > ALIKE,
                f"declared {declared.value}: the picture differs by {off_right:.1%} from that of 8 bits, "
                f"by {off_wrong:.1%} if the bytes are swapped",
                "8 bits",
            )


@check("DATA-08", sheets=2)
async def polarity_is_declared(bench: Bench) -> None:
    """Black pixels lie where the grey picture is dark."""
    found = _one_bit(bench)
    assert found is not None, "the gate asks for one bit"
    source, mode = found
    if find_mode(source, Colour.GRAY, 8) is None:
        raise NotApplicable(f"{source.name} has no grey page of 8 bits to compare with")
    bits_page = await bench.page(bench.settings(source, mode=mode.value, depth=1))
    bits = pixels(bits_page)
    reference = pixels(await bench.page(bench.settings(source, colour=Colour.GRAY, depth=8)))
    if bits is None or reference is None or reference.dtype != np.uint8 or reference.ndim != 2:
        raise NotApplicable(f"{source.name} has no grey page of 8 bits to compare with")
    rows, columns = min(bits.shape[0], reference.shape[0]), min(bits.shape[1], reference.shape[1])
    black, level = bits[:rows, :columns] == 0, grey(reference[:rows, :columns])
    declared = bits_page.end.params.polarity.value
    if black.any() and not black.all():
        dark, bright = float(level[black].mean()), float(level[~black].mean())
        bench.require(
            dark <= bright + 0.05,
            f"declared {declared}: black pixels lie where grey is {dark:.0%}, white ones where it is {bright:.0%}",
            "picture",
        )
    else:
        mean = float(level.mean())
        bench.require(
            (mean < 0.6) if black.all() else (mean > 0.4),
            f"declared {declared}: all pixels are {'black' if black.all() else 'white'}, grey is {mean:.0%} on average",
            "plain",
        )


def _one_bit(bench: Bench) -> tuple[SourceCaps, Mode] | None:
    first = bench.source()
    for source in (first, *bench.caps.sources):
        for mode in source.modes:
            if 1 in mode.depths and mode.colour is not Colour.COLOR:
                return source, mode
    return None


@check("DATA-09", sheets=2)
async def passes_recombine(bench: Bench) -> None:
    """Three passes, in every order that is offered, give the picture of one."""
    orders = next((option for option in bench.facts.options if option.name == "three-pass-order"), None)
    settings = bench.settings(colour=Colour.COLOR, depth=8)
    single = await bench.page(settings)
    values = orders.constraint.samples() if orders is not None and orders.constraint is not None else ()
    for order in values or (None,):
        extra = (("three-pass", True), *((("three-pass-order", order),) if order is not None else ()))
        page = await bench.page(replace(settings, extra=(*settings.extra, *extra)))
        bench.require(
            page.data == single.data and page.end.params.channels == single.end.params.channels,
            f"three passes{f' in the order {order}' if order else ''} give another picture than one",
        )


@check("DATA-10", sheets=1)
async def encoded_pages_decode(bench: Bench) -> None:
    """As the declared type, with the declared size and resolution."""
    for source in bench.caps.sources:
        if all(name == RAW for name in source.formats):
            continue
        page = await bench.page(bench.settings(source))
        params = page.end.params
        if params.format == RAW:
            continue
        try:
            image = sheets.decode_image(page.data)
        except sheets.UnreadableImage as error:
            raise bench.broken(f"a page of {params.format} cannot be decoded: {error}", "decode") from error
        height, width = image.pixels.shape[:2]
        bench.require(
            (width, height) == (params.width, params.height),
            f"a page of {params.format} is {width} x {height} pixels, declared {params.width} x {params.height}",
            "size",
        )
        if image.dpi is not None and params.dpi_x is not None and params.dpi_y is not None:
            bench.require(
                abs(image.dpi[0] - params.dpi_x) <= 1 and abs(image.dpi[1] - params.dpi_y) <= 1,
                f"a page of {params.format} says {image.dpi} dpi, declared {params.dpi_x} x {params.dpi_y}",
                "dpi",
            )
        return
    raise NotApplicable("caps.sources[].formats names encoded formats, and pages come raw unless something else is set")
