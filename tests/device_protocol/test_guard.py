"""The guard refuses what the table refuses, and nothing of a refused call reaches the driver."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
import trio
import trio.testing

from device_protocol import AUTO, Code, DeviceError, JobState, SessionState, Settings
from device_protocol.aio import GuardedBackend, guard
from device_protocol.aio.guard import GuardedJob, GuardedPage, GuardedSession
from device_protocol.states import JOB, PAGE, SESSION, JobHandle, Outcome, PageHandle, State, Verb, cell
from tests.device_protocol.recording import RecordingBackend


class Bench:
    """A guarded session brought into a state of the table."""

    def __init__(self) -> None:
        self.driver = RecordingBackend()
        self.backend: GuardedBackend = guard(self.driver)

    async def bring(self, state: State) -> None:
        """Open a session and bring it, its job and its page into *state* (named alike in the three tables)."""
        self.session = await self.backend.open("one")
        self.job: GuardedJob | None = None
        self.page: GuardedPage | None = None
        name = state.name
        if name == "IDLE":
            return
        if name in {"CLOSED", "LOST"}:
            await self._start()
            await self._next()
            if name == "CLOSED":
                await self.session.close()
            else:
                self.session.lose()
            return
        await self._start()
        if name == "DRAINING":  # no driver of this test tells, so the guard is told
            self.session.state, self.job._state = SessionState.DRAINING, JobHandle.DRAINING  # type: ignore[attr-defined]
        if name in {"ARMED", "DRAINING"}:
            return
        await self._next()
        await self._after_first_page(name)

    async def _after_first_page(self, name: str) -> None:
        assert self.job is not None
        assert self.page is not None
        match name:
            case "TRANSFERRING" | "READING":
                pass
            case "AT_END":
                while await self.page.read(64):
                    pass
            case "PAGE_GAP" | "ENDED":
                await self.page.end()
            case "CANCELLING" | "CANCELLED":
                await self.job.cancel()
            case "CANCELED":
                await self.job.cancel()
                await self.job.settled()
            case "COMPLETED":
                await self.page.end()
                second = await self.job.next_page()
                assert second is not None
                await second.end()
                assert await self.job.next_page() is None
            case "ABORTED" | "FAILED":
                self.driver.session.job.fails = DeviceError(Code.JAM)
                inner: Any = self.page._inner
                inner.fails = DeviceError(Code.JAM)
                with pytest.raises(DeviceError):
                    await self.page.read(10)

    async def _start(self) -> None:
        self.job = await self.session.start()

    async def _next(self) -> None:
        assert self.job is not None
        self.page = await self.job.next_page()

    @property
    def snapshot(self) -> tuple[Any, ...]:
        """What a refused call must not change."""
        return (
            self.session.state,
            self.job and self.job.state,
            self.page and self.page.state,
            tuple(self.driver.log),
        )


def _session_calls(session: GuardedSession) -> dict[Verb, Callable[[], Awaitable[object]]]:
    async def events() -> object:
        await trio.lowlevel.checkpoint()
        return session.events()

    return {
        Verb.CAPS: session.caps,
        Verb.OPTIONS: session.options,
        Verb.GET: lambda: session.get("resolution"),
        Verb.PARAMS: session.params,
        Verb.STATUS: session.status,
        Verb.EVENTS: events,
        Verb.SET: lambda: session.set("resolution", 100),
        Verb.SET_LIVE: lambda: session.set("brightness", 1),
        Verb.APPLY: lambda: session.apply(Settings(resolution=100)),
        Verb.RESET: session.reset,
        Verb.START: session.start,
        Verb.CANCEL: session.cancel,
        Verb.CLOSE: session.close,
    }


async def _judge(bench: Bench, verb: Verb, state: State, call: Callable[[], Awaitable[object]]) -> None:
    answer = cell(verb, state)
    before = bench.snapshot
    if answer.outcome is Outcome.REFUSED:
        with pytest.raises(DeviceError) as caught:
            await call()
        assert caught.value.code is answer.code
        assert bench.snapshot == before
    elif answer.outcome is Outcome.AGAIN and state.name in {"ABORTED", "FAILED"}:
        if verb is Verb.SETTLED:
            await call()
            return
        with pytest.raises(DeviceError) as caught:
            await call()
        assert caught.value.code is Code.JAM
        assert bench.snapshot == before
    else:
        await call()
        if answer.outcome is Outcome.NO_OP:
            assert bench.snapshot == before


@pytest.mark.parametrize("state", list(SessionState), ids=lambda state: state.value)
@pytest.mark.parametrize("verb", list(SESSION), ids=lambda verb: verb.value)
async def test_session_cell(verb: Verb, state: SessionState) -> None:
    """Each cell of the session's table: a legal call goes through, a refused one gives the code and changes nothing."""
    bench = Bench()
    await bench.bring(state)
    assert bench.session.state is state
    await _judge(bench, verb, state, _session_calls(bench.session)[verb])


@pytest.mark.parametrize("state", list(JobHandle), ids=lambda state: state.value)
@pytest.mark.parametrize("verb", list(JOB), ids=lambda verb: verb.value)
async def test_job_cell(verb: Verb, state: JobHandle) -> None:
    """Each cell of the job's table, stale handles included."""
    bench = Bench()
    await bench.bring(state)
    assert bench.job is not None
    assert bench.job.state is state
    calls: dict[Verb, Callable[[], Awaitable[object]]] = {
        Verb.NEXT_PAGE: bench.job.next_page,
        Verb.CANCEL: bench.job.cancel,
        Verb.SETTLED: bench.job.settled,
    }
    await _judge(bench, verb, state, calls[verb])


@pytest.mark.parametrize("state", list(PageHandle), ids=lambda state: state.value)
@pytest.mark.parametrize("verb", list(PAGE), ids=lambda verb: verb.value)
async def test_page_cell(verb: Verb, state: PageHandle) -> None:
    """Each cell of the page's table."""
    bench = Bench()
    await bench.bring(state)
    assert bench.page is not None
    assert bench.page.state is state
    page = bench.page
    calls: dict[Verb, Callable[[], Awaitable[object]]] = {Verb.READ: lambda: page.read(10), Verb.END: page.end}
    await _judge(bench, verb, state, calls[verb])


async def test_second_open_is_busy_and_harmless() -> None:
    """LIFE-02: opening a device twice is BUSY, the first session goes on, and after close it opens again."""
    bench = Bench()
    await bench.bring(SessionState.IDLE)
    with pytest.raises(DeviceError) as caught:
        await bench.backend.open("one")
    assert caught.value.code is Code.BUSY
    assert bench.driver.log == ["open one"]
    assert await bench.session.get("resolution") == 300
    await bench.session.close()
    await bench.backend.open("one")


@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("resolution", "300", Code.INVALID_VALUE),
        ("resolution", True, Code.INVALID_VALUE),
        ("resolution", AUTO, Code.INVALID_VALUE),
        ("serial", "2", Code.UNSUPPORTED),
        ("hidden", 1, Code.UNSUPPORTED),
        ("nothing", 1, Code.UNSUPPORTED),
    ],
)
async def test_bad_values_stop_at_the_guard(name: str, value: Any, code: Code) -> None:
    """SET-05, SET-10, CAPS-11, CAPS-12: what no device may accept never reaches the driver, and the error names option and value."""
    bench = Bench()
    await bench.bring(SessionState.IDLE)
    before = bench.snapshot
    with pytest.raises(DeviceError) as caught:
        await bench.session.set(name, value)
    assert caught.value.code is code
    assert caught.value.option == name
    assert bench.snapshot == before


@pytest.mark.parametrize("pages", [0, -1, True, "some", 1.5])
async def test_bad_page_targets_stop_at_the_guard(pages: Any) -> None:
    """SCAN-05: a page target of 0 or worse is refused and no job exists."""
    bench = Bench()
    await bench.bring(SessionState.IDLE)
    before = bench.snapshot
    with pytest.raises(DeviceError) as caught:
        await bench.session.start(pages=pages)
    assert caught.value.code is Code.INVALID_VALUE
    assert bench.snapshot == before


@pytest.mark.parametrize("count", [0, -5, True, 2.0])
async def test_bad_read_sizes_stop_at_the_guard(count: Any) -> None:
    """A read of less than one byte is INVALID_VALUE and loses nothing."""
    bench = Bench()
    await bench.bring(PageHandle.READING)
    assert bench.page is not None
    before = bench.snapshot
    with pytest.raises(DeviceError) as caught:
        await bench.page.read(count)
    assert caught.value.code is Code.INVALID_VALUE
    assert bench.snapshot == before


async def test_a_second_call_beside_one_is_busy() -> None:
    """One call at a time on a handle: a second next_page gets BUSY, the first goes on; status and cancel are legal beside it."""
    bench = Bench()
    await bench.bring(SessionState.ARMED)
    assert bench.job is not None
    job = bench.job
    bench.driver.session.job.gate = trio.Event()
    results: list[object] = []

    async def first() -> None:
        results.append(await job.next_page())

    async with trio.open_nursery() as nursery:
        nursery.start_soon(first)
        await trio.testing.wait_all_tasks_blocked()
        with pytest.raises(DeviceError) as caught:
            await job.next_page()
        assert caught.value.code is Code.BUSY
        await bench.session.status()
        await job.cancel()
        bench.driver.session.job.gate.set()
    page = results[0]
    assert isinstance(page, GuardedPage)
    with pytest.raises(DeviceError) as caught:
        await page.read(1)
    assert caught.value.code is Code.CANCELLED  # CANC-02: no bytes follow a cancel
    assert await job.settled() is JobState.CANCELED
    await bench.session.start()  # CANC-03


async def test_loss_marks_every_handle() -> None:
    """ERR-03: once a verb says DEVICE_LOST every handle does, and close still works."""
    bench = Bench()
    await bench.bring(PageHandle.READING)
    bench.driver.session.lost = DeviceError(Code.DEVICE_LOST)
    with pytest.raises(DeviceError):
        await bench.session.params()
    assert (bench.session.state, bench.job and bench.job.state, bench.page and bench.page.state) == (
        SessionState.LOST,
        JobHandle.LOST,
        PageHandle.LOST,
    )
    await bench.session.close()
    assert bench.driver.log[-1] == "close"


async def test_settings_are_judged_by_the_source_that_is_set() -> None:
    """What a snapshot does not name stays as it is set: 600 dpi is fine on the glass and not in the feeder, and the refusal reaches no driver."""
    bench = Bench()
    await bench.bring(SessionState.IDLE)
    with pytest.raises(DeviceError) as caught:
        await bench.session.apply(Settings(resolution=600))
    assert caught.value.option == "resolution"
    assert "apply" not in bench.driver.log
    bench.driver.session.source = "Glass"
    await bench.session.apply(Settings(resolution=600))
    assert bench.driver.log[-1] == "apply"


async def test_handles_of_earlier_jobs_end_with_their_session() -> None:
    """LIFE-06: after close every handle that the session ever gave is CLOSED, also those of jobs and pages that have long ended."""
    bench = Bench()
    await bench.bring(JobHandle.COMPLETED)
    old_job, old_page = bench.job, bench.page
    assert old_job is not None
    assert old_page is not None
    bench.driver.session.job.pages = 0
    await bench.session.start()
    await bench.session.close()
    for call in (old_job.next_page, old_job.cancel, old_job.settled, old_page.end):
        with pytest.raises(DeviceError) as caught:
            await call()
        assert caught.value.code is Code.CLOSED
