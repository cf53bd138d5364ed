"""Films a virtual camera: opens it in a lab whose time takes no time, and writes its frames into a file."""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import trio

from device_protocol import Code, DeviceError, FrameMode, Phase, Settings
from device_protocol.aio import ScaledClock, read_all
from device_protocol.options import FRAME_RATE, FRAME_SIZE, PIXEL_FORMAT
from simulators.cameras.rows import rows
from simulators.devices_file import LabSpec, load_lab
from simulators.driver import lab_backend
from simulators.fixture_files import fixture
from simulators.footage.y4m import Head, planes

BUILT_IN = "devices/webcams.toml"


@dataclass(frozen=True, slots=True)
class Made:
    """What was written."""

    frames: int
    size: str
    rate: float


def film(
    file: Path, seconds: float, *, camera: str, devices_file: Path | None = None, size: str = "", rate: float = 0.0
) -> Made:
    """Write *seconds* of a camera as Y4M; the same every time.

    Args:
        file: to be written; what was there is lost.
        seconds: how much.
        camera: its id.
        devices_file: of the lab; None: every shipped camera.
        size: WIDTHxHEIGHT; empty: the first that it has.
        rate: frames a second; 0: the first that goes with the size.

    Raises:
        DeviceError: there is no such camera or mode, or what the camera's scenario makes of it.
        OSError: the file cannot be written.
    """
    lab = load_lab(devices_file or fixture(BUILT_IN))
    return trio.run(_film, lab, file, seconds, camera, size, rate)


async def _film(lab: LabSpec, file: Path, seconds: float, camera: str, size: str, rate: float) -> Made:
    async with lab_backend(lab, ScaledClock(math.inf)) as backend:
        session = await backend.open(camera)
        try:
            modes = (await session.caps()).sources[0].frames
            mode = _mode(camera, modes, size, rate)
            rate = rate or mode.rates[0]
            await session.apply(
                Settings(extra=((PIXEL_FORMAT, mode.fourcc), (FRAME_SIZE, mode.size), (FRAME_RATE, rate)))
            )
            count = max(1, round(seconds * rate))
            head = Head(mode.width, mode.height, Fraction(rate).limit_denominator(1001))
            job = await session.start(pages=count)
            with file.open("wb") as out:
                out.write(head.line())
                while (page := await job.next_page()) is not None:
                    data, end = await read_all(page)
                    out.write(b"FRAME\n" + planes(rows(data, end.params)))
        finally:
            with trio.CancelScope(shield=True):
                await session.close()
    return Made(count, mode.size, rate)


def _mode(camera: str, modes: tuple[FrameMode, ...], size: str, rate: float) -> FrameMode:
    for mode in modes:
        if (not size or mode.size == size) and (not rate or rate in mode.rates):
            return mode
    known = ", ".join(f"{mode.size} at {'/'.join(f'{item:g}' for item in mode.rates)}" for mode in modes)
    raise DeviceError(
        Code.INVALID_VALUE, f"{camera} has {known or 'no frames'}, and nothing else.", phase=Phase.OPTIONS
    )
