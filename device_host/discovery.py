"""Finding the devices of one driver, apart from everybody's requests: a worker of its own, watched or polled, and started again when it fails.

For a resident driver this worker is the resident process; for any driver it is where its control is reached.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import trio

from device_host.deadlines import Deadlines
from device_host.live import LiveList
from device_host.messages import as_device_error
from device_host.pool import Pool
from device_host.realtime import Limit
from device_host.resolve import Target
from device_host.runners import HostedIncarnation, hosted_backend, load_worker
from device_host.supervised import SupervisedBackend, SupervisedControl, SupervisedWatchableBackend
from device_host.supervisor import Supervisor
from device_host.trace import Trace
from device_host.workers import Worker
from device_protocol.aio import Backend
from device_protocol.codes import Code
from device_protocol.devices import ChangeKind, DeviceChange, DeviceInfo
from device_protocol.errors import DeviceError, Phase

logger = logging.getLogger("flatbed.host")


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a driver is asked, and how soon after a failure; see :class:`device_host.config.HostConfig`."""

    poll: float
    retry: tuple[float, float]


class Discovery:
    """The devices of one driver.

    Attributes:
        target: the driver.
        generation: grows with each start; a resident driver's workers belong to one.
        restarts: how often it was started again.
        worker: that it runs in now.
    """

    def __init__(
        self,
        target: Target,
        config: Mapping[str, Any],
        socket: Path,
        *,
        pool: Pool,
        live: LiveList,
        deadlines: Deadlines,
        pace: Pace,
        nursery: trio.Nursery,
        trace: Trace | None = None,
        python: Sequence[str] | None = None,
    ) -> None:
        self.target = target
        self.config = config
        self.python = python
        self.generation = 0
        self.restarts = 0
        self.worker: Worker | None = None
        self._socket = socket
        self._pool = pool
        self._live = live
        self._deadlines = deadlines
        self._pace = pace
        self._nursery = nursery
        self._trace = trace
        self._current: tuple[Supervisor, Backend] | None = None
        self._resident = False
        self._error: DeviceError | None = None
        self._loaded = trio.Event()

    @property
    def connection(self) -> Mapping[str, str]:
        """What a worker of a session is told of the resident process."""
        return {"connect": str(self._socket)}

    async def loaded(self) -> None:
        """Wait until the driver was loaded, or has failed to."""
        await self._loaded.wait()
        if self._resident and self._current is None:
            raise self._error or DeviceError(Code.DEVICE_LOST, phase=Phase.OPEN)

    async def current(self) -> tuple[Supervisor, Backend]:
        """The driver as it runs for discovery; see :class:`device_host.supervised.Runner`."""
        await self._loaded.wait()
        if self._current is None:
            error = self._error or DeviceError(Code.DEVICE_LOST, phase=Phase.CONTROL)
            raise DeviceError(error.code, error.message, phase=error.phase, native=error.native)
        return self._current

    async def control(self, device_id: str) -> SupervisedControl:
        """Control of a device, by its native id."""
        return await SupervisedBackend(self).control(device_id)

    async def run(self) -> None:
        """Find devices until cancelled."""
        shortest, longest = self._pace.retry
        pause = shortest
        while True:
            began = trio.current_time()
            try:
                await self._run_once()
            except DeviceError as error:
                self._error = error
            except Exception as error:  # noqa: BLE001  # whatever a driver says must not end the others' discovery
                self._error = as_device_error(error, Phase.DISCOVER)
            assert self._error is not None, "it ends by an error only"
            logger.warning("driver %s: %s", self.target.name, self._error.message)
            self._live.fail(self.target.name, self._error)
            self._loaded.set()
            if trio.current_time() - began > longest:
                pause = shortest
            await trio.sleep(pause)
            pause = min(longest, 2 * pause)
            self.restarts += 1

    async def _run_once(self) -> None:
        """Start the driver and follow its list until it fails."""
        if self._loaded.is_set():
            self._loaded = trio.Event()
        worker = self.worker = await self._pool.new(self.python)
        try:
            await self._load(worker)
            if worker.about is not None and worker.about.watches:
                await self._watch()
            await self._poll(worker)
        except trio.Cancelled:
            raise  # the host is closing, and ends its workers in order
        except BaseException:
            worker.kill()
            raise
        finally:
            self._current = self.worker = None

    async def _load(self, worker: Worker) -> None:
        with suppress(FileNotFoundError):
            self._socket.unlink()
        await load_worker(
            worker,
            self.target,
            self.config,
            self._deadlines,
            resident={"listen": str(self._socket)},
            path_of_host=not self.python,
        )
        assert worker.about is not None, "it was loaded"
        incarnation = HostedIncarnation(worker, self._nursery)
        supervisor = Supervisor(self.target.name, incarnation, self._deadlines, self._trace)
        self._current = supervisor, hosted_backend(worker, self._nursery)
        self._resident = worker.about.resident
        self.generation += 1
        self._loaded.set()

    async def _watch(self) -> None:
        """Follow what the driver tells by itself; when it stops telling, it is polled."""
        known: dict[str, DeviceInfo] = {}
        async with aclosing(SupervisedWatchableBackend(self).watch()) as changes:
            async for change in changes:
                _follow(known, change)
                self._live.say(self.target.name, known.values(), change.failures)

    async def _poll(self, worker: Worker) -> None:
        while True:
            found = await SupervisedBackend(self).devices()
            self._live.say(self.target.name, found.devices, found.failures)
            with Limit(self._pace.poll if self._pace.poll > 0 else math.inf):
                await worker.ended.wait()
                raise worker.dead or DeviceError(Code.DEVICE_LOST, phase=Phase.DISCOVER)


def _follow(known: dict[str, DeviceInfo], change: DeviceChange) -> None:
    if change.kind is ChangeKind.LIST:
        known.clear()
    for device in change.devices:
        if change.kind is ChangeKind.GONE:
            known.pop(device.id, None)
        else:
            known[device.id] = device
