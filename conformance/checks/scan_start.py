"""SCAN-01 to -06: starting, and what it starts."""

from __future__ import annotations

from conformance.bench import Bench, BenchSession, ScannedPage, ScanSpec, read_job, read_page
from conformance.checks.registry import check
from conformance.outcomes import NeedsOperator
from device_protocol import ALL, Code, DeviceError, SessionState, Settings, SourceCaps, SourceKind
from device_protocol.control import CLOSE_COVER, LOAD, OPEN_COVER, UNLOAD

DRAIN = 30
"""Sheets that a virtual feeder without control may hold."""

EMPTY_THE_FEEDER = "take all paper out of the feeder, and put it back when asked"


@check("SCAN-01", sheets=2)
async def start_during_job_is_busy(bench: Bench) -> None:
    """In each state of a job; the page comes as without it. In every mode, since drivers have a path for each."""
    source = bench.source()
    for mode in source.modes:
        settings = bench.settings(source, mode=mode.value, depth=mode.depths[0])
        reference = await bench.page(settings)
        await bench.supply(settings)
        async with bench.session() as session:
            job = await session.start(settings, 1)
            with bench.refuses(f"start while armed ({mode.value})", Code.BUSY):
                await session.start(None, 1)
            page = await job.next_page()
            bench.require(page is not None, "after a refused start the job has no page", "lost")
            assert page is not None
            first = await page.read(64)
            with bench.refuses(f"start while transferring ({mode.value})", Code.BUSY):
                await session.start(settings, 1)
            rest = await read_page(page)
            with bench.refuses(f"start in the gap after a page ({mode.value})", Code.BUSY):
                await session.start(None, 1)
            data = first + rest.data
            same = data == reference.data if bench.caps.deterministic else len(data) == len(reference.data)
            bench.require(same, f"refused starts disturbed the page ({mode.value})", "page")
            with bench.legal("the end of the job after refused starts"):
                bench.require(await job.next_page() is None, "after refused starts there is a second page", "second")


async def no_media(bench: Bench, session: BenchSession, settings: Settings) -> tuple[DeviceError | None, str]:
    """What a job on an empty feeder gives: the error, and the call that gave it.

    The feeder is emptied by control; or, on a virtual device that has none, by scanning sheet after sheet until one start fails.

    Raises:
        NeedsOperator: neither is possible.
    """
    if await bench.media.empty():
        error, where, _ = await _one_page(session, settings)
        return error, where
    if bench.facts.info.virtual:
        for _ in range(DRAIN):
            error, where, found = await _one_page(session, settings)
            if error is not None or not found:
                return error, where
    raise NeedsOperator(EMPTY_THE_FEEDER)


async def _one_page(session: BenchSession, settings: Settings) -> tuple[DeviceError | None, str, bool]:
    """A job of one page: its error, the call that gave it, and whether there was a page."""
    try:
        job = await session.start(settings, 1)
    except DeviceError as error:
        return error, "start", False
    try:
        page = await job.next_page()
    except DeviceError as error:
        return error, "first page", False
    if page is None:
        return None, "end", False
    await read_page(page)
    await job.next_page()
    return None, "page", True


@check("SCAN-02", sheets=1)
async def empty_feeder_is_no_media(bench: Bench) -> None:
    """NO_MEDIA from the feeder, never from the glass."""
    if bench.caps.first(SourceKind.FLATBED) is not None:
        await bench.media.bare_glass()
        settings = bench.settings(bench.source(SourceKind.FLATBED))
        async with bench.session() as session:
            with bench.legal("a scan from the bare glass"):
                await read_job(await session.start(settings, 1))
    if bench.caps.first(SourceKind.FEEDER, SourceKind.FEEDER_DUPLEX) is None:
        return
    for source in bench.caps.sources:
        if not source.kind.feeds:
            continue
        settings = bench.settings(source)
        async with bench.session() as session:
            error, where = await no_media(bench, session, settings)
            bench.require(error is not None, f"a job on the empty {source.name} gives {where} without an error", "none")
            assert error is not None
            bench.require(error.code is Code.NO_MEDIA, f"the empty {source.name} gives {error} at {where}", "code")
            state = (await session.status()).state
            bench.require(state is SessionState.IDLE, f"after NO_MEDIA the session is {state}", "idle")


@check("SCAN-03", sheets=1)
async def conditions_at_the_declared_point(bench: Bench) -> None:
    """Empty feeder and open cover, three times each."""
    source = bench.feeder()
    settings = bench.settings(source)
    declared = {"start": "start", "first-page": "first page"}[source.conditions_at.value]
    async with bench.session() as session:
        await _three_times(bench, session, settings, declared, "the empty feeder")
        if bench.media.offers(LOAD, UNLOAD, OPEN_COVER, CLOSE_COVER) and Code.COVER_OPEN in source.detectable:
            await bench.media.load(1)
            await bench.media.perform(OPEN_COVER)
            await _three_times(bench, session, settings, declared, "the open cover")


async def _three_times(bench: Bench, session: BenchSession, settings: Settings, declared: str, what: str) -> None:
    for _ in range(3):
        error, where = await no_media(bench, session, settings)
        bench.require(error is not None, f"{what} is not reported at all; there is {where}", "none")
        bench.require(where == declared, f"{what} is reported at {where}; conditions_at declares {declared}", "point")


@check("SCAN-04", sheets=2)
async def failed_start_leaves_idle(bench: Bench) -> None:
    """Bad settings, a bad page target, an empty feeder; then a good scan in the same session."""
    settings = bench.settings()
    bad = Settings(source="no-such-source", mode="no-such-mode")
    async with bench.session() as session:
        for what, asked, pages in (("settings that do not exist", bad, 1), ("a page target of 0", settings, 0)):
            try:
                await session.start(asked, pages)
            except DeviceError:
                await _idle(bench, session, what)
            else:
                raise bench.broken(f"a start with {what} was accepted", "accepted")
        feeder = bench.caps.first(SourceKind.FEEDER, SourceKind.FEEDER_DUPLEX)
        if feeder is not None and bench.media.offers(LOAD, UNLOAD):
            await bench.media.empty()
            await no_media(bench, session, bench.settings(feeder))
            await _idle(bench, session, "an empty feeder")
        await bench.supply(settings)
        with bench.legal("a start after failed ones"):
            got = await read_job(await session.start(settings, 1))
        bench.require(len(got) == 1, f"after failed starts a job of one page gave {len(got)}", "pages")


async def _idle(bench: Bench, session: BenchSession, what: str) -> None:
    status = await session.status()
    bench.require(status.state is SessionState.IDLE, f"after a start with {what} the session is {status.state}", "idle")
    job = status.job
    bench.require(job is None or job.state.terminal, f"after a start with {what} there is a job: {job}", "job")


@check("SCAN-05", sheets=1, feeder_sheets=11)
async def page_target_is_kept(bench: Bench) -> None:
    """0 and worse are refused; 1 and 2 give that many; ALL empties the feeder."""
    settings = bench.settings()
    async with bench.session() as session:
        for target in (0, -1):
            with bench.refuses(f"start with pages={target}", Code.INVALID_VALUE):
                await session.start(settings, target)
        feeder = bench.caps.first(SourceKind.FEEDER, SourceKind.FEEDER_DUPLEX)
        if feeder is None:
            scan = await bench.scan_in(session, ScanSpec(settings, 2))
            bench.require(len(scan.pages) <= 2, f"a target of 2 gave {len(scan.pages)} pages", "target")
            return
        fed = bench.settings(feeder)
        sides = len(feeder.sides)
        for target in (1, 2):
            scan = await bench.scan_in(session, ScanSpec(fed, target, load=3))
            bench.require(
                len(scan.pages) == target,
                f"a target of {target} with paper enough gave {len(scan.pages)} pages",
                "target",
            )
        if bench.media.offers(LOAD, UNLOAD):
            scan = await bench.scan_in(session, ScanSpec(fed, ALL, load=3))
            bench.require(
                len(scan.pages) == 3 * sides, f"ALL with 3 sheets of {sides} sides gave {len(scan.pages)} pages", "all"
            )
    await _glass_takes_no_sheet(bench, feeder)


async def _glass_takes_no_sheet(bench: Bench, feeder: SourceCaps) -> None:
    """A scan from the glass leaves the feeder as full as it was."""
    glass = bench.caps.first(SourceKind.FLATBED)
    counted = bench.media.offers(LOAD, UNLOAD)
    if glass is None or not (counted or bench.facts.info.virtual):
        return
    fed = ScanSpec(bench.settings(feeder), ALL, load=2)
    counts = []
    for first in (False, True):
        async with bench.session() as session:
            if first:
                await bench.scan_in(session, bench.settings(glass))
            try:
                counts.append(len((await bench.scan_in(session, fed)).pages))
            except DeviceError:
                return  # nobody has put new paper in
    bench.require(
        counts[0] == counts[1],
        f"a full feeder gives {counts[0]} pages; after one scan from the glass it gives {counts[1]}",
        "glass",
    )


@check("SCAN-06")
async def flatbed_gives_one_page(bench: Bench) -> None:
    """Whatever the target is."""
    settings = bench.settings(bench.source(SourceKind.FLATBED))
    for target in (ALL, 3):
        async with bench.session() as session:
            job = await session.start(settings, target)
            pages: list[ScannedPage] = []
            while len(pages) < 3 and (page := await job.next_page()) is not None:
                pages.append(await read_page(page))
            bench.require(len(pages) == 1, f"a job of pages={target!r} on the flatbed gave {len(pages)} pages or more")
