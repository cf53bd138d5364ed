"""The driver: finds one flatbed, opens it for one caller at a time."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import trio

from device_protocol import Code, DeviceError, DeviceInfo, DeviceList, Driver, Form, Phase
from device_protocol.aio import Control
from slab_scanner.session import SlabSession

ID = "slab"


class SlabBackend:
    """The driver at work."""

    def __init__(self, defect: str) -> None:
        self._defect = defect
        self._open: SlabSession | None = None

    async def devices(self) -> DeviceList:
        """The one device there is."""
        await trio.lowlevel.checkpoint()
        return DeviceList((DeviceInfo(ID, "Slab", "Example", transport="none"),))

    async def open(self, device_id: str) -> SlabSession:
        """Open it: it is exclusive."""
        await trio.lowlevel.checkpoint()
        if device_id != ID:
            raise DeviceError(Code.NOT_FOUND, f"There is no {device_id!r}.", phase=Phase.OPEN)
        if self._open is not None and not self._open.closed:
            raise DeviceError(Code.BUSY, "It is open.", phase=Phase.OPEN)
        self._open = SlabSession(self._defect)
        return self._open

    async def control(self, device_id: str) -> Control:
        """Nobody stands beside it."""
        await trio.lowlevel.checkpoint()
        code = Code.UNSUPPORTED if device_id == ID else Code.NOT_FOUND
        raise DeviceError(code, phase=Phase.CONTROL)


@asynccontextmanager
async def _backend(config: Mapping[str, Any]) -> AsyncIterator[SlabBackend]:
    yield SlabBackend(str(config.get("defect", "")))


driver = Driver("slab", Form.TRIO, _backend, version="1.0")
