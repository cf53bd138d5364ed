"""The trio form: what a driver implements and a caller uses.

Structured: ``async with`` the factory's product owns the nursery of the backend; ``open`` and ``close`` are plain awaits inside it. Cancellation by the
caller at any await leaves a device that can be closed and opened again (CANC-08). States and refusals: :mod:`device_protocol.states`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, Protocol, runtime_checkable

from device_protocol.aio.events import EventStream
from device_protocol.capabilities import DeviceCaps
from device_protocol.control import ControlCaps
from device_protocol.delivery import NATIVE, Delivery
from device_protocol.devices import DeviceChange, DeviceList
from device_protocol.options import ApplyResult, Option, SetResult
from device_protocol.pages import PageEnd, PageInfo, PageParams
from device_protocol.settings import ALL, Settings
from device_protocol.states import JobState
from device_protocol.status import Status
from device_protocol.values import Auto, Value


class Page(Protocol):
    """A page whose bytes are pulled in strips, with back-pressure."""

    @property
    def info(self) -> PageInfo:
        """Number, side and parameters of this page; parameters may be an estimate, :meth:`end` has the final ones."""
        ...

    async def read(self, max_bytes: int) -> bytes:
        """1 to *max_bytes* bytes; ``b""`` once at the end, then WRONG_STATE (DATA-01, DATA-03).

        Raises:
            DeviceError: what ended the page; CANCELLED after a cancel; INVALID_VALUE for *max_bytes* below 1.
        """
        ...

    async def end(self) -> PageEnd:
        """Leave the page: final parameters and flags. Unread bytes are lost. A second call gives the same again."""
        ...


class Job(Protocol):
    """A scan under way."""

    async def next_page(self) -> Page | None:
        """The next page; None at the end, as often as one asks.

        Raises:
            DeviceError: what ended the job, the same again on later calls.
        """
        ...

    async def cancel(self) -> None:
        """Initiate a cancellation; legal in every open state, repeatable, never raises for the device's state (CANC-01)."""
        ...

    async def settled(self) -> JobState:
        """Wait for the terminal state, for example after :meth:`cancel` (CANC-04)."""
        ...


@runtime_checkable
class EncodingJob(Job, Protocol):
    """A job that was started with ``Encode`` delivery through a host: its pages are files (:class:`device_protocol.Encode`)."""

    def prefer(self, media_type: str | None) -> None:
        """The type of the oldest waiting reader; None: nobody waits. To be said again for each reader that becomes the oldest."""
        ...


class Session(Protocol):
    """An open device."""

    async def caps(self) -> DeviceCaps:
        """What the device can do."""
        ...

    async def options(self) -> tuple[Option, ...]:
        """All options as they are now."""
        ...

    async def get(self, name: str) -> Value:
        """The value of an option."""
        ...

    async def set(self, name: str, value: Value | Auto) -> SetResult:
        """Set one option; what became of it (SET-01, SET-02)."""
        ...

    async def apply(self, settings: Settings) -> ApplyResult:
        """Set all that *settings* names, or nothing at all (SET-11)."""
        ...

    async def reset(self, names: tuple[str, ...] | None = None) -> ApplyResult:
        """Restore the defaults of *names*, or of all options (SET-08)."""
        ...

    async def params(self) -> PageParams:
        """An estimate of the next page's parameters with the present options."""
        ...

    async def start(self, settings: Settings | None = None, pages: int | str = ALL, delivery: Delivery = NATIVE) -> Job:
        """Apply *settings*, if any, and start a job of at most *pages* pages.

        Raises:
            DeviceError: BUSY while a job runs (SCAN-01); NO_MEDIA, COVER_OPEN, ... where the source reports them at start; UNSUPPORTED for an encoded
                delivery from a driver (the host encodes).
        """
        ...

    async def status(self) -> Status:
        """A snapshot; legal beside any other call (STAT-01)."""
        ...

    def events(self) -> EventStream:
        """A new stream of the events from now on."""
        ...

    async def cancel(self) -> None:
        """Cancel the current job, if any."""
        ...

    async def close(self) -> None:
        """End any job and give the device back; from every state, idempotent, within the declared deadline (LIFE-04, LIFE-05)."""
        ...


class Control(Protocol):
    """Control of a device's surroundings (:mod:`device_protocol.control`)."""

    async def caps(self) -> ControlCaps:
        """Which actions and faults there are."""
        ...

    async def perform(self, action: str, arguments: Mapping[str, Any] | None = None) -> Mapping[str, Any]:
        """Do *action*.

        Raises:
            DeviceError: UNSUPPORTED for an action that is not offered, INVALID_VALUE for its arguments.
        """
        ...


class Backend(Protocol):
    """A driver at work: finds devices and opens them."""

    async def devices(self) -> DeviceList:
        """A new enumeration, with native ids."""
        ...

    async def open(self, device_id: str) -> Session:
        """Open a device by its native id.

        Raises:
            DeviceError: NOT_FOUND, BUSY, ACCESS_DENIED, ...
        """
        ...

    async def control(self, device_id: str) -> Control:
        """Control of a device, whether it is open or not.

        Raises:
            DeviceError: NOT_FOUND; UNSUPPORTED for a device that has none.
        """
        ...


@runtime_checkable
class WatchableBackend(Protocol):
    """A backend that tells by itself when its list of devices changes; others are polled by the host."""

    def watch(self) -> AsyncIterator[DeviceChange]:
        """First the whole list, then each change (:class:`DeviceChange`)."""
        ...
