"""Each fault, at each place where it can strike."""

from __future__ import annotations

from typing import Any

import pytest
import trio

from device_protocol import (
    Code,
    DeviceError,
    EventKind,
    Fault,
    FaultKind,
    FeederState,
    JobState,
    SessionState,
    Settings,
)
from device_protocol.aio import ManualClock, Session, read_all
from device_protocol.devices import ChangeKind
from simulators.backend import VirtualBackend
from simulators.crash import SimulatedCrash
from tests.simulators.benches import FAST, code, feeder, flatbed, lab, profile, refusal, scan

SIMPLEX = Settings(source="feeder", mode="gray", resolution=75)


async def pages_until_error(session: Session, settings: Settings = FAST) -> tuple[list[int], DeviceError]:
    """Sheets that were read whole, and what came then."""
    job = await session.start(settings)
    whole: list[int] = []

    async def read_on() -> None:
        while (page := await job.next_page()) is not None:
            _, end = await read_all(page)
            assert not end.incomplete
            whole.append(page.info.number)

    error = await refusal(read_on())
    assert await code(job.next_page()) is error.code
    assert await job.settled() is JobState.ABORTED
    return whole, error


async def act(backend: VirtualBackend, action: str, **arguments: Any) -> dict[str, Any]:
    """Do something to the feeder."""
    control = await backend.control("feeder")
    return dict(await control.perform(action, arguments))


async def test_empty_feeder_at_start() -> None:
    """An empty hopper is NO_MEDIA at start and leaves IDLE without a job; the same after each retry (SCAN-02, SCAN-04)."""
    async with lab(feeder(0)) as backend:
        session = await backend.open("feeder")
        for _ in range(2):
            assert await code(session.start(FAST)) is Code.NO_MEDIA
            status = await session.status()
            assert (status.state, status.job, status.feeder) == (SessionState.IDLE, None, FeederState.EMPTY)
        await act(backend, "load", count=1)
        assert (await session.status()).feeder is FeederState.LOADED
        assert len(await scan(await session.start(FAST))) == 2


async def test_empty_at_first_page() -> None:
    """A source that reports conditions at the first page does it there, always (SCAN-03)."""
    source = {"kind": "feeder", "width_mm": 210, "height_mm": 297, "conditions_at": "first-page"}
    async with lab(feeder(0, machine=profile(source=[source], default_source="feeder"))) as backend:
        session = await backend.open("feeder")
        for _ in range(2):
            job = await session.start(SIMPLEX)
            assert await code(job.next_page()) is Code.NO_MEDIA
            assert (await session.status()).state is SessionState.IDLE


@pytest.mark.parametrize(("fault", "expected"), [(Fault(FaultKind.EMPTY), 0), (Fault(FaultKind.EMPTY, sheet=3), 4)])
async def test_empty_fault(fault: Fault, expected: int) -> None:
    """The stack ends early: NO_MEDIA at the start, a normal end of the pages in between; and the hopper is empty."""
    async with lab(feeder(5, fault)) as backend:
        session = await backend.open("feeder")
        if expected:
            assert len(await scan(await session.start(FAST))) == expected
        assert await code(session.start(FAST)) is Code.NO_MEDIA
        assert (await session.status()).feeder is FeederState.EMPTY


async def test_somebody_cancels_at_the_start() -> None:
    """A cancel at the machine ends the start with CANCELLED; no sheet moves, and the next start goes through (S-102)."""
    async with lab(feeder(2, Fault(FaultKind.CANCELLED))) as backend:
        session = await backend.open("feeder")
        assert await code(session.start(FAST)) is Code.CANCELLED
        assert (await session.status()).state is SessionState.IDLE
        assert len(await scan(await session.start(FAST))) == 4


@pytest.mark.parametrize("sheet", [1, 2])
async def test_somebody_cancels_at_a_sheet(sheet: int) -> None:
    """A cancel at the machine as a sheet comes ends the job with CANCELLED; the pages before it are whole, and the session goes on."""
    async with lab(feeder(3, Fault(FaultKind.CANCELLED, verb="next_page", sheet=sheet))) as backend:
        session = await backend.open("feeder")
        whole, error = await pages_until_error(session)
        assert whole == list(range(1, 2 * sheet - 1))
        assert (error.code, error.page, error.survives) == (Code.CANCELLED, 2 * sheet - 1, True)
        assert (await session.status()).state is SessionState.IDLE
        assert len(await scan(await session.start(FAST))) == 2 * (3 - sheet)


@pytest.mark.parametrize("sheet", [1, 2, 3])
async def test_jam_at_the_pick_of_a_sheet(sheet: int) -> None:
    """A jam at sheet k: the pages before it are whole, k gives none, and once it is cleared the rest can be scanned (PAGE-04, PAGE-05)."""
    async with lab(feeder(3, Fault(FaultKind.JAM, sheet=sheet))) as backend:
        session = await backend.open("feeder")
        whole, error = await pages_until_error(session)
        assert whole == list(range(1, 2 * sheet - 1))
        assert (error.code, error.page, error.survives) == (Code.JAM, 2 * sheet - 1, True)
        assert error.native is not None
        status = await session.status()
        assert (status.feeder, status.conditions) == (FeederState.JAMMED, frozenset({Code.JAM}))
        assert await code(session.start(FAST)) is Code.JAM
        assert (await act(backend, "clear-jam"))["path"] == []
        assert not (await session.status()).conditions
        if sheet < 3:
            assert len(await scan(await session.start(FAST))) == 2 * (3 - sheet)


@pytest.mark.parametrize("point", [0.25, 1.0])
@pytest.mark.parametrize("page", [1, 2, 3])
async def test_jam_within_a_page(page: int, point: float) -> None:
    """A jam in mid-page: that page fails after so much of its data, the ones before it are whole."""
    async with lab(feeder(3, Fault(FaultKind.JAM, page=page, at=point))) as backend:
        session = await backend.open("feeder")
        job = await session.start(FAST)
        for _ in range(page - 1):
            begun = await job.next_page()
            assert begun is not None
            await read_all(begun)
        begun = await job.next_page()
        assert begun is not None
        total = begun.info.params.total
        assert total is not None
        strips: list[bytes] = []

        async def read_on() -> None:
            while True:
                strips.append(await begun.read(1000))

        error = await refusal(read_on())
        stride = begun.info.params.stride
        assert sum(map(len, strips)) == round(point * total / stride) * stride
        assert (error.code, error.page) == (Code.JAM, page)
        assert await code(begun.end()) is Code.JAM
        assert (await act(backend, "report"))["jammed"]


async def test_jam_before_open_and_at_start() -> None:
    """A jam that was there before anybody connected stands in the way of the first start, and one can strike at start."""
    async with lab(feeder(3, Fault(FaultKind.JAM, verb="open"), Fault(FaultKind.JAM, verb="start"))) as backend:
        session = await backend.open("feeder")
        assert (await session.status()).feeder is FeederState.JAMMED
        await act(backend, "clear-jam")
        assert await code(session.start(FAST)) is Code.JAM
        await act(backend, "clear-jam")
        assert len(await scan(await session.start(FAST))) == 2


async def test_double_feed_stops_with_its_page() -> None:
    """A double feed is MULTIFEED with the page's number; the two sheets are put out, and the next job goes on (PAGE-06)."""
    async with lab(feeder(4, Fault(FaultKind.MULTIFEED, sheet=2))) as backend:
        session = await backend.open("feeder")
        whole, error = await pages_until_error(session)
        assert (whole, error.code, error.page) == ([1, 2], Code.MULTIFEED, 3)
        pages = await scan(await session.start(FAST))
        assert len(pages) == 2
        assert (await act(backend, "report"))["output"] == 4


@pytest.mark.parametrize(("reaction", "flag"), [("mark", True), ("ignore", None)])
async def test_double_feed_that_goes_on(reaction: str, flag: bool | None) -> None:
    """With ``multifeed`` set to mark or ignore the scan goes on; the flag says what the machine noticed, and the page shows what the bars saw."""
    async with lab(feeder(3, Fault(FaultKind.MULTIFEED, sheet=1))) as backend:
        session = await backend.open("feeder")
        await session.set("multifeed", reaction)
        pages = await scan(await session.start(FAST))
        unnoticed = None if flag is None else False
        assert [end.multifeed for _, _, end in pages] == [flag, flag, unnoticed, unnoticed]
    async with lab(feeder(3)) as backend:
        clean = await scan(await (await backend.open("feeder")).start(FAST))
        assert pages[0][1] == clean[0][1], "the bar above sees the front of sheet 1"
        assert pages[1][1] == clean[3][1], "the bar below sees the back of sheet 2"


async def test_double_feed_needs_two_sheets() -> None:
    """The last sheet cannot be fed double; the fault waits."""
    async with lab(feeder(1, Fault(FaultKind.MULTIFEED))) as backend:
        session = await backend.open("feeder")
        assert len(await scan(await session.start(FAST))) == 2
        await act(backend, "load", count=2)
        assert (await pages_until_error(session))[1].code is Code.MULTIFEED


@pytest.mark.parametrize(("verb", "page", "at"), [("start", None, 0.0), ("", 3, 0.0), ("", 2, 0.4)])
async def test_cover_opens(verb: str, page: int | None, at: float) -> None:
    """The cover opens at start, before a page or within one: COVER_OPEN there and at every start until it is closed."""
    async with lab(feeder(3, Fault(FaultKind.COVER_OPEN, verb=verb, page=page, at=at))) as backend:
        session = await backend.open("feeder")
        events = session.events()
        if page is None:
            assert await code(session.start(FAST)) is Code.COVER_OPEN
        else:
            whole, error = await pages_until_error(session)
            assert (len(whole), error.code, error.page) == (page - 1, Code.COVER_OPEN, page)
        assert Code.COVER_OPEN in (await session.status()).conditions
        assert await code(session.start(FAST)) is Code.COVER_OPEN
        await act(backend, "close-cover")
        assert not (await session.status()).conditions
        assert await scan(await session.start(FAST))
        await session.close()
        told = [event.detail async for event in events if event.kind is EventKind.CONDITION]
        assert told == ["COVER_OPEN", "COVER_OPEN"], "once when it opens and once when it closes"


async def test_cover_opened_by_hand_in_mid_page() -> None:
    """A cover that somebody opens ends the page that is read at that moment; one that opens between pages ends the next."""
    async with lab(feeder(3)) as backend:
        session = await backend.open("feeder")
        job = await session.start(SIMPLEX)
        page = await job.next_page()
        assert page is not None
        await page.read(100)
        await act(backend, "open-cover")
        assert await code(page.read(100)) is Code.COVER_OPEN
        assert (await session.status()).state is SessionState.IDLE
        await act(backend, "close-cover")
        job = await session.start(SIMPLEX)
        page = await job.next_page()
        assert page is not None
        await read_all(page)
        await act(backend, "open-cover")
        assert await code(job.next_page()) is Code.COVER_OPEN


async def test_busy_some_times() -> None:
    """BUSY at open, twice, and then the device is free (ERR-05, LIFE-03)."""
    async with lab(feeder(1, Fault(FaultKind.BUSY, times=2))) as backend:
        for _ in range(2):
            error = await refusal(backend.open("feeder"))
            assert (error.code, error.retryable) == (Code.BUSY, True)
        assert (await backend.open("feeder")).state is SessionState.IDLE


async def test_busy_for_some_seconds() -> None:
    """BUSY at open lasts as many seconds of the device clock as was said, from the first refusal on."""
    clock = ManualClock()
    machine = profile(timing={"open_s": 0})
    async with lab(feeder(1, Fault(FaultKind.BUSY, seconds=2.0), machine=machine), clock=clock) as backend:
        await clock.advance(10)
        assert await code(backend.open("feeder")) is Code.BUSY
        await trio.testing.wait_all_tasks_blocked()
        await clock.advance(1.9)
        assert await code(backend.open("feeder")) is Code.BUSY
        await clock.advance(0.2)
        session = await backend.open("feeder")
        await session.close()
        await act(backend, "fault", kind="busy", seconds=1000)
        assert await code(backend.open("feeder")) is Code.BUSY
        await act(backend, "clear-faults")
        assert (await backend.open("feeder")).state is SessionState.IDLE


async def test_busy_at_start() -> None:
    """BUSY at start leaves IDLE, and the next start works."""
    async with lab(feeder(1, Fault(FaultKind.BUSY, verb="start"))) as backend:
        session = await backend.open("feeder")
        assert await code(session.start(FAST)) is Code.BUSY
        assert (await session.status()).state is SessionState.IDLE
        assert (await session.start(FAST)).running


@pytest.mark.parametrize(
    "fault",
    [
        Fault(FaultKind.UNPLUGGED, verb="start"),
        Fault(FaultKind.UNPLUGGED, page=2),
        Fault(FaultKind.UNPLUGGED, page=1, at=0.5),
    ],
)
async def test_unplugged(fault: Fault) -> None:
    """The plug is pulled: DEVICE_LOST on that verb and on all later ones, close works, replugging brings it back (ERR-03)."""
    async with lab(feeder(3, fault)) as backend:
        session = await backend.open("feeder")
        events = session.events()

        async def use() -> None:
            await scan(await session.start(FAST))

        error = await refusal(use())
        assert (error.code, error.survives) == (Code.DEVICE_LOST, False)
        assert await code(session.options()) is Code.DEVICE_LOST
        assert (await session.status()).state is SessionState.LOST
        await session.cancel()
        await session.close()
        kinds = [event.kind async for event in events]
        assert kinds[-1] is EventKind.LOST
        assert not (await backend.devices()).devices
        assert await code(backend.open("feeder")) is Code.NOT_FOUND
        await act(backend, "replug")
        assert len((await backend.devices()).devices) == 1
        session = await backend.open("feeder")
        assert await scan(await session.start(FAST))


async def test_unplugged_while_opening() -> None:
    """A plug that is pulled during open makes open fail, and keeps no seat."""
    async with lab(feeder(1, Fault(FaultKind.UNPLUGGED, verb="open", seconds=1.0))) as backend:
        assert await code(backend.open("feeder")) is Code.DEVICE_LOST
        await trio.testing.wait_all_tasks_blocked()
        assert (await backend.open("feeder")).state is SessionState.IDLE, (
            "it was put back after a second of instant time"
        )


async def test_watch_tells_of_plugs() -> None:
    """Watching gives the list first, then who is gone and who has arrived, with revisions that grow by one."""
    async with lab(feeder(1), flatbed()) as backend:
        changes = backend.watch()
        first = await anext(changes)
        assert (first.kind, [item.id for item in first.devices]) == (ChangeKind.LIST, ["feeder", "flatbed"])
        await act(backend, "unplug")
        await act(backend, "replug")
        gone, back = await anext(changes), await anext(changes)
        assert [(item.kind, item.devices[0].id) for item in (gone, back)] == [
            (ChangeKind.GONE, "feeder"),
            (ChangeKind.ARRIVED, "feeder"),
        ]
        assert [first.revision + 1, first.revision + 2] == [gone.revision, back.revision]
        for _ in range(300):
            await act(backend, "unplug")
            await act(backend, "replug")
        assert (await anext(changes)).kind is ChangeKind.LIST, "a watcher that fell behind gets the list again"
        await changes.aclose()  # type: ignore[attr-defined]  # an async generator


@pytest.mark.parametrize("verb", ["open", "start", "next_page", "read"])
async def test_hang(verb: str) -> None:
    """A hang answers never: not within a day of device time; the caller's deadline ends it, and the device can be opened again (CANC-08)."""
    clock = ManualClock()
    machine = profile(timing={"open_s": 0, "feed_s": 0, "page_s": 0, "cancel_s": 0})
    async with lab(feeder(2, Fault(FaultKind.HANG, verb=verb), machine=machine), clock=clock) as backend:
        ended = trio.Event()

        async def use() -> None:
            with trio.CancelScope() as scope:
                scopes.append(scope)
                session = await backend.open("feeder")
                sessions.append(session)
                await scan(await session.start(FAST))
                pytest.fail("it did not hang")
            ended.set()

        scopes: list[trio.CancelScope] = []
        sessions: list[Session] = []
        async with trio.open_nursery() as nursery:
            nursery.start_soon(use)
            await trio.testing.wait_all_tasks_blocked()
            await clock.advance(86_400)
            assert not ended.is_set()
            scopes[0].cancel()
        for session in sessions:
            await session.close()
        session = await backend.open("feeder")
        assert await scan(await session.start(FAST))


@pytest.mark.parametrize("verb", ["open", "start", "next_page", "read"])
async def test_crash_in_process(verb: str) -> None:
    """Without a worker a crash is an exception that no contract knows; the lab survives it, and the next session works (ERR-08)."""
    async with lab(feeder(3, Fault(FaultKind.CRASH, verb=verb))) as backend:
        sessions: list[Session] = []

        async def use() -> None:
            sessions.append(await backend.open("feeder"))
            await scan(await sessions[0].start(FAST))

        with pytest.raises(SimulatedCrash):
            await use()
        for session in sessions:
            await session.close()
        session = await backend.open("feeder")
        assert await scan(await session.start(FAST))


@pytest.mark.parametrize("at", [0.0, 0.3])
async def test_truncated_transfer(at: float) -> None:
    """A transfer that breaks off is TRANSFER_BROKEN, never a short page; the next job works in the same session (DATA-11)."""
    async with lab(feeder(3, Fault(FaultKind.TRUNCATED, page=2, at=at))) as backend:
        session = await backend.open("feeder")
        whole, error = await pages_until_error(session)
        assert (whole, error.code, error.page) == ([1], Code.TRANSFER_BROKEN, 2)
        assert len(await scan(await session.start(FAST))) == 4


async def test_times() -> None:
    """A fault strikes as often as it says; 0 is always, until the faults are cleared."""
    async with lab(feeder(9, Fault(FaultKind.TRUNCATED, times=2))) as backend:
        session = await backend.open("feeder")
        for _ in range(2):
            assert (await pages_until_error(session))[1].code is Code.TRANSFER_BROKEN
        assert len(await scan(await session.start(FAST, 2))) == 2
        await act(backend, "fault", kind="truncated", times=0)
        for _ in range(3):
            assert (await pages_until_error(session))[1].code is Code.TRANSFER_BROKEN
        await act(backend, "clear-faults")
        assert len(await scan(await session.start(FAST))) == 6


async def test_flatbed_faults() -> None:
    """A flatbed can break off and lose its plug too, and never says NO_MEDIA (SCAN-02)."""
    async with lab(flatbed(Fault(FaultKind.TRUNCATED, at=0.5))) as backend:
        session = await backend.open("flatbed")
        assert (await pages_until_error(session))[1].code is Code.TRANSFER_BROKEN
        control = await backend.control("flatbed")
        await control.perform("remove-sheet")
        pages = await scan(await session.start(FAST))
        assert [end.blank for _, _, end in pages] == [True]
        assert (await session.status()).feeder is FeederState.NONE
        await control.perform("unplug")
        assert await code(session.start(FAST)) is Code.DEVICE_LOST
