"""ERR-03, -08: the device goes away, or its driver falls over."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import aclosing

import trio

from conformance.bench import Bench, BenchPage
from conformance.checks.life_open import session_verbs
from conformance.checks.registry import check
from device_protocol import Code, DeviceChange, DeviceError, Fault, FaultKind, SessionState
from device_protocol.control import REPLUG, UNPLUG
from device_protocol.devices import ChangeKind

PULL = "pull the device's plug while a page is read, and put it back"


@check("ERR-03", sheets=2)
async def removal_is_told(bench: Bench) -> None:
    """Unplugged while idle and in the middle of a page."""
    bench.media.need(PULL, UNPLUG, REPLUG)
    await _while_idle(bench)
    await _watched(bench)
    await _mid_page(bench)
    with bench.legal("open after the plug was put back"):
        async with bench.session() as session:
            await session.options()


async def _while_idle(bench: Bench) -> None:
    session = await bench.backend.open(bench.device_id)
    await bench.media.perform(UNPLUG)
    for _ in range(2):
        for name, verb in session_verbs(bench, session):
            if name not in {"status", "cancel"}:
                with bench.refuses(f"{name} after removal", Code.DEVICE_LOST):
                    await verb()
    status = await session.status()
    bench.require(status.state is SessionState.LOST, f"after removal status says {status.state}", "status")
    bench.require(not status.buffered, f"after removal status tells of {status.buffered} buffered pages", "buffered")
    with bench.legal("cancel after removal"):
        await session.cancel()
    with bench.legal("close after removal"):
        await session.close()
    with bench.refuses("open of a removed device", Code.NOT_FOUND, Code.DEVICE_LOST):
        await bench.backend.open(bench.device_id)
    await bench.media.perform(REPLUG)


async def _watched(bench: Bench) -> None:
    """Where a backend can be watched: the list, then who goes and who comes, each with the next revision."""
    changes = bench.backend.watch()
    if changes is None:
        return
    seen: list[DeviceChange] = []
    try:
        for action, kind in ((None, ChangeKind.LIST), (UNPLUG, ChangeKind.GONE), (REPLUG, ChangeKind.ARRIVED)):
            if action is not None:
                await bench.media.perform(action)
            with trio.move_on_after(bench.limits.quick) as scope:
                seen.append(await anext(changes))
            what = f"after {action}" if action else "at first"
            bench.require(not scope.cancelled_caught, f"who watches hears nothing {what}", "watched")
            found = seen[-1]
            named = bench.device_id in {info.id for info in found.devices}
            bench.require(
                found.kind is kind and named, f"who watches hears {what} of {found.kind.value}, {found.devices}", "told"
            )
            bench.require(
                found.revision == seen[0].revision + len(seen) - 1,
                f"the revisions of changes are {[item.revision for item in seen]}",
                "revision",
            )
    finally:
        await aclosing(changes).__aexit__(None, None, None)


async def _mid_page(bench: Bench) -> None:
    settings = bench.settings()
    await bench.supply(settings)
    session = await bench.backend.open(bench.device_id)
    job = await session.start(settings, 1)
    page = await job.first_page()
    await page.read(64)
    await bench.media.perform(UNPLUG)
    verbs: list[tuple[str, Callable[[], Awaitable[object]]]] = [
        ("read", lambda: page.read(64)),
        ("read again", lambda: page.read(64)),
        ("end", page.end),
        ("next_page", job.next_page),
    ]
    for name, verb in verbs:
        with bench.refuses(f"{name} after removal", Code.DEVICE_LOST):
            await verb()
    with bench.legal("close after removal in the middle of a page"):
        await session.close()
    await bench.media.perform(REPLUG)


@check("ERR-08", sheets=3)
async def crash_is_internal(bench: Bench) -> None:
    """A crash during start, next_page and read; each time the device opens again."""
    bench.media.need_fault("make the driver's process fall over", FaultKind.CRASH)
    settings = bench.settings()
    for verb in ("start", "next_page", "read"):
        await bench.supply(settings)
        await bench.media.fault(Fault(FaultKind.CRASH, verb=verb))
        session = await bench.backend.open(bench.device_id)
        try:
            job = await session.start(settings, 1)
            page = await job.first_page()
            await _drain(page)
        except DeviceError as error:
            bench.require(
                error.code is Code.INTERNAL, f"a crash of the driver during {verb} is reported as {error}", "code"
            )
            bench.require(not error.survives, f"a crash during {verb} says that the session survives", "survives")
        else:
            raise bench.broken(f"a crash of the driver during {verb} is not reported at all", "silent")
        with bench.legal("close after a crash"):
            await session.close()
        await bench.media.clear()
        with bench.legal(f"open after a crash during {verb}"):
            async with bench.session() as again:
                await again.options()


async def _drain(page: BenchPage) -> None:
    while await page.read(1 << 16):
        pass
    await page.end()
