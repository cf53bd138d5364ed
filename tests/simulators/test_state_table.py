"""The state table, cell by cell, against the driver without a guard (LIFE-07)."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import pytest
import trio

from device_protocol import Code, DeviceError, Fault, FaultKind
from device_protocol.aio import ManualClock, read_all
from device_protocol.states import (
    JOB,
    PAGE,
    SESSION,
    BackendState,
    Cell,
    JobHandle,
    Outcome,
    PageHandle,
    SessionState,
    State,
    Verb,
)
from simulators.backend import VirtualBackend
from simulators.job import VirtualJob
from simulators.page import VirtualPage
from simulators.session import VirtualSession
from tests.simulators.benches import FAST, code, feeder, lab, profile, snapshot


@dataclass
class Scene:
    """Handles in the state that is wanted."""

    backend: VirtualBackend
    session: VirtualSession
    clock: ManualClock
    job: VirtualJob | None = None
    page: VirtualPage | None = None


@asynccontextmanager
async def scene(*faults: Fault) -> AsyncIterator[Scene]:
    """An open session on a manual clock that a task winds on; nothing takes time but a cancellation."""
    clock = ManualClock()
    async with lab(feeder(3, *faults, machine=profile(timing=SLOW_CANCEL)), clock=clock) as backend:
        yield Scene(backend, await backend.open("feeder"), clock)


async def to(stage: Scene, state: str) -> None:
    """Lead the handles to a state; its name is that of the session, job or page."""
    session = stage.session
    if state == "idle":
        return
    stage.job = job = await session.start(FAST)
    if state == "armed":
        return
    stage.page = page = await job.next_page()
    assert page is not None
    match state:
        case "transferring" | "reading":
            await page.read(10)
        case "at-end":
            while await page.read(1 << 20):
                pass
        case "page-gap" | "ended":
            await read_all(page)
        case "draining":
            control = await stage.backend.control("feeder")
            await control.perform("unload")
            await read_all(page)
        case "cancelling" | "cancelled":
            await job.cancel()
        case "canceled":
            await job.cancel()
            await trio.testing.wait_all_tasks_blocked()
            await stage.clock.advance(5.0)
        case "completed":
            await read_all(page)
            while (page := await job.next_page()) is not None:
                await read_all(page)
        case "aborted" | "failed":
            with pytest.raises(DeviceError):
                await read_all(page)
        case "lost":
            control = await stage.backend.control("feeder")
            await control.perform("unplug")
        case "closed":
            closing = stage.clock
            async with trio.open_nursery() as nursery:
                nursery.start_soon(session.close)
                await trio.testing.wait_all_tasks_blocked()
                await closing.advance(5.0)
        case _:
            raise AssertionError(state)


SLOW_CANCEL = {"open_s": 0, "feed_s": 0, "page_s": 0, "cancel_s": 5.0}
BREAKS = (Fault(FaultKind.TRUNCATED, page=1),)

SESSION_CALLS: dict[Verb, Callable[[VirtualSession], Any]] = {
    Verb.CAPS: lambda s: s.caps(),
    Verb.OPTIONS: lambda s: s.options(),
    Verb.GET: lambda s: s.get("mode"),
    Verb.PARAMS: lambda s: s.params(),
    Verb.STATUS: lambda s: s.status(),
    Verb.EVENTS: lambda s: _now(s.events),
    Verb.SET: lambda s: s.set("resolution", 150),
    Verb.SET_LIVE: lambda s: s.set("brightness", 20),
    Verb.APPLY: lambda s: s.apply(FAST),
    Verb.RESET: lambda s: s.reset(),
    Verb.START: lambda s: s.start(FAST),
    Verb.CANCEL: lambda s: s.cancel(),
    Verb.CLOSE: lambda s: s.close(),
}


async def _now(call: Callable[[], Any]) -> Any:
    return call()


def faults_for(state: State) -> tuple[Fault, ...]:
    """The faults that lead to *state*."""
    return BREAKS if state in {JobHandle.ABORTED, PageHandle.FAILED} else ()


def cells(rows: dict[Verb, dict[State, Cell]]) -> list[Any]:
    """Every cell of an object as a test case; a handle exists from its own first state on."""
    return [
        pytest.param(verb, state, answer, id=f"{verb.value}-{state.value}")
        for verb, row in rows.items()
        for state, answer in row.items()
    ]


async def observed(stage: Scene) -> tuple[Any, ...]:
    """What can be observed, as far as the state allows."""
    if stage.session.state is SessionState.CLOSED:
        return (stage.session.state,)
    if stage.session.state is SessionState.LOST:
        return (await stage.session.status(),)
    return await snapshot(stage.session)


async def finish(stage: Scene, call: Callable[[], Awaitable[Any]]) -> Any:
    """Make a call while time passes as long as it has to."""
    result: list[Any] = []

    async def run() -> None:
        result.append(await call())

    async with trio.open_nursery() as nursery:
        nursery.start_soon(run)
        await trio.testing.wait_all_tasks_blocked()
        while not result and stage.clock.next_due is not None:
            await stage.clock.advance(1.0)
    return result[0]


async def check_refused(stage: Scene, expected: Code, call: Callable[[], Any]) -> None:
    """The call is refused with that code and changes nothing."""
    before = await observed(stage)
    assert await code(call()) is expected
    assert await observed(stage) == before


@pytest.mark.parametrize(("verb", "state", "answer"), cells(SESSION))
async def test_session(verb: Verb, state: SessionState, answer: Cell) -> None:
    """Each verb of a session, in each of its states, does what the table says."""
    async with scene(*faults_for(state)) as stage:
        await to(stage, state.value)
        assert stage.session.state is state

        def call() -> Any:
            return SESSION_CALLS[verb](stage.session)

        if answer.code is not None:
            await check_refused(stage, answer.code, call)
        else:
            await finish(stage, call)
            if answer.outcome is Outcome.NO_OP:
                assert stage.session.state is state
            elif answer.then:
                assert stage.session.state in answer.then
        if stage.session.state is SessionState.ARMED:
            await finish(stage, stage.session.close)


JOB_CALLS: dict[Verb, Callable[[VirtualJob], Any]] = {
    Verb.NEXT_PAGE: lambda j: j.next_page(),
    Verb.CANCEL: lambda j: j.cancel(),
    Verb.SETTLED: lambda j: j.settled(),
}
_WAITS = {JobHandle.ARMED, JobHandle.TRANSFERRING, JobHandle.PAGE_GAP, JobHandle.DRAINING}


@pytest.mark.parametrize(("verb", "state", "answer"), cells(JOB))
async def test_job(verb: Verb, state: JobHandle, answer: Cell) -> None:
    """Each verb of a job, in each state of its handle, stale ones included, does what the table says."""
    async with scene(*faults_for(state)) as stage:
        await to(stage, state.value)
        job = stage.job
        assert job is not None
        assert job.state is state

        def call() -> Any:
            return JOB_CALLS[verb](job)

        if answer.code is not None:
            await check_refused(stage, answer.code, call)
        elif verb is Verb.SETTLED and state in _WAITS:
            with trio.move_on_after(0):
                await call()
                pytest.fail("settled before the end")
        elif verb is Verb.NEXT_PAGE and state is JobHandle.ABORTED:
            await check_refused(stage, Code.TRANSFER_BROKEN, call)
        else:
            result = await finish(stage, call)
            if verb is Verb.NEXT_PAGE and answer.outcome is Outcome.AGAIN:
                assert result is None
            if answer.outcome in {Outcome.AGAIN, Outcome.NO_OP} and state is not JobHandle.CANCELLING:
                assert job.state is state
            elif answer.then:
                assert job.state in answer.then


PAGE_CALLS: dict[Verb, Callable[[VirtualPage], Any]] = {
    Verb.READ: lambda p: p.read(1000),
    Verb.END: lambda p: p.end(),
}


@pytest.mark.parametrize(("verb", "state", "answer"), cells(PAGE))
async def test_page(verb: Verb, state: PageHandle, answer: Cell) -> None:
    """Each verb of a page, in each state of its handle, stale ones included, does what the table says."""
    async with scene(*faults_for(state)) as stage:
        await to(stage, state.value)
        page = stage.page
        assert page is not None
        assert page.state is state

        def call() -> Any:
            return PAGE_CALLS[verb](page)

        if answer.code is not None:
            await check_refused(stage, answer.code, call)
        elif state is PageHandle.FAILED:
            await check_refused(stage, Code.TRANSFER_BROKEN, call)
        else:
            result = await call()
            if answer.outcome is Outcome.AGAIN:
                assert result == await call()
                assert page.state is state
            elif answer.then:
                assert page.state in answer.then


async def test_open_twice_is_busy_and_harmless() -> None:
    """A device that is open is refused with BUSY, and its session goes on (LIFE-02; Backend, open)."""
    async with scene() as stage:
        await to(stage, "transferring")
        await check_refused(stage, Code.BUSY, lambda: stage.backend.open("feeder"))
        assert stage.page is not None
        assert await stage.page.read(100)
        await finish(stage, stage.session.close)


async def test_closed_backend_refuses() -> None:
    """A backend that was left refuses everything with CLOSED, and so do the sessions that were left open."""
    async with scene() as stage:
        pass
    for call in (stage.backend.devices, lambda: stage.backend.open("feeder"), lambda: stage.backend.control("feeder")):
        assert await code(call()) is Code.CLOSED
    assert await code(stage.session.status()) is Code.CLOSED
    assert BackendState.CLOSED.value == "closed"


@pytest.mark.parametrize(
    ("state", "call", "expected"),
    [
        ("armed", lambda st: st.session.start(FAST, 0), Code.BUSY),
        ("armed", lambda st: st.session.set("no-such-option", 1), Code.WRONG_STATE),
        ("transferring", lambda st: st.session.set("mode", 5), Code.WRONG_STATE),
        ("cancelling", lambda st: st.session.set("no-such-option", 1), Code.BUSY),
        ("at-end", lambda st: st.page.read(0), Code.WRONG_STATE),
        ("closed", lambda st: st.session.set("no-such-option", 1), Code.CLOSED),
        ("lost", lambda st: st.session.start(FAST, 0), Code.DEVICE_LOST),
        ("idle", lambda st: st.session.start(FAST, 0), Code.INVALID_VALUE),
        ("reading", lambda st: st.page.read(0), Code.INVALID_VALUE),
        ("reading", lambda st: st.page.read(True), Code.INVALID_VALUE),
    ],
)
async def test_precedence(state: str, call: Callable[[Scene], Any], expected: Code) -> None:
    """Where several refusals apply, CLOSED, DEVICE_LOST, WRONG_STATE and BUSY win in that order over values."""
    async with scene() as stage:
        await to(stage, state)
        await check_refused(stage, expected, lambda: call(stage))


async def test_second_call_on_a_handle_is_busy() -> None:
    """While a call of a handle is under way a second one is BUSY; status, events and cancel are not."""
    async with scene(Fault(FaultKind.HANG, page=1)) as stage:
        job = await stage.session.start(FAST)
        outcome: list[Code] = []

        async def wait_for_page() -> None:
            outcome.append(await code(job.next_page()))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(wait_for_page)
            await trio.testing.wait_all_tasks_blocked()
            assert await code(job.next_page()) is Code.BUSY
            assert (await stage.session.status()).state is SessionState.ARMED
            stage.session.events().close()
            await job.cancel()
        assert outcome == [Code.CANCELLED]
