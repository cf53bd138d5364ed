"""The lab: owns the machines. It outlives sessions, and as a resident process it outlives workers."""

from __future__ import annotations

from collections import deque
from collections.abc import AsyncIterator, Iterable, Mapping
from functools import partial
from typing import Any

import trio

from device_protocol import (
    Code,
    ControlCaps,
    DeviceChange,
    DeviceError,
    DeviceList,
    Phase,
    TransportFailure,
    control,
)
from device_protocol.aio import DeviceClock, ManualClock, Marks, hold
from device_protocol.devices import ChangeKind
from simulators.fields import Table
from simulators.journal.pictures import picture, wanted
from simulators.link import Listener
from simulators.machine import Machine, Spawn
from simulators.manual_time import ManualTime
from simulators.messages import Lease
from simulators.panel import MAX_NUMBER, Panel, invalid
from simulators.seat import Seat
from simulators.spec import DeviceSpec

CHANGES_KEPT = 256
MAX_WAIT_S = 10.0
"""Of a long poll; less than the deadline that the device host gives to control."""


class Lab:
    """Machines by id, and who is plugged in. It is the in-process :class:`simulators.link.LabLink`.

    Args:
        specs: the machines.
        clock: their time.
        spawn: starts a task that lives as long as the lab.
    """

    def __init__(self, specs: Iterable[DeviceSpec], clock: DeviceClock, spawn: Spawn) -> None:
        self.clock = clock
        self._changes: deque[DeviceChange] = deque(maxlen=CHANGES_KEPT)
        self._revision = 1
        self._changed = trio.Event()
        self._failed: set[str] = set()
        self._machines = {spec.id: Machine(spec, clock, spawn) for spec in specs}
        self._ids = {info.id: machine for machine in self._machines.values() for info in machine.spec.infos}
        self._marks = Marks()
        self.time = ManualTime(clock) if isinstance(clock, ManualClock) else None
        for machine in self._machines.values():
            machine.on_plug = self._plug_moved
            machine.on_transport = self._transport
            machine.journal.on_news = partial(self._marks.mark, machine.spec.id)
            machine.perform = _perform

    def machine(self, device_id: str) -> Machine:
        """The machine of that id, plugged in or not.

        Raises:
            DeviceError: NOT_FOUND.
        """
        machine = self._ids.get(device_id)
        if machine is None:
            known = ", ".join(self._ids) or "none"
            raise DeviceError(Code.NOT_FOUND, f"The lab has no device {device_id!r}; it has {known}.", phase=Phase.OPEN)
        return machine

    async def devices(self) -> DeviceList:
        """See :class:`simulators.link.LabLink`."""
        await trio.lowlevel.checkpoint()
        return self._list()

    async def watch(self) -> AsyncIterator[DeviceChange]:
        """See :class:`simulators.link.LabLink`; a watcher that has fallen behind gets the list again."""
        seen = self._revision
        yield self._whole(seen)
        while True:
            changed = self._changed
            missed = [change for change in self._changes if change.revision > seen]
            if missed and missed[0].revision > seen + 1:
                seen = self._revision
                yield self._whole(seen)
                continue
            for change in missed:
                seen = change.revision
                yield change
            if not missed:
                await changed.wait()

    async def control_caps(self, device_id: str) -> ControlCaps:
        """See :class:`simulators.link.LabLink`."""
        await trio.lowlevel.checkpoint()
        return Panel(self.machine(device_id)).caps()

    async def perform(self, device_id: str, action: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """See :class:`simulators.link.LabLink`."""
        await trio.lowlevel.checkpoint()
        machine = self.machine(device_id)
        match action:
            case control.WATCH:
                return await self._wait_for_news(Table(arguments, invalid)) | {"device": device_id}
            case control.ADVANCE if self.time is not None:
                return await self.time.advance(Table(arguments, invalid))
            case control.PICTURE:
                page, width = wanted(machine.journal, Table(arguments, invalid))
                with hold():
                    return await trio.to_thread.run_sync(picture, page, width)
        seat = machine.seat
        answer = Panel(machine).perform(action, arguments)
        if seat is not None:
            await seat.heard()
        return answer

    async def open(self, device_id: str, listener: Listener) -> tuple[Seat, Lease]:
        """See :class:`simulators.link.LabLink`."""
        return await Seat.take(self.machine(device_id), listener)

    async def _wait_for_news(self, table: Table) -> dict[str, Any]:
        """Which machines have changed since some number, sooner or later (a long poll)."""
        since = table.integer("since", 0, low=0, high=MAX_NUMBER)
        wait = table.number("wait", 0.0, low=0, high=MAX_WAIT_S)
        table.done()
        await self._marks.wait(since, wait)
        return {"changed": self._marks.since(since), "next": self._marks.head}

    def _list(self) -> DeviceList:
        plugged = [machine for machine in self._machines.values() if machine.plugged]
        infos = tuple(info for machine in plugged for info in machine.spec.infos if info.transport not in self._failed)
        failures = tuple(
            TransportFailure(name, Code.OTHER, f"Nothing can be found by {name} at the moment.")
            for name in sorted(self._failed)
        )
        return DeviceList(infos, failures)

    def _whole(self, revision: int) -> DeviceChange:
        listed = self._list()
        return DeviceChange(ChangeKind.LIST, revision, listed.devices, listed.failures)

    def _plug_moved(self, machine: Machine) -> None:
        kind = ChangeKind.ARRIVED if machine.plugged else ChangeKind.GONE
        self._tell(DeviceChange(kind, self._revision + 1, machine.spec.infos))

    def _transport(self, name: str) -> None:
        """A way of finding devices stops working; without a name, all of them work again."""
        failed = self._failed | {name} if name else set()
        if failed != self._failed:
            self._failed = failed
            self._tell(self._whole(self._revision + 1))

    def _tell(self, change: DeviceChange) -> None:
        self._revision = change.revision
        self._changes.append(change)
        self._changed.set()
        self._changed = trio.Event()


def _perform(machine: Machine, action: str, arguments: Mapping[str, Any]) -> None:
    """What the attendant of *machine* does."""
    Panel(machine).perform(action, arguments)
