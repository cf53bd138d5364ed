"""The way to a lab in another process: the socket's side of :mod:`simulators.link`."""

from __future__ import annotations

import math
import os
from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import trio

from device_protocol import Code, ControlCaps, DeviceChange, DeviceError, DeviceList, Phase, Value
from device_protocol.plain import PlainError, from_plain, to_plain
from simulators.channel import Channel
from simulators.duties import Duty
from simulators.link import Listener
from simulators.link_clock import LinkClock
from simulators.machine import Spawn
from simulators.manual_time import all_at_rest
from simulators.messages import Lease, Lost, Plan, Request, Stop
from simulators.times import Time
from simulators.wire import (
    WIRE_VERSION,
    lab_lost,
    lease_from_plain,
    notice_from_plain,
    plan_from_plain,
    request_to_plain,
    stop_to_plain,
)

CHANGES_KEPT = 1024
"""Changes that may wait for a watcher; beyond, it is cut off."""


class RemoteSeat:
    """See :class:`simulators.link.MachineLink`."""

    def __init__(self, channel: Channel, clock: LinkClock | None = None) -> None:
        self._channel = channel
        self._clock = clock

    @property
    def clock(self) -> LinkClock | None:
        """See :class:`simulators.link.MachineLink`."""
        return self._clock

    async def start(self, request: Request) -> None:
        """See :class:`simulators.link.MachineLink`."""
        await self._channel.call("start", request=request_to_plain(request))

    async def feed(self, number: int) -> Plan | None:
        """See :class:`simulators.link.MachineLink`."""
        return plan_from_plain(await self._channel.call("feed", number=number))

    async def reach(self, number: int, stop: Stop) -> None:
        """See :class:`simulators.link.MachineLink`."""
        await self._channel.call("reach", number=number, stop=stop_to_plain(stop))

    async def stop(self) -> None:
        """See :class:`simulators.link.MachineLink`."""
        await self._channel.call("stop")

    async def calibrate(self) -> None:
        """See :class:`simulators.link.MachineLink`."""
        await self._channel.call("calibrate")

    async def remember(self, values: Mapping[str, Value]) -> None:
        """See :class:`simulators.link.MachineLink`."""
        await self._channel.call("remember", values=to_plain(values))

    async def note(self, duty: Duty, detail: str) -> None:
        """See :class:`simulators.link.MachineLink`."""
        await self._channel.call("note", duty=duty.value, detail=detail)

    async def release(self) -> None:
        """See :class:`simulators.link.MachineLink`."""
        try:
            await self._channel.call("release")
        finally:
            self._channel.close()


class RemoteLab:
    """See :class:`simulators.link.LabLink`. Each session and each watcher has a connection of its own; the rest shares one.

    Args:
        path: of the lab's socket.
        spawn: starts a task that lives as long as the backend.
    """

    def __init__(self, path: Path, spawn: Spawn) -> None:
        self._path = path
        self._spawn = spawn
        self._shared: Channel | None = None
        self._connecting = trio.Lock()

    async def hello(self) -> Time:
        """Reach the lab; gives the speed of its time.

        Raises:
            DeviceError: DEVICE_LOST, it is not there; UNSUPPORTED, it is of another version.
        """
        answer = await (await self._common()).call("hello", version=WIRE_VERSION)
        return math.inf if answer["time"] is None else float(answer["time"])

    async def devices(self) -> DeviceList:
        """See :class:`simulators.link.LabLink`."""
        found = from_plain(await (await self._common()).call("devices"))
        assert isinstance(found, DeviceList)
        return found

    async def watch(self) -> AsyncIterator[DeviceChange]:
        """See :class:`simulators.link.LabLink`."""
        sender, receiver = trio.open_memory_channel[DeviceChange](CHANGES_KEPT)

        def take(header: dict[str, Any]) -> None:
            change = from_plain(header.get("change"))
            if not isinstance(change, DeviceChange):
                raise PlainError("not a change")
            try:
                sender.send_nowait(change)
            except trio.WouldBlock:
                raise PlainError("the watcher does not read") from None

        channel = await self._connect(take)

        async def until_gone() -> None:
            await channel.gone.wait()
            sender.close()

        self._spawn(until_gone)
        channel.post({"call": "watch", "n": 0, "with": {}})
        try:
            async for change in receiver:
                yield change
        finally:
            channel.close()
        raise lab_lost(channel.why)

    async def control_caps(self, device_id: str) -> ControlCaps:
        """See :class:`simulators.link.LabLink`."""
        caps = from_plain(await (await self._common()).call("control_caps", device=device_id))
        assert isinstance(caps, ControlCaps)
        return caps

    async def perform(self, device_id: str, action: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """See :class:`simulators.link.LabLink`."""
        try:
            given = to_plain(dict(arguments))
        except PlainError as error:
            raise DeviceError(Code.INVALID_VALUE, f"{action}: {error}.", phase=Phase.CONTROL, option=action) from None
        channel = await self._common()
        answer = from_plain(await channel.call("perform", device=device_id, action=action, arguments=given))
        assert isinstance(answer, dict)
        return answer

    async def open(self, device_id: str, listener: Listener) -> tuple[RemoteSeat, Lease]:
        """See :class:`simulators.link.LabLink`."""
        channels: list[Channel] = []
        clocks: list[LinkClock] = []

        def take(header: dict[str, Any]) -> None:
            if "now" in header:
                if not clocks:
                    clocks.append(LinkClock(channels[0]))
                clocks[0].move_to(float(header["now"]))
                return
            if "settle" in header:
                self._spawn(_settled, channels[0], header["settle"])
                return
            listener.tell(notice_from_plain(header.get("notice") or {}))
            channels[0].post({"heard": header["number"]})

        channel = await self._connect(take)
        channels.append(channel)
        try:
            lease = lease_from_plain(await channel.call("open", device=device_id))
        except BaseException:
            channel.close()  # which frees the machine, if it was taken
            raise

        async def until_gone() -> None:
            await channel.gone.wait()
            listener.tell(Lost())

        self._spawn(until_gone)
        return RemoteSeat(channel, clocks[0] if clocks else None), lease

    async def _common(self) -> Channel:
        async with self._connecting:
            if self._shared is None or self._shared.gone.is_set():
                self._shared = await self._connect(_refuse)
        return self._shared

    async def _connect(self, take: Any) -> Channel:
        try:
            stream = await trio.open_unix_socket(os.fspath(self._path))
        except OSError as error:
            raise lab_lost(str(error.strerror or error)) from None
        channel = Channel(stream, take)
        self._spawn(channel.run)
        return channel


async def _settled(channel: Channel, number: int) -> None:
    """Say that everybody in this process has run."""
    await all_at_rest()
    channel.post({"settled": number})


def _refuse(header: dict[str, Any]) -> None:
    raise PlainError(f"unexpected: {sorted(header)}")
