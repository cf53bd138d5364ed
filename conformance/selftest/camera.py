"""A camera of the zoo: a virtual one behind wrappers in which defects are seeded."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from conformance.selftest.profile import SCANNER, SECOND
from device_protocol.aio import Backend, RealClock
from simulators.devices_file import LabSpec
from simulators.driver import lab_backend
from simulators.profile import profile_from_data
from simulators.spec import DeviceSpec

PROFILE: dict[str, Any] = {
    "schema": 1,
    "kind": "camera",
    "model": "Zoo camera",
    "controls": {"exposure": {}, "zoom": {}},
    "camera": {"start_s": 0.2, "buffers": 3},
    "mode": [
        {"format": "RGB3", "width": 320, "height": 180, "rates": [30]},
        {"format": "RGB3", "width": 400, "height": 240, "rates": [30, 15]},
        {"format": "MJPG", "width": 640, "height": 360, "rates": [30]},
    ],
}


class Through:
    """Passes everything on; a defect overrides what it breaks."""

    def __init__(self, inner: Any, build: CameraBuild) -> None:
        self.inner = inner
        self.build = build

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)


class CameraJob(Through):
    """A stream.

    Args:
        inner: what the virtual camera gave.
        build: which parts there are.
        session: that started it.
    """

    def __init__(self, inner: Any, build: CameraBuild, session: CameraSession) -> None:
        super().__init__(inner, build)
        self.session = session


class CameraSession(Through):
    """An open camera."""

    async def start(self, *arguments: Any, **named: Any) -> CameraJob:
        """See the contract."""
        return self.build.job(await self.inner.start(*arguments, **named), self.build, self)


class CameraBackend(Through):
    """Two cameras."""

    async def open(self, device_id: str) -> CameraSession:
        """See the contract."""
        return self.build.session(await self.inner.open(device_id), self.build)


@dataclass(frozen=True)
class CameraBuild:
    """The parts of a camera. Calling it opens a backend with two of them, under the names of the zoo's scanners."""

    backend: type[CameraBackend] = CameraBackend
    session: type[CameraSession] = CameraSession
    job: type[CameraJob] = CameraJob
    habits: dict[str, Any] = field(default_factory=dict)

    def __call__(self) -> AbstractAsyncContextManager[Backend]:
        """Open a backend."""
        return self._open()

    @asynccontextmanager
    async def _open(self) -> AsyncIterator[Any]:
        profile = profile_from_data({**PROFILE, "camera": PROFILE["camera"] | self.habits})
        devices = tuple(DeviceSpec(name, profile) for name in (SCANNER, SECOND))
        async with lab_backend(LabSpec(devices), RealClock()) as backend:
            yield self.backend(backend, self)


LEGAL_CAMERA = CameraBuild()
