"""STAT: status and events."""

from __future__ import annotations

from itertools import pairwise

import trio

from conformance.bench import Bench, BenchSession, ScanSpec
from conformance.checks.registry import check
from device_protocol import ALL, DeviceError, Event, EventKind, Fault, FaultKind, JobState, SourceKind, Status
from device_protocol.aio import EventStream
from device_protocol.control import CLEAR_JAM, LOAD, UNLOAD

_RANK = {JobState.PENDING: 0, JobState.PROCESSING: 1}
STEP = 4096


async def watched_scan(bench: Bench, session: BenchSession, *, cancel: bool = False) -> tuple[list[Status], bytes]:
    """A scan with a look at status after each step."""
    settings = bench.settings()
    await bench.supply(settings)
    seen = [await session.status()]
    job = await session.start(settings, 1)
    seen.append(await session.status())
    page = await job.first_page()
    data = bytearray()
    while strip := await page.read(STEP):
        data += strip
        seen.append(await session.status())
        if cancel:
            await job.cancel()
            seen.append(await session.status())
            await job.settled()
            seen.append(await session.status())
            return seen, bytes(data)
    seen.append(await session.status())
    await page.end()
    seen.append(await session.status())
    await job.next_page()
    seen += [await session.status(), await session.status()]
    return seen, bytes(data)


@check("STAT-01", sheets=2)
async def status_disturbs_nothing(bench: Bench) -> None:
    """Looked at after each read, the page is what it is without; an error is still there after a look."""
    reference = await bench.page()
    async with bench.session() as session:
        with bench.legal("a scan with status between all steps"):
            _, data = await watched_scan(bench, session)
    same = data == reference.data if bench.caps.deterministic else len(data) == len(reference.data)
    bench.require(same, "with status between the reads the page is another one", "page")
    feeder = bench.caps.first(SourceKind.FEEDER, SourceKind.FEEDER_DUPLEX)
    if feeder is None or not bench.media.can_fault(FaultKind.JAM) or not bench.media.offers(LOAD, UNLOAD, CLEAR_JAM):
        return
    settings = bench.settings(feeder)
    await bench.supply(ScanSpec(settings, ALL, load=1))
    await bench.media.fault(Fault(FaultKind.JAM, sheet=1))
    async with bench.session() as session:
        try:
            job = await session.start(settings, ALL)
        except DeviceError:
            return  # reported at start: nothing is left that status could consume
        codes = []
        for _ in range(2):
            await session.status()
            try:
                await job.next_page()
            except DeviceError as error:
                codes.append(error.code)
            await session.status()
        await bench.media.clear()
        bench.require(
            len(codes) == 2 and codes[0] is codes[1], f"an error that ended a job, asked for twice, is {codes}", "error"
        )


@check("STAT-02", sheets=2)
async def job_states_go_forward(bench: Bench) -> None:
    """A scan to its end and a cancelled one."""
    for cancel, last in ((False, JobState.COMPLETED), (True, JobState.CANCELED)):
        async with bench.session() as session:
            seen, _ = await watched_scan(bench, session, cancel=cancel)
            seen += [await session.status() for _ in range(2)]
        states = [status.job.state for status in seen[1:] if status.job is not None]
        bench.require(states, "during and after a job status knows of none", "none")
        for before, after in pairwise(states):
            bench.require(
                before is after or (not before.terminal and (after.terminal or _RANK[after] > _RANK[before])),
                f"a job went from {before.value} to {after.value}",
                "backwards",
            )
        bench.require(states[-1] is last, f"a job that should be {last.value} in the end is {states[-1].value}", "last")


@check("STAT-03", sheets=2)
async def events_in_order_and_once(bench: Bench) -> None:
    """Two streams over a scan and a close."""
    async with bench.session() as session:
        streams = [session.events(), session.events()]
        await watched_scan(bench, session)
        await watched_scan(bench, session, cancel=True)
        await session.close()
    heard = [await _all(bench, stream) for stream in streams]
    first = heard[0]
    bench.require(
        heard[1] == first, f"two streams of one session heard {len(first)} and {len(heard[1])} events", "same"
    )
    for before, after in pairwise(first):
        bench.require(
            after.revision >= before.revision, f"an event of revision {after.revision} after {before.revision}", "order"
        )
        bench.require(after != before, f"the same event twice: {after}", "twice")
        bench.require(
            before.kind is not EventKind.STATE or after.kind is not EventKind.STATE or after.detail != before.detail,
            f"two events in a row say that the state is {after.detail}",
            "state",
        )


async def _all(bench: Bench, stream: EventStream) -> list[Event]:
    """What the stream of a closed session holds, to its end."""
    events: list[Event] = []
    with trio.move_on_after(bench.limits.quick) as scope:
        async for event in stream:
            events.append(event)
            if len(events) > 10_000:
                break
    bench.require(not scope.cancelled_caught, "the stream of events goes on after close", "close")
    bench.require(not events or events[-1].detail != "after close", "an event came after close", "late")
    return events


@check("STAT-04", sheets=2)
async def revision_grows(bench: Bench) -> None:
    """Over two jobs, and over paper that is put in and taken out."""
    async with bench.session() as session:
        seen, _ = await watched_scan(bench, session)
        more, _ = await watched_scan(bench, session, cancel=True)
        seen += more
        if bench.media.offers(LOAD, UNLOAD):
            for change in (bench.media.empty, lambda: bench.media.perform(LOAD, count=1)):
                await change()
                seen.append(await session.status())
    for before, after in pairwise(seen):
        bench.require(
            after.revision >= before.revision, f"the revision went from {before.revision} to {after.revision}", "falls"
        )
        visible = [name for name in ("state", "feeder", "conditions") if getattr(before, name) != getattr(after, name)]
        old, new = before.job, after.job
        if (old.state if old else None) is not (new.state if new else None):
            visible.append("job.state")
        bench.require(
            not visible or after.revision > before.revision,
            f"{', '.join(visible)} changed and the revision stayed {after.revision}",
            "stays",
        )


@check("STAT-05", sheets=1)
async def progress_goes_forward(bench: Bench) -> None:
    """Within a page it does not fall, and it is 1 only when the page is there."""
    settings = bench.settings()
    await bench.supply(settings)
    async with bench.session() as session:
        job = await session.start(settings, 1)
        page = await job.first_page()
        total = page.info.params.total
        data, before = 0, 0.0
        first = await _progress(session)
        while strip := await page.read(STEP):
            data += len(strip)
            progress = await _progress(session)
            if progress is None:
                continue
            bench.require(0.0 <= progress <= 1.0, f"progress is {progress}", "range")
            bench.require(progress >= before, f"progress went from {before:.3f} to {progress:.3f}", "falls")
            bench.require(
                progress < 1.0 or total is None or data >= total,
                f"progress is 1 after {data} of {total} bytes",
                "early",
            )
            before = progress
        last = await _progress(session)
        bench.require(
            first is None or last is None or first >= 1.0 or last > first,
            f"progress is {first} when a page begins, and {last} when all of it was read",
            "stuck",
        )


async def _progress(session: BenchSession) -> float | None:
    status = await session.status()
    return status.job.progress if status.job is not None else None
