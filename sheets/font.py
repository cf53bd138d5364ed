"""A stroke font of our own: the same letters on every machine, at every size and resolution.

A glyph is drawn on a grid 4 wide and 6 high, y downwards. Strokes are split by ``|``; ``~x,y`` before a point makes the
way to it a quarter ellipse with that corner.
"""

import math
from functools import lru_cache

import numpy as np

from sheets.arrays import AnyArray, Bytes
from sheets.cache import CACHE

GRID_HEIGHT = 6.0
_SPACING = 1.7  # between two glyphs, in grid units
_ARC_STEPS = 6

_GLYPHS = {
    " ": "",
    "0": "2,0 ~4,0 4,2 4,4 ~4,6 2,6 ~0,6 0,4 0,2 ~0,0 2,0",
    "1": "0,1.3 1.5,0 1.5,6",
    "2": "0,1.7 ~0,0 2,0 ~4,0 4,1.7 ~4,2.8 2.9,3.6 0,6 4,6",
    "3": "0,1.3 ~0.2,0 1.9,0 ~3.8,0 3.8,1.4 ~3.8,2.8 1.5,2.8 | 1.9,2.8 ~4,2.8 4,4.4 ~4,6 1.9,6 ~0.2,6 0,4.7",
    "4": "3,6 3,0 0,4.3 4,4.3",
    "5": "3.7,0 0.5,0 0.2,2.8 ~0.9,2.2 2,2.2 ~4,2.2 4,4.1 ~4,6 1.9,6 ~0.2,6 0,4.8",
    "6": "3.2,0 ~0,1.4 0,4.1 ~0,6 2,6 ~4,6 4,4.1 ~4,2.3 2,2.3 ~0,2.3 0,4.1",
    "7": "0,0 4,0 1.5,6",
    "8": "2,0 ~3.8,0 3.8,1.4 ~3.8,2.8 2,2.8 ~0.2,2.8 0.2,1.4 ~0.2,0 2,0"
    " | 2,2.8 ~4,2.8 4,4.4 ~4,6 2,6 ~0,6 0,4.4 ~0,2.8 2,2.8",
    "9": "0.8,6 ~4,4.6 4,1.9 ~4,0 2,0 ~0,0 0,1.9 ~0,3.7 2,3.7 ~4,3.7 4,1.9",
    "A": "0,6 2,0 4,6 | 0.7,4 3.3,4",
    "B": "0,0 0,6 2.2,6 ~4,6 4,4.4 ~4,2.8 2.2,2.8 0,2.8 | 0,0 2,0 ~3.6,0 3.6,1.4 ~3.6,2.8 2,2.8",
    "C": "4,1.4 ~3.6,0 2.1,0 ~0,0 0,2.2 0,3.8 ~0,6 2.1,6 ~3.6,6 4,4.6",
    "D": "0,0 0,6 1.7,6 ~4,6 4,3.8 4,2.2 ~4,0 1.7,0 0,0",
    "E": "3.6,0 0,0 0,6 3.6,6 | 0,2.9 3,2.9",
    "F": "3.6,0 0,0 0,6 | 0,2.9 3,2.9",
    "G": "4,1.4 ~3.6,0 2.1,0 ~0,0 0,2.2 0,3.8 ~0,6 2.1,6 ~4,6 4,4.2 4,3.2 2.5,3.2",
    "H": "0,0 0,6 | 4,0 4,6 | 0,2.9 4,2.9",
    "I": "0,0 0,6",
    "J": "3,0 3,4.3 ~3,6 1.5,6 ~0,6 0,4.5",
    "K": "0,0 0,6 | 3.8,0 0,3.9 | 1.4,2.5 4,6",
    "L": "0,0 0,6 3.4,6",
    "M": "0,6 0,0 2.2,3.6 4.4,0 4.4,6",
    "N": "0,6 0,0 4,6 4,0",
    "O": "2.1,0 ~4.2,0 4.2,2.3 4.2,3.7 ~4.2,6 2.1,6 ~0,6 0,3.7 0,2.3 ~0,0 2.1,0",
    "P": "0,6 0,0 2.2,0 ~4,0 4,1.65 ~4,3.3 2.2,3.3 0,3.3",
    "Q": "2.1,0 ~4.2,0 4.2,2.3 4.2,3.7 ~4.2,6 2.1,6 ~0,6 0,3.7 0,2.3 ~0,0 2.1,0 | 2.6,4.4 4.2,6.2",
    "R": "0,6 0,0 2.2,0 ~4,0 4,1.6 ~4,3.2 2.2,3.2 0,3.2 | 2.2,3.2 4,6",
    "S": "3.8,1.3 ~3.5,0 2,0 ~0.2,0 0.2,1.5 ~0.2,2.6 2,2.9 ~4,3.2 4,4.5 ~4,6 2,6 ~0.3,6 0,4.6",
    "T": "0,0 4,0 | 2,0 2,6",
    "U": "0,0 0,4 ~0,6 2,6 ~4,6 4,4 4,0",
    "V": "0,0 2,6 4,0",
    "W": "0,0 1.3,6 2.6,1.4 3.9,6 5.2,0",
    "X": "0,0 4,6 | 4,0 0,6",
    "Y": "0,0 2,3 4,0 | 2,3 2,6",
    "Z": "0,0 4,0 0,6 4,6",
    "-": "0,3.1 2.2,3.1",
    "+": "0,3.1 3,3.1 | 1.5,1.6 1.5,4.6",
    ".": "0,6 0.01,6",
    ",": "0.4,5.8 0,7",
    ":": "0,2 0.01,2 | 0,5.6 0.01,5.6",
    "/": "0,6.4 2.6,-0.4",
    "%": "0,6 4,0 | 0.2,0.8 0.9,0.8 | 3.1,5.2 3.8,5.2",
    "\N{MULTIPLICATION SIGN}": "0,2 2.4,4.4 | 2.4,2 0,4.4",
    "\N{UPWARDS ARROW}": "2,6 2,0 | 0,2 2,0 4,2",
}

_Segment = tuple[float, float, float, float]


@lru_cache(maxsize=256)
def _segments(char: str) -> tuple[_Segment, ...]:
    segments: list[_Segment] = []
    for stroke in _GLYPHS.get(char, _GLYPHS["-"]).split("|"):
        here: tuple[float, float] | None = None
        corner: tuple[float, float] | None = None
        for token in stroke.split():
            x, y = (float(part) for part in token.lstrip("~").split(","))
            if token.startswith("~"):
                corner = (x, y)
                continue
            for point in _arc(here, corner, (x, y)) if here and corner else [(x, y)]:
                if here:
                    segments.append((*here, *point))
                here = point
            corner = None
    return tuple(segments)


def _arc(
    start: tuple[float, float], corner: tuple[float, float], end: tuple[float, float]
) -> list[tuple[float, float]]:
    points = []
    for step in range(1, _ARC_STEPS + 1):
        sine, cosine = math.sin(math.pi / 2 * step / _ARC_STEPS), math.cos(math.pi / 2 * step / _ARC_STEPS)
        x = corner[0] + (start[0] - corner[0]) * (1 - sine) + (end[0] - corner[0]) * (1 - cosine)
        y = corner[1] + (start[1] - corner[1]) * (1 - sine) + (end[1] - corner[1]) * (1 - cosine)
        points.append((x, y))
    return points


@lru_cache(maxsize=256)
def _width(char: str) -> float:
    segments = _segments(char)
    return max((max(s[0], s[2]) for s in segments), default=1.6)


def text_width(text: str, height_mm: float) -> float:
    """Width in millimetres of a text whose capitals are that high."""
    units = sum(_width(char) for char in text) + _SPACING * (len(text) - 1)
    return max(0.0, units) * height_mm / GRID_HEIGHT


def advances(text: str, height_mm: float) -> list[float]:
    """Where each glyph of a text starts, in millimetres from the start of the text."""
    starts, at = [], 0.0
    for char in text:
        starts.append(at * height_mm / GRID_HEIGHT)
        at += _width(char) + _SPACING
    return starts


def glyph(char: str, height_mm: float, weight: float, px_per_mm: tuple[float, float]) -> Bytes:
    """How much of each pixel a glyph covers: (rows, columns) uint8, 255 = all of it, read-only.

    Args:
        char: The character; one the font does not have is a dash.
        height_mm: Height of a capital.
        weight: Stroke width in grid units.
        px_per_mm: Pixels per millimetre, x and y.

    Returns:
        The coverage. The glyph's origin is ``pad(...)`` pixels from its upper left corner.
    """
    key = ("glyph", char, height_mm, weight, px_per_mm)
    made: Bytes = CACHE.get(key, lambda: _draw(char, height_mm, weight, px_per_mm))
    return made


def pad(height_mm: float, weight: float, px_per_mm: float) -> int:
    """Pixels between the edge of a glyph's picture and its origin: room for half a stroke and the tails."""
    unit = height_mm / GRID_HEIGHT
    return math.ceil((weight / 2 + 1.1) * unit * px_per_mm) + 1


def _draw(char: str, height_mm: float, weight: float, px_per_mm: tuple[float, float]) -> AnyArray:
    unit, (ppx, ppy) = height_mm / GRID_HEIGHT, px_per_mm
    radius, soft = weight / 2 * unit, min(ppx, ppy)
    pad_x, pad_y = pad(height_mm, weight, ppx), pad(height_mm, weight, ppy)
    columns = math.ceil(_width(char) * unit * ppx) + 2 * pad_x
    rows = math.ceil(height_mm * ppy) + 2 * pad_y
    reach = radius + 1 / soft
    squares = np.full((rows, columns), (2 * reach) ** 2, np.float32)
    columns_mm = (np.arange(columns, dtype=np.float32) - (pad_x - 0.5)) / np.float32(ppx)
    rows_mm = (np.arange(rows, dtype=np.float32) - (pad_y - 0.5)) / np.float32(ppy)
    for ax, ay, bx, by in _segments(char):
        # Only the pixels near this piece of stroke: a glyph is mostly paper.
        c0 = max(0, math.floor((min(ax, bx) * unit - reach) * ppx) + pad_x)
        c1 = min(columns, math.ceil((max(ax, bx) * unit + reach) * ppx) + pad_x + 1)
        r0 = max(0, math.floor((min(ay, by) * unit - reach) * ppy) + pad_y)
        r1 = min(rows, math.ceil((max(ay, by) * unit + reach) * ppy) + pad_y + 1)
        x, y = columns_mm[None, c0:c1] - np.float32(ax * unit), rows_mm[r0:r1, None] - np.float32(ay * unit)
        dx, dy = np.float32((bx - ax) * unit), np.float32((by - ay) * unit)
        length = dx * dx + dy * dy
        along = np.clip(x * (dx / length) + y * (dy / length), 0.0, 1.0)
        across_x, across_y = x - along * dx, y - along * dy
        spot = squares[r0:r1, c0:c1]
        np.minimum(spot, across_x * across_x + across_y * across_y, out=spot)
    cover = np.clip((np.float32(radius) - np.sqrt(squares)) * np.float32(soft) + np.float32(0.5), 0.0, 1.0)
    drawn: Bytes = np.floor(cover * 255 + np.float32(0.5)).astype(np.uint8)
    return drawn
