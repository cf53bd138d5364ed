"""Small pictures of pages that were given out, drawn anew: a page is a pure function of its plan and settings."""

from __future__ import annotations

import base64
import io
from dataclasses import replace
from typing import Any

import numpy as np
from PIL import Image

from device_protocol import Code, Colour, DeviceError, Phase
from simulators.fields import Table
from simulators.imaging import Look, Picture, area_of
from simulators.journal.record import GivenPage, Journal

MIN_WIDTH, MAX_WIDTH, DEFAULT_WIDTH = 16, 1000, 240
MAX_ROWS = 3000
MIN_DPI, MAX_DPI = 8, 150
QUALITY = 85
MM_PER_INCH = 25.4
MEDIA_TYPE = "image/jpeg"


def wanted(journal: Journal, table: Table) -> tuple[GivenPage, int]:
    """The page and the width that a request asks for.

    Raises:
        DeviceError: INVALID_VALUE, NOT_FOUND: it is not kept any more.
    """
    entry = table.integer("page", low=1, high=2**53)
    width = table.integer("width", DEFAULT_WIDTH, low=MIN_WIDTH, high=MAX_WIDTH)
    table.done()
    page = journal.page(entry)
    if page is None or page.look is None:
        kept = ", ".join(str(item.entry) for item in journal.pages) or "none"
        raise DeviceError(
            Code.NOT_FOUND, f"There is no picture of entry {entry}; there are: {kept}.", phase=Phase.CONTROL
        )
    return page, width


def picture(page: GivenPage, width: int) -> dict[str, Any]:
    """The page as plain data, with a JPEG of about *width* pixels in base64 (at most 1000, so that it fits into one frame)."""
    assert page.look is not None
    look = _small(page.look, page, width)
    drawn = Picture(look, page.plan.sheet, back=page.plan.back)
    rows = b""
    while len(rows) < drawn.size:
        rows += drawn.bytes(len(rows), drawn.size)
    shape = (drawn.rows, drawn.params.width) + ((3,) if look.colour is Colour.COLOR else ())
    file = io.BytesIO()
    Image.fromarray(np.frombuffer(rows, np.uint8).reshape(shape)[:MAX_ROWS]).save(file, "JPEG", quality=QUALITY)
    return {**page.show(), "type": MEDIA_TYPE, "data": base64.b64encode(file.getvalue()).decode()}


def _small(look: Look, page: GivenPage, width: int) -> Look:
    """The same look with fewer pixels; 1-bit pages in grey, since there is no small picture of dots."""
    left, _, right, _ = area_of(look, page.plan.sheet)
    dpi = round(width * MM_PER_INCH / max(right - left, 1.0))
    colour = Colour.GRAY if look.colour is Colour.LINEART else look.colour
    return replace(look, colour=colour, depth=8, row_padding=0, dpi=max(MIN_DPI, min(MAX_DPI, dpi)))
