"""Clocks, holds, the jumper and the runner: virtual time that neither waits nor fires too early."""

from __future__ import annotations

import math
import time

import pytest
import trio
import trio.testing

from device_protocol.aio import EventStream, ManualClock, RealClock, ScaledClock, hold
from device_protocol.aio.holds import open_holds
from device_protocol.status import Event, EventKind
from device_protocol.testing import Jumper, run


def test_the_jumper_moves_when_all_are_blocked() -> None:
    """An hour of virtual time passes at once, and in order."""
    order: list[str] = []

    async def sleeper(seconds: float, name: str) -> None:
        await trio.sleep(seconds)
        order.append(name)

    async def main() -> float:
        begin = trio.current_time()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(sleeper, 3600, "hour")
            nursery.start_soon(sleeper, 60, "minute")
        return trio.current_time() - begin

    assert run(main, clock=Jumper()) == 3600
    assert order == ["minute", "hour"]


def test_the_jumper_stands_still_while_something_holds() -> None:
    """A wait for a thread under a hold takes no virtual time, though every task looks blocked (the autojump clock fires here)."""

    async def main() -> bool:
        with hold(), trio.move_on_after(5) as scope:
            await trio.to_thread.run_sync(time.sleep, 0.02)
        return scope.cancelled_caught

    assert run(main, clock=Jumper()) is False
    assert open_holds() == 0


def test_a_hold_delays_and_does_not_lose_a_deadline() -> None:
    """When the last hold is released the clock jumps to the deadline that waited."""

    async def main() -> float:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_hold_in_a_thread)
            await trio.sleep(10)
            return trio.current_time()

    assert run(main, clock=Jumper()) == 10


async def _hold_in_a_thread() -> None:
    with hold(), hold():
        await trio.to_thread.run_sync(time.sleep, 0.01)


@pytest.mark.parametrize("seed", range(5))
def test_who_waits_for_idleness_goes_before_the_jumper(seed: int) -> None:
    """Tests that wait until all tasks are blocked, again and again, all go on before time moves, whatever order trio wakes them in."""
    seen: list[float] = []

    async def waiter() -> None:
        for _ in range(3):
            await trio.testing.wait_all_tasks_blocked()
            seen.append(trio.current_time())

    async def main() -> float:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(trio.sleep, 5)
            for _ in range(8):
                nursery.start_soon(waiter)
        return trio.current_time()

    assert run(main, clock=Jumper(), seed=seed) == 5
    assert seen == [0] * 24


def test_the_jumper_can_be_advanced_by_hand() -> None:
    """Time goes forward by hand, never backwards."""
    clock = Jumper(5)
    clock.advance(2)
    assert clock.current_time() == 7
    with pytest.raises(ValueError, match="backwards"):
        clock.advance(-1)


def test_same_seed_same_order() -> None:
    """The runner pins trio's scheduling: equal seeds give equal traces, some other seed gives another one."""

    def trace(seed: int) -> list[int]:
        order: list[int] = []

        async def worker(number: int) -> None:
            for _ in range(3):
                await trio.lowlevel.checkpoint()
                order.append(number)

        async def main() -> None:
            async with trio.open_nursery() as nursery:
                for number in range(5):
                    nursery.start_soon(worker, number)

        run(main, seed=seed)
        return order

    assert trace(1) == trace(1)
    assert len({tuple(trace(seed)) for seed in range(6)}) > 1


def test_the_switch_is_put_back() -> None:
    """The private switch of trio is touched for the length of a run only."""
    from trio._core import _run  # noqa: PLC0415  # the very attribute that the runner touches

    before = (_run._ALLOW_DETERMINISTIC_SCHEDULING, _run._r.getstate())
    run(trio.lowlevel.checkpoint, seed=3)
    assert before == (_run._ALLOW_DETERMINISTIC_SCHEDULING, _run._r.getstate())


async def test_a_manual_clock_wakes_each_at_its_own_moment() -> None:
    """Sleepers wake in the order of their moments, and see that moment as now."""
    clock = ManualClock()
    seen: list[tuple[str, float]] = []

    async def sleeper(name: str, seconds: float) -> None:
        await clock.sleep(seconds)
        seen.append((name, clock.now()))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(sleeper, "late", 10)
        nursery.start_soon(sleeper, "early", 2)
        await trio.testing.wait_all_tasks_blocked()
        assert clock.next_due == 2
        await clock.advance(1.5)
        assert seen == []
        await clock.advance(10)
    assert seen == [("early", 2), ("late", 10)]
    assert clock.now() == 11.5


async def test_a_cancelled_sleeper_is_forgotten() -> None:
    """A manual clock does not wake or count a sleeper that gave up."""
    clock = ManualClock()
    with trio.CancelScope() as scope:
        scope.cancel()
        await clock.sleep(5)
    assert clock.next_due is None


@pytest.mark.parametrize("seconds", [-1, math.inf, math.nan])
async def test_a_manual_clock_refuses_nonsense(seconds: float) -> None:
    """Time goes forward by a finite amount or not at all."""
    clock = ManualClock()
    with pytest.raises(ValueError, match="cannot advance"):
        await clock.advance(seconds)
    assert clock.now() == 0


def test_a_scaled_clock() -> None:
    """At ten times the speed ten seconds of the device are one of trio's; at infinite speed none."""

    async def main() -> tuple[float, float, float]:
        await ScaledClock(10).sleep(10)
        middle = trio.current_time()
        instant = ScaledClock(math.inf)
        await instant.sleep(99)
        return middle, trio.current_time(), instant.now()

    assert run(main, clock=Jumper()) == (1, 1, 99)
    with pytest.raises(ValueError, match="times real time"):
        ScaledClock(0)


def test_the_real_clock_is_trios() -> None:
    """The real clock follows the clock that trio runs on."""

    async def main() -> float:
        clock = RealClock()
        begin = clock.now()
        await clock.sleep(3)
        return clock.now() - begin

    assert run(main, clock=Jumper()) == 3


async def test_events_come_in_order_and_end() -> None:
    """STAT-03: events are read in order, exactly once, and the stream ends at close; a late event is not kept."""
    stream = EventStream()
    for revision in (1, 2):
        stream.put(Event(EventKind.STATE, revision))
    stream.close()
    stream.put(Event(EventKind.STATE, 3))
    assert [event.revision async for event in stream] == [1, 2]
    assert stream.closed


async def test_an_overflow_is_an_event() -> None:
    """A slow reader is told how many events it missed, in their place, and the stream keeps no more than its limit."""
    stream = EventStream(limit=2)
    for revision in range(1, 6):
        stream.put(Event(EventKind.STATE, revision))
    assert [(await stream.receive()).revision for _ in range(2)] == [1, 2]
    stream.put(Event(EventKind.STATE, 6))
    missed = await stream.receive()
    assert (missed.kind, missed.count) == (EventKind.OVERFLOW, 3)
    assert (await stream.receive()).revision == 6
    with pytest.raises(trio.WouldBlock):
        stream.receive_nowait()


async def test_a_waiting_reader_is_woken_by_close() -> None:
    """Nobody waits for ever on a closed stream."""
    stream = EventStream()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_expect_end, stream)
        await trio.testing.wait_all_tasks_blocked()
        stream.close()


async def _expect_end(stream: EventStream) -> None:
    with pytest.raises(trio.EndOfChannel):
        await stream.receive()
