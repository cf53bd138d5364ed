"""CANC-01 to -07: cancellation."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import trio

from conformance.bench import Bench, BenchJob, BenchPage, BenchSession, ScanSpec, read_job
from conformance.checks.life_states import reach
from conformance.checks.registry import check
from conformance.outcomes import DeviceHung, Untestable
from device_protocol import ALL, Code, DeviceError, Fault, FaultKind, JobState, SessionState, Settings, SourceKind
from device_protocol.control import LOAD, UNLOAD

SLACK_S = 0.5


async def settle(bench: Bench, job: BenchJob) -> JobState:
    """Wait for the end of a cancellation as long as the device asks for."""
    limit = bench.caps.cancel_deadline_s
    began = trio.current_time()
    try:
        with bench.legal("settled after cancel"):
            state = await job.settled()
    except DeviceHung as hung:
        raise bench.broken(f"a cancellation does not come to its end: {hung.evidence}", "never") from hung
    took = trio.current_time() - began
    bench.require(took <= limit + SLACK_S, f"a cancellation took {took:.1f} s; cancel_deadline_s is {limit:g}", "late")
    return state


async def works(bench: Bench, session: BenchSession, when: str, settings: Settings | None = None) -> None:
    """The session is IDLE and a scan gives what it always gives.

    The caller has scanned the reference (``bench.page``) before it opened *session*: the device cannot be opened twice.
    """
    status = await session.status()
    bench.require(status.state is SessionState.IDLE, f"{when} the session is {status.state}", "idle")
    settings = settings or bench.settings()
    await bench.supply(settings)
    with bench.legal(f"a scan {when}"):
        pages = await read_job(await session.start(settings, 1))
    bench.require(len(pages) == 1, f"{when} a job of one page gives {len(pages)}", "pages")
    reference = await bench.page(settings)
    same = pages[0].data == reference.data if bench.caps.deterministic else len(pages[0].data) == len(reference.data)
    bench.require(same, f"{when} a scan gives another page than before", "page")


@check("CANC-01", sheets=8)
async def cancel_is_always_legal(bench: Bench) -> None:
    """Of session and job, twice each, in every open state."""
    for state in (
        "idle",
        "armed",
        "transferring",
        "mid-page",
        "at the end of a page",
        "page-gap",
        "completed",
        "cancelled",
    ):
        async with bench.session() as session:
            job, _ = await reach(bench, session, state)
            for nth in ("first", "second"):
                with bench.legal(f"the {nth} cancel of the session, {state}"):
                    await session.cancel()
                if job is not None:
                    with bench.legal(f"the {nth} cancel of the job, {state}"):
                        await job.cancel()
            if job is not None:
                await settle(bench, job)


@check("CANC-02", sheets=2)
async def blocked_read_is_cancelled(bench: Bench) -> None:
    """A read that waits, and reads that come after the cancel."""
    settings = bench.settings()
    await bench.supply(settings)
    async with bench.session() as session:
        job = await session.start(settings, 1)
        page = await job.first_page()
        await page.read(64)
        await job.cancel()
        with bench.refuses("a read after cancel", Code.CANCELLED):
            await page.read(64)
        await settle(bench, job)
        with bench.refuses("a read after the cancellation was complete", Code.CANCELLED):
            await page.read(64)
    if bench.media.can_fault(FaultKind.HANG):
        await _blocked(bench, settings)


async def _blocked(bench: Bench, settings: Settings) -> None:
    await bench.supply(settings)
    await bench.media.fault(Fault(FaultKind.HANG, verb="read", times=0))
    async with bench.session() as session:
        job = await session.start(settings, 1)
        page = await job.first_page()
        results: list[DeviceError | DeviceHung | bytes] = []

        async def read() -> None:
            try:
                results.append(await page.read(1 << 16))
            except (DeviceError, DeviceHung) as error:
                results.append(error)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(read)
            await trio.sleep(0.05)  # let the read begin to wait, in whatever process it does
            waits = not results
            await job.cancel()
            with trio.move_on_after(bench.caps.cancel_deadline_s + SLACK_S):
                while not results:  # noqa: ASYNC110  # the reader may end in ways that set no event
                    await trio.sleep(0.01)
            nursery.cancel_scope.cancel()
        bench.require(results, "a read that waited went on waiting after cancel", "hang")
        got = results[0]
        if not waits and bench.facts.info.virtual:
            raise Untestable(f"the fault {FaultKind.HANG.value} was armed for read, and read gave {got!r}")
        if waits:
            bench.require(
                isinstance(got, DeviceError) and got.code is Code.CANCELLED,
                f"a read that waited ended after cancel with {got!r}, not with CANCELLED",
                "code",
            )
        await bench.media.clear()


@check("CANC-03", sheets=6)
async def idle_after_cancel(bench: Bench) -> None:
    """Cancelled while armed, before the first byte, in the middle and in the gap."""
    await bench.page()
    for state in ("armed", "transferring", "mid-page", "page-gap"):
        async with bench.session() as session:
            job, _ = await reach(bench, session, state)
            assert job is not None
            await job.cancel()
            await settle(bench, job)
            await works(bench, session, f"after a cancellation while {state}")


@check("CANC-04", sheets=2)
async def cancellation_completes(bench: Bench) -> None:
    """settled() says CANCELED in time, and status agrees."""
    for state in ("armed", "mid-page"):
        async with bench.session() as session:
            job, _ = await reach(bench, session, state)
            assert job is not None
            await job.cancel()
            ended = await settle(bench, job)
            bench.require(ended is JobState.CANCELED, f"after a cancel while {state} the job is {ended}", "state")
            status = await session.status()
            bench.require(
                status.job is not None and status.job.state is JobState.CANCELED,
                f"after a cancel while {state} status says {status.job}",
                "status",
            )
            bench.require(
                await job.settled() is JobState.CANCELED, "settled() said CANCELED once, then something else", "again"
            )
            with bench.refuses("next_page of a cancelled job", Code.CANCELLED):
                await job.next_page()


MAX_STEPS = 100
"""Of a reference scan; a device that delivers pages for ever (SCAN-06) must not keep the suite for ever."""


class _Walk:
    """A reference scan, step by step."""

    def __init__(self, session: BenchSession, spec: ScanSpec, size: int) -> None:
        self.session, self.spec, self.size = session, spec, size
        self.job: BenchJob | None = None
        self.page: BenchPage | None = None
        self.ended = False

    async def step(self) -> str:
        """Do the next thing; says what."""
        if self.job is None:
            self.job = await self.session.start(self.spec.settings, self.spec.pages)
            return "start"
        if self.page is None:
            self.page = await self.job.next_page()
            if self.page is None:
                self.ended = True
                return "the end of the job"
            return "next_page"
        if await self.page.read(self.size):
            return "read"
        await self.page.end()
        self.page = None
        return "the end of a page"


@check("CANC-05", sheets=20, feeder_sheets=12)
async def cancel_at_every_step(bench: Bench) -> None:
    """After k steps of a reference scan, for every k; then a whole scan."""
    feeds = bench.caps.first(SourceKind.FEEDER, SourceKind.FEEDER_DUPLEX)
    sources = [bench.source()]
    if feeds is not None and feeds is not sources[0] and bench.media.offers(LOAD, UNLOAD):
        sources.append(feeds)
    for source in sources:
        settings = bench.settings(source)
        target = 2 if source.kind.feeds else ALL
        spec = ScanSpec(settings, target, load=2)
        size = max(1, len((await bench.page(settings)).data) // 2)
        ended, steps = False, 0
        while not ended and steps < MAX_STEPS:
            steps += 1
            await bench.supply(spec)
            async with bench.session() as session:
                walk = _Walk(session, spec, size)
                what = ""
                for _ in range(steps):
                    what = await walk.step()
                ended = walk.ended
                assert walk.job is not None
                await walk.job.cancel()
                await settle(bench, walk.job)
                await works(bench, session, f"after a cancel at step {steps} ({what})", settings)
        if not ended:
            bench.note(f"{source.name}: a scan that does not end was cancelled at each of its first {steps} steps")


@check("CANC-06", sheets=3)
async def cancel_after_the_end_is_harmless(bench: Bench) -> None:
    """Of the job and the session, after the natural end and later."""
    settings = bench.settings()
    await bench.page(settings)
    await bench.supply(settings)
    async with bench.session() as session:
        job = await session.start(settings, 1)
        await read_job(job)
        ends: list[tuple[str, Callable[[], Awaitable[None]]]] = [("job", job.cancel), ("session", session.cancel)]
        for what, cancel in ends:
            with bench.legal(f"cancel of the {what} after the natural end"):
                await cancel()
            state = await job.settled()
            bench.require(state is JobState.COMPLETED, f"a cancel after its natural end makes the job {state}", "state")
            await works(bench, session, f"after a late cancel of the {what}")


@check("CANC-07", sheets=4)
async def two_cancels_in_a_row(bench: Bench) -> None:
    """Two cancelled scans, then three; then a good one."""
    await bench.page()
    async with bench.session() as session:
        for count in (2, 3):
            for nth in range(1, count + 1):
                with bench.legal(f"scan {nth} of {count} that are cancelled"):
                    job, _ = await reach(bench, session, "mid-page")
                assert job is not None
                await job.cancel()
                await settle(bench, job)
            await works(bench, session, f"after {count} cancelled scans in a row")
