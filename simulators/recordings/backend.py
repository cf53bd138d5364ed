"""One recording as a backend with one device."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import trio

from device_protocol import Code, ControlCaps, DeviceError, DeviceInfo, DeviceList, Phase, SessionState
from device_protocol.legality import refuse
from device_protocol.states import BackendState, Verb
from simulators.recordings.likeness import off_record
from simulators.recordings.log import ROOT
from simulators.recordings.pages import BEYOND
from simulators.recordings.play import Play, value_of
from simulators.recordings.session import ReplaySession


class ReplayControl:
    """See :class:`device_protocol.aio.Control`."""

    def __init__(self, play: Play, handle: str) -> None:
        self._play, self._handle = play, handle

    async def caps(self) -> ControlCaps:
        """See :class:`device_protocol.aio.Control`."""
        entry = await self._play.ask(self._handle, "control_caps")
        return ControlCaps() if entry is None else cast("ControlCaps", value_of(entry.answer))

    async def perform(self, action: str, arguments: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """See :class:`device_protocol.aio.Control`."""
        given = dict(arguments) if arguments is not None else None
        entry = await self._play.step(self._handle, "perform", action, given)
        if entry is None:
            raise DeviceError(
                Code.UNSUPPORTED, f"The recording has nothing for {action}.", phase=Phase.CONTROL, option=action
            )
        return cast("Mapping[str, Any]", value_of(entry.answer))


class ReplayBackend:
    """See :class:`device_protocol.aio.Backend`: one recorded device.

    Args:
        play: the recording at work.
        name: native id under which the device is known here, whatever it was when it was recorded.
    """

    def __init__(self, play: Play, name: str) -> None:
        self._play = play
        self._name = name
        self._session: ReplaySession | None = None

    @property
    def info(self) -> DeviceInfo:
        """The device, as a list shows it."""
        head = self._play.tape.recording.head
        recorded = head.info if head.info is not None else DeviceInfo(head.native, head.device)
        return replace(recorded, id=self._name)

    async def devices(self) -> DeviceList:
        """See :class:`device_protocol.aio.Backend`."""
        entry = await self._play.ask(ROOT, "devices")
        if entry is None:
            await trio.lowlevel.checkpoint()
            return DeviceList((self.info,))
        found = value_of(entry.answer)
        if not isinstance(found, DeviceList):
            return cast("DeviceList", found)
        return replace(found, devices=tuple(self._renamed(info) for info in found.devices))

    async def open(self, device_id: str) -> ReplaySession:
        """See :class:`device_protocol.aio.Backend`."""
        entry = await self._play.step(ROOT, "open", self._recorded(device_id))
        if entry is None:
            await trio.lowlevel.checkpoint()
            if device_id != self._name:
                raise DeviceError(Code.NOT_FOUND, f"There is only {self._name!r}.", phase=Phase.OPEN)
            if self._session is not None and self._session.state is not SessionState.CLOSED:
                refuse(Verb.OPEN, BackendState.DEVICE_OPEN)
        session = ReplaySession(self._play, BEYOND if entry is None else entry.new)
        if device_id == self._name:
            self._session = session
        return session

    async def control(self, device_id: str) -> ReplayControl:
        """See :class:`device_protocol.aio.Backend`."""
        entry = await self._play.ask(ROOT, "control", self._recorded(device_id))
        if entry is None:
            await trio.lowlevel.checkpoint()
            raise off_record("control()")
        return ReplayControl(self._play, entry.new)

    def _recorded(self, device_id: str) -> str:
        """The id that the recorded client used; ids that were made from the device's are translated as well."""
        if not device_id.startswith(self._name):
            return device_id
        return self._play.tape.native + device_id.removeprefix(self._name)

    def _renamed(self, info: DeviceInfo) -> DeviceInfo:
        return replace(info, id=self._name) if info.id == self._play.tape.native else info
