"""Where things are on a sheet, in millimetres from its upper left corner: a pure function of the paper size."""

from dataclasses import dataclass
from functools import lru_cache

from sheets.paper import PaperSize
from sheets.payload import MAX_TILES, Mark
from sheets.sheet import Marks

TILE_MM = 24.0  # measured: read at 75 dpi, JPEG 75, 1 bit, dithered, turned, mirrored, inverted, skewed by 2 degrees
_MIN_BAND_MM = 20.0
_SMALL_TILE_MM = 16.0  # in the margin of a document; read at 75 dpi too, see tests/sheets/test_documents.py
_SMALL_STEP_MM = 60.0


@dataclass(frozen=True)
class Rect:
    """A rectangle in millimetres, y growing downwards."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Width in millimetres."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Height in millimetres."""
        return self.bottom - self.top

    def inset(self, dx: float, dy: float) -> "Rect":
        """The rectangle made smaller by dx on the left and right, and by dy above and below."""
        return Rect(self.left + dx, self.top + dy, self.right - dx, self.bottom - dy)

    def part(self, x0: float, y0: float, x1: float, y1: float) -> "Rect":
        """The part between two points given as fractions of width and height."""
        return Rect(
            self.left + x0 * self.width,
            self.top + y0 * self.height,
            self.left + x1 * self.width,
            self.top + y1 * self.height,
        )


@dataclass(frozen=True)
class Layout:
    """Where things are on a side.

    Attributes:
        size: The paper.
        margin: Width of the border that the rulers have.
        columns: Columns of marks.
        rows: Rows of marks.
        tiles: The marks, row by row from the upper left.
        strips: The strip of test patches below each mark.
        zones: Free rectangles for everything else, from the top.
        body: Where a document is, if the marks leave room for one.
    """

    size: PaperSize
    margin: float
    columns: int
    rows: int
    tiles: tuple[Rect, ...]
    strips: tuple[Rect, ...]
    zones: tuple[Rect, ...]
    body: Rect | None = None


@lru_cache(maxsize=64)
def layout_of(size: PaperSize, marks: Marks = Marks.GRID) -> Layout:
    """The layout of a paper: a 24 mm mark about every 72 mm, at least 2 x 2, smaller marks on small papers."""
    if marks is not Marks.GRID:
        return _around_document(size, marks)
    short = min(size.width_mm, size.height_mm)
    margin = min(12.0, 0.1 * short)
    side = min(TILE_MM, 0.3 * short)
    gap, strip = 0.1 * side, 0.125 * side
    columns = min(8, max(2, round(size.width_mm / 72)))
    rows = min(MAX_TILES // columns, max(2, round(size.height_mm / 74)))
    step_x = (size.width_mm - 2 * margin - side) / (columns - 1)
    step_y = (size.height_mm - 2 * margin - side - gap - strip) / (rows - 1)
    tiles = tuple(
        Rect(left := margin + column * step_x, top := margin + row * step_y, left + side, top + side)
        for row in range(rows)
        for column in range(columns)
    )
    strips = tuple(Rect(tile.left, tile.bottom + gap, tile.right, tile.bottom + gap + strip) for tile in tiles)
    used = side + gap + strip
    if step_y - used >= _MIN_BAND_MM:
        zones = tuple(
            Rect(margin, margin + row * step_y + used, size.width_mm - margin, margin + (row + 1) * step_y).inset(0, 3)
            for row in range(rows - 1)
        )
    else:  # a card: everything else goes between the two columns
        centre = Rect(margin + side, margin, margin + step_x, size.height_mm - margin)
        zones = (centre.inset(0.1 * side, 0),)
    return Layout(size, margin, columns, rows, tiles, strips, zones)


def layout_for(mark: Mark) -> Layout:
    """The layout of the side that a mark is on."""
    return layout_of(mark.size, mark.marks)


def _around_document(size: PaperSize, marks: Marks) -> Layout:
    """Two columns of small marks at the left and right edge, at least 2 in each; or none."""
    if marks is Marks.NONE:
        return Layout(size, 0.0, 0, 0, (), (), (), Rect(0.0, 0.0, size.width_mm, size.height_mm))
    short = min(size.width_mm, size.height_mm)
    margin, side = min(4.0, 0.05 * short), min(_SMALL_TILE_MM, 0.25 * short)
    gap, strip = 0.1 * side, 0.125 * side
    rows = min(MAX_TILES // 2, max(2, round(size.height_mm / _SMALL_STEP_MM)))
    step = (size.height_mm - 2 * margin - side - gap - strip) / (rows - 1)
    tiles = tuple(
        Rect(left, top := margin + row * step, left + side, top + side)
        for row in range(rows)
        for left in (margin, size.width_mm - margin - side)
    )
    strips = tuple(Rect(tile.left, tile.bottom + gap, tile.right, tile.bottom + gap + strip) for tile in tiles)
    body = Rect(0.0, 0.0, size.width_mm, size.height_mm).inset(1.5 * margin + side, margin)
    return Layout(size, margin, 2, rows, tiles, strips, (), body)
