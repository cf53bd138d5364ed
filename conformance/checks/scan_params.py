"""SCAN-07, -08, -09: what the parameters of a page promise."""

from __future__ import annotations

from conformance.bench import Bench, BenchSession, read_page
from conformance.checks.pictures import pixels, read_sheet
from conformance.checks.registry import check
from device_protocol import RAW, Colour, Mode, PageParams, Settings, SourceCaps
from device_protocol.options import AREA_NAMES
from device_protocol.settings import MM_PER_INCH, Area


@check("SCAN-07", sheets=1)
async def final_params_are_final(bench: Bench) -> None:
    """What is not marked as an estimate is what it says, from the beginning of the page to its end."""
    settings = bench.settings()
    await bench.supply(settings)
    async with bench.session() as session:
        await session.apply(settings)
        predicted = await session.params()
        job = await session.start(None, 1)
        page = await job.first_page()
        first = page.info
        while await page.read(4096):
            bench.require(
                page.info == first, f"while it was read the page's info went from {first} to {page.info}", "info"
            )
        end = await page.end()
        bench.require(
            end.params.final, f"at the end of the page its parameters are still an estimate: {end.params}", "end"
        )
        if first.params.final:
            bench.require(
                end.params == first.params,
                f"parameters marked as final went from {first.params} to {end.params}",
                "final",
            )
        if predicted.final:
            _agree(bench, predicted, end.params)


def _agree(bench: Bench, predicted: PageParams, found: PageParams) -> None:
    """A prediction that is marked as final holds."""
    for name in ("width", "height", "depth", "channels", "colour"):
        one, two = getattr(predicted, name), getattr(found, name)
        bench.require(one == two, f"params() predicted {name} {one}, marked as final; the page has {two}", "predicted")


FINEST = 100_000
"""More dots per inch than any device has: the nearest that it offers is its finest."""

FINE_MM = 10.0
"""An area that is small even then."""


@check("SCAN-08", sheets=5)
async def size_is_area_times_resolution(bench: Bench) -> None:
    """A corner, the middle, a slim strip, another resolution, and the finest one that is advertised, which some devices only claim to have."""
    source = bench.source()
    width, height = source.width_mm, source.height_mm
    areas = [
        Area(0, 0, min(60.0, width), min(60.0, height)),
        Area(width * 0.25, height * 0.1, width * 0.75, height * 0.3),
        Area(width * 0.1, height * 0.1, width * 0.2, height * 0.4),
    ]
    names = {option.name for option in bench.facts.options}
    stamp = Area(0, 0, min(FINE_MM, width), min(FINE_MM, height))
    for dpi, area in ((75, areas[0]), (75, areas[1]), (75, areas[2]), (50, areas[0]), (FINEST, stamp)):
        settings = bench.settings(source, dpi=dpi, area=area)
        await bench.supply(settings)
        async with bench.session() as session:
            await session.apply(settings)
            taken = await _area(session) if set(AREA_NAMES) <= names else Area(0, 0, width, height)
            job = await session.start(None, 1)
            page = await job.first_page()
            got = await read_page(page)
            _size(bench, settings, taken, got.end.params)


async def _area(session: BenchSession) -> Area:
    values = [await session.get(name) for name in ("tl-x", "tl-y", "br-x", "br-y")]
    left, top, right, bottom = (float(value) for value in values)  # type: ignore[arg-type]  # numbers by CAPS-03
    return Area(left, top, right, bottom)


def _size(bench: Bench, settings: Settings, area: Area, params: PageParams) -> None:
    dpi_x, dpi_y = params.dpi_x or settings.resolution, params.dpi_y or settings.resolution
    assert dpi_x is not None
    assert dpi_y is not None
    tolerance = 2 * bench.caps.size_tolerance_px  # two edges
    for what, length, dpi, found in (
        ("wide", area.width, dpi_x, params.width),
        ("high", area.height, dpi_y, params.height),
    ):
        expected = length * dpi / MM_PER_INCH
        bench.require(
            found is not None and abs(found - expected) <= tolerance,
            f"{length:.1f} mm at {dpi:g} dpi are {expected:.1f} pixels {what}; the page has {found}",
            what,
        )


@check("SCAN-09", sheets=4)
async def delivered_is_negotiated(bench: Bench) -> None:
    """Each mode and depth of the source, two resolutions; where our sheet lies, the picture itself."""
    source = bench.source()
    for mode in source.modes:
        for depth in mode.depths:
            await _mode(bench, source, mode, depth, 75)
    mode = source.modes[0]
    await _mode(bench, source, mode, mode.depths[0], 50)


async def _mode(bench: Bench, source: SourceCaps, mode: Mode, depth: int, dpi: float) -> None:
    settings = bench.settings(source, mode=mode.value, depth=depth, dpi=dpi)
    page = await bench.page(settings)
    params = page.end.params
    what = f"{mode.value} at {depth} bits and {settings.resolution:g} dpi"
    bench.require(params.depth == depth, f"{what} came with {params.depth} bits per sample", "depth")
    one_bit = depth == 1 and {mode.colour, params.colour} <= {Colour.GRAY, Colour.LINEART}
    bench.require(params.colour is mode.colour or one_bit, f"{what} came as {params.colour.value}", "colour")
    channels = 3 if params.colour is Colour.COLOR else 1
    bench.require(params.channels == channels, f"{what} came with {params.channels} channels", "channels")
    wanted = settings.resolution or 0
    for axis, found in (("x", params.dpi_x), ("y", params.dpi_y)):
        bench.require(
            found is not None and abs(found - wanted) <= 0.5, f"{what} came with {found} dpi along {axis}", "dpi"
        )
    bench.require(
        params.format in source.formats,
        f"{what} came as {params.format}; the source declares {source.formats}",
        "format",
    )
    if params.colour is Colour.COLOR and params.format == RAW and depth >= 8:
        samples, reading = pixels(page), read_sheet(page)
        if samples is not None and reading is not None:
            grey_only = bool((samples[..., 0] == samples[..., 1]).all() and (samples[..., 1] == samples[..., 2]).all())
            bench.require(
                not grey_only or reading.mode is None or reading.mode.value == "color",
                f"{what} came with three channels that are all the same, from a sheet with colours",
                "picture",
            )
