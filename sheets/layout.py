"""Where things are on a sheet, in millimetres from its upper left corner: a pure function of the paper size."""

from dataclasses import dataclass
from functools import lru_cache

from sheets.paper import PaperSize
from sheets.payload import MAX_TILES

TILE_MM = 24.0  # measured: read at 75 dpi, JPEG 75, 1 bit, dithered, turned, mirrored, inverted, skewed by 2 degrees
_MIN_BAND_MM = 20.0


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
    """

    size: PaperSize
    margin: float
    columns: int
    rows: int
    tiles: tuple[Rect, ...]
    strips: tuple[Rect, ...]
    zones: tuple[Rect, ...]


@lru_cache(maxsize=64)
def layout_of(size: PaperSize) -> Layout:
    """The layout of a paper: a 24 mm mark about every 72 mm, at least 2 x 2, smaller marks on small papers."""
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
