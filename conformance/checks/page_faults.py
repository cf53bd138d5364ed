"""PAGE-04, -05, -06 and ERR-02, -06: things that happen to paper."""

from __future__ import annotations

import trio

from conformance.bench import Bench, BenchSession, ScannedPage, ScanSpec, read_job, read_page
from conformance.checks.page_order import SHEETS, stack
from conformance.checks.registry import check
from conformance.outcomes import NeedsOperator, Untestable
from device_protocol import ALL, Code, DeviceError, Fault, FaultKind, JobState, SessionState, SourceCaps
from device_protocol.control import CLEAR_JAM, CLOSE_COVER, LOAD, OPEN_COVER, PROGRESS, UNLOAD, Recovery, When

COMES_S = 1.0
"""How long an operator takes to come."""

JAM_A_SHEET = "jam the second of three sheets in the feeder"


async def until_error(session: BenchSession, spec: ScanSpec) -> tuple[list[ScannedPage], DeviceError | None]:
    """Scan until something goes wrong: the pages that came whole, and what went wrong."""
    pages: list[ScannedPage] = []
    try:
        job = await session.start(spec.settings, spec.pages)
        while (page := await job.next_page()) is not None:
            pages.append(await read_page(page))
    except DeviceError as error:
        return pages, error
    return pages, None


async def jam(
    bench: Bench, session: BenchSession, source: SourceCaps, at: float = 0.0
) -> tuple[list[ScannedPage], DeviceError]:
    """Jam the second sheet of a small stack."""
    spec = ScanSpec(bench.settings(source), ALL, load=SHEETS)
    await bench.supply(spec)
    await bench.media.fault(Fault(FaultKind.JAM, sheet=2, at=at))
    pages, error = await until_error(session, spec)
    if error is None:
        incomplete = [page for page in pages if page.end.incomplete]
        if incomplete:
            raise bench.broken("a jam is told by an incomplete page alone, and the job goes on", "silent")
        raise bench.broken(f"a sheet jams and {len(pages)} pages come without any error", "ignored")
    return pages, error


@check("PAGE-04", feeder_sheets=9)
async def pages_before_a_jam_are_intact(bench: Bench) -> None:
    """A jam when the second sheet is picked, and one when half of it has been scanned."""
    bench.media.need_fault(JAM_A_SHEET, FaultKind.JAM, LOAD, UNLOAD, CLEAR_JAM)
    source = bench.feeder()
    reference = await stack(bench, source)
    sides = max(1, len(source.sides))
    for at in (0.0, 0.5):
        async with bench.session() as session:
            pages, error = await jam(bench, session, source, at)
            await bench.media.clear()
        whole = [page for page in pages if not page.end.incomplete]
        bench.require(
            len(whole) >= sides, f"a jam on sheet 2 leaves {len(whole)} of the {sides} pages before it", "lost"
        )
        for index, page in enumerate(whole):
            if bench.caps.deterministic and index < len(reference):
                bench.require(
                    page.data == reference[index].data, f"before a jam, page {page.info.number} is not itself", "intact"
                )
        bench.require(len(whole) <= sides, f"a sheet that jams gives a page that looks normal ({error.code})", "normal")


@check("PAGE-05", feeder_sheets=9)
async def works_after_a_jam(bench: Bench) -> None:
    """Clear it, and scan again in the same session."""
    bench.media.need_fault(JAM_A_SHEET, FaultKind.JAM, LOAD, UNLOAD, CLEAR_JAM)
    source = bench.feeder()
    async with bench.session() as session:
        _, error = await jam(bench, session, source)
        if not error.survives:
            bench.note(f"{error.code} says that the session does not survive")
            return
        spec = ScanSpec(bench.settings(source), ALL, load=2)
        again, refusal = await until_error(session, spec)
        bench.require(
            refusal is not None, f"with a jammed sheet a job gives {len(again)} pages without error", "jammed"
        )
        await bench.media.perform(CLEAR_JAM)
        await bench.supply(spec)
        with bench.legal("a job in the same session after the jam was cleared"):
            pages = await read_job(await session.start(spec.settings, ALL))
        expected = 2 * max(1, len(source.sides))
        bench.require(len(pages) == expected, f"after a cleared jam 2 sheets gave {len(pages)} pages", "pages")
        await _mended_by_an_operator(bench, session, spec)


async def _mended_by_an_operator(bench: Bench, session: BenchSession, spec: ScanSpec) -> None:
    """Where control says that somebody comes when a jam was reported, that is what happens, and a job works then."""
    if not (bench.facts.info.virtual and bench.media.offers(PROGRESS)):
        return
    recovery = Recovery(CLEAR_JAM, when=When.REPORTED, seconds=COMES_S)
    await bench.supply(spec)
    await bench.media.fault(Fault(FaultKind.JAM, sheet=1, recovery=(recovery,)))
    armed = await (await bench.backend.control(bench.device_id)).perform(PROGRESS)
    if not any(item.get("fault", {}).get("recovery") for item in armed.get("faults", ())):
        return  # nobody is said to come
    _, error = await until_error(session, spec)
    if error is None or error.code is not Code.JAM:
        raise Untestable(f"a jam was armed, and a job ended with {error}")
    await trio.sleep(2 * COMES_S)
    await bench.supply(spec)
    with bench.legal("a job in the same session after an operator has cleared the jam"):
        await read_job(await session.start(spec.settings, ALL))


@check("PAGE-06", feeder_sheets=3)
async def double_feed_is_told(bench: Bench) -> None:
    """By an error or a flag, with the page."""
    bench.media.need_fault("let two sheets stick together", FaultKind.MULTIFEED, LOAD, UNLOAD)
    source = next(item for item in bench.caps.sources if Code.MULTIFEED in item.detectable)
    first = 1 + max(1, len(source.sides))
    spec = ScanSpec(bench.settings(source), ALL, load=SHEETS)
    await bench.supply(spec)
    await bench.media.fault(Fault(FaultKind.MULTIFEED, sheet=2))
    async with bench.session() as session:
        pages, error = await until_error(session, spec)
        await bench.media.clear()
    if error is not None:
        bench.require(error.code is Code.MULTIFEED, f"a double feed is reported as {error}", "code")
        bench.require(
            error.page is not None and first <= error.page < first + max(1, len(source.sides)),
            f"a double feed on page {first} is reported for page {error.page}",
            "page",
        )
        return
    flagged = [page.info.number for page in pages if page.end.multifeed]
    bench.require(flagged, "a double feed that the source declares as detectable is not reported", "ignored")
    bench.require(flagged[0] == first, f"a double feed on page {first} is flagged on {flagged}", "flag")


_STANDING = frozenset({Code.JAM, Code.COVER_OPEN})
"""Conditions that stand until somebody mends them, so that status has to name them for as long."""


@check("ERR-02", feeder_sheets=6)
async def detectable_codes_are_used(bench: Bench) -> None:
    """Each condition that a source declares, brought about."""
    if bench.facts.control is None:
        raise NeedsOperator("jam a sheet, open the cover, empty the feeder")
    tried = 0
    for source in bench.caps.sources:
        for code in sorted(source.detectable):
            error = await _provoke(bench, source, code)
            if error is None:
                continue
            tried += 1
            bench.require(
                error.code is code,
                f"{source.name} declares {code} as detectable, and reports {error} for it",
                code.value,
            )
    if not tried:
        raise NeedsOperator("bring about the conditions that the device declares as detectable")


async def _provoke(bench: Bench, source: SourceCaps, code: Code) -> DeviceError | None:
    """Bring *code* about; None if that cannot be done here, or it is told by a flag (PAGE-06)."""
    media = bench.media
    spec = ScanSpec(bench.settings(source), ALL, load=2)
    match code:
        case Code.NO_MEDIA if media.offers(LOAD, UNLOAD):
            await media.empty()
        case Code.JAM | Code.MULTIFEED if media.can_fault(FaultKind(code.value.lower())):
            await bench.supply(spec)
            await media.fault(Fault(FaultKind(code.value.lower()), sheet=1))
        case Code.COVER_OPEN if media.offers(LOAD, UNLOAD, OPEN_COVER, CLOSE_COVER):
            await bench.supply(spec)
            await media.perform(OPEN_COVER)
        case _:
            return None
    async with bench.session() as session:
        pages, error = await until_error(session, spec)
        told = [(await session.status()).conditions]
        await media.clear(cover=True)
        told.append((await session.status()).conditions)
    if code in _STANDING and error is not None and error.code is code and error.survives:
        seen = [", ".join(sorted(item)) or "none" for item in told]
        bench.require(
            code in told[0], f"while {code} stands in the way the conditions in status are {seen[0]}", "stands"
        )
        bench.require(code not in told[1], f"once {code} is mended the conditions in status are {seen[1]}", "mended")
    if error is None and code is Code.MULTIFEED and any(page.end.multifeed for page in pages):
        return None
    if error is None:
        raise bench.broken(
            f"{source.name} declares {code} as detectable, and reports nothing when it occurs", code.value
        )
    return error


@check("ERR-06", feeder_sheets=8)
async def past_errors_stay_past(bench: Bench) -> None:
    """A jam, its removal, a good scan: nothing of the jam is left in status, and none comes in the next job."""
    bench.media.need_fault(JAM_A_SHEET, FaultKind.JAM, LOAD, UNLOAD, CLEAR_JAM)
    source = bench.feeder()
    async with bench.session() as session:
        await jam(bench, session, source)
        await bench.media.perform(CLEAR_JAM)
        for nth in ("first", "second"):
            spec = ScanSpec(bench.settings(source), 1, load=1)
            await bench.supply(spec)
            with bench.legal(f"the {nth} job after a cleared jam"):
                job = await session.start(spec.settings, 1)
                await read_job(job)
                bench.require(await job.next_page() is None, "after the end there is a page", "end")
            status = await session.status()
            bench.require(
                Code.JAM not in status.conditions,
                f"after a good job the conditions are {set(status.conditions)}",
                "condition",
            )
            bench.require(
                status.job is None or (status.job.error is None and status.job.state is JobState.COMPLETED),
                f"after a good job status says {status.job}",
                "job",
            )
            bench.require(status.state is SessionState.IDLE, f"after a good job the session is {status.state}", "idle")
