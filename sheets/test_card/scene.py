"""What the lens sees: bars for focus and zoom, patches for exposure and white balance, colours around them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from sheets.arrays import Bytes, Floats
from sheets.test_card.layout import BARS, BARS_HALF, BLACK, GREY, PATCH, PATCH_HALF_WIDTH, WHITE

_TILES = 12
_SURROUND = 90


@dataclass(frozen=True, slots=True)
class View:
    """What of the scene is seen.

    Attributes:
        width, height: of the picture in pixels.
        zoom: 1 is the whole scene; 2 half its width and height, from the middle.
        seed: of the colours around the middle.
    """

    width: int
    height: int
    zoom: float = 1.0
    seed: int = 0


def draw_scene(view: View) -> Bytes:
    """The scene as an ideal camera sees it; height x width x 3, RGB."""
    across = _places(view.width) / view.zoom
    down = _places(view.height) / view.zoom
    tiles = np.random.default_rng(view.seed).integers(40, 216, (_TILES, _TILES, 3), dtype=np.uint8)
    columns = np.clip(np.floor((across + 0.5) * _TILES), 0, _TILES - 1).astype(np.int64)
    rows = np.clip(np.floor((down + 0.5) * _TILES), 0, _TILES - 1).astype(np.int64)
    picture: Bytes = tiles[rows[:, None], columns[None, :]]
    calm = np.abs(down) <= 2 * PATCH[1]
    picture[calm] = _SURROUND
    bars = np.where(np.floor(across * BARS).astype(np.int64) % 2, WHITE, BLACK).astype(np.uint8)
    picture[np.abs(down) <= BARS_HALF] = bars[None, :, None]
    middle = np.abs(across) <= PATCH_HALF_WIDTH
    above = (down <= -PATCH[0]) & (down >= -PATCH[1])
    below = (down >= PATCH[0]) & (down <= PATCH[1])
    picture[np.ix_(above, middle)] = GREY
    picture[np.ix_(below, middle & (across < 0))] = WHITE
    picture[np.ix_(below, middle & (across >= 0))] = BLACK
    return picture


def _places(count: int) -> Floats:
    """The middles of *count* pixels, from -0.5 to 0.5."""
    places: Floats = (np.arange(count) + 0.5) / count - 0.5
    return places
