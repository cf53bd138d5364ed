"""The jumper: trio's clock for tests, which moves when every task is blocked and no hold is open.

Trio's own autojump clock takes a wait for a thread, a process or a socket for idleness and fires deadlines during it (measured). Such waits take a
:func:`device_protocol.aio.holds.hold`, and this clock stands still while one is open. A test that waits for idleness with
:func:`trio.testing.wait_all_tasks_blocked` goes on before time moves.
"""

from __future__ import annotations

import math

import trio
import trio.abc
import trio.testing

from device_protocol.aio import holds


class Jumper(trio.abc.Clock):
    """Virtual time; pass it to :func:`device_protocol.testing.run` as ``clock``.

    Attributes:
        jumps: how often time moved.
    """

    def __init__(self, start: float = 0.0) -> None:
        self._now = start
        self.jumps = 0

    def start_clock(self) -> None:
        """Trio starts to use the clock; see :meth:`attach`."""

    def attach(self) -> None:
        """Begin to jump; called by :func:`device_protocol.testing.run` once trio has its system tasks."""
        trio.lowlevel.spawn_system_task(self._jump_for_ever, name="jumper")

    def current_time(self) -> float:
        """Virtual seconds."""
        return self._now

    def deadline_to_sleep_time(self, deadline: float) -> float:  # noqa: ARG002  # only :meth:`_jump_for_ever` moves this clock
        """How long trio may sleep in real time: until something happens."""
        return 999999999

    def advance(self, seconds: float) -> None:
        """Move time by hand.

        Raises:
            ValueError: backwards.
        """
        if seconds < 0:
            raise ValueError("time cannot go backwards")
        self._now += seconds

    async def _jump_for_ever(self) -> None:
        while True:
            await self._only_we_wait()
            if holds.open_holds():
                await self._hold_released()
                continue
            deadline = trio.lowlevel.current_statistics().seconds_to_next_deadline
            if math.isfinite(deadline) and deadline > 0:
                self._now += deadline
                self.jumps += 1
                await trio.lowlevel.cancel_shielded_checkpoint()
            elif math.isinf(deadline):
                await self._something_happens()

    @staticmethod
    async def _only_we_wait() -> None:
        """Return when every task is blocked and no other one waits for just that.

        Trio wakes all who do together and in no order, so time would move before or after a test's next step as it happens. The first wait lets those go on
        who came with us; whoever is woken with us from a later one has more to do. A cushion would do too, at a millisecond of real time a jump.
        """
        await trio.testing.wait_all_tasks_blocked()
        woken = _Counter()
        while woken.tasks != 1:
            woken.tasks = 0
            trio.lowlevel.add_instrument(woken)
            try:
                await trio.testing.wait_all_tasks_blocked()
            finally:
                trio.lowlevel.remove_instrument(woken)

    @staticmethod
    async def _hold_released() -> None:
        event = trio.Event()
        with holds.on_release(event.set):
            if holds.open_holds():
                await event.wait()

    async def _something_happens(self) -> None:
        """Wait until a task runs again; polling would keep the machine busy while nothing has a deadline."""
        event = trio.Event()
        waker = _Waker(event)
        trio.lowlevel.add_instrument(waker)
        try:
            await event.wait()
        finally:
            trio.lowlevel.remove_instrument(waker)


class _Waker(trio.abc.Instrument):
    def __init__(self, event: trio.Event) -> None:
        self._event = event

    def task_scheduled(self, task: trio.lowlevel.Task) -> None:  # noqa: ARG002  # trio's signature
        if not self._event.is_set():
            self._event.set()


class _Counter(trio.abc.Instrument):
    def __init__(self) -> None:
        self.tasks = 0

    def task_scheduled(self, task: trio.lowlevel.Task) -> None:  # noqa: ARG002  # trio's signature
        self.tasks += 1
