"""What the test patches say: colour mode, order of the channels, order of the bytes, and how far the colours are off."""

from dataclasses import dataclass
from itertools import permutations

import numpy as np

from sheets.arrays import AnyArray, Floats
from sheets.detect import Code
from sheets.geometry import Pose
from sheets.inks import STRIP_PATCHES, luma
from sheets.layout import layout_for
from sheets.settings import ColourMode
from sheets.view import View

_POINTS = (np.arange(5) + 0.5) / 10 + 0.25  # the middle half of a patch
_PATCH_WIDTH = 0.94  # of its step, see artwork
_MIN_CHROMA = 0.15
_EXTREME = 0.12
_EXPECTED: Floats = np.array(STRIP_PATCHES)
_EXPECTED_GRAY: Floats = np.array([[luma(ink)] for ink in STRIP_PATCHES])


@dataclass(frozen=True)
class Colours:
    """What the patches say.

    Attributes:
        mode: LINEART, GRAY or COLOR, by what the pixels are, not by how the file stores them.
        channel_order: Which colour the first, second and third channel carry, ``"rgb"`` if right; ``None`` if not colour.
        byte_swapped: Whether the two bytes of each 16-bit sample are exchanged; ``None`` if samples have 8 bits.
        error: Mean error of the patches, as a share of full scale; 0 for LINEART, which has no shades.
        grays: The grey patches of a colour page, (patches, 3): red, green and blue, 0 of ink to 1 of paper.
    """

    mode: ColourMode
    channel_order: str | None
    byte_swapped: bool | None
    error: float
    grays: Floats | None = None


def read_colours(view: View, pose: Pose, codes: tuple[Code, ...]) -> Colours | None:
    """Reads the patches below the marks that were found, or ``None`` if none of them is on the picture."""
    raw = _sample(view, pose, codes)
    if raw is None:
        return None
    dark, light = (float(np.median(levels)) for levels in zip(*((c.dark, c.light) for c in codes), strict=True))
    if raw.dtype != np.uint16:
        return _judge(raw.astype(np.float64), dark, light, swapped=None)
    plain, turned = raw / 257.0, raw.byteswap() / 257.0
    as_is, swapped = (_judge(samples, dark, light, swapped=flag) for samples, flag in ((plain, False), (turned, True)))
    return swapped if swapped.error < 0.5 * as_is.error else as_is


def _sample(view: View, pose: Pose, codes: tuple[Code, ...]) -> AnyArray | None:
    """(strips, patches, points, channels) samples of the strips that lie wholly on the picture."""
    count = len(STRIP_PATCHES)
    strips = []
    for code in codes:
        strip = layout_for(code.mark).strips[code.mark.tile]
        x = strip.left + (np.arange(count)[:, None] + _POINTS * _PATCH_WIDTH) / count * strip.width
        y = strip.top + _POINTS * strip.height
        points = np.stack(np.broadcast_arrays(x[:, None, :], y[None, :, None]), axis=-1).reshape(-1, 2)
        column, row = np.floor(pose.to_pixels(points)).astype(np.int64).T
        if min(column.min(), row.min()) >= 0 and column.max() < view.width and row.max() < view.height:
            strips.append(view.pixels[row, column].reshape(count, len(_POINTS) ** 2, -1))
    return np.stack(strips) if strips else None


def _judge(samples: Floats, dark: float, light: float, *, swapped: bool | None) -> Colours:
    share = (samples - dark) / (light - dark) if light != dark else samples
    patches = np.median(share, axis=(0, 2))  # (patches, channels)
    if patches.shape[1] == 3 and float(np.ptp(patches[:3], axis=1).min()) > _MIN_CHROMA:
        errors = {order: float(np.abs(patches - _EXPECTED[:, order]).mean()) for order in permutations(range(3))}
        best = min(errors, key=lambda order: errors[order])
        named = "".join("rgb"[channel] for channel in best)
        grays = patches[3:, [named.index(colour) for colour in "rgb"]]
        return Colours(ColourMode.COLOR, named, swapped, errors[best], grays)
    gray = share.mean(axis=3, keepdims=True)
    extreme = np.minimum(np.abs(gray), np.abs(1 - gray)) < _EXTREME
    if extreme.mean() > 0.9:
        return Colours(ColourMode.LINEART, None, swapped, 0.0)
    error = float(np.abs(np.median(gray, axis=(0, 2)) - _EXPECTED_GRAY).mean())
    return Colours(ColourMode.GRAY, None, swapped, error)
