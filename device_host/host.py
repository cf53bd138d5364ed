"""All drivers at once: what a service and the commands use. Device ids are ``ENTRYPOINT:NATIVE``."""

from __future__ import annotations

import os
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import trio

from device_host.codec import Codec
from device_host.config import HostConfig
from device_host.discovery import Discovery, Pace
from device_host.live import HostDevices, LiveList, Watcher
from device_host.pool import Pool
from device_host.realtime import Limit
from device_host.resolve import Target, known_drivers, resolve
from device_host.sessions import DriverSessions
from device_host.supervised import SupervisedControl
from device_host.tasks import open_tasks
from device_host.workers import Worker
from device_protocol.aio import GuardedBackend, guard
from device_protocol.aio.guard import GuardedSession
from device_protocol.codes import Code
from device_protocol.devices import split_id
from device_protocol.errors import DeviceError, Phase

_DEPTH: Final = 70  # bytes of a directory whose sockets still have an address everywhere (108, on some systems 104)


class Host:
    """All drivers; made by :func:`open_host`."""

    def __init__(self, config: HostConfig, targets: tuple[Target, ...], sockets: Path, nursery: trio.Nursery) -> None:
        self._live = LiveList(target.name for target in targets)
        self._pool = Pool(nursery, config.deadlines, spare=config.spare, keep_alive=config.keep_alive_seconds)
        # Two of a kind: whoever waits for the next page does not wait for somebody else's barcodes, nor for a picture that stalls its process.
        self._codec, self._processing = (
            Codec(self._pool, nursery, config.deadlines.options * 4, config.keep_alive_seconds) for _ in range(2)
        )
        self._discoveries: dict[str, Discovery] = {}
        self._sessions: dict[str, DriverSessions] = {}
        self._guards: dict[str, GuardedBackend] = {}
        for number, target in enumerate(targets):
            discovery = self._discoveries[target.name] = Discovery(
                target,
                config.driver_config.get(target.name, MappingProxyType({})),
                sockets / f"{number}.sock",
                pool=self._pool,
                live=self._live,
                deadlines=config.deadlines,
                pace=Pace(config.poll_seconds, config.retry_seconds),
                nursery=nursery,
                trace=config.trace,
                python=config.worker_python.get(target.name),
            )
            sessions = DriverSessions(discovery, self._pool, config.deadlines, config.trace, nursery)
            self._sessions[target.name] = sessions
            self._guards[target.name] = guard(sessions)
        self._finding = trio.CancelScope()
        nursery.start_soon(self._find)
        nursery.start_soon(self._warm_up)

    def devices(self) -> HostDevices:
        """The live list; asks nobody."""
        return self._live.devices()

    async def first_answers(self, timeout: float = 5.0) -> None:
        """Wait until each driver has answered once, or *timeout* seconds of real time."""
        with Limit(timeout):
            await self._live.first_answers()

    def watch(self) -> Watcher:
        """The whole list with full ids, then each change."""
        return self._live.watch()

    async def open(self, device_id: str) -> GuardedSession:
        """Open a device in a worker of its own: guarded, with deadlines, and with the encoding stage.

        Raises:
            DeviceError: NOT_FOUND, BUSY, ...; INTERNAL or TIMED_OUT for its driver.
        """
        driver, native = self._split(device_id)
        return await self._guards[driver].open(native)

    async def control(self, device_id: str) -> SupervisedControl:
        """Control of a device's surroundings, whether it is open or not.

        Raises:
            DeviceError: NOT_FOUND; UNSUPPORTED for a device that has none.
        """
        driver, native = self._split(device_id)
        return await self._discoveries[driver].control(native)

    async def transcode(self, data: bytes, source_type: str, target_type: str, quality: int) -> bytes:
        """A page as a file of another type, made in the codec process.

        Raises:
            DeviceError: UNSUPPORTED, that cannot be made of it; TIMED_OUT; INTERNAL.
        """
        return await self._codec.transcode(data, source_type, target_type, quality)

    async def compute(self, target: str, data: bytes, *arguments: Any) -> tuple[Any, bytes]:
        """What the function ``module:function`` gives for *data* in the second codec process; see :meth:`device_host.codec.Codec.compute`.

        Raises:
            DeviceError: UNSUPPORTED, it cannot use the data; TIMED_OUT; INTERNAL.
        """
        return await self._processing.compute(target, data, *arguments)

    def status(self) -> Mapping[str, Any]:
        """Figures for a status page: plain data."""
        spare = self._pool.spare
        return {
            "drivers": [
                {
                    "id": name,
                    "target": discovery.target.text,
                    "worker": _pid(discovery.worker),
                    "restarts": discovery.restarts,
                    "open": {device: worker.pid for device, worker in self._sessions[name].workers.items()},
                }
                for name, discovery in self._discoveries.items()
            ],
            "kept": [kept.worker.pid for kept in self._pool.kept],
            "codec": _pid(self._codec.worker),
            "processing": _pid(self._processing.worker),
            "spare": None if spare is None else spare.pid,
        }

    async def close(self) -> None:
        """End every worker in order."""
        self._finding.cancel()
        await self._pool.close()

    def _split(self, device_id: str) -> tuple[str, str]:
        """The driver and the native id; a driver may be named ``module:name`` and have a colon itself.

        Raises:
            DeviceError: NOT_FOUND, there is no such driver.
        """
        for driver in sorted(self._discoveries, key=len, reverse=True):
            if device_id.startswith(f"{driver}:") and len(device_id) > len(driver) + 1:
                return driver, device_id[len(driver) + 1 :]
        split_id(device_id)
        there_are = ", ".join(self._discoveries) or "none"
        raise DeviceError(
            Code.NOT_FOUND, f"There is no driver for {device_id!r}. Drivers are: {there_are}.", phase=Phase.OPEN
        )

    async def _find(self) -> None:
        with self._finding:
            async with trio.open_nursery() as nursery:
                for discovery in self._discoveries.values():
                    nursery.start_soon(discovery.run)

    async def _warm_up(self) -> None:
        """Make the spare once the drivers have got what they need."""
        await self.first_answers()
        self._pool.make_spare()


@asynccontextmanager
async def open_host(config: HostConfig) -> AsyncIterator[Host]:
    """A host of all drivers, at once; they start in the background.

    Raises:
        DeviceError: NOT_FOUND, a driver that is named does not exist.
    """
    targets = (
        tuple(known_drivers().values()) if config.drivers is None else tuple(resolve(name) for name in config.drivers)
    )
    with _sockets(config.runtime_dir) as sockets:
        async with open_tasks() as nursery:
            host = Host(config, targets, sockets, nursery)
            try:
                yield host
            finally:
                with trio.CancelScope(shield=True):
                    await host.close()


@contextmanager
def _sockets(runtime_dir: Path) -> Iterator[Path]:
    """A directory for sockets that only this user may enter; a short one where *runtime_dir* is too deep for a socket's address."""
    runtime_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    deep = len(os.fsencode(runtime_dir.absolute())) > _DEPTH
    where = None if deep else runtime_dir.absolute()
    with tempfile.TemporaryDirectory(prefix="s", dir=where, ignore_cleanup_errors=True) as made:  # mode 0700
        yield Path(made)


def _pid(worker: Worker | None) -> int | None:
    return None if worker is None or worker.gone is not None else worker.pid
