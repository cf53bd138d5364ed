"""A sheet that lies askew: its picture is turned about its middle.

Up to 150 dpi, where a step of a pixel shows, a pixel is read between the samples of the sheet; beyond, it takes the nearest one, which
is ten times as fast and keeps the page within its time. The turning is done in bands at fixed rows of the picture, so that a strip is cut from the same bands
as a whole page.
"""

import math
from collections.abc import Callable

import numpy as np
from PIL import Image

from sheets.arrays import AnyArray, Floats
from sheets.canvas import Frame

BAND_ROWS = 512
_BAND_BYTES = 64 * 2**20
_SMOOTH_PX_PER_MM = 150.5 / 25.4

Source = Callable[[Frame, int, int], AnyArray]
"""Draws rows of the sheet: (count, width * channels)."""


class Turn:
    """How a sheet lies in the scanner.

    Args:
        skew: Degrees clockwise about its middle.
        offset_mm: To the right and down.
        size_mm: Width and height of the sheet.
    """

    def __init__(self, skew: float, offset_mm: tuple[float, float], size_mm: tuple[float, float]) -> None:
        self._cos, self._sin = math.cos(math.radians(skew)), math.sin(math.radians(skew))
        self._middle = size_mm[0] / 2, size_mm[1] / 2
        self._offset = offset_mm
        self.size_mm = size_mm

    def on_sheet(self, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Where points of the scanner, in mm, are on the sheet."""
        across, down = x - self._middle[0] - self._offset[0], y - self._middle[1] - self._offset[1]
        return (
            across * self._cos + down * self._sin + self._middle[0],
            down * self._cos - across * self._sin + self._middle[1],
        )


def turned_rows(turn: Turn, frame: Frame, first: int, count: int, source: Source) -> AnyArray:
    """Rows of the picture of a turned sheet: (count, width * channels)."""
    samples = np.empty((count, frame.width * frame.channels), frame.tone.dtype)
    rows = band_rows(frame)
    for start in range(first // rows * rows, first + count, rows):
        band = _band(turn, frame, start, min(rows, frame.height - start), source)
        low, high = max(first, start), min(first + count, start + len(band))
        samples[low - first : high - first] = band[low - start : high - start]
    return samples


def sheet_frame(size_mm: tuple[float, float], frame: Frame) -> Frame:
    """A frame of the sheet itself, with the resolution and samples of a picture's."""
    width, height = (max(1, round(mm * pp)) for mm, pp in zip(size_mm, frame.px_per_mm, strict=True))
    return Frame(0.0, 0.0, frame.px_per_mm, width, height, frame.channels, frame.tone)


def band_rows(frame: Frame) -> int:
    """How many rows are turned at once: fewer on a very wide page."""
    row_bytes = frame.width * frame.channels * np.dtype(frame.tone.dtype).itemsize
    return max(16, min(BAND_ROWS, _BAND_BYTES // row_bytes))


def _band(turn: Turn, frame: Frame, start: int, count: int, source: Source) -> AnyArray:
    (ppx, ppy), tone = frame.px_per_mm, frame.tone
    sheet = sheet_frame(turn.size_mm, frame)
    height = sheet.height

    def place(x: float, y: float) -> tuple[float, float]:
        """Pixels of the sheet for pixels of the band."""
        across, down = turn.on_sheet(np.array(x / ppx + frame.left_mm), np.array((y + start) / ppy + frame.top_mm))
        return float(across) * ppx, float(down) * ppy

    corners = [place(x, y) for x in (0, frame.width) for y in (0, count)]
    top = max(0, math.floor(min(y for _, y in corners)) - 1)
    bottom = min(height, math.ceil(max(y for _, y in corners)) + 1)
    shape = (count, frame.width * frame.channels)
    if top >= bottom:
        return np.full(shape, tone.white, tone.dtype)
    rows = source(sheet, top, bottom - top)
    origin, right, down = place(0, 0), place(1, 0), place(0, 1)
    data = (
        *(right[0] - origin[0], down[0] - origin[0], origin[0]),
        *(right[1] - origin[1], down[1] - origin[1], origin[1] - top),
    )
    # What lies beyond the sheet comes out as zero; so white is made zero before, and zero white after.
    white = tone.dtype(tone.white)
    np.subtract(white, rows, out=rows)
    smooth = min(ppx, ppy) <= _SMOOTH_PX_PER_MM
    if not tone.sixteen:
        turned = _transform(rows, data, frame, count, smooth=smooth)
    elif smooth:
        turned = _transform_fine(rows, data, frame, count)
    else:
        # Samples are moved and not mixed, so the two bytes of a sample can be moved one after the other.
        upper = _transform((rows >> 8).astype(np.uint8), data, frame, count).astype(np.uint16)
        turned = upper << 8 | _transform((rows & 255).astype(np.uint8), data, frame, count)
    return white - turned.reshape(shape)


def _transform(rows: AnyArray, data: tuple[float, ...], frame: Frame, count: int, *, smooth: bool = False) -> AnyArray:
    pixels = rows if frame.channels == 1 else rows.reshape(len(rows), -1, frame.channels)
    method = Image.Resampling.BILINEAR if smooth else Image.Resampling.NEAREST
    turned = Image.fromarray(pixels).transform((frame.width, count), Image.Transform.AFFINE, data, method)
    return np.asarray(turned)


def _transform_fine(rows: AnyArray, data: tuple[float, ...], frame: Frame, count: int) -> AnyArray:
    """Samples of 16 bits, read between: a channel at a time, since that is all that Pillow can do."""
    turned = np.empty((count, frame.width, frame.channels), np.uint16)
    for channel in range(frame.channels):
        plane = Image.fromarray(rows[:, channel :: frame.channels].astype(np.float32))
        moved = plane.transform((frame.width, count), Image.Transform.AFFINE, data, Image.Resampling.BILINEAR)
        turned[:, :, channel] = np.rint(np.asarray(moved))
    return turned
