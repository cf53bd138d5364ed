"""Where workers come from: a warm spare, and workers that stay a while after their device was closed."""

from __future__ import annotations

import functools
import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import trio

from device_host.deadlines import Deadlines
from device_host.realtime import sleep
from device_host.transport import start_worker
from device_host.workers import Worker
from device_protocol.aio import hold
from device_protocol.errors import DeviceError

LEAVE_SECONDS: Final = 1.5
"""A service that is told to end has ended two seconds later, with all its workers (design 6)."""

logger = logging.getLogger("flatbed.host")


@dataclass(eq=False, slots=True)
class Kept:
    """A worker that waits for the next open of its driver's devices; *generation* is that of the resident process it is connected to."""

    driver: str
    worker: Worker
    generation: int


class Pool:
    """The workers of a host."""

    def __init__(self, nursery: trio.Nursery, deadlines: Deadlines, *, spare: bool, keep_alive: float) -> None:
        self._nursery = nursery
        self._deadlines = deadlines
        self._wants_spare = spare
        self._keep_alive = keep_alive
        self._spare: Worker | None = None
        self._making: trio.Event | None = None
        self._kept: list[Kept] = []
        self._all: list[Worker] = []

    @property
    def spare(self) -> Worker | None:
        """The warm spare, if there is a living one."""
        return self._spare if self._spare is not None and self._spare.gone is None else None

    @property
    def kept(self) -> tuple[Kept, ...]:
        """The workers that wait for the next open."""
        return tuple(self._kept)

    async def new(self, python: Sequence[str] | None = None) -> Worker:
        """A worker that has not been told its driver.

        Args:
            python: another interpreter; the spare is of this one.

        Raises:
            DeviceError: none can be started.
        """
        if python is None:
            if self._making is not None:
                with hold():
                    await self._making.wait()
            spare, self._spare = self.spare, None
            if spare is not None:
                self.make_spare()
                return spare
        worker = await self._start(python)
        if python is None:
            self.make_spare()
        return worker

    def make_spare(self) -> None:
        """See that there will be a spare."""
        if self._wants_spare and self.spare is None and self._making is None:
            self._making = trio.Event()
            self._nursery.start_soon(self._make_spare)

    async def _make_spare(self) -> None:
        made, worker = self._making, None
        try:
            worker = await self._start(None)
        except DeviceError as error:
            logger.warning("no spare worker: %s", error.message)
        self._spare, self._making = worker, None
        assert made is not None, "somebody wanted a spare"
        made.set()

    async def _start(self, python: Sequence[str] | None) -> Worker:
        self._all = [worker for worker in self._all if not worker.ended.is_set()]
        worker = await Worker.start(
            self._nursery,
            within=self._deadlines.load,
            abandoned_s=self._deadlines.next_page,
            starter=functools.partial(start_worker, python, preload=python is None),
        )
        self._all.append(worker)
        return worker

    def keep(self, driver: str, worker: Worker, generation: int) -> None:
        """The device was closed: keep the worker for a while."""
        if worker.gone is None:
            kept = Kept(driver, worker, generation)
            self._kept.append(kept)
            self._nursery.start_soon(self._let_go, kept)

    def reuse(self, driver: str, generation: int) -> Worker | None:
        """A worker that was kept for *driver*, and is still good."""
        for kept in tuple(self._kept):
            if kept.driver == driver:
                self._kept.remove(kept)
                if kept.worker.gone is None and kept.generation == generation:
                    return kept.worker
                self._nursery.start_soon(kept.worker.close, self._deadlines.close)
        return None

    async def _let_go(self, kept: Kept) -> None:
        await sleep(self._keep_alive)
        if kept in self._kept:
            self._kept.remove(kept)
            await kept.worker.close(self._deadlines.close)

    async def close(self) -> None:
        """End every worker in order, all at the same time; none is waited for longer than LEAVE_SECONDS."""
        self._wants_spare = False
        async with trio.open_nursery() as nursery:
            for worker in self._all:
                nursery.start_soon(worker.close, min(LEAVE_SECONDS, self._deadlines.close))
