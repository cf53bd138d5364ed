"""The live list of devices, put together from what each driver says."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Self

import trio

from device_protocol.codes import Code
from device_protocol.devices import ChangeKind, DeviceChange, DeviceInfo, TransportFailure
from device_protocol.errors import DeviceError


@dataclass(frozen=True, slots=True)
class HostDevices:
    """Who is there, with full ids.

    Attributes:
        devices: of all drivers, in the order of the drivers.
        failures: ways of finding devices that do not work; they hide nobody (DISC-04).
        late: drivers that have not answered yet.
    """

    devices: tuple[DeviceInfo, ...]
    failures: tuple[TransportFailure, ...]
    late: tuple[str, ...]


@dataclass(slots=True)
class _Answer:
    answered: bool = False
    devices: tuple[DeviceInfo, ...] = ()
    failures: tuple[TransportFailure, ...] = ()
    failed: int = 0  # how often in a row


class LiveList:
    """What the drivers said last."""

    def __init__(self, drivers: Iterable[str]) -> None:
        self._answers = {driver: _Answer() for driver in drivers}
        self._changed = trio.Event()

    def devices(self) -> HostDevices:
        """The list as it is now."""
        answers = self._answers.values()
        return HostDevices(
            tuple(device for answer in answers for device in answer.devices),
            tuple(failure for answer in answers for failure in answer.failures),
            tuple(driver for driver, answer in self._answers.items() if not answer.answered),
        )

    def say(self, driver: str, devices: Iterable[DeviceInfo], failures: Iterable[TransportFailure] = ()) -> None:
        """*driver* has these devices now, by native id. Ids that are empty or repeated are left out, and that is a failure (DISC-01)."""
        found: dict[str, DeviceInfo] = {}
        wrong = [replace(failure, transport=f"{driver}:{failure.transport}") for failure in failures]
        for device in devices:
            full = f"{driver}:{device.id}"
            if not device.id or full in found:
                message = f"The driver lists the id {device.id!r} twice or without a name."
                wrong.append(TransportFailure(driver, Code.INTERNAL, message))
            else:
                found[full] = replace(device, id=full)
        self._answers[driver] = _Answer(True, tuple(found.values()), tuple(wrong))
        self._wake()

    def fail(self, driver: str, error: DeviceError) -> None:
        """*driver* has failed. After one failure its devices stay, since it is started again; after two they go."""
        before = self._answers[driver]
        kept = before.devices if before.failed == 0 else ()
        failure = TransportFailure(driver, error.code, error.message)
        self._answers[driver] = _Answer(True, kept, (failure,), before.failed + 1)
        self._wake()

    async def first_answers(self) -> None:
        """Wait until each driver has answered once, be it with a failure."""
        while not all(answer.answered for answer in self._answers.values()):
            await self._changed.wait()

    def watch(self) -> Watcher:
        """The whole list, then each change; a slow reader gets what has changed since it last looked."""
        return Watcher(self)

    @property
    def changed(self) -> trio.Event:
        """Is set at the next change."""
        return self._changed

    def _wake(self) -> None:
        self._changed.set()
        self._changed = trio.Event()


class Watcher:
    """Changes of a :class:`LiveList`, to be iterated over."""

    def __init__(self, live: LiveList) -> None:
        self._live = live
        self._known: dict[str, DeviceInfo] = {}
        self._failures: tuple[TransportFailure, ...] = ()
        self._revision = 0
        self._waiting: deque[tuple[ChangeKind, tuple[DeviceInfo, ...]]] = deque()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> DeviceChange:
        """The next change."""
        await trio.lowlevel.checkpoint()
        while not self._waiting:
            changed = self._live.changed
            self._look()
            if not self._waiting:
                await changed.wait()
        kind, devices = self._waiting.popleft()
        self._revision += 1
        return DeviceChange(kind, self._revision, devices, self._failures if kind is ChangeKind.LIST else ())

    def _look(self) -> None:
        """Note what is different from what was told last."""
        found = self._live.devices()
        before, now = self._known, {device.id: device for device in found.devices}
        if self._revision == 0 or found.failures != self._failures:
            self._waiting.append((ChangeKind.LIST, found.devices))
        else:
            for kind, devices in (
                (ChangeKind.GONE, [device for key, device in before.items() if key not in now]),
                (ChangeKind.ARRIVED, [device for key, device in now.items() if key not in before]),
                (ChangeKind.CHANGED, [device for key, device in now.items() if before.get(key, device) != device]),
            ):
                if devices:
                    self._waiting.append((kind, tuple(devices)))
        self._known, self._failures = now, found.failures
