"""ERR-01, -04, -05, -07, -09: what errors say and leave behind."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace

from conformance.bench import Bench, BenchSession, ScanSpec, read_job
from conformance.checks.options import illegal_value, settable, wrong_types
from conformance.checks.page_faults import until_error
from conformance.checks.registry import check
from conformance.outcomes import DeviceCrashed
from device_protocol import (
    ALL,
    FACTS,
    Code,
    DeviceError,
    Fault,
    FaultKind,
    SessionState,
    SourceKind,
)
from device_protocol.control import CLEAR_JAM, LOAD, UNLOAD
from device_protocol.settings import MM_PER_INCH, Area

_Provoked = tuple[str, Code | None, DeviceError]


async def _caught(bench: Bench, what: str, call: Callable[[], Awaitable[object]]) -> DeviceError | None:
    """The error of a call; None if it was accepted, which other checks judge."""
    try:
        await call()
    except DeviceError as error:
        return error
    except DeviceCrashed as crash:
        raise bench.broken(f"{what}: {crash.evidence}", "foreign") from crash
    return None


async def provoke(bench: Bench) -> list[_Provoked]:
    """Errors of all sorts that can be had without harm: what was done, the code it must have if the contract fixes one, and the error."""
    found: list[_Provoked] = []

    async def tried(what: str, code: Code | None, call: Callable[[], Awaitable[object]]) -> None:
        error = await _caught(bench, what, call)
        if error is not None:
            found.append((what, code, error))

    await tried("open of an unknown id", Code.NOT_FOUND, lambda: bench.backend.open("no-such-device-at-all"))
    async with bench.session() as session:
        if bench.caps.exclusive:
            await tried("a second open", Code.BUSY, lambda: bench.backend.open(bench.device_id))
        await tried("get of an unknown option", Code.UNSUPPORTED, lambda: session.get("no-such-option"))
        await tried("set of an unknown option", Code.UNSUPPORTED, lambda: session.set("no-such-option", 1))
        for option in settable(bench.facts.options)[:4]:
            value = illegal_value(option)
            if value is not None:
                await tried(f"an illegal {option.name}", Code.INVALID_VALUE, _setter(session, option.name, value))
            await tried(
                f"a wrong type for {option.name}",
                Code.INVALID_VALUE,
                _setter(session, option.name, wrong_types(option)[0]),
            )
        await tried("a page target of 0", Code.INVALID_VALUE, lambda: session.start(None, 0))
        await _from_job(bench, session, tried)
    await tried("a closed session", Code.CLOSED, session.options)
    found += await _from_paper(bench)
    return found


def _setter(session: BenchSession, name: str, value: object) -> Callable[[], Awaitable[object]]:
    return lambda: session.set(name, value)  # type: ignore[arg-type]  # some have the wrong type, on purpose


async def _from_job(
    bench: Bench,
    session: BenchSession,
    tried: Callable[[str, Code | None, Callable[[], Awaitable[object]]], Awaitable[None]],
) -> None:
    settings = bench.settings()
    await bench.supply(settings)
    job = await session.start(settings, 1)
    await tried("start during a job", Code.BUSY, lambda: session.start(None, 1))
    page = await job.next_page()
    if page is not None:
        await tried("next_page while transferring", Code.WRONG_STATE, job.next_page)
        await tried("apply during a job", Code.WRONG_STATE, lambda: session.apply(settings))
        await job.cancel()
        await tried("read after cancel", Code.CANCELLED, lambda: page.read(10))
    await job.settled()


async def _from_paper(bench: Bench) -> list[_Provoked]:
    feeder = bench.caps.first(SourceKind.FEEDER, SourceKind.FEEDER_DUPLEX)
    if feeder is None or not bench.media.offers(LOAD, UNLOAD):
        return []
    found: list[_Provoked] = []
    spec = ScanSpec(bench.settings(feeder), ALL, load=1)
    for kind in (None, FaultKind.JAM, FaultKind.MULTIFEED):
        if kind is None:
            await bench.media.empty()
        elif bench.media.can_fault(kind):
            await bench.supply(spec)
            await bench.media.fault(Fault(kind, sheet=1))
        else:
            continue
        async with bench.session() as session:
            _, error = await until_error(session, spec)
        await bench.media.clear()
        if error is not None:
            found.append((f"the fault {kind.value}" if kind else "an empty feeder", None, error))
    return found


@check("ERR-01", sheets=1, feeder_sheets=2)
async def failures_are_device_errors(bench: Bench) -> None:
    """Code, text, phase and native words of each."""
    for what, code, error in await provoke(bench):
        bench.require(error.code in set(Code), f"{what} gives the code {error.code!r}, which is none", "code")
        bench.require(
            code is None or error.code not in {Code.OTHER, Code.INTERNAL} or error.code is code,
            f"{what} gives {error}; the taxonomy has {code} for that",
            "taxonomy",
        )
        bench.require(bool(str(error.message).strip()), f"{what} gives {error.code} without a text", "text")
        native = error.native
        bench.require(
            native is None or (native.system and native.code != ""),
            f"{what} gives {error.code} with the native part {native!r}",
            "native",
        )


@check("ERR-04", sheets=1, feeder_sheets=2)
async def retryable_is_true(bench: Bench) -> None:
    """Never for what needs a person or another call; and what says so does succeed later."""
    for what, _, error in await provoke(bench):
        facts = FACTS[error.code]
        bench.require(
            not error.retryable or facts.retryable,
            f"{what} gives {error.code} as retryable, which needs more",
            "claims",
        )
        bench.require(
            not error.survives or facts.survives, f"{what} gives {error.code} as survived by the session", "survives"
        )
    if bench.media.can_fault(FaultKind.BUSY):
        await bench.media.fault(Fault(FaultKind.BUSY, verb="open", times=1))
        busy = await _caught(bench, "open of a busy device", lambda: bench.backend.open(bench.device_id))
        if busy is not None and busy.retryable:
            with bench.legal("the same call again, after a retryable error whose cause went by itself"):
                async with bench.session() as session:
                    await session.status()


@check("ERR-05", sheets=1)
async def transient_and_permanent_differ(bench: Bench) -> None:
    """BUSY for what will be possible later, other codes for what never will."""
    transient = {Code.BUSY, Code.WARMING_UP}
    for what, code, error in await provoke(bench):
        if code is None:
            continue
        bench.require(
            (error.code in transient) == (code in transient),
            f"{what} gives {error.code}, which says that it {'may' if error.code in transient else 'cannot'} work later",
            code.value,
        )
        bench.require(
            code not in {Code.NOT_FOUND, Code.UNSUPPORTED}
            or error.code is not Code.INVALID_VALUE
            or not error.retryable,
            f"{what} gives {error.code} as retryable",
            "retryable",
        )


@check("ERR-07", sheets=1, feeder_sheets=4)
async def failures_leave_nothing(bench: Bench) -> None:
    """After each failure: IDLE, no running job, nothing buffered, and a scan works in the same session."""
    feeder = bench.caps.first(SourceKind.FEEDER, SourceKind.FEEDER_DUPLEX)
    kinds: list[FaultKind | None] = [None]
    if feeder is not None and bench.media.offers(LOAD, UNLOAD):
        kinds += [kind for kind in (FaultKind.EMPTY, FaultKind.JAM, FaultKind.MULTIFEED) if bench.media.can_fault(kind)]
    settings = bench.settings(feeder if len(kinds) > 1 else None)
    async with bench.session() as session:
        for kind in kinds:
            what = f"the fault {kind.value}" if kind else "a start with a page target of 0"
            error = await _fail(bench, session, ScanSpec(settings, ALL if kind else 0, load=2), kind)
            if bench.media.offers(CLEAR_JAM):
                await bench.media.perform(CLEAR_JAM)
            if error is None or not error.survives:
                continue
            status = await session.status()
            bench.require(status.state is SessionState.IDLE, f"after {what} the session is {status.state}", "idle")
            bench.require(
                status.job is None or status.job.state.terminal, f"after {what} there is a job: {status.job}", "job"
            )
            bench.require(status.buffered == 0, f"after {what} {status.buffered} pages are still buffered", "buffer")
            await bench.supply(settings)
            with bench.legal(f"a scan after {what}"):
                pages = await read_job(await session.start(settings, 1))
            bench.require(
                len(pages) == 1 and pages[0].info.number == 1,
                f"after {what} a job of one page gives the pages {[page.info.number for page in pages]}",
                "pages",
            )


async def _fail(bench: Bench, session: BenchSession, spec: ScanSpec, kind: FaultKind | None) -> DeviceError | None:
    if kind is not None:
        await bench.supply(spec)
        await bench.media.fault(Fault(kind, sheet=1))
    return (await until_error(session, spec))[1]


@check("ERR-09", sheets=1)
async def too_large_fails_early(bench: Bench) -> None:
    """An area beyond the glass: refused or adjusted before any byte comes."""
    source = bench.source()
    beyond = Area(0, 0, source.width_mm * 40, source.height_mm * 40)
    settings = replace(bench.settings(source), area=beyond)
    await bench.supply(settings)
    async with bench.session() as session:
        try:
            job = await session.start(settings, 1)
        except DeviceError:
            return
        page = await job.first_page()
        params = page.info.params
        limit = source.width_mm * (params.dpi_x or settings.resolution or 0) / MM_PER_INCH
        bench.require(
            params.width <= limit + 2,
            f"an area of {beyond.width:g} mm was accepted: {params.width} pixels wide",
            "accepted",
        )
        try:
            while await page.read(1 << 20):
                pass
        except DeviceError as error:
            raise bench.broken(
                f"an area beyond the limits fails in the middle of the transfer: {error}", "midway"
            ) from error
