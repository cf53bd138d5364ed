"""The page being read: its pixels at full size, and scaled copies for looking at it."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from PIL import Image

from sheets.arrays import AnyArray, Bytes, Floats

_WORK_PX = 1000.0  # geometric mean of width and height that is enough to read the marks of a whole page
_MAX_ASPECT = 8.0


@dataclass(frozen=True)
class Scaled:
    """A scaled grey copy.

    Attributes:
        gray: (height, width) uint8.
        scale: Pixels of the page per pixel of the copy, x and y.
    """

    gray: Bytes
    scale: tuple[float, float]

    def at(self, points: Floats) -> Floats:
        """Grey at (n, 2) points given in pixels of the page: bilinear, the nearest pixel outside."""
        x = np.clip(points[:, 0] / self.scale[0] - 0.5, 0, self.gray.shape[1] - 1)
        y = np.clip(points[:, 1] / self.scale[1] - 0.5, 0, self.gray.shape[0] - 1)
        x0, y0 = x.astype(np.int64), y.astype(np.int64)
        u, v = x - x0, y - y0
        wide, flat = self.gray.shape[1], self.gray.ravel()
        upper, right = y0 * wide + x0, x0 < wide - 1
        lower = upper + np.where(y0 < self.gray.shape[0] - 1, wide, 0)
        above = flat.take(upper) * (1 - u) + flat.take(upper + right) * u
        below = flat.take(lower) * (1 - u) + flat.take(lower + right) * u
        value: Floats = above * (1 - v) + below * v
        return value


class View:
    """A page.

    Args:
        pixels: (height, width) or (height, width, 3), uint8 or uint16.
        dpi: Declared resolution.
        aspect: Resolution in x over that in y; by default what is declared.
    """

    def __init__(
        self, pixels: AnyArray, dpi: tuple[float, float] | None = None, *, aspect: float | None = None
    ) -> None:
        self.pixels = pixels
        self.dpi = dpi
        self.aspect = min(_MAX_ASPECT, max(1 / _MAX_ASPECT, aspect or (dpi[0] / dpi[1] if dpi else 1.0)))
        self.height, self.width = pixels.shape[:2]

    @cached_property
    def eight(self) -> Bytes:
        """The pixels with 8 bits a sample."""
        if self.pixels.dtype == np.uint16:
            return (self.pixels >> 8).astype(np.uint8)
        return self.pixels

    @cached_property
    def _picture(self) -> Image.Image:
        return Image.fromarray(np.ascontiguousarray(self.eight))

    @cached_property
    def work(self) -> Scaled:
        """The copy that is enough to read the marks of a whole page, with square pixels if that is known."""
        factor = max(1, round((self.width * self.height) ** 0.5 / _WORK_PX))
        if 0.8 < self.aspect < 1.25:
            return self.scaled(factor, factor)
        finer = max(1.0, factor / max(self.aspect, 1 / self.aspect) ** 0.5)
        return self.scaled(finer * max(1.0, self.aspect), finer * max(1.0, 1 / self.aspect))

    def scaled(self, x: float, y: float) -> Scaled:
        """A grey copy that is smaller by those factors (larger, below 1)."""
        if x == y and float(x).is_integer():
            small = self._picture.reduce(int(x)) if x > 1 else self._picture
            return Scaled(np.asarray(small.convert("L")), (x, y))
        size = max(1, round(self.width / x)), max(1, round(self.height / y))
        method = Image.Resampling.BICUBIC if min(x, y) < 1 else Image.Resampling.BOX
        small = self._picture.convert("L").resize(size, method)
        return Scaled(np.asarray(small), (self.width / size[0], self.height / size[1]))
