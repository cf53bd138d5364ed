"""The host of devices for verbs that use devices directly: which drivers, with which configuration."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from device_drivers.sane.names import NETWORK_BACKENDS
from device_host import Host, HostConfig, open_host
from device_protocol import DeviceError, split_id
from flatbed.exits import Exit
from flatbed.say import fail

LAB_DRIVERS = ("virtual", "sanelab")
"""Always there and harmless; real devices join with ``--real``."""

REPLAY = "replay"
"""The driver of recordings; its devices are named by their files, ``replay:FILE``, and listed nowhere."""


def lab_drivers(*, real: bool) -> tuple[str, ...]:
    """The drivers to look at, in the order in which their devices are listed."""
    from device_host import known_drivers  # noqa: PLC0415  # reads the installed packages

    others = [name for name in known_drivers() if name not in (*LAB_DRIVERS, REPLAY)]
    return (*LAB_DRIVERS, *(others if real else ()))


def driver_config(devices: Path | None, device: str = "") -> dict[str, dict[str, Any]]:
    """The configuration of each driver: the devices file for the virtual ones, and the recording that *device* names, if it names one."""
    config: dict[str, dict[str, Any]] = {}
    if devices is not None:
        config["virtual"] = {"devices_file": str(devices.resolve())}
    driver, _, file = device.partition(":")
    if driver == REPLAY and file:
        config[REPLAY] = {"files": {file: str(Path(file).resolve())}, "neighbours": True}
    if driver == "sane" and file.partition(":")[0] in NETWORK_BACKENDS:
        config["sane"] = {
            "network": True
        }  # whoever names such a device means it; SANE lists it only when the network is asked
    return config


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


def config_of(device: str, driver: str | None, devices: Path | None) -> dict[str, Any] | None:
    """The configuration of the driver of one *device*; of a *driver* that nobody installed it is that of the virtual machines."""
    name = device.partition(":")[0] if driver is None else "virtual"
    return driver_config(devices, device if driver is None else "").get(name)


@asynccontextmanager
async def local_host(
    devices: Path | None = None, *, real: bool = False, device: str | None = None
) -> AsyncIterator[Host]:
    """A host for the length of a verb; *device* is the only one that is needed."""
    drivers = (split_id(device)[0],) if device is not None else lab_drivers(real=real)
    with tempfile.TemporaryDirectory(prefix="flatbed-") as runtime:
        config = HostConfig(
            drivers=drivers, driver_config=driver_config(devices, device or ""), runtime_dir=Path(runtime)
        )
        async with open_host(config) as host:
            yield host
