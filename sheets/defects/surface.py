"""Defects that lie on the sheet and move with it: bleed-through, fading, dust, a folded corner.

All work on rows of a frame that is laid out on the sheet, as :mod:`sheets.canvas` draws them.
"""

import hashlib
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from sheets.arrays import AnyArray, Floats
from sheets.canvas import Canvas, Frame
from sheets.defects.model import Dust, Fold
from sheets.paper import PaperSize
from sheets.sheet import Sheet, Side

Content = Callable[[Sheet, Side, Frame, int, int], Canvas]
"""Draws what is printed on a side of a sheet."""

GLASS = (216.0, 356.0)  # where specks of the glass lie, in mm: A4 and Letter and Legal
_SPECK_SHADE = 0.15
_EAR_SHADE = 0.82  # what is seen of the scanner where a corner is missing: its white, in the shadow of the ear
_CREASE_SHADE, _CREASE_MM = 0.65, 0.7
_CHUNK = 2**21  # samples that are worked on at once


def surface(sheet: Sheet, side: Side, frame: Frame, first: int, count: int, content: Content) -> AnyArray:
    """Rows of a side with the defects of its surface: (count, width * channels) samples."""
    defects = sheet.defects
    samples = content(sheet, side, frame, first, count).samples
    if defects.bleed:
        _bleed(samples, _through(sheet, side, frame, first, count, content), defects.bleed, frame)
    if defects.fade:
        _fade(samples, defects.fade, frame)
    for dust in defects.dust:
        if dust.seed is None:
            place = f"dust/{sheet.seed}/{sheet.number}/{side.value}"
            speckle(samples, dust, place, (sheet.size.width_mm, sheet.size.height_mm), frame, first)
    if defects.fold:
        _fold(samples, defects.fold, sheet.size, side, frame, first)
    return samples


def _through(sheet: Sheet, side: Side, frame: Frame, first: int, count: int, content: Content) -> AnyArray:
    """The other side as it is seen through the sheet."""
    other = Side.BACK if side is Side.FRONT else Side.FRONT
    right_mm = frame.left_mm + frame.width / frame.px_per_mm[0]
    behind = replace(frame, left_mm=sheet.size.width_mm - right_mm)
    pixels = content(sheet, other, behind, first, count).samples.reshape(count, frame.width, frame.channels)
    return pixels[:, ::-1].reshape(count, -1)


def _bleed(samples: AnyArray, behind: AnyArray, share: float, frame: Frame) -> None:
    tone = frame.tone
    scale = np.float32(share / (tone.white - tone.black))
    step = max(1, _CHUNK // max(1, samples.shape[1]))
    for start in range(0, len(samples), step):
        spot = samples[start : start + step]
        left = np.float32(1) - (np.float32(tone.white) - behind[start : start + step]) * scale
        spot[:] = np.rint((spot - np.float32(tone.black)) * left + np.float32(tone.black)).astype(spot.dtype)


def _fade(samples: AnyArray, share: float, frame: Frame) -> None:
    tone = frame.tone
    levels = np.arange(tone.white + 1, dtype=np.float64)
    table = np.rint(tone.white - (tone.white - levels) * (1 - share)).astype(samples.dtype)
    np.take(table, samples, out=samples, mode="clip")


def speckle(samples: AnyArray, dust: Dust, place: str, area: tuple[float, float], frame: Frame, first: int) -> None:
    """Lays specks on rows of a frame.

    Args:
        samples: the rows, changed in place.
        dust: how many specks, how large.
        place: what their places are drawn from.
        area: width and height in mm of where they lie.
        frame: the frame.
        first: the first row.
    """
    key = int.from_bytes(hashlib.blake2b(place.encode(), digest_size=8).digest(), "big")
    drawn = (np.random.PCG64(key).random_raw(3 * dust.count) >> 11).astype(np.float64) / 2**53
    (ppx, ppy), channels = frame.px_per_mm, frame.channels
    shade = np.float64(frame.tone.black + _SPECK_SHADE * (frame.tone.white - frame.tone.black))
    for x, y, size in drawn.reshape(-1, 3):
        middle_x, middle_y = (x * area[0] - frame.left_mm) * ppx, (y * area[1] - frame.top_mm) * ppy
        radius = dust.size_mm * (0.5 + 0.5 * size) / 2
        top, bottom = max(first, int(middle_y - radius * ppy) - 1), int(middle_y + radius * ppy) + 2
        left, right = max(0, int(middle_x - radius * ppx) - 1), int(middle_x + radius * ppx) + 2
        bottom, right = min(bottom, first + len(samples)), min(right, frame.width)
        if top >= bottom or left >= right:
            continue
        away_x = (np.arange(left, right) + 0.5 - middle_x) / ppx
        away_y = (np.arange(top, bottom) + 0.5 - middle_y) / ppy
        away = np.hypot(away_y[:, None], away_x[None, :])
        cover = np.repeat(np.clip((radius - away) * min(ppx, ppy) + 0.5, 0.0, 1.0), channels, axis=1)
        spot = samples[top - first : bottom - first, left * channels : right * channels]
        spot[:] = np.rint(spot + (np.minimum(spot, shade) - spot) * cover).astype(spot.dtype)


def _fold(samples: AnyArray, fold: Fold, size: PaperSize, side: Side, frame: Frame, first: int) -> None:
    """Takes a corner away; on the back, where it lies on the paper, its flap covers what is below."""
    corner = fold.corner if side is Side.FRONT else fold.corner.mirrored
    (ppx, ppy), channels, tone = frame.px_per_mm, frame.channels, frame.tone
    reach = fold.size_mm + 2 * _CREASE_MM
    left_mm = 0.0 if corner.left else size.width_mm - reach
    top_mm = 0.0 if corner.top else size.height_mm - reach
    left, right = (round((at - frame.left_mm) * ppx) for at in (left_mm, left_mm + reach))
    top, bottom = (round((at - frame.top_mm) * ppy) for at in (top_mm, top_mm + reach))
    left, right = max(0, left), min(right, frame.width)
    top, bottom = max(first, top), min(bottom, first + len(samples))
    if top >= bottom or left >= right:
        return
    x = (np.arange(left, right) + 0.5) / ppx + frame.left_mm
    y = (np.arange(top, bottom) + 0.5) / ppy + frame.top_mm
    x = np.repeat(x if corner.left else size.width_mm - x, channels)[None, :]
    y = (y if corner.top else size.height_mm - y)[:, None]
    spot = samples[top - first : bottom - first, left * channels : right * channels]

    def level(shade: float) -> AnyArray:
        return np.array(round(tone.black + shade * (tone.white - tone.black)), tone.dtype)

    deep: Floats = x + y - fold.size_mm
    inside = (x < fold.size_mm) & (y < fold.size_mm) & (x >= 0) & (y >= 0)
    if side is Side.BACK:
        spot[inside & (deep >= 0)] = tone.white
        rim = (np.maximum(x, y) >= fold.size_mm) & (np.maximum(x, y) < fold.size_mm + _CREASE_MM / 2)
        rim &= (np.minimum(x, y) < fold.size_mm) & (deep >= 0)
        np.minimum(spot, level(_CREASE_SHADE), out=spot, where=rim)
    spot[inside & (deep < 0)] = level(_EAR_SHADE)
    crease = (deep >= 0) & (deep < _CREASE_MM) & (x >= 0) & (y >= 0)
    np.minimum(spot, level(_CREASE_SHADE), out=spot, where=crease)
