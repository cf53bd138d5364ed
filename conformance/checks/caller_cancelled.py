"""CANC-08: the caller itself is cancelled, at any await."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable

import trio

from conformance.bench import Bench, BenchSession
from conformance.checks.cancelling import works
from conformance.checks.life_states import reach
from conformance.checks.registry import check
from device_protocol import DeviceError

CHECKPOINTS = (0, 1, 1, 2, 2, 3, 4, 6)
"""After how many turns of the scheduler the cancellation comes; some twice, since the order within a turn is drawn."""

STATES = {
    "caps": "idle",
    "apply": "idle",
    "start": "idle",
    "status": "armed",
    "next_page": "armed",
    "read": "transferring",
    "end": "mid-page",
    "cancel": "mid-page",
    "close": "mid-page",
}


async def interrupted(verb: Callable[[], Awaitable[object]], after: int) -> None:
    """Run *verb* and cancel it after some turns of the scheduler, if it is not done by then. Errors of the device do not matter here."""

    async def cancel_later(scope: trio.CancelScope) -> None:
        for _ in range(after):
            await trio.lowlevel.checkpoint()
        scope.cancel()

    async with trio.open_nursery() as nursery:
        if after:
            nursery.start_soon(cancel_later, nursery.cancel_scope)
        else:
            nursery.cancel_scope.cancel()
        with contextlib.suppress(DeviceError):
            await verb()
        nursery.cancel_scope.cancel()


@check("CANC-08", sheets=10)
async def caller_may_be_cancelled(bench: Bench) -> None:
    """Each verb, cancelled at once and a little later; then close, open, and at last a scan."""
    await bench.page()  # the reference, while nobody has the device
    for after in CHECKPOINTS:
        await interrupted(lambda: bench.backend.open(bench.device_id), after)
        await _usable(bench, "open", after)
    for name, state in STATES.items():
        for after in CHECKPOINTS:
            with bench.legal("open after callers were cancelled"):
                session = await bench.backend.open(bench.device_id)
            await interrupted(await _verb(bench, session, name, state), after)
            await _usable(bench, name, after)
    async with bench.session() as session:
        await works(bench, session, "after callers were cancelled")


async def _verb(bench: Bench, session: BenchSession, name: str, state: str) -> Callable[[], Awaitable[object]]:
    job, page = await reach(bench, session, state)
    settings = bench.settings()
    verbs: dict[str, Callable[[], Awaitable[object]]] = {
        "caps": session.caps,
        "status": session.status,
        "apply": lambda: session.apply(settings),
        "start": lambda: session.start(settings, 1),
        "close": session.close,
        "cancel": session.cancel,
    }
    if job is not None:
        verbs["next_page"] = job.next_page
    if page is not None:
        verbs["read"] = lambda: page.read(1 << 16)
        verbs["end"] = page.end
    return verbs[name]


async def _usable(bench: Bench, verb: str, after: int) -> None:
    """Close what is open, and open. After which turn a device fails depends on what ran before, so the signature does not say it."""
    for session in bench.backend.sessions:
        with bench.legal(f"close when {verb} was cancelled after {after} turns", f"close when {verb} was cancelled"):
            await session.close()
    bench.backend.sessions.clear()
    with bench.legal(f"open after {verb} was cancelled ({after} turns)", f"open after {verb} was cancelled"):
        async with bench.session() as session:
            await session.options()
