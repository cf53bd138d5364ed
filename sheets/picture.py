"""What the scan bar sees, before noise and threshold: content, then the defects of the sheet, its lie, another sheet, the glass."""

from dataclasses import replace

import numpy as np

from sheets.arrays import AnyArray, Floats
from sheets.artwork import digits_artwork, sheet_artwork, static_artwork
from sheets.cache import CACHE
from sheets.canvas import Canvas, Frame
from sheets.defects.glass import soil
from sheets.defects.skew import Turn, turned_rows
from sheets.defects.surface import surface
from sheets.documents.drawing import paint_page
from sheets.layout import layout_of
from sheets.paper import PaperSize
from sheets.sheet import Marks, Overlap, Sheet, Side

_EDGE_SHADE, _EDGE_MM = 0.7, 0.5  # the shadow before the edge of a sheet that lies on another one


def picture_rows(sheet: Sheet, side: Side, frame: Frame, first: int, count: int) -> AnyArray:
    """Rows of a picture: a fresh array of (count, width * channels) samples."""
    if not sheet.defects and sheet.overlap is None:
        return content(sheet, side, frame, first, count).samples
    overlap = sheet.overlap
    if overlap is None or overlap.lap_mm == 0:
        # Edge on edge, the first is above and the second below.
        seen = sheet if overlap is None or side is Side.FRONT else overlap.sheet
        samples = _lying(seen, side, frame, first, count)
    else:
        samples = _two(sheet, overlap, side, frame, first, count)
    soil(samples, sheet.defects, frame, first)
    return samples


def content(sheet: Sheet, side: Side, frame: Frame, first: int, count: int) -> Canvas:
    """A window of what is printed on a side."""
    if sheet.is_blank(side):
        return Canvas.blank(frame, first, count)
    document = sheet.document(side)
    body = layout_of(sheet.size, sheet.marks).body
    if sheet.marks is Marks.NONE:
        canvas = Canvas.blank(frame, first, count)
    else:
        canvas = _static(sheet.size, sheet.marks, frame, first, count)
        canvas.paint(sheet_artwork(sheet, side))
    if document is not None and body is not None:
        paint_page(canvas, document, body)
    return canvas


def _lying(sheet: Sheet, side: Side, frame: Frame, first: int, count: int) -> AnyArray:
    """Rows of a sheet as it lies."""
    defects = sheet.defects
    if not defects.skew:
        dx, dy = defects.offset_mm
        shifted = replace(frame, left_mm=frame.left_mm - dx, top_mm=frame.top_mm - dy)
        return surface(sheet, side, shifted, first, count, content)

    def source(on_sheet: Frame, first_row: int, row_count: int) -> AnyArray:
        return surface(sheet, side, on_sheet, first_row, row_count, content)

    return turned_rows(_turn(sheet), frame, first, count, source)


def _turn(sheet: Sheet) -> Turn:
    return Turn(sheet.defects.skew, sheet.defects.offset_mm, (sheet.size.width_mm, sheet.size.height_mm))


def _two(sheet: Sheet, overlap: Overlap, side: Side, frame: Frame, first: int, count: int) -> AnyArray:
    """Rows of two sheets that were picked together, one behind the other.

    From above, the second lies over the first from its leading edge on; from below, the first lies over the second up to
    its trailing edge.
    """
    behind = replace(frame, top_mm=frame.top_mm - overlap.lap_mm)
    leading, trailing = (sheet, frame), (overlap.sheet, behind)
    lower, upper = (leading, trailing) if side is Side.FRONT else (trailing, leading)
    samples = _lying(lower[0], side, lower[1], first, count)
    step = 256
    for start in range(0, count, step):
        spot = samples[start : start + step].reshape(-1, frame.width, frame.channels)
        inside, shadow = _reach(*upper, first + start, len(spot))
        dark = np.rint(spot * np.float32(_EDGE_SHADE)).astype(spot.dtype)
        np.copyto(spot, np.maximum(dark, frame.tone.black), where=shadow[..., None])
        if inside.any():
            rows = _lying(upper[0], side, upper[1], first + start, len(spot)).reshape(spot.shape)
            np.copyto(spot, rows, where=inside[..., None])
    return samples


def _reach(sheet: Sheet, frame: Frame, first: int, count: int) -> tuple[AnyArray, AnyArray]:
    """Which pixels of some rows a sheet covers, and which are in the shadow of its edges."""
    ppx, ppy = frame.px_per_mm
    x: Floats = (np.arange(frame.width, dtype=np.float64)[None, :] + 0.5) / ppx + frame.left_mm
    y: Floats = (np.arange(first, first + count, dtype=np.float64)[:, None] + 0.5) / ppy + frame.top_mm
    across, down = _turn(sheet).on_sheet(x, y)
    width, height = sheet.size.width_mm, sheet.size.height_mm
    inside = (across >= 0) & (across < width) & (down >= 0) & (down < height)
    wide = (across >= 0) & (across < width)
    near = wide & (down >= -_EDGE_MM) & (down < height + _EDGE_MM)
    return inside, near & ~inside


def _static(size: PaperSize, marks: Marks, frame: Frame, first: int, count: int) -> Canvas:
    """A window with the static artwork: cut from the cached page if that fits the cache, else drawn."""
    page_bytes = frame.width * frame.channels * frame.height * np.dtype(frame.tone.dtype).itemsize
    if page_bytes > CACHE.budget:
        canvas = Canvas.blank(frame, first, count)
        canvas.paint(static_artwork(size, marks))
        return canvas

    def draw() -> AnyArray:
        page = Canvas.blank(frame, 0, frame.height)
        page.paint(static_artwork(size, marks))
        if marks is Marks.GRID:
            page.prepare(digits_artwork(size))
        return page.samples

    page = CACHE.get(("static", size, marks, frame), draw)
    return Canvas(frame, first, page[first : first + count].copy())
