"""PAGE-01, -02, -03, -07, -08, -09: pages in order, each with its own parameters."""

from __future__ import annotations

from dataclasses import replace

import trio

from conformance.bench import Bench, BenchSession, ScannedPage, ScanSpec, read_job, read_page
from conformance.checks.pictures import read_sheet
from conformance.checks.registry import check
from conformance.outcomes import NeedsOperator
from device_protocol import ALL, RAW, EarlyEnd, FeederState, SessionState, Side, SourceCaps, SourceKind
from device_protocol.control import LOAD, UNLOAD

SHEETS = 3
AHEAD_S = 10.0
"""Long enough for a virtual machine to feed two sheets ahead of its reader."""


async def stack(bench: Bench, source: SourceCaps) -> tuple[ScannedPage, ...]:
    """All pages of a small stack, shared between checks."""
    target = ALL if bench.media.offers(LOAD, UNLOAD) else SHEETS
    return (await bench.scan(ScanSpec(bench.settings(source), target, load=SHEETS))).pages


@check("PAGE-01", feeder_sheets=3)
async def pages_in_sheet_order(bench: Bench) -> None:
    """Numbers, sheet numbers, and what the sheets themselves say."""
    source = bench.feeder()
    pages = await stack(bench, source)
    numbers = [page.info.number for page in pages]
    bench.require(numbers == list(range(1, len(pages) + 1)), f"pages are numbered {numbers}", "numbers")
    ends = [page.end.number for page in pages]
    bench.require(ends == numbers, f"pages numbered {numbers} end as {ends}", "ends")
    told = [page.info.sheet for page in pages if page.info.sheet is not None]
    sides = max(1, len(source.sides))
    bench.require(
        not told or told == [1 + index // sides for index in range(len(pages))],
        f"with {sides} sides a sheet the pages say they are of the sheets {told}",
        "sheets",
    )
    read = [reading.number for page in pages if (reading := read_sheet(page)) is not None]
    seen = list(dict.fromkeys(number for number in read if number is not None))
    bench.require(seen == sorted(seen), f"the sheets that lay in the order 1, 2, 3 came as {seen}", "order")
    if len(read) == len(pages) and sides == 1:
        bench.require(len(seen) == len(pages), f"{len(pages)} pages show the sheets {read}", "repeated")


@check("PAGE-02", feeder_sheets=3)
async def end_marker_after_the_last(bench: Bench) -> None:
    """The end, again and again; the session is idle and the job complete."""
    source = bench.feeder()
    settings = bench.settings(source)
    can_empty = bench.media.offers(LOAD, UNLOAD)
    targets = (ALL, SHEETS) if can_empty else (SHEETS,)
    for target in targets:
        await bench.supply(ScanSpec(settings, target, load=SHEETS))
        async with bench.session() as session:
            job = await session.start(settings, target)
            with bench.legal(f"the pages of a job with pages={target!r} and their end"):
                await read_job(job)
                for _ in range(2):
                    bench.require(await job.next_page() is None, "after the end marker there is another page", "again")
            state = (await session.status()).state
            bench.require(state is SessionState.IDLE, f"after the end of the pages the session is {state}", "idle")


@check("PAGE-03", feeder_sheets=2)
async def sides_in_declared_order(bench: Bench) -> None:
    """As declared, as marked, and as the sheets themselves say."""
    source = bench.source(SourceKind.FEEDER_DUPLEX)
    target = ALL if bench.media.offers(LOAD, UNLOAD) else 2 * len(source.sides)
    pages = (await bench.scan(ScanSpec(bench.settings(source), target, load=2))).pages
    declared = [Side(name) for name in source.sides]
    bench.require(len(declared) == 2, f"a duplex source declares the sides {source.sides}", "declared")
    for index, page in enumerate(pages):
        expected = declared[index % len(declared)]
        bench.require(
            page.info.side is expected,
            f"page {page.info.number} is marked {page.info.side.value}; declared order: {', '.join(source.sides)}",
            "marked",
        )
        reading = read_sheet(page)
        if reading is not None and reading.side is not None:
            bench.require(
                reading.side.value == expected.value,
                f"page {page.info.number} is marked {page.info.side.value} and shows the {reading.side.value}",
                "shown",
            )


@check("PAGE-07", feeder_sheets=4)
async def feeder_state_is_true(bench: Bench) -> None:
    """Loaded, unloaded by hand, loaded, scanned empty."""
    bench.media.need("load and unload the feeder when asked", LOAD, UNLOAD)
    source = next(item for item in bench.caps.sources if item.paper_detectable and item.fed)
    settings = bench.settings(source)
    async with bench.session() as session:
        await session.apply(settings)

        async def expect(expected: FeederState, when: str) -> None:
            found = (await session.status()).feeder
            bench.require(found is expected, f"{when} the feeder is {found.value}", expected.value)

        await bench.media.load(2)
        await expect(FeederState.LOADED, "with two sheets in it")
        await bench.media.empty()
        await expect(FeederState.EMPTY, "with all paper taken out")
        await bench.media.load(2)
        job = await session.start(settings, ALL)
        page = await job.first_page()
        if not bench.caps.scan_ahead:
            await expect(FeederState.LOADED, "with the first of two sheets in the paper path")
        ahead = await _fed_ahead(bench, session)
        await read_page(page)
        state = (await session.status()).state
        bench.require(
            not ahead or state is SessionState.DRAINING,
            f"all paper was fed and {ahead} pages wait in the memory, and after a page the session is {state.value}",
            "draining",
        )
        await read_job(job)
        await expect(FeederState.EMPTY, "after both sheets were scanned")


async def _fed_ahead(bench: Bench, session: BenchSession) -> int:
    """With a page of two sheets given out: how many wait in the memory of a machine whose feeder has become empty; 0 if it has not."""
    if not (bench.caps.scan_ahead and bench.facts.info.virtual):
        return 0
    await trio.sleep(AHEAD_S)
    status = await session.status()
    if status.feeder is not FeederState.EMPTY:
        return 0
    bench.require(
        status.buffered > 0, "the feeder is empty, no page waits in the memory, and one is still to come", "ahead"
    )
    return status.buffered


@check("PAGE-08", feeder_sheets=6)
async def early_end_as_declared(bench: Bench) -> None:
    """End the first page before it is read, at once and half-way."""
    source = bench.feeder()
    settings = bench.settings(source)
    reference = await stack(bench, source)
    for some in (0, 1000):
        await bench.supply(ScanSpec(settings, ALL, load=SHEETS))
        async with bench.session() as session:
            job = await session.start(settings, SHEETS)
            page = await job.first_page()
            if some:
                await page.read(some)
            with bench.legal("end() of a page that was not read to its end"):
                end = await page.end()
            bench.require(end.incomplete, "a page ended early is not marked as incomplete", "incomplete")
            following = await job.next_page()
            if bench.caps.early_end is EarlyEnd.ENDS_JOB:
                bench.require(following is None, "early_end is ends-job, yet another page comes", "ends")
                continue
            bench.require(following is not None, "early_end is next-page, yet the job has ended", "next")
            assert following is not None
            got = await read_page(following)
            bench.require(got.info.number == 2, f"after page 1 comes page {got.info.number}", "number")
            same_stack = bench.media.offers(LOAD, UNLOAD)  # else these are other sheets than those of the reference
            if bench.caps.deterministic and same_stack and len(reference) > 1:
                bench.require(
                    got.data == reference[1].data, "the page after one that was ended early is not page 2", "page"
                )


@check("PAGE-09", feeder_sheets=3)
async def each_page_its_own_params(bench: Bench) -> None:
    """Sheets of several sizes in one stack."""
    if not bench.media.offers(LOAD, UNLOAD):
        raise NeedsOperator("load an A5 sheet on top of an A4 one")
    source = bench.feeder()
    settings = bench.settings(source, full=True, dpi=20)
    settings = replace(settings, resolution=source.resolutions.nearest(20))
    await bench.media.load(1, size="A4")
    await bench.media.perform(LOAD, count=1, size="A5")
    async with bench.session() as session:
        pages = await read_job(await session.start(settings, ALL))
    for page in pages:
        first, last = page.info.params, page.end.params
        if last.format != RAW:
            continue
        bench.require(
            last.total == len(page.data),
            f"page {page.info.number} has {last.height} rows of {last.stride} bytes; {len(page.data)} bytes came",
            "final",
        )
        bench.require(
            not first.final or first.height is None or first.total == len(page.data),
            f"page {page.info.number} announced {first.height} rows of {first.stride} bytes; {len(page.data)} came",
            "announced",
        )
