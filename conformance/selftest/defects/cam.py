"""Defects of cameras."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from conformance.selftest.camera import LEGAL_CAMERA, CameraBackend, CameraBuild, CameraJob, CameraSession
from conformance.selftest.defects.defect import NEXT, OPEN, PAGE, STATUS, Defect, fault, put, start, steps
from device_protocol import ALL, Code, DeviceError, Phase, SetResult, Status
from device_protocol.options import FRAME_SIZE


class StaleSize(CameraSession):
    """Another size is taken, and frames come in the one before."""

    said: str = ""

    async def _keep(self, before: Any) -> None:
        now = await self.inner.get(FRAME_SIZE)
        if now != before:
            self.said = now
            await self.inner.set(FRAME_SIZE, before)

    async def apply(self, settings: Any) -> Any:
        """See the contract."""
        before = await self.inner.get(FRAME_SIZE)
        result = await self.inner.apply(settings)
        if await self.inner.get("pixel-format") == "RGB3" and before != "640x360":
            await self._keep(before)
        return result

    async def set(self, name: str, value: Any) -> SetResult:
        """See the contract."""
        before = await self.inner.get(FRAME_SIZE)
        result: SetResult = await self.inner.set(name, value)
        if name == FRAME_SIZE:
            await self._keep(before)
        return result

    async def get(self, name: str) -> Any:
        """See the contract."""
        return self.said if name == FRAME_SIZE and self.said else await self.inner.get(name)


class OldFrameFirst(CameraSession):
    """A control acts on the frame after the next one."""

    late: tuple[str, Any] | None = None

    async def set(self, name: str, value: Any) -> SetResult:
        """See the contract."""
        before = await self.inner.get(name)
        result: SetResult = await self.inner.set(name, value)
        if name == "exposure":
            await self.inner.set(name, before)
            self.late = (name, result.actual)
        return result


class LateControl(CameraJob):
    """Sets what was put off when a frame has been taken."""

    async def next_page(self) -> Any:
        """See the contract."""
        page = await self.inner.next_page()
        if isinstance(self.session, OldFrameFirst) and self.session.late is not None:
            (name, value), self.session.late = self.session.late, None
            await self.session.inner.set(name, value)
        return page


class Uncounted(CameraSession):
    """Lost frames are not told."""

    async def status(self) -> Status:
        """See the contract."""
        found: Status = await self.inner.status()
        return found if found.job is None else replace(found, job=replace(found.job, dropped=0))


class StartsOnce(CameraSession):
    """A second stream of a session does not start."""

    started = False

    async def start(self, *arguments: Any, **named: Any) -> CameraJob:
        """See the contract."""
        if self.started:
            raise DeviceError(Code.OTHER, "The stream was used up.", phase=Phase.START)
        job = await super().start(*arguments, **named)
        self.started = True
        return job


class OpensAllTheSame(CameraBackend):
    """A refusal is kept to oneself; frames come as if nothing had been."""

    async def open(self, device_id: str) -> CameraSession:
        """See the contract."""
        try:
            return await super().open(device_id)
        except DeviceError as error:
            if error.code is not Code.ACCESS_DENIED:
                raise
            return await super().open(device_id)


FRAME = (OPEN, start(pages=ALL), *PAGE)


def _defect(name: str, requirement: str, what: str, proof: Any, **parts: Any) -> Defect:
    return Defect(name, requirement, what, CameraBuild(**parts), proof, LEGAL_CAMERA)


DEFECTS = (
    _defect(
        "stale-size",
        "CAM-01",
        "takes another size and delivers the one before",
        steps(OPEN, put(FRAME_SIZE, "400x240"), start(pages=ALL), PAGE),
        session=StaleSize,
    ),
    _defect(
        "old-frame-first",
        "CAM-02",
        "shows a change one frame late",
        steps(OPEN, start(pages=ALL), put("exposure", 2.0), PAGE),
        session=OldFrameFirst,
        job=LateControl,
    ),
    _defect(
        "duplicates",
        "CAM-03",
        "delivers pictures twice as new ones",
        steps(FRAME, PAGE, PAGE),
        habits={"repeated": 0.6},
    ),
    _defect(
        "uncounted-drops",
        "CAM-03",
        "loses frames and does not say so",
        steps(FRAME, fault("dropped"), PAGE, STATUS),
        session=Uncounted,
    ),
    _defect(
        "second-start-fails",
        "CAM-04",
        "streams once in a session",
        steps(OPEN, start(pages=1), PAGE, NEXT, start(pages=1)),
        session=StartsOnce,
    ),
    _defect(
        "black-frames",
        "CAM-05",
        "opens although access is refused",
        steps(fault("error", verb="open", code="ACCESS_DENIED"), OPEN, start(pages=ALL), NEXT),
        backend=OpensAllTheSame,
    ),
)
