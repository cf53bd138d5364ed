"""The backend: finds virtual devices and opens them, wherever their lab is."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from device_protocol import Code, ControlCaps, DeviceChange, DeviceError, DeviceList, Phase
from device_protocol.aio import DeviceClock
from simulators.crash import crash_to_error
from simulators.link import LabLink
from simulators.machine import Spawn
from simulators.messages import CrashError
from simulators.session import Mailbox, VirtualSession


class VirtualControl:
    """See :class:`device_protocol.aio.Control`."""

    def __init__(self, lab: LabLink, device_id: str) -> None:
        self._lab = lab
        self._device_id = device_id

    async def caps(self) -> ControlCaps:
        """See :class:`device_protocol.aio.Control`."""
        return await self._lab.control_caps(self._device_id)

    async def perform(self, action: str, arguments: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """See :class:`device_protocol.aio.Control`."""
        return await self._lab.perform(self._device_id, action, arguments or {})


class VirtualBackend:
    """See :class:`device_protocol.aio.Backend` and :class:`device_protocol.aio.WatchableBackend`.

    Args:
        lab: the lab, or the way to it.
        clock: the devices' time, in this process.
        spawn: starts a task that lives as long as the backend.
    """

    def __init__(self, lab: LabLink, clock: DeviceClock, spawn: Spawn) -> None:
        self._lab = lab
        self._clock = clock
        self._spawn = spawn
        self._sessions: list[VirtualSession] = []
        self._closed = False

    async def devices(self) -> DeviceList:
        """See :class:`device_protocol.aio.Backend`."""
        self._check()
        return await self._lab.devices()

    def watch(self) -> AsyncIterator[DeviceChange]:
        """See :class:`device_protocol.aio.WatchableBackend`."""
        self._check()
        return self._lab.watch()

    async def open(self, device_id: str) -> VirtualSession:
        """See :class:`device_protocol.aio.Backend`."""
        self._check()
        mailbox = Mailbox()
        try:
            link, lease = await self._lab.open(device_id, mailbox)
        except CrashError as crash:
            raise crash_to_error(crash) from None
        session = VirtualSession(link, lease, mailbox, link.clock or self._clock, self._spawn)
        self._sessions = [item for item in self._sessions if item.state != "closed"]
        self._sessions.append(session)
        return session

    async def control(self, device_id: str) -> VirtualControl:
        """See :class:`device_protocol.aio.Backend`."""
        self._check()
        await self._lab.control_caps(device_id)
        return VirtualControl(self._lab, device_id)

    def shut(self) -> None:
        """The backend goes away; its sessions are closed without a word to their machines."""
        self._closed = True
        for session in self._sessions:
            session.abandon()

    def _check(self) -> None:
        if self._closed:
            raise DeviceError(Code.CLOSED, "The backend is closed.", phase=Phase.DISCOVER)
