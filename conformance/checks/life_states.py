"""LIFE-04, -07, -08, -09: close and illegal verbs in every state, many cycles, two devices."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import trio

from conformance.bench import Bench, BenchJob, BenchPage, BenchSession, read_page
from conformance.checks.options import differences, other_value, settable
from conformance.checks.registry import check
from conformance.outcomes import NeedsOperator, NotApplicable, Outcome
from device_protocol import Access, Code, DeviceError, Fault, FaultKind, SessionState
from device_protocol.states import JobHandle, PageHandle, Verb, refusal

CYCLES, CYCLES_REAL = 100, 5

STATES = ("idle", "armed", "transferring", "mid-page", "at the end of a page", "page-gap", "completed", "cancelled")


async def reach(bench: Bench, session: BenchSession, state: str) -> tuple[BenchJob | None, BenchPage | None]:
    """Bring *session* from IDLE into *state*."""
    if state == "idle":
        return None, None
    settings = bench.settings()
    await bench.supply(settings)
    job = await session.start(settings, 1)
    if state == "armed":
        return job, None
    if state == "cancelled":
        await job.cancel()
        return job, None
    page = await job.first_page()
    if state == "transferring":
        return job, page
    await page.read(64)
    if state == "mid-page":
        return job, page
    while await page.read(1 << 16):
        pass
    if state == "at the end of a page":
        return job, page
    await page.end()
    if state == "completed":
        await job.next_page()
    return job, page


@check("LIFE-04", sheets=8)
async def close_from_every_state(bench: Bench) -> None:
    """In time, and the device opens again."""
    for state in STATES:
        session = await bench.backend.open(bench.device_id)
        await reach(bench, session, state)
        await _close_in_time(bench, session, state)
        with bench.legal(f"open after a close from {state}"):
            async with bench.session() as again:
                status = await again.status()
        bench.require(status.state is SessionState.IDLE, f"closed from {state} and opened again it is {status.state}")
    await _close_beside_a_read(bench)


async def _close_in_time(bench: Bench, session: BenchSession, state: str) -> None:
    limit = bench.caps.close_deadline_s
    began = trio.current_time()
    with bench.legal(f"close from {state}"):
        await session.close()
    took = trio.current_time() - began
    bench.require(took <= limit + 0.5, f"close from {state} took {took:.1f} s; close_deadline_s is {limit:g}", "time")


async def _close_beside_a_read(bench: Bench) -> None:
    """Close while another task waits in read: the reader gets an error, not silence."""
    settings = bench.settings()
    await bench.supply(settings)
    session = await bench.backend.open(bench.device_id)
    job = await session.start(settings, 1)
    page = await job.first_page()
    if bench.media.can_fault(FaultKind.HANG):
        await bench.media.fault(Fault(FaultKind.HANG, verb="read"))
    ended = trio.Event()
    reading = trio.Event()

    async def read_on() -> None:
        try:
            reading.set()
            while await page.read(256):
                pass
        except DeviceError:
            pass
        ended.set()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(read_on)
        await reading.wait()
        for _ in range(5):
            await trio.lowlevel.checkpoint()
        await _close_in_time(bench, session, "a read that waits")
        with trio.move_on_after(bench.caps.close_deadline_s + 1):
            await ended.wait()
        left = not ended.is_set()
        nursery.cancel_scope.cancel()
    bench.require(not left, "close returned, but a read that waited beside it never did", "reader")


@check("LIFE-07", sheets=4)
async def illegal_verbs_are_refused(bench: Bench) -> None:
    """Each illegal verb of each state of a job gets the table's code, and the page comes as if nothing had been tried."""
    settings = bench.settings()
    reference = await bench.page(settings)
    await bench.supply(settings)
    async with bench.session() as session:
        await session.apply(settings)
        values = await bench.values(session)
        job = await session.start(None, 1)
        await _try_illegal(bench, session, SessionState.ARMED, values)
        page = await job.first_page()
        await _try_illegal(bench, session, SessionState.TRANSFERRING, values)
        await _refused(
            bench, "next_page while transferring", refusal(Verb.NEXT_PAGE, JobHandle.TRANSFERRING), job.next_page
        )
        got = await read_page(page)
        same = got.data == reference.data if bench.caps.deterministic else len(got.data) == len(reference.data)
        bench.require(same, "after refused calls the page is not what it is without them", "page")
        await _try_illegal(bench, session, SessionState.PAGE_GAP, values)
        await _refused(bench, "read after end", refusal(Verb.READ, PageHandle.ENDED), lambda: page.read(10))
        again = await page.end()
        bench.require(again == got.end, f"a second end gave {again}, the first {got.end}", "end")
        bench.require(await job.next_page() is None, "the job has more pages than were asked for", "target")
        bench.require(await job.next_page() is None, "asked again after its end, the job has pages", "after end")
        status = await session.status()
        bench.require(status.state is SessionState.IDLE, f"at the end the session is {status.state}", "idle")


async def _try_illegal(bench: Bench, session: BenchSession, state: SessionState, values: Mapping[str, object]) -> None:
    option = next((item for item in settable(bench.facts.options) if Access.LIVE not in item.access), None)
    verbs: list[tuple[Verb, Callable[[], Awaitable[object]]]] = [
        (Verb.START, lambda: session.start(None, 1)),
        (Verb.APPLY, lambda: session.apply(bench.settings())),
        (Verb.RESET, session.reset),
    ]
    if option is not None:
        verbs.append((Verb.SET, lambda: session.set(option.name, other_value(option, None))))
    for verb, call in verbs:
        await _refused(bench, f"{verb.value} while {state.value}", refusal(verb, state), call)
        found = (await session.status()).state
        bench.require(
            found is state, f"{verb.value} was refused while {state.value}, and the state is now {found}", "state"
        )
    changed = differences(values, await bench.values(session))
    bench.require(not changed, f"refused calls while {state.value} changed {changed}", "values")


async def _refused(bench: Bench, what: str, code: Code | None, call: Callable[[], Awaitable[object]]) -> None:
    assert code is not None, f"the state table allows {what}"
    with bench.refuses(what, code):
        await call()


@check("LIFE-08")
async def cycles_leak_nothing(bench: Bench) -> None:
    """Tasks and descriptors of this process, and slots of the device."""
    cycles = CYCLES if bench.facts.info.virtual else CYCLES_REAL
    async with bench.session():
        pass
    before = _tasks(), _descriptors()
    for cycle in range(1, cycles + 1):
        with bench.legal(f"open and close number {cycle} of {cycles}"):
            session = await bench.backend.open(bench.device_id)
            await session.close()
    for _ in range(20):
        await trio.lowlevel.checkpoint()
    after = _tasks(), _descriptors()
    for what, one, two in zip(("tasks", "descriptors"), before, after, strict=True):
        bench.require(two - one < cycles // 2, f"{cycles} times open and close left {two - one} {what} behind", what)
    await _backend_ends(bench)


async def _backend_ends(bench: Bench) -> None:
    """A backend that is left comes to its end, in time and without a word, and takes its tasks with it."""
    before = _tasks()
    try:
        with trio.move_on_after(bench.limits.slow) as scope:
            async with bench.other_backend() as backend:
                await (await backend.open(bench.device_id)).close()
    except (DeviceError, Outcome):
        raise
    except Exception as error:
        raise bench.broken(f"a backend that is left raises {error!r}", "left") from error
    bench.require(not scope.cancelled_caught, "a backend that is left does not come to its end", "end")
    bench.require(_tasks() <= before, f"a backend that was left leaves {_tasks() - before} tasks behind", "backend")


def _tasks() -> int:
    return trio.lowlevel.current_statistics().tasks_living


def _descriptors() -> int:
    """Open file descriptors of this process; 0 where the system does not tell."""
    folder = Path("/proc/self/fd")
    return len(os.listdir(folder)) if folder.is_dir() else 0  # noqa: PTH208  # names only, no stat of each


@check("LIFE-09", sheets=2)
async def two_devices(bench: Bench) -> None:
    """Scanned side by side, strip by strip, each gives what it gives alone."""
    listed = (await bench.backend.devices()).devices
    others = [info for info in listed if info.id != bench.device_id]
    if not others:
        raise NotApplicable(f"devices(): {bench.device_id} only")
    if not (bench.facts.info.virtual and others[0].virtual):
        raise NeedsOperator(f"say that {others[0].id} may be scanned from as well")
    other = await bench.companion(others[0].id)
    alone = [await one.page() for one in (bench, other)]
    for one in (bench, other):
        await one.supply(one.settings())
    with bench.legal("opening two devices"):
        first = await bench.backend.open(bench.device_id)
        second = await bench.backend.open(other.device_id)
    with bench.legal("scanning from two devices"):
        before = await other.values(second)
        await first.apply(bench.settings())
        changed = differences(before, await other.values(second))
        bench.require(not changed, f"setting {bench.device_id} changed {other.device_id}: {changed}", "options")
        jobs = [await first.start(None, 1), await second.start(other.settings(), 1)]
        pages = [await job.next_page() for job in jobs]
        data = await _alternately(pages)
    for one, expected, got in zip((bench, other), alone, data, strict=True):
        same = got == expected.data if one.caps.deterministic else len(got) == len(expected.data)
        bench.require(same, f"beside another device {one.device_id} delivers another page than alone", "page")


async def _alternately(pages: list[BenchPage | None]) -> list[bytes]:
    data = [bytearray() for _ in pages]
    running = set(range(len(pages)))
    while running:
        for index in sorted(running):
            page = pages[index]
            strip = await page.read(4096) if page is not None else b""
            data[index] += strip
            if not strip:
                running.discard(index)
    return [bytes(item) for item in data]
