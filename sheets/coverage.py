"""How much of a pixel something covers, exactly; every value depends on its own pixel only, never on the window."""

from functools import lru_cache

import numpy as np

from sheets.arrays import Bools, Floats, Ints


def span(low: float, high: float, start: int, stop: int) -> Floats:
    """Shares of the pixels start..stop that a stretch from low to high (in pixels) covers."""
    pixel = np.arange(start, stop, dtype=np.float64)
    share: Floats = np.clip(np.minimum(high, pixel + 1) - np.maximum(low, pixel), 0.0, 1.0)
    return share


class Steps:
    """Pixels of one axis laid over a row of equal modules.

    Args:
        low: Where the first module starts, in pixels.
        step: Size of a module in pixels.
        count: Number of modules.
        start: First pixel.
        stop: Pixel after the last.

    Attributes:
        index: The module in which each pixel starts, and that in which the last one ends.
        mixed: The pixels that do not lie within one module.
    """

    def __init__(self, low: float, step: float, count: int, start: int, stop: int) -> None:
        raw = (np.arange(start, stop + 1, dtype=np.float64) - low) / step
        edges = np.clip(raw, 0.0, float(count))
        self.step = step
        self.index: Ints = np.minimum(edges, count - 1).astype(np.int64)
        self._share = edges - self.index
        inside = (raw[:-1] >= 0) & (raw[1:] <= count)
        whole: Bools = inside & (np.floor(raw[:-1]) == np.ceil(raw[1:]) - 1)
        self.mixed: Ints = np.flatnonzero(~whole)

    def lay(self, modules: Floats) -> Floats:
        """Averages of (count, n) modules over all pixels: (pixels, n)."""
        laid: Floats = modules[self.index[:-1]]
        laid[self.mixed] = self.rows(modules, self.mixed)
        return laid

    def rows(self, modules: Floats, pixels: Ints) -> Floats:
        """Averages of (count, n) modules over those pixels: (pixels, n)."""
        sums = np.concatenate((np.zeros((1, modules.shape[1])), np.cumsum(modules, axis=0)))
        low, high = self.index[:-1][pixels], self.index[1:][pixels]
        low_share, high_share = self._share[:-1][pixels, None], self._share[1:][pixels, None]
        upto_high = sums[high] + high_share * modules[high]
        upto_low = sums[low] + low_share * modules[low]
        return np.clip((upto_high - upto_low) * self.step, 0.0, 1.0)


@lru_cache(maxsize=256)
def steps(low: float, step: float, count: int, start: int, stop: int) -> Steps:
    """The same ``Steps`` for the same values: the marks of a column share theirs."""
    return Steps(low, step, count, start, stop)
