"""The driver ``replay``: recordings as devices.

Configuration: ``files`` (native id to path of a recording), ``time`` ("real", "instant" or how many times as fast; absent: real) and ``neighbours`` (show a
single recording with all devices that were listed beside it, as the suite saw it; absent: false). A client of a service cannot name a file.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import trio

from device_host.tasks import open_tasks
from device_protocol import Code, DeviceError, DeviceList, Driver, Form, Phase
from device_protocol.aio import Backend, Control, Session
from simulators.recordings.archive import load
from simulators.recordings.backend import ReplayBackend
from simulators.recordings.play import Play, Tape
from simulators.times import clock_for, read_time
from simulators.toml_files import plain_table

MAX_FILES = 100

_tapes: dict[tuple[Path, int, int], Tape] = {}
"""Loaded recordings by file, time of change and size. A run of the suite opens hundreds of backends; each follows the track after that of the one before."""


def load_tape(file: Path) -> Tape:
    """The recording in *file*; from memory while the file has not changed.

    Raises:
        RecordingError: it is none, or damaged.
    """
    try:
        facts = file.stat()
    except OSError:
        return Tape(file, load(file))  # which says what is wrong
    key = (file.resolve(), facts.st_mtime_ns, facts.st_size)
    if key not in _tapes:
        _tapes.clear()  # one at a time: pages are large
        _tapes[key] = Tape(file, load(file))
    return _tapes[key]


class ReplayBackends:
    """See :class:`device_protocol.aio.Backend`: several recordings, each a device."""

    def __init__(self, each: Mapping[str, ReplayBackend]) -> None:
        self._each = each

    async def devices(self) -> DeviceList:
        """See :class:`device_protocol.aio.Backend`."""
        await trio.lowlevel.checkpoint()
        return DeviceList(tuple(backend.info for backend in self._each.values()))

    async def open(self, device_id: str) -> Session:
        """See :class:`device_protocol.aio.Backend`."""
        return await self._one(device_id).open(device_id)

    async def control(self, device_id: str) -> Control:
        """See :class:`device_protocol.aio.Backend`."""
        return await self._one(device_id).control(device_id)

    def _one(self, device_id: str) -> ReplayBackend:
        if device_id not in self._each:
            known = ", ".join(self._each) or "none"
            raise DeviceError(
                Code.NOT_FOUND, f"There is no recording {device_id!r}; there is {known}.", phase=Phase.OPEN
            )
        return self._each[device_id]


def factory(config: Mapping[str, Any]) -> AbstractAsyncContextManager[Backend]:
    """Make the backend.

    Raises:
        ConfigError: the configuration is wrong.
        RecordingError: a file is.
    """
    table = plain_table(config, "replay")
    time = read_time(table, 1.0) or 1.0
    table.raw("resident")
    files = table.table("files", {})
    paths = {str(name): Path(files.text(str(name), limit=4096)) for name in files.plain()}
    if len(paths) > MAX_FILES:
        raise table.error("files", f"has more than {MAX_FILES}")
    files.done()
    neighbours = table.flag("neighbours", False)
    table.done()
    return _backend({name: load_tape(path) for name, path in paths.items()}, time, alone=neighbours)


@asynccontextmanager
async def _backend(tapes: Mapping[str, Tape], time: float, *, alone: bool) -> AsyncIterator[Backend]:
    async with open_tasks() as nursery:
        clock = clock_for(time)
        each = {name: ReplayBackend(Play(tape, clock, nursery.start_soon), name) for name, tape in tapes.items()}
        yield next(iter(each.values())) if alone and len(each) == 1 else ReplayBackends(each)
        nursery.cancel_scope.cancel()


driver = Driver(name="replay", form=Form.TRIO, factory=factory, version="0.1.0")
"""The entry point ``replay``."""
