"""What the service needs of a device host (:mod:`device_host`), as interfaces.

The service never asks for more than this, so that tests run it over a small host of their own.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from typing import Any, Protocol

from device_protocol import DeviceChange, DeviceInfo, TransportFailure
from device_protocol.aio import Session


class HostDevices(Protocol):
    """The live list with full ids, and what is wrong or missing in it."""

    @property
    def devices(self) -> Sequence[DeviceInfo]:
        """Every device that is known now."""
        ...

    @property
    def failures(self) -> Sequence[TransportFailure]:
        """Ways of finding devices that do not work."""
        ...

    @property
    def late(self) -> Sequence[str]:
        """Drivers that have not answered yet."""
        ...


class Host(Protocol):
    """All drivers at once; device ids are ``ENTRYPOINT:NATIVE``."""

    def devices(self) -> HostDevices:
        """The live list; asks nobody."""
        ...

    async def first_answers(self, timeout: float = 5.0) -> Any:
        """Wait until each driver has answered once, or *timeout* seconds."""
        ...

    def watch(self) -> AsyncIterator[DeviceChange]:
        """The whole list, then each change."""
        ...

    async def open(self, device_id: str) -> Session:
        """Open a device; guarded, with deadlines, with the encoder."""
        ...

    async def transcode(self, data: bytes, source_type: str, target_type: str, quality: int) -> bytes:
        """A page in another encoding."""
        ...

    async def compute(self, target: str, data: bytes, *arguments: Any) -> tuple[Any, bytes]:
        """What the function ``module:function`` gives for *data*, in a process of its own; UNSUPPORTED for a ValueError of it."""
        ...

    def status(self) -> Any:
        """Figures for a status page."""
        ...
