"""Tells whether a page is blank: nothing on it is as high as the height band says (rest-api.md 7.2). Runs in the codec process.

Paper is what is brightest around; a mark is what is clearly darker than the paper there. So grey paper, uneven light and noise are blank. What touches the
edge of the picture is no mark on the paper: shadows of edges, the dark beyond a sheet that lies askew, punched rims. What is lower or higher than the band
does not count, however large: that is the contract.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

from reference_server.processing.components import Mask, boxes_of, runs_of
from reference_server.processing.images import Grey, darkest, load

TILE: Final = 64
"""Pixels of a side of a tile, of which the paper's brightness is measured: larger than any mark that the default band speaks of."""
STEP: Final = 4
"""Every so many pixels one is looked at for that."""
PAPER_PERCENTILE: Final = 75
NEIGHBOURS: Final = 2
"""A tile that is dark as a whole takes its paper from tiles up to that far away."""
FLOOR: Final = 0.6
"""Paper is nowhere darker than that share of the bright part of the page; what is, is no paper."""
CONTRAST: Final = 0.2
"""A mark is darker than the paper by that share of it ..."""
LEAST_STEP: Final = 16.0
"""... and at least by so many levels ..."""
NOISE: Final = 5.0
"""... and by so many standard deviations of the noise."""
MEDIAN_TO_SIGMA: Final = 1.4826
STRIP: Final = 1024
"""Rows that are searched at a time, so that memory stays bounded on a page full of dots."""

MAX_RUNS: Final = 4_000_000
"""Runs of dark pixels in a strip; more have no room. A page of A4 at 1200 dpi in which every second pixel is dark has 5 million: nobody calls that blank."""

Floats = npt.NDArray[np.float32]


def check(data: bytes, least: int, most: int) -> tuple[bool, bytes]:
    """Whether a page is blank.

    Args:
        data: a PNG or JPEG.
        least: rows of the lowest mark that counts.
        most: rows of the highest one.

    Raises:
        EncodingError: *data* is no picture that can be read.
    """
    return is_blank(darkest(load(data)), least, most), b""


def is_blank(grey: Grey, least: int, most: int) -> bool:
    """Whether no mark of *grey* is between *least* and *most* rows high, both included.

    A mark that reaches over the end of a strip lies whole in the next one, since strips overlap by more than *most*.
    """
    height = len(grey)
    if least > height:
        return True
    limits = _limits(grey)
    overlap = min(most + 2, height)
    rows = max(STRIP, 2 * overlap)
    for start in range(0, max(1, height - overlap), rows - overlap):
        if _has_mark(_dark(grey, limits, start, min(start + rows, height)), least, most):
            return False
    return True


def _has_mark(mask: Mask, least: int, most: int) -> bool:
    """Whether one of the components that lie whole in *mask* is of such a height."""
    runs = runs_of(mask)
    if len(runs) > MAX_RUNS:
        return True
    boxes = boxes_of(runs)
    height, width = mask.shape
    whole = (boxes.top > 0) & (boxes.bottom < height) & (boxes.left > 0) & (boxes.right < width)
    return bool((whole & (boxes.heights >= least) & (boxes.heights <= most)).any())


def _dark(grey: Grey, limits: Floats, start: int, end: int) -> Mask:
    """Which pixels of the rows from *start* to *end* are darker than paper can be there."""
    width = grey.shape[1]
    centres = (np.arange(limits.shape[1]) + 0.5) * TILE
    mask = np.empty((end - start, width), np.bool_)
    row = start
    while row < end:
        stop = min(end, (row // STEP + 1) * STEP)
        across = np.interp(np.arange(width), centres, _between(limits, row))
        np.less(grey[row:stop], np.ceil(across).astype(np.uint8), out=mask[row - start : stop - start])
        row = stop
    return mask


def _between(limits: Floats, row: int) -> Floats:
    """The limits at *row*, between those of the tiles above and below."""
    place = min(max(row / TILE - 0.5, 0.0), len(limits) - 1.0)
    above = int(place)
    below = min(above + 1, len(limits) - 1)
    share = np.float32(place - above)
    made: Floats = limits[above] * (1 - share) + limits[below] * share
    return made


def _limits(grey: Grey) -> Floats:
    """For each tile the brightness below which a pixel is a mark."""
    samples = _tiles(grey)
    paper = np.percentile(samples, PAPER_PERCENTILE, axis=2, method="nearest").astype(np.float32)
    bright = float(np.percentile(paper, PAPER_PERCENTILE))
    middle = np.median(samples, axis=2)
    spread = float(np.median(np.abs(samples - middle[:, :, None])))
    paper = np.maximum(_spread(paper, NEIGHBOURS), FLOOR * bright)
    step = max(LEAST_STEP, NOISE * MEDIAN_TO_SIGMA * spread)
    made: Floats = np.maximum(paper - np.maximum(CONTRAST * paper, step), 0).astype(np.float32)
    return made


def _tiles(grey: Grey) -> npt.NDArray[np.int16]:
    """Samples of each tile, ``(tiles down, tiles across, samples)``; the last ones are filled up with the edge."""
    height, width = grey.shape
    down, across = -(-height // TILE), -(-width // TILE)
    side = TILE // STEP
    few = grey[::STEP, ::STEP]
    few = np.pad(few, ((0, down * side - few.shape[0]), (0, across * side - few.shape[1])), mode="edge")
    return few.reshape(down, side, across, side).swapaxes(1, 2).reshape(down, across, side * side).astype(np.int16)


def _spread(tiles: Floats, reach: int) -> Floats:
    """The brightest of the neighbours up to *reach* tiles away."""
    for axis in (0, 1):
        edges = [(reach, reach) if axis == index else (0, 0) for index in (0, 1)]
        padded = np.pad(tiles, edges, mode="edge")
        windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1, axis=axis)
        tiles = windows.max(axis=2)
    return tiles
