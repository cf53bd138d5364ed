"""A host of virtual machines in this process: what the service needs of a device host (:mod:`reference_server.host`), without a worker."""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import trio

from device_host.encoding import transcode
from device_host.live import HostDevices, LiveList, Watcher
from device_host.opening import open_backend
from device_host.supervised import SupervisedWatchableBackend
from device_protocol import Code, DeviceChange, DeviceError, Phase
from device_protocol.aio import GuardedBackend, guard
from device_protocol.aio.guard import GuardedSession
from device_protocol.devices import ChangeKind
from simulators.driver import driver

VIRTUAL = "virtual"


class LabHost:
    """See the module; made by :func:`open_lab`. Pages are made into other types, and looked at for barcodes, here and at once."""

    def __init__(self, backend: SupervisedWatchableBackend) -> None:
        self._backend = backend
        self._guarded: GuardedBackend = guard(backend)
        self._live = LiveList([VIRTUAL])

    def devices(self) -> HostDevices:
        """See :class:`reference_server.host.Host`."""
        return self._live.devices()

    async def first_answers(self, timeout: float = 5.0) -> None:
        """See :class:`reference_server.host.Host`."""
        with trio.move_on_after(timeout):
            await self._live.first_answers()

    def watch(self) -> Watcher:
        """See :class:`reference_server.host.Host`."""
        return self._live.watch()

    async def open(self, device_id: str) -> GuardedSession:
        """See :class:`reference_server.host.Host`."""
        return await self._guarded.open(_native(device_id))

    async def perform(
        self, device_id: str, action: str, arguments: Mapping[str, Any] | None = None
    ) -> Mapping[str, Any]:
        """What somebody does who stands before the machine (:mod:`device_protocol.control`)."""
        return await (await self._backend.control(_native(device_id))).perform(action, arguments or {})

    async def transcode(self, data: bytes, source_type: str, target_type: str, quality: int) -> bytes:
        """See :class:`reference_server.host.Host`."""
        await trio.lowlevel.checkpoint()
        try:
            return transcode(data, source_type, target_type, quality)
        except ValueError as error:
            raise DeviceError(Code.UNSUPPORTED, str(error), phase=Phase.PAGE) from None

    async def compute(self, target: str, data: bytes, *arguments: Any) -> tuple[Any, bytes]:
        """See :class:`reference_server.host.Host`."""
        await trio.lowlevel.checkpoint()
        module, _, name = target.partition(":")
        try:
            made = getattr(importlib.import_module(module), name)(data, *arguments)
        except ValueError as error:
            raise DeviceError(Code.UNSUPPORTED, str(error), phase=Phase.PAGE) from None
        return (None, made) if isinstance(made, bytes) else made

    def status(self) -> Mapping[str, Any]:
        """See :class:`reference_server.host.Host`."""
        return {}

    async def find(self) -> None:
        """Look for devices once."""
        found = await self._backend.devices()
        self._live.say(VIRTUAL, found.devices, found.failures)

    async def keep_finding(self) -> None:
        """Follow who is plugged in; runs beside the service."""
        known = {}
        change: DeviceChange
        async for change in self._backend.watch():
            if change.kind is ChangeKind.LIST:
                known = {device.id: device for device in change.devices}
            elif change.kind is ChangeKind.GONE:
                known = {
                    key: device for key, device in known.items() if key not in {item.id for item in change.devices}
                }
            else:
                known |= {device.id: device for device in change.devices}
            self._live.say(VIRTUAL, known.values(), change.failures)


def _native(device_id: str) -> str:
    """The id within the lab.

    Raises:
        DeviceError: NOT_FOUND, the device is of no virtual machine.
    """
    prefix, _, native = device_id.partition(":")
    if prefix != VIRTUAL or not native:
        raise DeviceError(Code.NOT_FOUND, f"There is no driver for {device_id!r}.", phase=Phase.OPEN)
    return native


@asynccontextmanager
async def open_lab(devices_file: Path, kind: type[LabHost] = LabHost) -> AsyncIterator[LabHost]:
    """A host over the machines in *devices_file*; their time is trio's."""
    config = {"devices_file": str(devices_file)}
    async with open_backend(driver, config) as backend, trio.open_nursery() as nursery:
        assert isinstance(backend, SupervisedWatchableBackend), "the virtual machines are watched"
        host = kind(backend)
        await host.find()
        nursery.start_soon(host.keep_finding)
        yield host
        nursery.cancel_scope.cancel()
