"""One worker for each open device, behind the guard."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import trio

from device_host.deadlines import Deadlines
from device_host.discovery import Discovery
from device_host.pool import Pool
from device_host.proxy import HostedBackend
from device_host.realtime import Limit
from device_host.runners import HostedIncarnation, hosted_backend, load_worker
from device_host.supervised import SupervisedControl, SupervisedSession
from device_host.supervisor import Supervisor
from device_host.trace import Trace
from device_host.workers import Worker
from device_protocol.aio import Session, hold
from device_protocol.devices import DeviceList

_UNDO_SECONDS = 3.0


class LeasedSession(SupervisedSession):
    """A session with a worker of its own, which it gives back when it is closed."""

    def __init__(self, supervisor: Supervisor, inner: Session, give_back: Callable[[], None]) -> None:
        super().__init__(supervisor, inner)
        self._give_back: Callable[[], None] | None = give_back

    async def close(self) -> None:
        """See :class:`Session`."""
        try:
            await super().close()
        finally:
            give_back, self._give_back = self._give_back, None
            if give_back is not None:
                give_back()


class DriverSessions:
    """The sessions of one driver: a backend to put the guard around.

    Attributes:
        workers: of the devices that are open, by native id.
    """

    def __init__(
        self, discovery: Discovery, pool: Pool, deadlines: Deadlines, trace: Trace | None, nursery: trio.Nursery
    ) -> None:
        self.workers: dict[str, Worker] = {}
        self._discovery = discovery
        self._pool = pool
        self._deadlines = deadlines
        self._trace = trace
        self._nursery = nursery

    async def devices(self) -> DeviceList:
        """See :class:`Backend`; asks the driver."""
        supervisor, backend = await self._discovery.current()
        return await supervisor.call("backend", "devices", backend.devices)

    async def control(self, device_id: str) -> SupervisedControl:
        """See :class:`Backend`."""
        return await self._discovery.control(device_id)

    async def open(self, device_id: str) -> LeasedSession:
        """See :class:`Backend`; starts a worker, or takes one that was kept."""
        await self._discovery.loaded()
        generation = self._discovery.generation
        worker = self._pool.reuse(self._discovery.target.name, generation) or await self._load()
        backend = hosted_backend(worker, self._nursery)
        supervisor = Supervisor(
            self._discovery.target.name, HostedIncarnation(worker, self._nursery), self._deadlines, self._trace
        )

        def give_back() -> None:
            self.workers.pop(device_id, None)
            self._pool.keep(self._discovery.target.name, worker, generation)

        self.workers[device_id] = worker
        try:
            session = await self._undone_if_cancelled(
                backend, worker, lambda: supervisor.call("backend", "open", backend.open, device_id)
            )
        except BaseException:
            give_back()
            raise
        return LeasedSession(supervisor, session, give_back)

    async def _load(self) -> Worker:
        discovery = self._discovery
        worker = await self._pool.new(discovery.python)
        return await load_worker(
            worker,
            discovery.target,
            discovery.config,
            self._deadlines,
            resident=discovery.connection,
            path_of_host=not discovery.python,
        )

    @staticmethod
    async def _undone_if_cancelled(
        backend: HostedBackend, worker: Worker, opening: Callable[[], Awaitable[Session]]
    ) -> Session:
        """Open; a caller that is cancelled leaves only when the device can be opened again (CANC-08)."""
        try:
            return await opening()
        except trio.Cancelled:
            with Limit(_UNDO_SECONDS, shield=True) as bound, hold():
                await backend.undone()
            if bound.ran_out:
                worker.kill()
                with trio.CancelScope(shield=True), hold():
                    await worker.ended.wait()
            raise
