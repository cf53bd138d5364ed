"""The driver ``virtual``: what the entry point gives.

Configuration, all keys optional: ``devices_file`` (path; absent: the built-in lab), ``time`` ("real", "instant", "manual" or a number; absent: what the
devices file says, else "real"), ``resident`` (from the host, see :class:`device_protocol.Driver`), and, where the driver runs in the caller's own
process, ``clock`` (a :class:`device_protocol.aio.DeviceClock`).
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import trio

from device_protocol import Driver, Form
from device_protocol.aio import DeviceClock
from simulators.backend import VirtualBackend
from simulators.devices_file import LabSpec, load_lab
from simulators.door import Door, listen
from simulators.lab import Lab
from simulators.remote import RemoteLab
from simulators.times import Time, clock_for, read_time
from simulators.toml_files import plain_table


@dataclass(frozen=True, slots=True)
class DriverConfig:
    """The configuration, checked."""

    devices_file: Path | None = None
    time: Time | None = None
    clock: DeviceClock | None = None
    listen: Path | None = None
    connect: Path | None = None


def read_config(config: Mapping[str, Any]) -> DriverConfig:
    """Check the driver's configuration.

    Raises:
        ConfigError: an unknown key or a wrong value.
    """
    table = plain_table(config, "virtual")
    clock = table.raw("clock")
    if clock is not None and not (hasattr(clock, "now") and hasattr(clock, "sleep")):
        raise table.error("clock", "must have now() and sleep()")
    file = table.text("devices_file", limit=4096) if table.raw("devices_file") is not None else None
    listen = connect = None
    if table.raw("resident") is not None:
        resident = table.table("resident")
        listen = resident.text("listen", limit=4096) if resident.has("listen") else None
        connect = resident.text("connect", limit=4096) if resident.has("connect") else None
        resident.done()
        if (listen is None) is (connect is None):
            raise table.error("resident", "must have one of listen and connect")
    checked = DriverConfig(
        devices_file=None if file is None else Path(file),
        time=read_time(table, manual=True) if table.raw("time") is not None else None,
        clock=clock,
        listen=None if listen is None else Path(listen),
        connect=None if connect is None else Path(connect),
    )
    table.done()
    return checked


@asynccontextmanager
async def lab_backend(
    spec: LabSpec, clock: DeviceClock | None = None, listen_at: Path | None = None
) -> AsyncIterator[VirtualBackend]:
    """A backend with a lab of its own; for tests and for whoever has a :class:`LabSpec` in hand.

    Args:
        spec: the machines.
        clock: their time; absent: what *spec* says, else real time.
        listen_at: where to serve the lab to sessions in other processes as well.
    """
    speed = 1.0 if spec.time is None else spec.time
    async with _nursery() as nursery:
        time = clock or clock_for(speed)
        lab = Lab(spec.devices, time, nursery.start_soon)
        if listen_at is not None:
            nursery.start_soon(Door(lab, speed).serve, listen(listen_at))
        backend = VirtualBackend(lab, time, nursery.start_soon)
        try:
            yield backend
        finally:
            backend.shut()


@asynccontextmanager
async def remote_backend(path: Path, time: Time | None = None) -> AsyncIterator[VirtualBackend]:
    """A backend whose lab is in another process.

    Args:
        path: of the lab's socket.
        time: speed of the sessions; absent: the lab's.

    Raises:
        DeviceError: DEVICE_LOST, nobody listens there.
    """
    async with _nursery() as nursery:
        lab = RemoteLab(path, nursery.start_soon)
        speed = await lab.hello()
        backend = VirtualBackend(lab, clock_for(speed if time is None else time), nursery.start_soon)
        try:
            yield backend
        finally:
            backend.shut()


@asynccontextmanager
async def _nursery() -> AsyncIterator[trio.Nursery]:
    """A nursery that ends with its block, and lets the block's exception through as it is instead of in a group."""
    raised: Exception | None = None
    async with trio.open_nursery() as nursery:
        try:
            yield nursery
        except Exception as error:  # noqa: BLE001  # raised again below
            raised = error
        nursery.cancel_scope.cancel()
    if raised is not None:
        raise raised


def factory(config: Mapping[str, Any]) -> AbstractAsyncContextManager[VirtualBackend]:
    """Make the backend.

    Raises:
        ConfigError: the configuration or the devices file is wrong.
    """
    checked = read_config(config)
    if checked.connect is not None:
        return remote_backend(checked.connect, checked.time)
    spec = load_lab(checked.devices_file)
    if checked.time is not None:
        spec = replace(spec, time=checked.time)
    return lab_backend(spec, checked.clock, checked.listen)


driver = Driver(name="virtual", form=Form.TRIO, factory=factory, version="0.1.0", resident=True)
"""The entry point ``virtual``."""
