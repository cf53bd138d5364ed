"""SCAN-10 and CANC-09: what happens at the machine itself while it scans: a lamp that is cold, and somebody who presses cancel."""

from __future__ import annotations

from dataclasses import dataclass

import trio

from conformance.bench import Bench, BenchJob, BenchSession, read_page
from conformance.checks.cancelling import settle
from conformance.checks.registry import check
from conformance.outcomes import Untestable
from device_protocol import Code, DeviceError, Fault, FaultKind, JobState, Settings
from device_protocol.control import COOL_LAMP

WARM_UP_S = 2.0
COOL_DOWN = "let the lamp go cold: leave the device alone for as long as it takes, then scan"
PRESS_CANCEL = "press cancel at the device while it scans"


@check("SCAN-10", sheets=2)
async def warming_up_is_no_failure(bench: Bench) -> None:
    """By a cold lamp the page comes as ever, only later; what status says of the lamp while it lasts is over then."""
    bench.media.need(COOL_DOWN, COOL_LAMP)
    settings = bench.settings()
    reference = await bench.page(settings)
    await bench.supply(settings)
    await bench.media.perform(COOL_LAMP, seconds=WARM_UP_S)
    async with bench.session() as session:
        with bench.legal("start by a cold lamp"):
            job = await session.start(settings, 1)
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_look_on, bench, session)
            with bench.legal("next_page by a cold lamp"):
                page = await job.next_page()
            nursery.cancel_scope.cancel()
        with bench.legal("a page by a cold lamp"):
            bench.require(page is not None, "by a cold lamp there is no page", "none")
            assert page is not None
            got = await read_page(page)
        status = await session.status()
        bench.require(
            Code.WARMING_UP not in status.conditions, "when the page has come, status still says WARMING_UP", "status"
        )
    same = got.data == reference.data if bench.caps.deterministic else len(got.data) == len(reference.data)
    bench.require(same, "by a lamp that was cold the page is another one", "page")


async def _look_on(bench: Bench, session: BenchSession) -> None:
    """Status can be read while the lamp warms up."""
    while True:
        with bench.legal("status by a cold lamp"):
            await session.status()
        await trio.sleep(WARM_UP_S / 4)


@dataclass(frozen=True, slots=True)
class Ending:
    """How the end of a job looks to the caller.

    Attributes:
        code: that ``next_page`` ends with.
        settled: what ``settled`` gives.
        state, error: of the job in status.
    """

    code: Code
    settled: JobState
    state: JobState | None
    error: Code | None

    def __str__(self) -> str:
        told = (
            f"next_page gives {self.code.value}, settled {self.settled.value}, status {self.state and self.state.value}"
        )
        return f"{told} with {self.error.value}" if self.error else told


@check("CANC-09", sheets=2)
async def cancel_at_the_device_is_told_apart(bench: Bench) -> None:
    """A job that the caller cancels and one that somebody cancels at the device, before their first page."""
    settings = bench.settings()
    bench.media.need_fault(PRESS_CANCEL, FaultKind.CANCELLED)
    ours = await _cancelled(bench, settings, at_device=False)
    theirs = await _cancelled(bench, settings, at_device=True)
    bench.require(ours != theirs, f"cancelled at the device or by the caller, it is the same: {ours}", "same")


async def _cancelled(bench: Bench, settings: Settings, *, at_device: bool) -> Ending:
    await bench.supply(settings)
    if at_device:
        await bench.media.fault(Fault(FaultKind.CANCELLED, verb="next_page"))
    async with bench.session() as session:
        job = await session.start(settings, 1)
        if not at_device:
            await job.cancel()
            await settle(bench, job)
        code = await _refused(job)
        settled = await settle(bench, job)
        status = (await session.status()).job
    if at_device:
        await bench.media.clear()
    return Ending(code, settled, status.state if status else None, status.error if status else None)


async def _refused(job: BenchJob) -> Code:
    try:
        page = await job.next_page()
    except DeviceError as error:
        return error.code
    raise Untestable(f"a job was cancelled, and next_page gives {'the end' if page is None else 'a page'}")
