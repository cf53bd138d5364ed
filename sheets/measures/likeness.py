"""A document without marks against the one that is expected: how like it is, and which way round."""

import numpy as np
from PIL import Image

from sheets.arrays import AnyArray
from sheets.renderer import render
from sheets.settings import ColourMode, RenderSettings
from sheets.sheet import Sheet, Side
from sheets.view import View

_DPI = 40
_SHIFTS = range(-3, 4)  # pixels of that size, 2 mm in all: a scan never lies quite as the sheet
_QUARTERS = 4


def compare_document(view: View, sheet: Sheet, side: Side) -> tuple[float, int, bool]:
    """How like a picture of a whole sheet is to what is printed on that sheet.

    Returns:
        The normalised correlation of the best fit, -1 to 1, and how the picture lies: degrees clockwise, mirrored.

    Raises:
        SheetError: If the document is gone or has changed.
    """
    wanted = render(sheet, side, RenderSettings(_DPI, _DPI, ColourMode.GRAY)).astype(np.float32)
    picture = Image.fromarray(view.work.gray)
    found: list[tuple[float, int, bool, AnyArray]] = []
    for mirrored in (False, True):
        for quarters in range(_QUARTERS):
            # Undo what may have been done to the picture: the turn first, then the mirror.
            turned = picture.rotate(90 * quarters, expand=True)
            lying = turned.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if mirrored else turned
            seen = np.asarray(lying.resize(wanted.shape[::-1], Image.Resampling.BOX)).astype(np.float32)
            found.append((_correlation(seen, wanted), 90 * quarters, mirrored, seen))
    _, quarter, flipped, lying_so = max(found, key=lambda way: way[0])
    return _likeness(lying_so, wanted), quarter, flipped


def _likeness(seen: AnyArray, wanted: AnyArray) -> float:
    reach = max(_SHIFTS)
    inner = wanted[reach:-reach, reach:-reach]
    found = -1.0
    for dy in _SHIFTS:
        for dx in _SHIFTS:
            rows, columns = reach + dy, reach + dx
            window = seen[rows : rows + inner.shape[0], columns : columns + inner.shape[1]]
            found = max(found, _correlation(window, inner))
    return found


def _correlation(one: AnyArray, other: AnyArray) -> float:
    one, other = one - one.mean(), other - other.mean()
    norm = float(np.sqrt((one * one).sum() * (other * other).sum()))
    return float((one * other).sum()) / norm if norm else 0.0
