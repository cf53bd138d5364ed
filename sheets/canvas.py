"""Painting shapes into a window of pixel rows.

Coverage is exact: a pixel is as dark as the share of it that ink covers, as in a sensor. Every sample depends on its own
row and column only, so that a strip of rows is the same bytes as those rows of the whole page.
"""

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from sheets.arrays import AnyArray, Floats
from sheets.cache import CACHE
from sheets.coverage import span, steps
from sheets.font import advances, glyph, pad, text_width
from sheets.inks import Ink, luma
from sheets.layout import Rect
from sheets.marks import MODULES, modules
from sheets.shapes import Box, Ramp, Shape, Tile, Words


@dataclass(frozen=True)
class Tone:
    """What black and white are, in samples.

    Attributes:
        black: The sample of full ink.
        white: The sample of bare paper.
        sixteen: Whether samples have 16 bits.
    """

    black: int
    white: int
    sixteen: bool

    @property
    def dtype(self) -> type[np.uint8] | type[np.uint16]:
        """The type of a sample."""
        return np.uint16 if self.sixteen else np.uint8

    def samples(self, dark: Floats) -> AnyArray:
        """Samples for shares of ink, 0 to 1."""
        value = np.floor(self.white - dark * (self.white - self.black) + 0.5)
        return value.astype(self.dtype)


@dataclass(frozen=True)
class Frame:
    """The picture that a window belongs to: where it starts on the sheet, its scale and its size in pixels."""

    left_mm: float
    top_mm: float
    px_per_mm: tuple[float, float]
    width: int
    height: int
    channels: int
    tone: Tone


_Range = tuple[int, int]


class Canvas:
    """Rows ``first`` to ``first + count`` of a frame.

    Args:
        frame: The picture.
        first: First row of the window.
        samples: (count, width * channels) samples to paint on.
    """

    def __init__(self, frame: Frame, first: int, samples: AnyArray) -> None:
        self.frame = frame
        self.first = first
        self.last = first + len(samples)
        self.samples = samples

    @classmethod
    def blank(cls, frame: Frame, first: int, count: int) -> "Canvas":
        """A window of bare paper."""
        shape = (count, frame.width * frame.channels)
        return cls(frame, first, np.full(shape, frame.tone.white, frame.tone.dtype))

    def paint(self, shapes: Iterable[Shape]) -> None:
        """Paints what of the shapes is in the window."""
        for shape in shapes:
            match shape:
                case Words():
                    self._words(shape)
                case Tile():
                    self._tile(shape)
                case Box() | Ramp():
                    self._bar(shape)

    def prepare(self, shapes: Iterable[Words]) -> None:
        """Draws the glyphs of some texts into the cache and paints nothing; texts far from the window will not be wanted in it."""
        for words in shapes:
            wide = text_width(words.text, words.height)
            near = Rect(
                words.left - wide, words.top - words.height, words.left + 2 * wide, words.top + 2 * words.height
            )
            for char in words.text if self._touched(near) else "":
                self._inked_glyph(char, words)

    def lay(self, pixels: AnyArray, rows: _Range, columns: _Range, table: AnyArray) -> None:
        """Lays a picture over what is there.

        Args:
            pixels: (rows, columns * channels) levels, 0 to 255.
            rows: First row of the frame, and the one after the last; all in the window.
            columns: The same of columns.
            table: The 256 samples that stand for the levels.
        """
        self._spot(rows, columns)[:] = np.take(table, pixels)

    def _touched(self, rect: Rect) -> tuple[_Range, _Range] | None:
        """The rows and columns of the window that a rectangle touches."""
        (ppx, ppy), frame = self.frame.px_per_mm, self.frame
        top = max(self.first, math.floor((rect.top - frame.top_mm) * ppy))
        bottom = min(self.last, math.ceil((rect.bottom - frame.top_mm) * ppy))
        left = max(0, math.floor((rect.left - frame.left_mm) * ppx))
        right = min(frame.width, math.ceil((rect.right - frame.left_mm) * ppx))
        return ((top, bottom), (left, right)) if top < bottom and left < right else None

    def _spot(self, rows: _Range, columns: _Range) -> AnyArray:
        channels = self.frame.channels
        return self.samples[rows[0] - self.first : rows[1] - self.first, columns[0] * channels : columns[1] * channels]

    def _take(self, ink: Ink, count: int) -> Floats:
        """How much light an ink takes, for that many pixels side by side."""
        parts = ink if self.frame.channels == 3 else (luma(ink),)
        return 1.0 - np.tile(np.array(parts), count)

    def _bar(self, shape: Box | Ramp) -> None:
        rect, (ppx, ppy) = shape.rect, self.frame.px_per_mm
        touched = self._touched(rect)
        if touched is None:
            return
        rows, columns = touched
        across = span((rect.left - self.frame.left_mm) * ppx, (rect.right - self.frame.left_mm) * ppx, *columns)
        if isinstance(shape, Ramp):
            at_mm = (np.arange(*columns) + 0.5) / ppx + self.frame.left_mm
            across *= 1.0 - np.clip((at_mm - rect.left) / rect.width, 0.0, 1.0)
        across = np.repeat(across, self.frame.channels)
        if isinstance(shape, Box):
            across *= self._take(shape.ink, columns[1] - columns[0])
        down = span((rect.top - self.frame.top_mm) * ppy, (rect.bottom - self.frame.top_mm) * ppy, *rows)
        self._darken(rows, columns, down[:, None] * across)

    def _darken(self, rows: _Range, columns: _Range, dark: Floats) -> None:
        spot = self._spot(rows, columns)
        np.minimum(spot, self.frame.tone.samples(dark), out=spot)

    def _words(self, words: Words) -> None:
        ppx, ppy = self.frame.px_per_mm
        pad_x, pad_y = pad(words.height, words.weight, ppx), pad(words.height, words.weight, ppy)
        top = round((words.top - self.frame.top_mm) * ppy) - pad_y
        if top >= self.last or top + math.ceil(words.height * ppy) + 2 * pad_y <= self.first:
            return
        for char, start_mm in zip(words.text, advances(words.text, words.height), strict=True):
            left = round((words.left + start_mm - self.frame.left_mm) * ppx) - pad_x
            if left >= self.frame.width or left + math.ceil(text_width(char, words.height) * ppx) + 2 * pad_x <= 0:
                continue  # a large glyph is dear to draw, and none of it would be seen
            drawn = self._inked_glyph(char, words)
            wide = drawn.shape[1] // self.frame.channels
            rows = max(top, self.first), min(top + drawn.shape[0], self.last)
            columns = max(left, 0), min(left + wide, self.frame.width)
            if rows[0] < rows[1] and columns[0] < columns[1]:
                first, last = ((column - left) * self.frame.channels for column in columns)
                spot = self._spot(rows, columns)
                np.minimum(spot, drawn[rows[0] - top : rows[1] - top, first:last], out=spot)

    def _inked_glyph(self, char: str, words: Words) -> AnyArray:
        """A glyph as samples of this frame: (rows, columns * channels), read-only."""
        channels, tone, scale = self.frame.channels, self.frame.tone, self.frame.px_per_mm

        def draw() -> AnyArray:
            cover = glyph(char, words.height, words.weight, scale)
            drawn = np.empty((*cover.shape, channels), tone.dtype)
            for channel, take in enumerate(self._take(words.ink, 1)):
                drawn[:, :, channel] = np.take(tone.samples(np.arange(256) / 255.0 * take), cover)
            return drawn.reshape(len(cover), -1)

        return CACHE.get(("inked", char, words.height, words.weight, words.ink, scale, channels, tone), draw)

    def _tile(self, tile: Tile) -> None:
        touched = self._touched(tile.rect)
        if touched is None:
            return
        (rows, columns), (ppx, ppy), rect = touched, self.frame.px_per_mm, tile.rect
        steps_x = steps((rect.left - self.frame.left_mm) * ppx, rect.width / MODULES * ppx, MODULES, *columns)
        steps_y = steps((rect.top - self.frame.top_mm) * ppy, rect.height / MODULES * ppy, MODULES, *rows)
        across = steps_x.lay(modules(tile.mark).T.astype(np.float64)).T
        mixed = steps_y.mixed
        channels, tone = self.frame.channels, self.frame.tone
        # Most rows of pixels lie within one row of modules and look like the row before them.
        drawn = np.repeat(tone.samples(across), channels, axis=1)[steps_y.index[:-1]]
        drawn[mixed] = np.repeat(tone.samples(steps_y.rows(across, mixed)), channels, axis=1)
        spot = self._spot(rows, columns)
        np.minimum(spot, drawn, out=spot)
