"""What the scan bar sees, before noise and threshold: content, then the defects of the sheet, its lie, another sheet, the glass."""

import numpy as np

from sheets.arrays import AnyArray, Floats
from sheets.artwork import digits_artwork, sheet_artwork, static_artwork
from sheets.cache import CACHE
from sheets.canvas import Canvas, Frame
from sheets.defects.glass import soil
from sheets.defects.shift import shifted_rows
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


def _lying(sheet: Sheet, side: Side, frame: Frame, first: int, count: int, lap_mm: float = 0.0) -> AnyArray:
    """Rows of a sheet as it lies, so much further down."""
    offset = _offset(sheet, lap_mm)
    if not sheet.defects.skew and offset == (0.0, 0.0):
        return surface(sheet, side, frame, first, count, content)

    def source(on_sheet: Frame, first_row: int, row_count: int) -> AnyArray:
        return surface(sheet, side, on_sheet, first_row, row_count, content)

    if sheet.defects.skew:
        return turned_rows(_turn(sheet, lap_mm), frame, first, count, source)
    return shifted_rows(offset, (sheet.size.width_mm, sheet.size.height_mm), frame, first, count, source)


def _offset(sheet: Sheet, lap_mm: float) -> tuple[float, float]:
    return sheet.defects.offset_mm[0], sheet.defects.offset_mm[1] + lap_mm


def _turn(sheet: Sheet, lap_mm: float) -> Turn:
    return Turn(sheet.defects.skew, _offset(sheet, lap_mm), (sheet.size.width_mm, sheet.size.height_mm))


def _two(sheet: Sheet, overlap: Overlap, side: Side, frame: Frame, first: int, count: int) -> AnyArray:
    """Rows of two sheets that were picked together, one behind the other.

    From above, the second lies over the first from its leading edge on; from below, the first lies over the second up to
    its trailing edge.
    """
    leading, trailing = (sheet, 0.0), (overlap.sheet, overlap.lap_mm)
    lower, upper = (leading, trailing) if side is Side.FRONT else (trailing, leading)
    samples = _lying(lower[0], side, frame, first, count, lower[1])
    step = 256
    for start in range(0, count, step):
        spot = samples[start : start + step].reshape(-1, frame.width, frame.channels)
        inside, shadow = _reach(*upper, frame, first + start, len(spot))
        dark = np.rint(spot * np.float32(_EDGE_SHADE)).astype(spot.dtype)
        np.copyto(spot, np.maximum(dark, frame.tone.black), where=shadow[..., None])
        if inside.any():
            rows = _lying(upper[0], side, frame, first + start, len(spot), upper[1]).reshape(spot.shape)
            np.copyto(spot, rows, where=inside[..., None])
    return samples


def _reach(sheet: Sheet, lap_mm: float, frame: Frame, first: int, count: int) -> tuple[AnyArray, AnyArray]:
    """Which pixels of some rows a sheet covers, and which are in the shadow of its edges."""
    ppx, ppy = frame.px_per_mm
    x: Floats = (np.arange(frame.width, dtype=np.float64)[None, :] + 0.5) / ppx + frame.left_mm
    y: Floats = (np.arange(first, first + count, dtype=np.float64)[:, None] + 0.5) / ppy + frame.top_mm
    across, down = _turn(sheet, lap_mm).on_sheet(x, y)
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
