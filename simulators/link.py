"""What a session needs of a lab. Two implementations: in the same process, and over a socket; both behave alike."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, Protocol

from device_protocol import ControlCaps, DeviceChange, DeviceList, Value
from device_protocol.aio import DeviceClock
from simulators.duties import Duty
from simulators.messages import Lease, Notice, Plan, Request, Stop


class Listener(Protocol):
    """Where a session takes what its machine has to say."""

    def tell(self, notice: Notice) -> None:
        """Take a notice; must not wait."""
        ...

    async def heard(self) -> None:
        """Return when all notices so far have been taken."""
        ...


class MachineLink(Protocol):
    """A session's hold on its machine.

    A caller that is cancelled within a call may repeat it. Each raises DEVICE_LOST once the machine is gone, CANCELLED when ``stop`` has ended it, and
    :class:`simulators.messages.CrashError` when the worker shall die.
    """

    @property
    def clock(self) -> DeviceClock | None:
        """The machine's time, where it comes by this link; None: the backend's clock runs as the lab's does."""
        ...

    async def start(self, request: Request) -> None:
        """Begin a job; one that a cancelled caller left behind is stopped.

        Raises:
            DeviceError: what stands in the way, where the source reports it at start.
        """
        ...

    async def feed(self, number: int) -> Plan | None:
        """Bring page *number*, the next one or the last one again, to the scan bar; None when there are no more.

        Raises:
            DeviceError: what ended the job.
        """
        ...

    async def reach(self, number: int, stop: Stop) -> None:
        """Page *number* was read up to one of its stops.

        Raises:
            DeviceError: what happens there.
        """
        ...

    async def stop(self) -> None:
        """Stop the job, if any, and return when the machine has come to rest."""
        ...

    async def calibrate(self) -> None:
        """Calibrate; returns when that is done."""
        ...

    async def remember(self, values: Mapping[str, Value]) -> None:
        """Keep option values for the next session."""
        ...

    async def note(self, duty: Duty, detail: str) -> None:
        """Put something into the report on the client."""
        ...

    async def release(self) -> None:
        """Give the machine back; ends a job. Repeatable."""
        ...


class LabLink(Protocol):
    """A backend's hold on its lab."""

    async def devices(self) -> DeviceList:
        """What is connected."""
        ...

    def watch(self) -> AsyncIterator[DeviceChange]:
        """First the list, then each change of it."""
        ...

    async def control_caps(self, device_id: str) -> ControlCaps:
        """What can be done to a device.

        Raises:
            DeviceError: NOT_FOUND.
        """
        ...

    async def perform(self, device_id: str, action: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        """Do something to a device; its session has noticed when this returns.

        Raises:
            DeviceError: NOT_FOUND, UNSUPPORTED, INVALID_VALUE.
        """
        ...

    async def open(self, device_id: str, listener: Listener) -> tuple[MachineLink, Lease]:
        """Take a machine.

        Raises:
            DeviceError: NOT_FOUND, BUSY, DEVICE_LOST.
        """
        ...
