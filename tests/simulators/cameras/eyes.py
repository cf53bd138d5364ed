"""What the tests of cameras share: one camera in a lab, and its frames as the oracle reads them."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Coroutine
from typing import Any

import numpy as np
import simplejpeg

from device_protocol import Fault, PageInfo, PageParams
from device_protocol.aio import Job, read_all
from device_protocol.testing import Jumper, run
from sheets.test_card import FrameReading, read_frame
from simulators.profile import Profile, profile_from_data
from simulators.spec import DeviceSpec, Scenario

SMALL = {"format": "RGB3", "width": 320, "height": 180, "rates": [10]}


def camera_profile(habits: dict[str, Any] | None = None, **tables: Any) -> Profile:
    """A camera with small, quick frames; everything can be changed."""
    data = {
        "schema": 1,
        "kind": "camera",
        "model": "Test Camera",
        "camera": habits or {},
        "controls": {"exposure": {}, "brightness": {}, "focus": {}, "zoom": {}, "white-balance": {}},
        "mode": [SMALL, {"format": "MJPG", "width": 640, "height": 360, "rates": [20, 5]}],
    }
    return profile_from_data({**data, **tables})


def camera(*faults: Fault, habits: dict[str, Any] | None = None, seed: int = 0) -> DeviceSpec:
    """Such a camera, called ``cam``."""
    return DeviceSpec("cam", camera_profile(habits), Scenario(faults), seed=seed)


def pixels(data: bytes, params: PageParams) -> np.ndarray[Any, Any]:
    """A frame as an array, whatever its format."""
    if params.format == "image/jpeg":
        decoded: np.ndarray[Any, Any] = simplejpeg.decode_jpeg(data)
        return decoded
    assert params.height is not None
    return np.frombuffer(data, np.uint8).reshape(params.height, params.width, 3)


def virtually(test: Callable[..., Coroutine[Any, Any, None]]) -> Callable[..., None]:
    """*test* on virtual time, which waits for nobody."""

    @functools.wraps(test)
    def run_it(*arguments: Any, **named: Any) -> None:
        run(lambda: test(*arguments, **named), clock=Jumper())

    run_it.__signature__ = inspect.signature(test)  # type: ignore[attr-defined]  # pytest reads it
    del run_it.__wrapped__  # pytest would run what it wraps, in real time
    return run_it


async def frame(job: Job) -> tuple[PageInfo, FrameReading]:
    """The next frame of *job*."""
    page = await job.next_page()
    assert page is not None
    data, _ = await read_all(page)
    return page.info, read_frame(pixels(data, page.info.params))


async def frames(job: Job, count: int) -> list[tuple[PageInfo, FrameReading]]:
    """The next *count* frames."""
    return [await frame(job) for _ in range(count)]
