"""What ``flatbed simulate mjpeg`` does: opens the door, says where it is, and keeps it open."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flatbed.doors import ending_with_sigterm, ready_file, serve_until_told, wait_for_the_end
from flatbed.exits import Exit
from flatbed.outputs import need_writable
from flatbed.say import as_json, fail, note, out
from simulators.devices_file import load_lab
from simulators.mjpeg import Door, DoorConfig, cameras_of, open_door


@dataclass(frozen=True)
class MjpegOrder:
    """What was asked for on the command line; see ``flatbed simulate mjpeg --help``."""

    devices: Path | None
    port: int
    bind: str
    allow_host: tuple[str, ...]
    ready_file: Path | None
    exit_with_stdin: bool
    as_json: bool


def serve_mjpeg(order: MjpegOrder) -> int:
    """Serve until Ctrl-C, a signal, or the end of standard input; gives the exit status."""
    if order.ready_file is not None:
        need_writable(order.ready_file)
    if order.devices is not None and not cameras_of(load_lab(order.devices)):
        fail(Exit.USAGE, f"{order.devices} has no camera.", "`flatbed simulate list` lists the shipped ones.")
    return serve_until_told(functools.partial(_serve, order), order.bind, order.port)


async def _serve(order: MjpegOrder) -> None:
    config = DoorConfig(order.devices, order.bind, order.port, order.allow_host)
    async with ending_with_sigterm(), open_door(config) as door:
        data = _ready(door)
        with ready_file(order.ready_file, data):
            _tell(order, door, data)
            await wait_for_the_end(with_stdin=order.exit_with_stdin)


def _ready(door: Door) -> dict[str, Any]:
    """What stands in the ready file."""
    return {
        "schema": 1,
        "mjpeg": f"{door.url}/stream",
        "epoch": door.epoch,
        "cameras": [{"name": name, "url": f"{door.url}/{name}"} for name in door.feeds],
        "pid": os.getpid(),
    }


def _tell(order: MjpegOrder, door: Door, data: dict[str, Any]) -> None:
    if order.as_json:
        as_json(data)
        return
    for name in door.feeds:
        out(f"  {door.url}/{name}")
    first = next(iter(door.feeds))
    note(f"A picture of each at {door.url}/NAME/snapshot.jpg; {door.url}/ lists them. What arrives, judged:")
    note(f"  flatbed simulate watch {door.url}/{first}")
