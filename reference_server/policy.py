"""Which drivers run and which devices are shown, by access mode (design 6)."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from device_protocol import ENTRY_POINT_GROUP, DeviceInfo, split_id
from reference_server.config import ServerConfig
from reference_server.modes import AccessMode

REPLAY = "replay"
"""The driver of recordings. It runs when there are some."""

HARMLESS = frozenset({"sanelab", REPLAY})
"""Drivers of devices that are not virtual in the sense of the contract, but harmless: SANE's own test device, and recordings of real ones."""

SIMULATORS = ("virtual", "sanelab", REPLAY)
"""Drivers that the locked mode does not even import; elsewhere their devices come first, so that a client which names no device gets a virtual one."""

SPECIMENS = frozenset({"pysane"})
"""Drivers that are there to be judged: what they get wrong is known, and nobody scans with them in earnest. The locked mode does not import them."""

HARDWARE = frozenset({"sane", "pysane", "escl", "webcam", "twain", "ica", "wia"})
"""Drivers that look for real devices. In lab mode they run with ``--real`` only: looking takes seconds and touches the network."""


def drivers(config: ServerConfig) -> tuple[str, ...]:
    """The driver ids to use, in order; a third party's driver is used like ours."""
    names = config.drivers
    if names is None:
        names = tuple(sorted({entry.name for entry in entry_points(group=ENTRY_POINT_GROUP)}, key=_order))
        if config.access is AccessMode.LAB and not config.real:
            names = tuple(name for name in names if name not in HARDWARE)
    if config.access is AccessMode.LOCKED:
        names = tuple(name for name in names if name not in SIMULATORS and name not in SPECIMENS)
    return names if config.recordings else tuple(name for name in names if name != REPLAY)


def driver_config(config: ServerConfig) -> dict[str, dict[str, Any]]:
    """The configuration of each driver; the devices file is that of the virtual machines."""
    tables = {name: dict(table) for name, table in config.driver_config.items()}
    if config.devices_file is not None:
        tables.setdefault("virtual", {})["devices_file"] = str(config.devices_file.resolve())
    if config.recordings:
        files = {Path(name).stem: str(Path(name).resolve()) for name in config.recordings}
        tables.setdefault(REPLAY, {}).setdefault("files", files)
    return tables


def _order(name: str) -> tuple[int, str]:
    return (SIMULATORS.index(name) if name in SIMULATORS else len(SIMULATORS), name)


def visible(config: ServerConfig, devices: Iterable[DeviceInfo]) -> list[DeviceInfo]:
    """The devices that clients may see and use."""
    if config.access is AccessMode.LOCKED:
        return [device for device in devices if not device.virtual and split_id(device.id)[0] not in SIMULATORS]
    return [device for device in devices if config.real or device.virtual or split_id(device.id)[0] in HARMLESS]
