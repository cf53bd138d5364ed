"""Counting spots: pixels that touch belong together."""

import numpy as np

from sheets.arrays import AnyArray, Bools

MAX_PIXELS = 60_000
"""Beyond so many pixels a page is damaged and not dusty; the first ones are counted."""


def components(spots: Bools, depth: AnyArray, pixel_mm2: float) -> list[float]:
    """The areas of all spots in square millimetres; a pixel that is dark in part counts in part.

    Args:
        spots: Which pixels are dark.
        depth: How dark each is, 0 to 1.
        pixel_mm2: Area of a pixel.
    """
    rows, columns = (axis[:MAX_PIXELS].tolist() for axis in np.nonzero(spots))
    left = set(zip(rows, columns, strict=True))
    areas = []
    while left:
        edge = [left.pop()]
        area = 0.0
        while edge:
            row, column = edge.pop()
            area += min(1.0, max(0.0, float(depth[row, column])))
            for near in ((row + dy, column + dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)):
                if near in left:
                    left.remove(near)
                    edge.append(near)
        areas.append(area * pixel_mm2)
    return areas
