"""One driver, wherever it runs: :func:`open_backend`."""

from __future__ import annotations

import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Any, Final

import trio

from device_host.deadlines import DEFAULT, Deadlines
from device_host.isolation import Isolation
from device_host.loading import check_usable, load_driver
from device_host.realtime import Limit
from device_host.resolve import Target, resolve
from device_host.runners import HostedRunner, LocalRunner
from device_host.supervised import SupervisedBackend, SupervisedWatchableBackend
from device_host.tasks import open_tasks
from device_host.trace import Trace
from device_protocol.aio import Backend, WatchableBackend, hold
from device_protocol.codes import Code
from device_protocol.driver import Driver, Form
from device_protocol.errors import DeviceError, Phase

_NO_CONFIG: Final[Mapping[str, Any]] = MappingProxyType({})


@asynccontextmanager
async def open_backend(
    driver: str | Driver,
    config: Mapping[str, Any] = _NO_CONFIG,
    *,
    isolation: Isolation = Isolation.AUTO,
    deadlines: Deadlines = DEFAULT,
    trace: Trace | None = None,
) -> AsyncIterator[Backend]:
    """A driver at work, with native ids, deadlines, and every failure as a typed error; not guarded.

    Args:
        driver: an installed driver's id, ``module:name``, or a :class:`Driver`.
        config: for the driver; plain data.
        isolation: where it runs.
        deadlines: how long each verb may take.
        trace: told each call.

    Raises:
        DeviceError: NOT_FOUND, no such driver; INTERNAL with the traceback, it cannot be imported or made; UNSUPPORTED, it cannot work here or not so.
    """
    target = resolve(driver) if isinstance(driver, str) else None
    local: Driver | None = None
    if isolation is not Isolation.HOSTED or target is None:
        local = driver if isinstance(driver, Driver) else await _import_here(target, deadlines)
        local = _local(local, target, isolation)
    async with open_tasks() as nursery:
        runner: LocalRunner | HostedRunner
        if local is not None:
            runner = LocalRunner(local, config, deadlines, trace, nursery)
        else:
            assert target is not None, "what has no name is not hosted"
            runner = HostedRunner(target, config, deadlines, trace, nursery)
        try:
            _, backend = await runner.current()
            watches = isinstance(backend, WatchableBackend)
            yield (SupervisedWatchableBackend if watches else SupervisedBackend)(runner)
        finally:
            with trio.CancelScope(shield=True):
                await runner.close()


def _local(driver: Driver, target: Target | None, isolation: Isolation) -> Driver | None:
    """*driver* if it is to run here, None if it is to run in a worker.

    Raises:
        DeviceError: UNSUPPORTED, it cannot run as it was asked to.
    """
    check_usable(driver, driver.name)
    if driver.form is Form.TRIO and isolation is not Isolation.HOSTED:
        return driver
    if isolation is Isolation.IN_PROCESS:
        raise DeviceError(
            Code.UNSUPPORTED, f"The driver {driver.name} blocks; it can only run in a worker.", phase=Phase.DISCOVER
        )
    if target is None:
        raise DeviceError(
            Code.UNSUPPORTED,
            f"The driver {driver.name} can only run in a worker, which needs its name (module:name).",
            phase=Phase.DISCOVER,
        )
    return None


async def _import_here(target: Target | None, deadlines: Deadlines) -> Driver:
    """Import a driver into this process; in a thread, since a module may block for ever.

    Raises:
        DeviceError: see :func:`load_driver`; TIMED_OUT.
    """
    assert target is not None, "a driver is given or named"
    if target.module in sys.modules:
        return load_driver(target.text, target.name)
    with Limit(deadlines.load) as bound, hold():
        return await trio.to_thread.run_sync(load_driver, target.text, target.name, abandon_on_cancel=True)
    assert bound.ran_out, "a block without a limit returns"
    message = f"The driver {target.name} was not imported within {deadlines.load:g} s."
    raise DeviceError(Code.TIMED_OUT, message, phase=Phase.DISCOVER)
