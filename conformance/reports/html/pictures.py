"""Pages as small pictures, with the marks that the oracle found drawn over them and what it says beside them."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image

import sheets
from conformance.bench import Encoded, ScannedPage
from conformance.checks.pictures import pixels
from conformance.runner.events import PageSeen
from sheets.detect import find_codes
from sheets.view import View

EDGE_PX = 220
"""The longer edge of a thumbnail."""
MOST_PIXELS = 40_000_000
"""Larger pages are named and not shown."""

Array = np.ndarray[Any, Any]


@dataclass(frozen=True, slots=True)
class Picture:
    """One page.

    Attributes:
        title: where it came from.
        source: a ``data:`` address.
        width, height: of the page, in pixels.
        marks: corners of each mark that was read, in pixels of the page.
        verdict: ``clean``, the number of problems, or ``no marks``.
        problems: what the oracle reports that was not asked for.
        words: all that it says.
    """

    title: str
    source: str
    width: int
    height: int
    marks: tuple[tuple[tuple[float, float], ...], ...]
    verdict: str
    problems: tuple[str, ...]
    words: tuple[str, ...]


def picture_of(event: PageSeen) -> Picture | None:
    """The picture of a page; None if nothing can be shown of it."""
    page = event.page
    samples = _decoded(page) if isinstance(page, Encoded) else _samples(page)
    if samples is None or not samples.size or samples.shape[0] * samples.shape[1] > MOST_PIXELS:
        return None
    dpi = None if isinstance(page, Encoded) else _dpi(page)
    area = event.area
    edges = None if area is None else (area.left, area.top, area.right, area.bottom)
    expected = sheets.Expectation(area_mm=edges, dpi=dpi)
    reading = sheets.read_page(samples, dpi=dpi, expected=expected)
    problems = tuple(reading.differences(expected)) if reading.found else ()
    verdict = "no marks" if not reading.found else f"{len(problems)} to report" if problems else "clean"
    return Picture(
        event.title,
        _address(samples),
        samples.shape[1],
        samples.shape[0],
        _marks(samples, dpi) if reading.found else (),
        verdict,
        problems,
        tuple(reading.describe()),
    )


def _samples(page: ScannedPage) -> Array | None:
    params = page.end.params
    if params.width * max(params.height or 0, 1) > MOST_PIXELS:
        return None
    return pixels(page)


def _dpi(page: ScannedPage) -> tuple[float, float] | None:
    params = page.end.params
    return (params.dpi_x, params.dpi_y) if params.dpi_x and params.dpi_y else None


def _decoded(page: Encoded) -> Array | None:
    """The samples of an image file; None for what is none, which a check has judged already."""
    try:
        with Image.open(io.BytesIO(page.data), formats=("JPEG", "PNG", "TIFF")) as image:
            if image.width * image.height > MOST_PIXELS:
                return None
            return np.asarray(image.convert("L" if image.mode in {"1", "L", "I;16"} else "RGB"))
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None


def _marks(samples: Array, dpi: tuple[float, float] | None) -> tuple[tuple[tuple[float, float], ...], ...]:
    found = find_codes(View(samples, dpi))
    return tuple(tuple((float(x), float(y)) for x, y in code.corners) for code in found.codes)


def _address(samples: Array) -> str:
    """A thumbnail as a ``data:`` address."""
    eight = (samples >> 8).astype(np.uint8) if samples.dtype == np.uint16 else samples.astype(np.uint8)
    image = Image.fromarray(eight)
    image.thumbnail((EDGE_PX, EDGE_PX))
    file = io.BytesIO()
    image.save(file, "PNG", optimize=True)
    return "data:image/png;base64," + base64.b64encode(file.getvalue()).decode()
