"""Tasks that find news by looking: which devices there are, and how full the page buffer is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import trio

from device_protocol import DeviceInfo
from reference_server.events.hub import EventHub, HubClosedError, LostError, Reader, Told
from reference_server.events.models import (
    Buffer,
    BufferChanged,
    Device,
    DeviceArrived,
    DeviceChanged,
    DeviceGone,
    JobRemoved,
    PageArrived,
)
from reference_server.host import Host
from reference_server.pages.buffer import PageBuffer
from reference_server.scanners import display_name

BUFFER_PAUSE = 1.0
"""Seconds between two looks at the buffer; pages may come by the hundred."""


def device(info: DeviceInfo) -> Device:
    """How an event shows a device."""
    return Device(id=info.id, name=display_name(info), virtual=info.virtual)


def buffer_figures(buffer: PageBuffer) -> Buffer:
    """How an event shows the page buffer."""
    status = buffer.status()
    return Buffer(
        pages=status.pages,
        memory=status.memory,
        memory_limit=status.memory_limit,
        spilled_pages=status.spilled_pages,
        disk=status.disk,
        full=status.full,
    )


async def tell_devices(hub: EventHub, host: Host, shown: Callable[[], Sequence[DeviceInfo]]) -> None:
    """Tell which devices come, go and change, for ever.

    Args:
        hub: is told.
        host: says when something changes.
        shown: the devices that clients may see now.
    """
    known: dict[str, DeviceInfo] = {}
    async for _ in host.watch():
        now = {info.id: info for info in shown()}
        for key, info in known.items():
            if key not in now:
                hub.tell(DeviceGone(device=device(info)))
        for key, info in now.items():
            if key not in known:
                hub.tell(DeviceArrived(device=device(info)))
            elif known[key] != info:
                hub.tell(DeviceChanged(device=device(info)))
        known = now


async def tell_buffer(hub: EventHub, buffer: PageBuffer) -> None:
    """Tell the figures of the page buffer after what changes them, until the hub is closed."""

    def changes_it(told: Told) -> bool:
        return isinstance(told.event, PageArrived | JobRemoved)

    last = buffer_figures(buffer)
    reader = Reader(hub, changes_it)
    while True:
        try:
            await reader.next()
        except LostError:
            pass  # so much has happened that it is worth a look anyhow
        except HubClosedError:
            return
        await trio.sleep(BUFFER_PAUSE)  # what comes in this time is told with it
        reader = Reader(hub, changes_it)
        if (figures := buffer_figures(buffer)) != last:
            hub.tell(BufferChanged(buffer=figures))
            last = figures
