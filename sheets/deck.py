"""The sheets as a PDF to print, so that a real scanner can be graded: front, back, front, back."""

import io
from collections.abc import Iterable
from dataclasses import replace
from os import PathLike
from typing import IO

import img2pdf
from PIL import Image

from sheets.errors import SheetError
from sheets.renderer import render
from sheets.settings import MM_PER_INCH, ColourMode, RenderSettings
from sheets.sheet import Sheet, Side

MAX_SHEETS = 1000
_POINTS_PER_INCH = 72.0


def write_deck(path_or_file: str | PathLike[str] | IO[bytes], sheets: Iterable[Sheet], dpi: int = 300) -> int:
    """Writes a PDF with both sides of every sheet in duplex order, each page of its paper's size.

    Noise belongs to a sensor, so a deck is printed without it. The same sheets give the same bytes.

    Args:
        path_or_file: Where to write; a file is written to and left open.
        sheets: The sheets, 1 to 1000.
        dpi: Resolution of the pictures.

    Returns:
        Number of pages written.

    Raises:
        SheetError: If there are no sheets or more than 1000; nothing is written then.
    """
    chosen = list(sheets)
    if not 0 < len(chosen) <= MAX_SHEETS:
        raise SheetError(f"a deck has 1 to {MAX_SHEETS} sheets, not {len(chosen)}")
    settings = RenderSettings(dpi, dpi, ColourMode.COLOR)
    pages = [(replace(sheet, noise=0.0), side) for sheet in chosen for side in (Side.FRONT, Side.BACK)]
    places = iter([(_points(sheet.size.width_mm), _points(sheet.size.height_mm)) for sheet, _ in pages])

    def place(*_: object) -> tuple[float, float, float, float]:
        width, height = next(places)
        return width, height, width, height

    document = img2pdf.convert(
        [_png(sheet, side, settings) for sheet, side in pages],
        layout_fun=place,
        nodate=True,
        engine=img2pdf.Engine.internal,
        producer="flatbed",
        title="flatbed sheets",
    )
    if isinstance(path_or_file, str | PathLike):
        with open(path_or_file, "wb") as file:  # noqa: PTH123  a PathLike need not be a pathlib path
            file.write(document)
    else:
        path_or_file.write(document)
    return len(pages)


def _points(millimetres: float) -> float:
    return millimetres / MM_PER_INCH * _POINTS_PER_INCH


def _png(sheet: Sheet, side: Side, settings: RenderSettings) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(render(sheet, side, settings)).save(buffer, "PNG", compress_level=6)
    return buffer.getvalue()
