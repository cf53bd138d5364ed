"""Time that a test moves by hand, through the whole chain: the lab's waiters, sessions in workers, and who drives them.

A step wakes one waiter and then waits until everybody has done what they can do at that moment: the tasks of the lab; the processes of its sessions, which
say so themselves; and the clients of those sessions, of whom the lab sees only what they ask. A client that was answered and has asked nothing yet is given
:data:`QUIET_S` of real time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol

import trio

from device_protocol.aio import ManualClock
from device_protocol.aio.holds import open_holds
from simulators.fields import Table

QUIET_S = 0.05
REST_S = 2.0
"""Real time after which a process that does not come to rest is left alone."""
SLICE_S = 3.0
"""Real time of one call; what is left of the span is for the next one. Less than the deadline that the device host gives to control."""
MAX_SPAN_S = 366 * 86_400.0

_waiting = 0


@contextmanager
def waiting() -> Iterator[None]:
    """Around a wait for the other side of a channel: such a wait takes a hold, and is no work."""
    global _waiting  # noqa: PLW0603  # one counter for the process, as that of holds
    _waiting += 1
    try:
        yield
    finally:
        _waiting -= 1


async def all_at_rest() -> None:
    """Return when all tasks of this process are blocked and nothing is computed for them, at the latest after :data:`REST_S`."""
    from trio.testing import wait_all_tasks_blocked  # noqa: PLC0415  # it imports pytest where that is installed

    with trio.move_on_after(REST_S):
        while True:
            await wait_all_tasks_blocked()
            if open_holds() <= _waiting:
                return
            await trio.sleep(0.001)


class Guest(Protocol):
    """A session in another process.

    Attributes:
        traffic: grows with each call and each answer.
        device: that it has opened.
    """

    traffic: int
    device: str

    @property
    def waiting(self) -> bool:
        """Whether it waits for the lab."""
        ...

    def moved(self, moment: float) -> None:
        """It is *moment* now."""
        ...

    async def settle(self) -> None:
        """Return when its process has done what it can do now, or is gone."""
        ...


class ManualTime:
    """Moves the clock of a lab.

    Args:
        clock: of the lab.

    Attributes:
        guests: the sessions in other processes.
    """

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self._turn = trio.Lock()
        self.guests: set[Guest] = set()
        self._patience = QUIET_S
        clock.on_move = self._moved

    async def advance(self, table: Table) -> dict[str, Any]:
        """Let ``seconds`` pass, or as many of them as fit into :data:`SLICE_S` of real time; a client that is about to ask is given ``patience``.

        Returns:
            ``now``, ``left`` (seconds that have not passed yet), ``woken`` (waiters), ``idle`` (devices whose session asks nothing of them).

        Raises:
            Exception: as the table makes it.
        """
        seconds = table.number("seconds", low=0, high=MAX_SPAN_S)
        patience = table.number("patience", QUIET_S, low=0, high=REST_S)
        table.done()
        async with self._turn:
            self._patience = patience
            target, woken = self._clock.now() + seconds, 0
            latest = trio.current_time() + SLICE_S
            self._clock.settled = self._settled
            await self._settle({})  # who is about to wait at this moment is in time
            while trio.current_time() < latest:
                if not await self._clock.wake_next(target):
                    self._clock.move_to(target)
                    break
                woken += 1
            now = self._clock.now()
            return {"now": now, "left": max(0.0, target - now), "woken": woken, "idle": self._idle()}

    def _idle(self) -> list[str]:
        return [guest.device for guest in self.guests if not guest.waiting]

    def _moved(self, moment: float) -> None:
        for guest in self.guests:
            guest.moved(moment)

    async def _settled(self) -> None:
        await self._settle({guest: guest.traffic for guest in self.guests})

    async def _settle(self, before: Mapping[Guest, int]) -> None:
        """Return when everybody has done what they can do now; a guest whose traffic is as *before* had nothing to do."""
        heard = -1
        quiet_since = trio.current_time()
        latest = quiet_since + REST_S + self._patience
        while trio.current_time() < latest:
            await all_at_rest()
            with trio.move_on_after(REST_S):
                async with trio.open_nursery() as nursery:
                    for guest in self.guests:
                        nursery.start_soon(guest.settle)
            traffic = sum(guest.traffic for guest in self.guests)
            quiet = traffic == heard
            if not quiet:
                heard, quiet_since = traffic, trio.current_time()
            at_play = [item for item in self.guests if item.traffic != before.get(item) and not item.waiting]
            if quiet and (not at_play or trio.current_time() - quiet_since >= self._patience):
                return
            await trio.sleep(0.002)
