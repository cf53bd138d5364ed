"""How a driver is kept running: in a worker, or in a task of this process."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any

import trio

from device_host.deadlines import Deadlines
from device_host.messages import as_device_error
from device_host.proxy import HostedBackend, HostedWatchableBackend
from device_host.realtime import Limit
from device_host.resolve import Target
from device_host.supervisor import Supervisor
from device_host.trace import Trace
from device_host.workers import Worker, module_path
from device_protocol.aio import Backend
from device_protocol.codes import Code
from device_protocol.driver import Driver, Form
from device_protocol.errors import DeviceError, Phase

logger = logging.getLogger("flatbed.host")


class HostedIncarnation:
    """A driver in a worker."""

    hosted = True

    def __init__(self, worker: Worker, nursery: trio.Nursery) -> None:
        self.worker = worker
        self._nursery = nursery

    @property
    def gone(self) -> DeviceError | None:
        """Why it cannot be called any more, or None."""
        return self.worker.gone

    def queue_before(self, verb: str) -> bool:
        """Whether *verb* would wait: a blocking driver does one thing after the other."""
        about = self.worker.about
        return (
            verb not in {"cancel", "settled"} and self.worker.busy and about is not None and about.form is Form.BLOCKING
        )

    def end(self, error: DeviceError) -> None:
        """Kill the worker."""
        self.worker.kill(error)

    def on_end(self, tell: Callable[[DeviceError], None]) -> Callable[[], None]:
        """Have *tell* called when it dies; gives what takes that back."""
        self.worker.on_death.append(tell)

        def forget() -> None:
            with suppress(ValueError):
                self.worker.on_death.remove(tell)

        return forget

    def spawn(self, task: Callable[[], Awaitable[None]]) -> None:
        """Start a task in the nursery of the worker."""
        self._nursery.start_soon(task)


def hosted_backend(worker: Worker, nursery: trio.Nursery) -> HostedBackend:
    """The proxy of a worker whose driver is loaded."""
    watches = worker.about is not None and worker.about.watches
    return (HostedWatchableBackend if watches else HostedBackend)(worker, nursery)


class HostedRunner:
    """Keeps a driver running in a worker; a new worker is started when one has died and the driver is needed again."""

    def __init__(
        self,
        target: Target,
        config: Mapping[str, Any],
        deadlines: Deadlines,
        trace: Trace | None,
        nursery: trio.Nursery,
    ) -> None:
        self._target = target
        self._config = config
        self._deadlines = deadlines
        self._trace = trace
        self._nursery = nursery
        self._lock = trio.Lock()
        self._current: tuple[Supervisor, HostedBackend, Worker] | None = None

    async def current(self) -> tuple[Supervisor, Backend]:
        """The driver; see :class:`device_host.supervised.Runner`."""
        async with self._lock:
            if self._current is None or self._current[2].gone is not None:
                self._current = None
                worker = await load_worker(
                    await Worker.start(
                        self._nursery, within=self._deadlines.load, abandoned_s=self._deadlines.next_page
                    ),
                    self._target,
                    self._config,
                    self._deadlines,
                )
                incarnation = HostedIncarnation(worker, self._nursery)
                supervisor = Supervisor(self._target.name, incarnation, self._deadlines, self._trace)
                self._current = supervisor, hosted_backend(worker, self._nursery), worker
            return self._current[:2]

    @property
    def watches(self) -> bool:
        """Whether the driver watches its devices; known once it runs."""
        return self._current is not None and isinstance(self._current[1], HostedWatchableBackend)

    async def close(self) -> None:
        """End the worker in order."""
        if self._current is not None:
            await self._current[2].close(self._deadlines.close)


async def load_worker(
    worker: Worker,
    target: Target,
    config: Mapping[str, Any],
    deadlines: Deadlines,
    *,
    resident: Mapping[str, str] | None = None,
    path_of_host: bool = True,
) -> Worker:
    """Tell *worker* its driver; one that cannot be loaded is ended.

    Args:
        worker: that has no driver yet.
        target: the driver.
        config: for it.
        deadlines: ``load`` is the limit.
        resident: what a resident driver is told.
        path_of_host: let it look for modules where this process does; not for another interpreter, which has modules of its own.

    Raises:
        DeviceError: see :meth:`Worker.load`; TIMED_OUT, the import or the driver's start takes too long.
    """
    path = module_path() if path_of_host else ()
    with killed_on_failure(worker):
        with Limit(deadlines.load):
            await worker.load(target.text, target.name, config, resident=resident, path=path)
            return worker
        message = f"The driver {target.name} did not start within {deadlines.load:g} s."
        raise DeviceError(Code.TIMED_OUT, message, phase=Phase.DISCOVER)


@contextmanager
def killed_on_failure(worker: Worker) -> Iterator[None]:
    """A worker that does not get through the block is of no use."""
    try:
        yield
    except BaseException as error:
        worker.kill(error if isinstance(error, DeviceError) else None)
        raise


class LocalIncarnation:
    """A driver in a task of this process."""

    hosted = False

    def __init__(self, driver: Driver, config: Mapping[str, Any], nursery: trio.Nursery) -> None:
        self.gone: DeviceError | None = None
        self.backend: Backend
        self._driver = driver
        self._config = config
        self._nursery = nursery
        self._scope = trio.CancelScope()
        self._leave = trio.Event()
        self._ended = trio.Event()
        self._tell: list[Callable[[DeviceError], None]] = []

    async def start(self) -> None:
        """Enter the driver's context.

        Raises:
            DeviceError: it failed.
        """
        failed: DeviceError | None = await self._nursery.start(self._live)
        if failed is not None:
            raise failed

    async def _live(self, task_status: trio.TaskStatus[DeviceError | None]) -> None:
        started = False
        try:
            with self._scope:
                async with self._driver.factory(self._config) as self.backend, trio.open_nursery() as self._tasks:
                    started = True
                    task_status.started(None)
                    await self._leave.wait()
                    self._tasks.cancel_scope.cancel()
        except BaseException as error:
            if _is_ours(error):
                raise
            failed = as_device_error(error, Phase.DISCOVER)
            logger.warning("The driver %s failed: %s", self._driver.name, failed.message)
            if not started:
                task_status.started(failed)
            self._died(failed)
        finally:
            self._died(DeviceError(Code.DEVICE_LOST, f"The driver {self._driver.name} was ended."))
            self._ended.set()

    def queue_before(self, verb: str) -> bool:  # noqa: ARG002  # the interface of Incarnation
        """Calls run beside each other."""
        return False

    def end(self, error: DeviceError) -> None:
        """Cancel whatever the driver does."""
        self._died(error)
        self._scope.cancel()

    def on_end(self, tell: Callable[[DeviceError], None]) -> Callable[[], None]:
        """Have *tell* called when it dies; gives what takes that back."""
        self._tell.append(tell)

        def forget() -> None:
            with suppress(ValueError):
                self._tell.remove(tell)

        return forget

    def spawn(self, task: Callable[[], Awaitable[None]]) -> None:
        """Start a task that ends with the driver's context at the latest."""
        self._tasks.start_soon(task)

    async def close(self, within: float) -> None:
        """Leave the driver's context."""
        self._leave.set()
        with Limit(within, shield=True, real=False):
            await self._ended.wait()
        self._scope.cancel()

    def _died(self, error: DeviceError) -> None:
        if self.gone is None:
            self.gone = error
            for tell in tuple(self._tell):
                tell(error)


class LocalRunner:
    """Keeps a driver running in this process."""

    def __init__(
        self,
        driver: Driver,
        config: Mapping[str, Any],
        deadlines: Deadlines,
        trace: Trace | None,
        nursery: trio.Nursery,
    ) -> None:
        self._driver = driver
        self._config = config
        self._deadlines = deadlines
        self._trace = trace
        self._nursery = nursery
        self._lock = trio.Lock()
        self._current: tuple[Supervisor, LocalIncarnation] | None = None

    async def current(self) -> tuple[Supervisor, Backend]:
        """The driver; see :class:`device_host.supervised.Runner`."""
        async with self._lock:
            if self._current is None or self._current[1].gone is not None:
                self._current = None
                incarnation = LocalIncarnation(self._driver, dict(self._config), self._nursery)
                with Limit(self._deadlines.load, real=False) as bound:
                    await incarnation.start()
                if bound.ran_out:
                    message = f"The driver {self._driver.name} did not start within {self._deadlines.load:g} s."
                    raise DeviceError(Code.TIMED_OUT, message, phase=Phase.DISCOVER)
                self._current = Supervisor(self._driver.name, incarnation, self._deadlines, self._trace), incarnation
            return self._current[0], self._current[1].backend

    async def close(self) -> None:
        """Leave the driver's context."""
        if self._current is not None:
            await self._current[1].close(self._deadlines.close)


def _is_ours(error: BaseException) -> bool:
    """Whether *error* has to do with the caller's own cancellation or end, and not with the driver."""
    if isinstance(error, BaseExceptionGroup):
        return error.split((trio.Cancelled, KeyboardInterrupt, GeneratorExit))[0] is not None
    return isinstance(error, trio.Cancelled | KeyboardInterrupt | GeneratorExit)
