"""A sheet that lies straight but not where it should: moved by whole pixels, so that what every sheet has is drawn once only."""

import numpy as np

from sheets.arrays import AnyArray
from sheets.canvas import Frame
from sheets.defects.skew import Source, sheet_frame


def shifted_rows(
    offset_mm: tuple[float, float], size_mm: tuple[float, float], frame: Frame, first: int, count: int, source: Source
) -> AnyArray:
    """Rows of the picture of a sheet whose upper left corner is at that place: (count, width * channels)."""
    (ppx, ppy), channels = frame.px_per_mm, frame.channels
    sheet = sheet_frame(size_mm, frame)
    left, top = round((offset_mm[0] - frame.left_mm) * ppx), round((offset_mm[1] - frame.top_mm) * ppy)
    samples = np.full((count, frame.width * channels), frame.tone.white, frame.tone.dtype)
    rows = max(first, top), min(first + count, top + sheet.height)
    columns = max(0, left), min(frame.width, left + sheet.width)
    if rows[0] < rows[1] and columns[0] < columns[1]:
        drawn = source(sheet, rows[0] - top, rows[1] - rows[0])
        part = drawn[:, (columns[0] - left) * channels : (columns[1] - left) * channels]
        samples[rows[0] - first : rows[1] - first, columns[0] * channels : columns[1] * channels] = part
    return samples
