"""Finding the marks on a page."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import zxingcpp

from sheets.arrays import Floats
from sheets.layout import layout_for
from sheets.marks import MODULES, modules
from sheets.payload import Mark, unpack
from sheets.view import Scaled, View

_FORMATS = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_MIN_WORK_PX = 12
_MAX_FINE_PIXELS = 9_000_000


@dataclass(frozen=True)
class Code:
    """A mark found on a page.

    Attributes:
        mark: What it says.
        corners: (4, 2) pixels of the page: upper left, upper right, lower right, lower left of the printed mark.
        mirrored: Whether it is seen in a mirror.
        dark: Grey of its dark modules.
        light: Grey of its light modules; below ``dark`` if the page is inverted.
    """

    mark: Mark
    corners: Floats
    mirrored: bool
    dark: float
    light: float


@dataclass(frozen=True)
class Findings:
    """The marks of the page that most marks name, by tile, and those of other pages, page by page."""

    codes: tuple[Code, ...]
    foreign: tuple[tuple[Code, ...], ...]


def find_codes(view: View) -> Findings:
    """Looks for marks; again at other scales if some are missing, and for stretched pixels if there is none."""
    found: dict[Mark, Code] = {}
    for copy in _copies(view):
        for code in _read(copy):
            found.setdefault(code.mark, code)
        pages = Counter(replace(mark, tile=0) for mark in found)
        if any(count == len(layout_for(page).tiles) for page, count in pages.items()):
            break
    else:
        for stretched in _stretched(view) if not found else ():
            found = found or {code.mark: code for code in _read(stretched)}
    pages = Counter(replace(mark, tile=0) for mark in found)
    ranked = [page for page, _ in pages.most_common()]
    others = sorted(ranked[1:], key=lambda mark: (mark.number, mark.side))
    codes, *foreign = (_of_page(found, page) for page in (*ranked[:1], *others)) if ranked else ((),)
    return Findings(codes, tuple(foreign))


def _of_page(found: dict[Mark, Code], page: Mark) -> tuple[Code, ...]:
    """The marks of a page, by tile."""
    mine = [code for mark, code in found.items() if replace(mark, tile=0) == page]
    return tuple(sorted(mine, key=lambda code: code.mark.tile))


def _copies(view: View) -> Iterator[Scaled]:
    """The usual copy, then a finer one."""
    yield view.work
    x, y = (scale / 2 for scale in view.work.scale)
    if view.width / x * view.height / y <= _MAX_FINE_PIXELS:
        yield view.scaled(x, y)


def _stretched(view: View) -> Iterator[Scaled]:
    """Copies for pages whose pixels are twice as high as wide, or twice as wide as high (a fax, 300 x 150 dpi)."""
    x, y = view.work.scale
    yield view.scaled(x, y / 2)
    yield view.scaled(x / 2, y)


def _read(copy: Scaled) -> Iterator[Code]:
    if min(copy.gray.shape) < _MIN_WORK_PX:
        return
    for symbol in zxingcpp.read_barcodes(copy.gray, formats=_FORMATS):
        mark = unpack(symbol.text)
        if mark is None or mark.tile >= len(layout_for(mark).tiles):
            continue
        place = symbol.position
        points = (place.top_left, place.top_right, place.bottom_right, place.bottom_left)
        corners = np.array([(point.x, point.y) for point in points], np.float64) * copy.scale
        yield _oriented(mark, corners, copy)


def _oriented(mark: Mark, corners: Floats, copy: Scaled) -> Code:
    """Tells a mark from its mirror image, which the reader does not: by looking at its modules both ways."""
    dark = modules(mark).astype(bool).ravel()
    best: tuple[float, Code] | None = None
    for mirrored in (False, True):
        # The reader gives a mirrored symbol's second and fourth corner as if it were not.
        placed = corners[[0, 3, 2, 1]] if mirrored else corners
        seen = copy.at(_module_centres(placed))
        code = Code(mark, placed, mirrored, float(np.median(seen[dark])), float(np.median(seen[~dark])))
        contrast = abs(float(seen[dark].mean() - seen[~dark].mean()))
        if best is None or contrast > best[0]:
            best = contrast, code
    assert best is not None
    return best[1]


def _module_centres(corners: Floats) -> Floats:
    """(441, 2) pixels of the page for the modules of a mark, row by row."""
    steps = (np.arange(MODULES) + 0.5) / MODULES
    v, u = (grid.ravel()[:, None] for grid in np.meshgrid(steps, steps, indexing="ij"))
    upper = corners[0] * (1 - u) + corners[1] * u
    lower = corners[3] * (1 - u) + corners[2] * u
    centres: Floats = upper * (1 - v) + lower * v
    return centres
