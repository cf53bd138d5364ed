"""Reads a frame of the card back."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from sheets.arrays import AnyArray, Bytes, Floats
from sheets.test_card.layout import (
    BAND_WIDTH,
    BANDS,
    BARS,
    BARS_HALF,
    BLACK,
    GREY,
    PATCH,
    PATCH_HALF_WIDTH,
    STRIP_HEIGHT,
)
from sheets.test_card.marks import BAND_NUMBERS, BAND_SIDE, GUARD, STRIP_CELLS, read_band, read_strip

LEAST_CONTRAST = 40.0
"""Between the white and the black guards of a strip that can be read."""
DARKEST = 20.0
"""Brightest sample of a picture that counts as black."""
LEAST_PIXELS = 96
GAMMA = 2.2

_MIDDLE = 0.25, 0.75  # of a cell: what is looked at


@dataclass(frozen=True, slots=True)
class FrameReading:
    """What a picture of the card says.

    Attributes:
        number: of the frame, modulo NUMBERS; of a torn one, of its lower part, which is the newer; None: no mark can be read.
        stamp_ms: when it was taken.
        torn_at: at which share of the height another frame begins; None: it is one frame.
        numbers: that stand in the marks, from top to bottom without repeats; those of bands are modulo BAND_NUMBERS.
        black: nothing is to be seen at all.
        exposure_ev: by how many stops it is brighter than the scene.
        black_level: of 255, by how much black is brighter than the scene's.
        zoom: 1 is the whole scene.
        blur_px: width of the blur at an edge (sigma) in pixels; under 0.6 is sharp.
        red, blue: against green, 1 being neutral.
    """

    number: int | None = None
    stamp_ms: int | None = None
    torn_at: float | None = None
    numbers: tuple[int, ...] = ()
    black: bool = False
    exposure_ev: float | None = None
    black_level: float | None = None
    zoom: float | None = None
    blur_px: float | None = None
    red: float | None = None
    blue: float | None = None

    @property
    def torn(self) -> bool:
        """Whether parts of different frames stand in it."""
        return self.torn_at is not None


def read_frame(picture: Bytes) -> FrameReading:
    """What *picture* (height x width x 3, RGB, or height x width) says.

    Raises:
        ValueError: it is no picture of 8-bit samples, or under 96 pixels high or wide.
    """
    if picture.dtype != np.uint8 or picture.ndim not in {2, 3} or picture.shape[2:] not in {(), (3,)}:
        raise ValueError(f"a frame is height x width x 3 bytes, not {picture.shape} {picture.dtype}")
    if min(picture.shape[:2]) < LEAST_PIXELS:
        raise ValueError(f"a frame of {picture.shape[1]} x {picture.shape[0]} pixels is too small to be read")
    if float(picture.max()) <= DARKEST:
        return FrameReading(black=True)
    height = picture.shape[0]
    strip = height * STRIP_HEIGHT
    top, bottom = _strip(picture, 0, strip), _strip(picture, height - strip, height)
    known = [found for found in (bottom, top) if found is not None]
    if not known:
        return FrameReading()
    level = next(level for _, _, level in known)
    bands = _bands(picture, strip, level)
    seen: list[tuple[float, int]] = [] if top is None else [(STRIP_HEIGHT, top[0])]
    seen += bands
    if bottom is not None:
        seen.append((1.0, bottom[0]))
    number, stamp, _ = known[0]
    lowest = [place for place, value in seen if value % BAND_NUMBERS != number % BAND_NUMBERS]
    zoom, blur = _bars(picture)
    numbers = tuple(value for index, (_, value) in enumerate(seen) if _is_new(seen, index))
    return FrameReading(
        number,
        stamp,
        max(lowest) if lowest else None,
        numbers,
        exposure_ev=_exposure(picture, zoom),
        black_level=_black_level(picture, zoom),
        zoom=zoom,
        blur_px=blur,
        red=_balance(picture, zoom, 0),
        blue=_balance(picture, zoom, 2),
    )


def _is_new(seen: list[tuple[float, int]], index: int) -> bool:
    return index == 0 or seen[index][1] % BAND_NUMBERS != seen[index - 1][1] % BAND_NUMBERS


def _strip(picture: Bytes, top: float, bottom: float) -> tuple[int, int, float] | None:
    """Number, stamp and the level between black and white."""
    samples = _cells(picture, (0, picture.shape[1]), (top, bottom), STRIP_CELLS, 1)[0]
    ends = np.concatenate([samples[: len(GUARD)], samples[-len(GUARD) :]])
    guards = np.array([*GUARD, *reversed(GUARD)], dtype=bool)
    light, dark = float(ends[guards].min()), float(ends[~guards].max())
    if light - dark < LEAST_CONTRAST:
        return None
    level = (light + dark) / 2
    found = read_strip([int(sample > level) for sample in samples])
    return None if found is None else (*found, level)


def _bands(picture: Bytes, strip: float, level: float) -> list[tuple[float, int]]:
    """Place of the lower end, and number, of each band that can be read at either side."""
    height, width = picture.shape[:2]
    side = width * BAND_WIDTH
    sides = [
        _cells(picture, columns, (strip, height - strip), BAND_SIDE, BANDS * BAND_SIDE) > level
        for columns in ((0.0, side), (width - side, float(width)))
    ]
    found = []
    for band in range(BANDS):
        place = (strip + (height - 2 * strip) * (band + 1) / BANDS) / height
        rows = slice(band * BAND_SIDE, (band + 1) * BAND_SIDE)
        values = {value for cells in sides if (value := read_band([int(x) for x in cells[rows].ravel()])) is not None}
        if len(values) == 1:
            found.append((place, values.pop()))
    return found


def _cells(picture: Bytes, columns: tuple[float, float], rows: tuple[float, float], across: int, down: int) -> AnyArray:
    """The mean brightness of the middle of each cell of a grid; down x across."""
    xs, ys = _spans(columns, across), _spans(rows, down)
    grid = np.empty((down, across))
    for row, (top, bottom) in enumerate(ys):
        line = _line(picture[top:bottom])
        grid[row] = [line[left:right].mean() for left, right in xs]
    return grid


def _spans(between: tuple[float, float], count: int) -> list[tuple[int, int]]:
    """First and last pixel of the middle of each cell; at least one."""
    start, size = between[0], (between[1] - between[0]) / count
    spans = []
    for index in range(count):
        first = math.floor(start + size * (index + _MIDDLE[0]) + 0.5)
        spans.append((first, max(first + 1, math.floor(start + size * (index + _MIDDLE[1]) + 0.5))))
    return spans


def _line(rows: Bytes) -> Floats:
    """The mean brightness of each column of *rows*."""
    sums: AnyArray = np.add.reduce(rows, axis=0, dtype=np.uint32) / len(rows)
    line: Floats = sums if sums.ndim == 1 else sums.mean(axis=1)
    return line


# -- what the lens did


def _bars(picture: Bytes) -> tuple[float | None, float | None]:
    """Zoom, and sigma of the blur in pixels, from the bars in the middle."""
    height, width = picture.shape[:2]
    half = max(1, math.floor(height * BARS_HALF / 2))
    margin = math.ceil(width * (BAND_WIDTH + 0.01))
    line = _line(picture[height // 2 - half : height // 2 + half, margin : width - margin])
    low, high = float(np.percentile(line, 5)), float(np.percentile(line, 95))
    if high - low < LEAST_CONTRAST / 2:
        return None, None
    level = (low + high) / 2
    before = np.flatnonzero((line[:-1] > level) != (line[1:] > level))
    if len(before) < 3:
        return None, None
    places = before + (level - line[before]) / (line[before + 1] - line[before])
    bar = float(places[-1] - places[0]) / (len(places) - 1)
    slopes = [np.abs(np.diff(line[max(0, at - 2) : at + 4])).max() for at in before]
    blur = (high - low) / (float(np.median(slopes)) * math.sqrt(2 * math.pi))
    return bar * BARS / width, blur


def _patch(
    picture: Bytes, zoom: float | None, columns: tuple[float, float], rows: tuple[float, float]
) -> AnyArray | None:
    """The mean colour of the middle half of a patch; None if it cannot be found."""
    if zoom is None:
        return None
    height, width = picture.shape[:2]
    (left, right), (top, bottom) = columns, rows
    wide, high = (right - left) / 4, (bottom - top) / 4
    xs = [round(width * (0.5 + zoom * place)) for place in (left + wide, right - wide)]
    ys = [round(height * (0.5 + zoom * place)) for place in (top + high, bottom - high)]
    edge, strip = width * BAND_WIDTH, height * STRIP_HEIGHT
    xs = [min(max(x, math.ceil(edge)), math.floor(width - edge)) for x in xs]
    ys = [min(max(y, math.ceil(strip)), math.floor(height - strip)) for y in ys]
    pixels = picture[ys[0] : ys[1] + 1, xs[0] : xs[1] + 1]
    if not pixels.size:
        return None
    mean: AnyArray = pixels.reshape(-1, *pixels.shape[2:]).mean(axis=0, dtype=np.float64)
    return mean


def _grey_patch(picture: Bytes, zoom: float | None) -> AnyArray | None:
    return _patch(picture, zoom, (-PATCH_HALF_WIDTH, PATCH_HALF_WIDTH), (-PATCH[1], -PATCH[0]))


def _exposure(picture: Bytes, zoom: float | None) -> float | None:
    colour = _grey_patch(picture, zoom)
    if colour is None:
        return None
    bright = float(colour if colour.ndim == 0 else colour[1])
    return GAMMA * math.log2(max(bright, 0.5) / GREY)


def _black_level(picture: Bytes, zoom: float | None) -> float | None:
    colour = _patch(picture, zoom, (0.0, PATCH_HALF_WIDTH), PATCH)
    return None if colour is None else float(np.mean(colour)) - BLACK


def _balance(picture: Bytes, zoom: float | None, channel: int) -> float | None:
    colour = _grey_patch(picture, zoom)
    if colour is None or colour.ndim == 0 or colour[1] < 1:
        return None
    return float(colour[channel] / colour[1])
