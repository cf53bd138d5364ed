"""A door for real clients: machines that take no time, on a real port, served by the task that tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import trio

from simulators.escl import Door, DoorConfig, open_door

FEEDER = """
[[device]]
id = "{name}"
profile = "{profile}"
sheets = 3
refill = "always"
"""

FLATBED = """
[[device]]
id = "{name}"
profile = "{profile}"
"""


@asynccontextmanager
async def door(folder: Path, *machines: str, time: str = "instant", **options: Any) -> AsyncIterator[Door]:
    """An open door.

    Args:
        folder: for the devices file.
        machines: tables of the devices file.
        time: ``instant``, or ``real`` for machines that take as long as real ones.
        options: of :class:`~simulators.escl.DoorConfig`.
    """
    file = folder / "devices.toml"
    await trio.Path(file).write_text("schema = 1\n" + "".join(machines))
    async with open_door(DoorConfig(devices_file=file, driver={"time": time}, **options)) as opened:
        yield opened


def feeder(name: str = "feeder", profile: str = "office-duplex-feeder") -> str:
    """A feeder with sheets 1 to 3, the same for each scan."""
    return FEEDER.format(name=name, profile=profile)


def flatbed(name: str = "flatbed", profile: str = "flatbed") -> str:
    """A flatbed with sheet 1 on its glass."""
    return FLATBED.format(name=name, profile=profile)
