"""Device clocks: the time in which virtual machines warm up, feed and fail.

A machine waits on the clock it was given and never on ``trio.sleep``, so that real, scaled, manual and trio's own (mock) time are a switch. Job timers
and retention have a clock of their own; sockets and HTTP limits keep real time.
"""

from __future__ import annotations

import heapq
import itertools
import math
from collections.abc import Awaitable, Callable
from typing import Protocol

import trio


class DeviceClock(Protocol):
    """Seconds that pass for a device."""

    def now(self) -> float:
        """Seconds since some moment; never falls."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Return when *seconds* have passed on this clock; always a checkpoint."""
        ...


class RealClock:
    """Time as trio has it: real time, or virtual time under a mock clock or jumper."""

    def now(self) -> float:
        """Trio's current time."""
        return trio.current_time()

    async def sleep(self, seconds: float) -> None:
        """Sleep in trio's time."""
        await trio.sleep(max(0.0, seconds))


class ScaledClock:
    """Trio's time, *factor* times as fast; a factor of infinity makes every wait a mere checkpoint.

    Raises:
        ValueError: the factor is not positive.
    """

    def __init__(self, factor: float) -> None:
        if not factor > 0:
            raise ValueError(f"a clock cannot run at {factor} times real time")
        self.factor = factor
        self._offset = 0.0

    def now(self) -> float:
        """Seconds on this clock."""
        return self._offset if math.isinf(self.factor) else trio.current_time() * self.factor

    async def sleep(self, seconds: float) -> None:
        """Sleep for *seconds* of this clock."""
        seconds = max(0.0, seconds)
        if math.isinf(self.factor):
            self._offset += seconds if math.isfinite(seconds) else 0.0
            if math.isinf(seconds):
                await trio.sleep_forever()
            await trio.lowlevel.checkpoint()
        else:
            await trio.sleep(seconds / self.factor)


class ManualClock:
    """Time that moves only when somebody calls :meth:`advance`.

    Attributes:
        settled: returns when whoever was woken has run; as made, when all tasks of this process are blocked.
        on_move: told the time whenever it has moved, before anybody is woken.
    """

    def __init__(self) -> None:
        self._now = 0.0
        self._order = itertools.count()
        self._sleepers: list[tuple[float, int, trio.Event]] = []
        self.settled: Callable[[], Awaitable[None]] = _all_blocked
        self.on_move: Callable[[float], None] = _nobody

    def now(self) -> float:
        """Seconds that were advanced so far."""
        return self._now

    @property
    def next_due(self) -> float | None:
        """When the next sleeper is due, or None if nobody waits."""
        while self._sleepers and self._sleepers[0][2].is_set():
            heapq.heappop(self._sleepers)
        return self._sleepers[0][0] if self._sleepers else None

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock was advanced by *seconds*."""
        if seconds <= 0:
            await trio.lowlevel.checkpoint()
            return
        event = trio.Event()
        heapq.heappush(self._sleepers, (self._now + seconds, next(self._order), event))
        try:
            await event.wait()
        finally:
            event.set()  # a cancelled sleeper is forgotten at the next look

    async def advance(self, seconds: float) -> None:
        """Move the clock, waking every sleeper at its own moment and letting it run before time goes on.

        Raises:
            ValueError: *seconds* is negative or not finite.
        """
        if not 0 <= seconds < math.inf:
            raise ValueError(f"cannot advance by {seconds} seconds")
        target = self._now + seconds
        while await self.wake_next(target):
            continue
        self.move_to(target)
        await trio.lowlevel.checkpoint()

    async def wake_next(self, until: float) -> bool:
        """Wake the sleeper that is due next, at *until* or before, and let it run; False if there is none."""
        due = self.next_due
        if due is None or due > until:
            return False
        _, _, event = heapq.heappop(self._sleepers)
        self.move_to(due)
        event.set()
        await self.settled()
        return True

    def move_to(self, moment: float) -> None:
        """Have it be *moment*, unless it is later already; nobody is woken."""
        if moment > self._now:
            self._now = moment
            self.on_move(moment)


async def _all_blocked() -> None:
    from trio.testing import wait_all_tasks_blocked  # noqa: PLC0415  # it imports pytest where that is installed, 80 ms for every service

    await wait_all_tasks_blocked()


def _nobody(moment: float) -> None:
    """Nobody wants to know."""
