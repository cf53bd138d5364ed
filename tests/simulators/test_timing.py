"""Time: the machine takes as long as its profile says, on whatever clock it was given, and nothing else moves it."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

import pytest
import trio

from device_protocol import Code, Fault, FaultKind, JobState, SessionState, Settings
from device_protocol.aio import DeviceClock, ManualClock, RealClock, ScaledClock, Session, read_all
from device_protocol.testing import Jumper, run
from tests.simulators.benches import FAST, INSTANT, feeder, flatbed, lab, profile, refusal, scan

SIMPLEX = Settings(source="feeder", mode="gray", resolution=75)


def virtually(main: Callable[[], Coroutine[Any, Any, float]]) -> float:
    """Run *main* on virtual time; gives what it returns."""
    return run(main, clock=Jumper())


def machine(**timing: float) -> Any:
    """A feeder with that timing and no other."""
    return profile(timing={"open_s": 0, "feed_s": 0, "page_s": 0, "cancel_s": 0, "calibrate_s": 0} | timing)


@pytest.mark.parametrize("settings", [SIMPLEX, FAST])
def test_sixty_sheets_a_minute(settings: Settings) -> None:
    """The office feeder takes 60 virtual seconds for 60 sheets, one side or both."""

    async def main() -> float:
        async with lab(feeder(60, machine=machine(feed_s=0.25, page_s=0.75)), clock=RealClock()) as backend:
            session = await backend.open("feeder")
            begun = trio.current_time()
            await scan(await session.start(settings))
            return trio.current_time() - begun

    assert virtually(main) == pytest.approx(60.0)


def test_scaled_time() -> None:
    """On a clock ten times as fast the same takes a tenth."""

    async def main() -> float:
        async with lab(feeder(6, machine=machine(page_s=1)), clock=ScaledClock(10)) as backend:
            session = await backend.open("feeder")
            await scan(await session.start(SIMPLEX))
            return trio.current_time()

    assert virtually(main) == pytest.approx(0.6)


def test_resolution_slows_down() -> None:
    """Beyond its full-speed resolution the bar moves in proportion slower."""

    async def main() -> float:
        async with lab(feeder(1, machine=machine(page_s=1, full_speed_dpi=300)), clock=RealClock()) as backend:
            session = await backend.open("feeder")
            await scan(await session.start(Settings(source="feeder", mode="lineart", resolution=600)))
            return trio.current_time()

    assert virtually(main) == pytest.approx(2.0)


async def test_rows_come_as_the_bar_moves() -> None:
    """A read waits until the bar has passed its rows, and no longer; bytes that have been passed come at once."""
    clock = ManualClock()
    async with lab(feeder(1, machine=machine(page_s=10)), clock=clock) as backend:
        session = await backend.open("feeder")
        page = await (await session.start(SIMPLEX)).next_page()
        assert page is not None
        total = page.info.params.total
        assert total is not None
        half = total // 2
        got: list[int] = []

        async def read() -> None:
            got.append(len(await page.read(half)))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(read)
            await trio.testing.wait_all_tasks_blocked()
            await clock.advance(4.9)
            assert got == []
            await clock.advance(0.2)
        assert got == [half]
        await clock.advance(5)
        with trio.fail_after(10):
            await read_all(page)


def test_cover_opened_while_a_sheet_is_on_its_way() -> None:
    """A cover that is opened between pick and scan bar ends the job before the page, and the sheet stays in the path."""

    async def main() -> float:
        async with lab(feeder(3, machine=machine(feed_s=10)), clock=RealClock()) as backend:
            session = await backend.open("feeder")
            control = await backend.control("feeder")
            job = await session.start(SIMPLEX)
            async with trio.open_nursery() as nursery:

                async def open_cover() -> None:
                    await trio.sleep(5)
                    await control.perform("open-cover")

                nursery.start_soon(open_cover)
                assert (await refusal(job.next_page())).code is Code.COVER_OPEN
            assert (await control.perform("report"))["path"] == [1]
            assert (await control.perform("close-cover"))["path"] == []
            return 0.0

    virtually(main)


def test_slow_page() -> None:
    """A SLOW page takes so many seconds longer, once; the others keep their pace."""

    async def main() -> float:
        fault = Fault(FaultKind.SLOW, page=2, seconds=30.0)
        async with lab(feeder(3, fault, machine=machine(page_s=1)), clock=RealClock()) as backend:
            session = await backend.open("feeder")
            await scan(await session.start(SIMPLEX))
            return trio.current_time()

    assert virtually(main) == pytest.approx(33.0)


@pytest.mark.parametrize("verb", ["open", "start", "next_page"])
def test_slow_calls(verb: str) -> None:
    """SLOW at another call delays that call."""

    async def main() -> float:
        fault = Fault(FaultKind.SLOW, verb=verb, seconds=7.0)
        async with lab(feeder(1, fault, machine=machine()), clock=RealClock()) as backend:
            session = await backend.open("feeder")
            await scan(await session.start(SIMPLEX))
            return trio.current_time()

    assert virtually(main) == pytest.approx(7.0)


def test_warming_up_is_a_status_and_a_wait() -> None:
    """A cold lamp is WARMING_UP in status while the first page waits; warm, it is not; after a long pause it is again (SCAN-10)."""

    async def main() -> float:
        data = {"warm_up_s": 20, "cool_down_s": 100, "open_s": 0, "feed_s": 0, "page_s": 0, "cancel_s": 0}
        async with lab(flatbed(profile=profile("flatbed", timing=data)), clock=RealClock()) as backend:
            session = await backend.open("flatbed")
            waits = []
            for pause in (0, 50, 200):
                await trio.sleep(pause)
                begun = trio.current_time()
                job = await session.start(FAST)
                conditions: list[Any] = []

                async def look(conditions: list[Any] = conditions) -> None:
                    await trio.sleep(10)
                    conditions.append((await session.status()).conditions)

                async with trio.open_nursery() as nursery:
                    nursery.start_soon(look)
                    page = await job.next_page()
                    waits.append(trio.current_time() - begun)
                assert page is not None
                await read_all(page)
                assert await job.next_page() is None
                assert conditions == [{Code.WARMING_UP} if waits[-1] else frozenset()]
            assert waits == pytest.approx([20, 0, 20])
            return 0.0

    virtually(main)


def test_scan_ahead_overlaps_reading() -> None:
    """A machine that scans ahead feeds while the reader is busy: with memory for the pages the slower of both sets the pace."""

    async def taken(ahead: int) -> float:
        unit = profile(timing={"open_s": 0, "feed_s": 0, "page_s": 1, "cancel_s": 0}, machine={"scan_ahead": ahead})
        async with lab(feeder(10, machine=unit), clock=RealClock()) as backend:
            session = await backend.open("feeder")
            job = await session.start(SIMPLEX)
            while (page := await job.next_page()) is not None:
                await read_all(page)
                await trio.sleep(1)
            return trio.current_time()

    assert run(lambda: taken(0), clock=Jumper()) == pytest.approx(20)
    assert run(lambda: taken(2), clock=Jumper()) == pytest.approx(11)


def test_scan_ahead_is_bounded_and_visible() -> None:
    """No more pages are fed ahead than declared; status shows how many, and DRAINING when the input has stopped."""

    async def main() -> float:
        unit = profile(timing={"open_s": 0, "feed_s": 0, "page_s": 1, "cancel_s": 0}, machine={"scan_ahead": 4})
        async with lab(feeder(5, machine=unit), clock=RealClock()) as backend:
            session = await backend.open("feeder")
            job = await session.start(FAST)
            await trio.sleep(100)
            status = await session.status()
            assert (status.scan_ahead, status.buffered) == (4, 4)
            seen = []
            while (page := await job.next_page()) is not None:
                await read_all(page)
                await trio.sleep(100)
                status = await session.status()
                assert status.buffered <= 4
                seen.append((status.state, status.buffered))
            assert seen[0] == (SessionState.PAGE_GAP, 3)
            assert seen[-2] == (SessionState.DRAINING, 1)
            return 0.0

    virtually(main)


def test_jam_behind_buffered_pages() -> None:
    """When a machine that scans ahead jams, the pages in its memory come first, and then the error (PAGE-04)."""

    async def main() -> float:
        unit = profile(machine={"scan_ahead": 6}, timing={"open_s": 0, "feed_s": 0, "page_s": 1})
        async with lab(feeder(5, Fault(FaultKind.JAM, sheet=3), machine=unit), clock=RealClock()) as backend:
            session = await backend.open("feeder")
            job = await session.start(FAST)
            await trio.sleep(60)
            assert Code.JAM in (await session.status()).conditions
            assert "Sheet 3 is stuck" in (await refusal(scan(job))).message
            status = await session.status()
            assert status.job is not None
            assert status.job.pages == 4
            return 0.0

    virtually(main)


def test_cancel_takes_its_time_and_is_bounded() -> None:
    """Cancel only initiates; the machine comes to rest after its time, within what the capabilities declare (CANC-04)."""

    async def main() -> float:
        async with lab(feeder(3, machine=machine(page_s=60, cancel_s=3)), clock=RealClock()) as backend:
            session = await backend.open("feeder")
            caps = await session.caps()
            job = await session.start(SIMPLEX)
            page = await job.next_page()
            assert page is not None
            await page.read(1000)
            begun = trio.current_time()
            await job.cancel()
            assert trio.current_time() == begun
            assert (await session.status()).state is SessionState.CANCELLING
            assert await job.settled() is JobState.CANCELED
            assert trio.current_time() - begun <= caps.cancel_deadline_s
            begun = trio.current_time()
            await session.start(SIMPLEX)
            await session.close()
            assert trio.current_time() - begun <= caps.close_deadline_s
            return 0.0

    virtually(main)


def test_same_seed_same_timing() -> None:
    """Two runs of the same lab take their steps at the same moments (determinism)."""

    async def moments() -> list[float]:
        fault = Fault(FaultKind.SLOW, sheet=2, seconds=1.5)
        async with lab(feeder(3, fault), clock=RealClock()) as backend:
            session: Session = await backend.open("feeder")
            seen = [trio.current_time()]
            job = await session.start(FAST)
            while (page := await job.next_page()) is not None:
                seen.append(trio.current_time())
                while await page.read(100_000):
                    seen.append(trio.current_time())
                await page.end()
            return seen

    assert run(moments, clock=Jumper(), seed=3) == run(moments, clock=Jumper(), seed=3)


async def test_instant_time_does_not_wait() -> None:
    """Instant time waits for nothing, and the machine's own clock still tells how long it would have been."""
    clock: DeviceClock = ScaledClock(INSTANT)
    async with lab(feeder(20), clock=clock) as backend:
        session = await backend.open("feeder")
        with trio.fail_after(5):
            await scan(await session.start(Settings(source="feeder", mode="lineart", resolution=75)))
    assert clock.now() == pytest.approx(20.2)


class Late(RealClock):
    """Wakes everybody 10 ms late, as a busy computer does."""

    async def sleep(self, seconds: float) -> None:
        """See :class:`device_protocol.aio.DeviceClock`."""
        await super().sleep(seconds + 0.01 if seconds > 0 else 0)


def test_a_feeder_that_scans_ahead_keeps_its_rate() -> None:
    """Its motor runs on whoever watches: 60 sheets of half a second take half a minute and not a delay more for each sheet."""
    ahead = profile("production-duplex-a3")
    assert ahead.timing.sheets_per_minute == 120

    async def main() -> float:
        async with lab(feeder(60, machine=ahead), clock=Late()) as backend:
            session = await backend.open("feeder")
            begun = trio.current_time()
            await scan(await session.start(SIMPLEX))
            return trio.current_time() - begun

    assert virtually(main) == pytest.approx(30.0, abs=0.05)
