"""The host of devices for verbs that use devices directly: which drivers, with which configuration."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from device_host import Host, HostConfig, open_host
from device_protocol import DeviceError
from flatbed.exits import Exit
from flatbed.say import fail

LAB_DRIVERS = ("virtual", "sanelab")
"""Always there and harmless; real devices join with ``--real``."""


def lab_drivers(*, real: bool) -> tuple[str, ...]:
    """The drivers to look at, in the order in which their devices are listed."""
    from device_host import known_drivers  # noqa: PLC0415  # reads the installed packages

    others = [name for name in known_drivers() if name not in LAB_DRIVERS]
    return (*LAB_DRIVERS, *(others if real else ()))


def driver_config(devices: Path | None) -> dict[str, dict[str, Any]]:
    """The configuration of each driver: the devices file for the virtual ones."""
    return {"virtual": {"devices_file": str(devices.resolve())}} if devices is not None else {}


def need_devices_file(devices: Path | None) -> None:
    """Say what is wrong in a devices file before anything is started with it.

    Raises:
        SystemExit: with USAGE; it has a mistake, or a profile or scenario that it names has.
    """
    if devices is None:
        return
    from simulators.devices_file import load_lab  # noqa: PLC0415  # imports the machines

    try:
        load_lab(devices)
    except DeviceError as error:
        fail(Exit.USAGE, error.message, "docs/reference/devices-file.md says what may be in it.")


@asynccontextmanager
async def local_host(
    devices: Path | None = None, *, real: bool = False, only: str | None = None
) -> AsyncIterator[Host]:
    """A host for the length of a verb; *only* names the one driver that is needed."""
    drivers = (only,) if only is not None else lab_drivers(real=real)
    with tempfile.TemporaryDirectory(prefix="flatbed-") as runtime:
        config = HostConfig(drivers=drivers, driver_config=driver_config(devices), runtime_dir=Path(runtime))
        async with open_host(config) as host:
            yield host
