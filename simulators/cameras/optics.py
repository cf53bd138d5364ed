"""What lens and sensor make of the scene: zoom, focus, light, balance. A pure function of the settings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageFilter

from sheets.test_card import View, draw_scene

Picture = npt.NDArray[np.uint8]

GAMMA = 2.2
WORST_BLUR = 0.012
"""Sigma at the far end of the focus, as a share of the width."""
WARMTH = 0.5
"""Exponent by which red grows, and blue falls, with the colour temperature that is set over the real one."""


@dataclass(frozen=True, slots=True)
class Shooting:
    """The settings of a picture.

    Attributes:
        width, height: in pixels.
        exposure: stops.
        brightness: added to each sample.
        defocus: distance from the sharp setting, 0 to 1.
        zoom: 1 is the whole scene.
        warmth: colour temperature that is set over the real one.
        halved: whether half of the colours' columns is lost (YUYV).
        seed: of the scene.
    """

    width: int
    height: int
    exposure: float = 0.0
    brightness: float = 0.0
    defocus: float = 0.0
    zoom: float = 1.0
    warmth: float = 1.0
    halved: bool = False
    seed: int = 0


def see(shooting: Shooting) -> Picture:
    """The scene as the sensor delivers it; height x width x 3, RGB."""
    picture = draw_scene(View(shooting.width, shooting.height, shooting.zoom, shooting.seed))
    sigma = shooting.defocus * WORST_BLUR * shooting.width
    if sigma > 0:
        picture = np.asarray(Image.fromarray(picture).filter(ImageFilter.GaussianBlur(sigma)))
    gains = (shooting.warmth**WARMTH, 1.0, shooting.warmth**-WARMTH)
    if (shooting.exposure, shooting.brightness, shooting.warmth) != (0, 0, 1):
        tables = np.stack([_table(shooting, gain) for gain in gains])
        picture = np.stack([tables[channel][picture[..., channel]] for channel in range(3)], axis=2)
    return np.ascontiguousarray(picture)


def halve_colours(picture: Picture) -> Picture:
    """*picture* with one colour for two pixels, as it comes out of YUYV."""
    image = Image.fromarray(picture).convert("YCbCr")
    luma, blue, red = (np.asarray(band) for band in image.split())
    pairs = [np.repeat(_pairs(band), 2, axis=1)[:, : luma.shape[1]] for band in (blue, red)]
    bands = [Image.fromarray(band) for band in (luma, *pairs)]
    return np.asarray(Image.merge("YCbCr", bands).convert("RGB"))


def _pairs(band: Picture) -> Picture:
    even, odd = band[:, ::2], band[:, 1::2]
    mean: Picture = ((even[:, : odd.shape[1]].astype(np.uint16) + odd + 1) // 2).astype(np.uint8)
    return mean if even.shape[1] == odd.shape[1] else np.concatenate([mean, even[:, -1:]], axis=1)


def _table(shooting: Shooting, gain: float) -> Picture:
    """What becomes of each value of a channel."""
    light = (np.arange(256) / 255.0) ** GAMMA * 2.0**shooting.exposure
    values = 255.0 * light ** (1 / GAMMA) * gain + shooting.brightness
    table: Picture = np.clip(np.round(values), 0, 255).astype(np.uint8)
    return table
