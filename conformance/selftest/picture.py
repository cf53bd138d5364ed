"""What a machine of the zoo sees: a rendered sheet as the bytes that the page parameters announce.

From 60 dpi on the pictures are those of ``sheets``, so that the oracle can judge them. Below, where nobody could read a mark, a cheap pattern does: it
differs from sheet to sheet and side to side. Pictures are kept, since a zoo delivers the same few pages ten thousand times.
"""

from __future__ import annotations

import functools
import io
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from PIL import Image

import sheets
from device_protocol import RAW, Colour, PageParams, Polarity, Side
from device_protocol.pages import NATIVE_ORDER, packed_row

SEED = 7
"""The family of sheets that lie in the zoo."""

WHITE = 0
"""The number of the sheet that is not there: bare glass."""

READABLE_DPI = 60
"""From here on the marks of a sheet can be read."""

_MODES = {
    Colour.LINEART: sheets.ColourMode.LINEART,
    Colour.GRAY: sheets.ColourMode.GRAY,
    Colour.COLOR: sheets.ColourMode.COLOR,
}


@dataclass(frozen=True, slots=True)
class View:
    """What lies under the light bar: the sheet, its side, and the left, top, right and bottom of the scan area in mm."""

    sheet: int
    side: Side
    size: str
    area: tuple[float, float, float, float]


@functools.lru_cache(maxsize=96)
def picture(view: View, params: PageParams, brightness: int) -> bytes:
    """All bytes of a page: rows of ``params.stride`` bytes in the announced byte order and polarity."""
    assert params.height is not None  # the machine knows, even where it does not tell
    depth = params.depth
    samples = _sheet(view, params) if (params.dpi_x or 0) >= READABLE_DPI else _pattern(view, params)
    if view.sheet == WHITE:
        samples[...] = 0 if depth == 1 else np.iinfo(samples.dtype).max
    if depth == 1:
        if params.polarity is Polarity.ONE_IS_WHITE:
            samples = ~samples
    else:
        if brightness:
            top = np.iinfo(samples.dtype).max
            samples = np.clip(samples.astype(np.int64) + brightness * top // 400, 0, top).astype(samples.dtype)
        if depth == 16 and params.byte_order is not NATIVE_ORDER:
            samples = samples.byteswap()
    rows = samples.reshape(samples.shape[0], -1).view(np.uint8)[: params.height, : params.packed_row]
    if params.stride > rows.shape[1]:
        rows = np.pad(rows, ((0, 0), (0, params.stride - rows.shape[1])))
    return rows.tobytes()


@functools.lru_cache(maxsize=32)
def jpeg(view: View, params: PageParams, brightness: int, dpi: int) -> bytes:
    """A page as a JPEG file that says it has *dpi*."""
    plain = replace(params, format=RAW, stride=packed_row(params.width, params.channels, 8))
    mode = "RGB" if params.channels == 3 else "L"
    assert params.height is not None  # see picture
    image = Image.frombytes(mode, (params.width, params.height), picture(view, plain, brightness))
    file = io.BytesIO()
    image.save(file, "JPEG", quality=90, dpi=(dpi, dpi))
    return file.getvalue()


def _sheet(view: View, params: PageParams) -> np.ndarray[Any, Any]:
    mode = sheets.ColourMode.LINEART if params.depth == 1 else _MODES[params.colour]
    dpi_x, dpi_y = round(params.dpi_x or 0), round(params.dpi_y or 0)
    sheet = sheets.Sheet(number=view.sheet, size=sheets.paper_size(view.size), seed=SEED)
    side = sheets.Side.BACK if view.side is Side.BACK else sheets.Side.FRONT
    return sheets.render(sheet, side, sheets.RenderSettings(dpi_x, dpi_y, mode, params.depth, view.area))


def _pattern(view: View, params: PageParams) -> np.ndarray[Any, Any]:
    assert params.height is not None  # see picture
    kind = np.uint16 if params.depth == 16 else np.uint8
    width = packed_row(params.width, params.channels, params.depth) // np.dtype(kind).itemsize
    phase = view.sheet * 31 + (101 if view.side is Side.BACK else 0) + round(view.area[0] + view.area[1])
    row = np.arange(width, dtype=np.uint32) * 1021 + phase
    column = np.arange(params.height, dtype=np.uint32)[:, None] * 257
    return ((row + column) % (65521 if params.depth == 16 else 251)).astype(kind)
