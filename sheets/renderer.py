"""Rendering: a pure function of sheet, side and settings."""

import numpy as np

from sheets.arrays import Samples
from sheets.canvas import Frame, Tone
from sheets.errors import SheetError
from sheets.noise import add_noise, margin
from sheets.picture import picture_rows
from sheets.settings import ColourMode, RenderSettings, pixel_size
from sheets.sheet import Sheet, Side

MAX_BYTES = 2 * 2**30  # of one picture or strip


def render(sheet: Sheet, side: Side, settings: RenderSettings) -> Samples:
    """Renders a side of a sheet.

    Args:
        sheet: The sheet.
        side: Which side of it.
        settings: Resolution, mode, depth and area.

    Returns:
        A fresh array. LINEART: (height, ceil(width / 8)) uint8, packed, leftmost pixel in the highest bit, 1 = black
        (SANE 3.2.1), with zeros to the right of the last pixel. GRAY: (height, width), COLOR: (height, width, 3),
        uint8 or native uint16.

    Raises:
        SheetError: If the picture would exceed 2 GiB, or a document that is printed on the sheet is gone or has changed.
    """
    return render_rows(sheet, side, settings, 0, pixel_size(settings, sheet)[1])


def render_rows(sheet: Sheet, side: Side, settings: RenderSettings, first_row: int, row_count: int) -> Samples:
    """Renders some rows of a side: the same bytes as those rows of ``render``.

    Args:
        sheet: The sheet.
        side: Which side of it.
        settings: Resolution, mode, depth and area.
        first_row: First row wanted, from 0.
        row_count: How many rows.

    Returns:
        A fresh array shaped as that of ``render``, with ``row_count`` rows.

    Raises:
        SheetError: If the rows are not all on the page, or would exceed 2 GiB.
    """
    width, height = pixel_size(settings, sheet)
    if first_row < 0 or row_count < 0 or first_row + row_count > height:
        raise SheetError(f"rows {first_row}..{first_row + row_count} are not on a page of {height}")
    tone = _tone(sheet, settings)
    row_bytes = width * settings.channels * np.dtype(tone.dtype).itemsize
    if row_bytes * row_count > MAX_BYTES:
        raise SheetError(f"{row_count} rows of {row_bytes} bytes exceed {MAX_BYTES} bytes; render in strips")
    left, top, _, _ = settings.area_on(sheet)
    frame = Frame(left, top, settings.px_per_mm, width, height, settings.channels, tone)
    side = Side(side)
    samples = picture_rows(sheet, side, frame, first_row, row_count)
    if sheet.noise:
        add_noise(samples, first_row * width * settings.channels, sheet, side, settings.channels)
    if settings.mode is ColourMode.LINEART:
        packed: Samples = np.packbits(samples < (tone.black + tone.white + 1) // 2, axis=1)
        return packed
    if settings.channels == 1:
        return samples
    shaped: Samples = samples.reshape(row_count, width, settings.channels)
    return shaped


def _tone(sheet: Sheet, settings: RenderSettings) -> Tone:
    sixteen = settings.depth == 16
    scale, reach = (257 if sixteen else 1), margin(sheet.noise)
    return Tone(reach * scale, (255 - reach) * scale, sixteen)
