"""The card: burns number, time and a moving hand into a scene."""

from __future__ import annotations

import numpy as np

from sheets.arrays import Bytes
from sheets.font import advances, glyph
from sheets.test_card.layout import (
    BAND_WIDTH,
    BANDS,
    HAND_HEIGHT,
    HAND_STEPS,
    HAND_TOP,
    STRIP_HEIGHT,
    TEXT_HEIGHT,
    TEXT_TOP,
    cuts,
)
from sheets.test_card.marks import BAND_SIDE, STRIP_CELLS, band_bits, strip_bits

_DARK, _LIGHT = 16, 235
_HAND = (235, 180, 16)
_STROKE = 0.8


class Card:
    """A test card of one size.

    Args:
        scene: what the lens sees, height x width x 3; frames are copies of it with the marks of their number and time.
    """

    def __init__(self, scene: Bytes) -> None:
        self.scene = scene
        height, width = scene.shape[:2]
        strip = round(height * STRIP_HEIGHT)
        side = round(width * BAND_WIDTH)
        self._size = width, height
        self._strip = strip
        self._columns = np.repeat(np.arange(STRIP_CELLS), np.diff(cuts(0, width, STRIP_CELLS)))
        self._side = side
        rows = cuts(strip, height - strip, BANDS * BAND_SIDE)
        self._rows = np.repeat(np.arange(BANDS * BAND_SIDE) % BAND_SIDE, np.diff(rows))
        self._band_columns = np.repeat(np.arange(BAND_SIDE), np.diff(cuts(0, side, BAND_SIDE)))

    def frame(self, number: int, stamp_ms: int) -> Bytes:
        """The frame of that number, taken at that time in ms; the array is the caller's."""
        picture = self.scene.copy()
        width, height = self._size
        self._move_hand(picture, number)
        self._write(picture, f"{number} {stamp_ms / 1000:.3f}")
        strip = _tones(strip_bits(number, stamp_ms))[self._columns]
        picture[: self._strip] = picture[height - self._strip :] = strip[None, :, None]
        cells = _tones(band_bits(number)).reshape(BAND_SIDE, BAND_SIDE)
        block = cells[self._rows[:, None], self._band_columns[None, :]][..., None]
        picture[self._strip : height - self._strip, : self._side] = block
        picture[self._strip : height - self._strip, width - self._side :] = block
        return picture

    def _move_hand(self, picture: Bytes, number: int) -> None:
        width, height = self._size
        way = width - 2 * self._side
        left = self._side + way * (number % HAND_STEPS) // HAND_STEPS
        top = round(height * HAND_TOP)
        picture[top : top + round(height * HAND_HEIGHT), left : left + way // HAND_STEPS] = _HAND

    def _write(self, picture: Bytes, text: str) -> None:
        """Number and time for people."""
        width, height = self._size
        size = height * TEXT_HEIGHT
        top, left = round(height * TEXT_TOP), self._side + round(size)
        starts = advances(text, size)
        end = round(left + starts[-1] + 2 * size)
        picture[top : top + round(size * 1.6), left : min(end, width - self._side)] = _DARK
        for char, start in zip(text, starts, strict=True):
            ink = glyph(char, size, _STROKE, (1.0, 1.0))
            rows, columns = ink.shape
            x = round(left + start)
            spot = picture[top : top + rows, x : x + columns]
            np.maximum(spot, ink[: spot.shape[0], : spot.shape[1], None], out=spot)


def _tones(bits: list[int]) -> Bytes:
    return np.where(np.array(bits) == 1, _LIGHT, _DARK).astype(np.uint8)
