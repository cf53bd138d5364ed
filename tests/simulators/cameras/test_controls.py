"""Controls act on the picture, from the next frame on, and say what became of them."""

from __future__ import annotations

import pytest

from device_protocol import ALL, AUTO, Access, Code, DeviceError, Settings
from sheets.test_card import FrameReading
from tests.simulators.benches import code, lab, snapshot
from tests.simulators.cameras.eyes import camera, frame


async def look(name: str, value: float) -> tuple[FrameReading, FrameReading]:
    """A frame before *name* is set to *value*, and the one after."""
    async with lab(camera()) as backend:
        session = await backend.open("cam")
        await session.set("pixel-format", "MJPG")
        job = await session.start(pages=ALL)
        before = (await frame(job))[1]
        result = await session.set(name, value)
        assert result.exact
        assert not result.params_changed
        after = (await frame(job))[1]
        await session.close()
        assert (before.number, after.number) == (0, 1)
        return before, after


@pytest.mark.parametrize("value", [-2.0, 1.0])
async def test_exposure(value: float) -> None:
    """One stop of exposure is one stop of light in the very next frame (CAM-02)."""
    before, after = await look("exposure", value)
    assert before.exposure_ev == pytest.approx(0, abs=0.1)
    assert after.exposure_ev == pytest.approx(value, abs=0.2)


async def test_brightness() -> None:
    """Brightness lifts black."""
    before, after = await look("brightness", 40)
    assert before.black_level == pytest.approx(0, abs=3)
    assert after.black_level == pytest.approx(40, abs=4)


@pytest.mark.parametrize("value", [0, 100])
async def test_focus(value: float) -> None:
    """Out of focus to either side, edges are blurred; half of the way is 0.6 % of the width."""
    before, after = await look("focus", value)
    assert (before.blur_px or 9) < 0.8
    assert after.blur_px == pytest.approx(0.5 * 0.012 * 640, rel=0.25)


@pytest.mark.parametrize("value", [1.5, 3.0, 4.0])
async def test_zoom(value: float) -> None:
    """The middle is as much larger as the zoom says."""
    before, after = await look("zoom", value)
    assert before.zoom == pytest.approx(1, rel=0.02)
    assert after.zoom == pytest.approx(value, rel=0.02)


async def test_white_balance() -> None:
    """A higher temperature than that of the light makes the picture warm, a lower one cold."""
    _, warm = await look("white-balance", 9000)
    _, cold = await look("white-balance", 3000)
    assert warm.red == pytest.approx((9000 / 5500) ** 0.5, rel=0.05)
    assert warm.blue == pytest.approx((5500 / 9000) ** 0.5, rel=0.05)
    assert cold.red == pytest.approx((3000 / 5500) ** 0.5, rel=0.05)
    assert cold.blue == pytest.approx((5500 / 3000) ** 0.5, rel=0.05)


async def test_automatic_is_right() -> None:
    """Where the camera may choose, it chooses what is right; where it may not, AUTO is refused and nothing changes."""
    async with lab(camera()) as backend:
        session = await backend.open("cam")
        options = {option.name: option for option in await session.options()}
        assert Access.AUTO in options["exposure"].access
        await session.set("exposure", 2.0)
        assert (await session.set("exposure", AUTO)).actual == 0.0
        before = await snapshot(session)
        assert await code(session.set("zoom", AUTO)) is Code.INVALID_VALUE
        assert await snapshot(session) == before
        await session.close()


async def test_controls_are_live_and_modes_are_not() -> None:
    """While frames come, controls can be set, and what shapes a frame cannot."""
    async with lab(camera()) as backend:
        session = await backend.open("cam")
        live = {option.name for option in await session.options() if Access.LIVE in option.access}
        assert live == {"exposure", "brightness", "focus", "zoom", "white-balance"}
        job = await session.start(pages=ALL)
        await frame(job)
        for name, value in (("frame-size", "320x180"), ("pixel-format", "MJPG"), ("frame-rate", 10.0)):
            assert await code(session.set(name, value)) is Code.WRONG_STATE
        await session.close()


async def test_values_out_of_range_are_rounded_and_said() -> None:
    """The nearest value is taken and told (V4L2 clips), and a step is a step; a format that there is not is refused."""
    async with lab(camera()) as backend:
        session = await backend.open("cam")
        far = await session.set("focus", 5000)
        assert (far.actual, far.exact) == (100, False)
        between = await session.set("zoom", 2.13)
        assert between.actual in {2.0, 2.25}
        assert not between.exact
        before = await snapshot(session)
        assert await code(session.set("pixel-format", "H264")) is Code.INVALID_VALUE
        assert await code(session.set("frame-size", "1x1")) is Code.INVALID_VALUE
        assert await code(session.set("sharpness", 1)) is Code.UNSUPPORTED
        assert await snapshot(session) == before
        await session.close()


async def test_format_size_and_rate_depend_on_each_other() -> None:
    """Another format brings the nearest size and rate that it has, and says what changed; a reset brings all back."""
    async with lab(camera()) as backend:
        session = await backend.open("cam")
        result = await session.set("pixel-format", "MJPG")
        assert set(result.changed) == {"frame-size", "frame-rate"}
        assert result.params_changed
        assert (await session.get("frame-size"), await session.get("frame-rate")) == ("640x360", 5.0)
        await session.reset()
        assert (await session.get("pixel-format"), await session.get("frame-size")) == ("RGB3", "320x180")
        await session.close()


async def test_settings_of_a_scan_are_all_or_nothing() -> None:
    """What every scan names (source, mode, depth, resolution) is taken; one wrong value among them, and nothing has changed (SET-11)."""
    async with lab(camera()) as backend:
        session = await backend.open("cam")
        await session.apply(Settings("camera", "color", 8, 96, extra=(("zoom", 2.0),)))
        assert await session.get("zoom") == 2.0
        before = await snapshot(session)
        for wrong in (Settings("glass"), Settings(resolution=300), Settings(extra=(("zoom", 3.0), ("lamp", 1)))):
            with pytest.raises(DeviceError) as caught:
                await session.apply(wrong)
            assert caught.value.code in {Code.INVALID_VALUE, Code.UNSUPPORTED}
            assert await snapshot(session) == before
        await session.close()
