"""Where things are on a sheet."""

import pytest

from sheets import PAPER_SIZES, PaperSize, Sheet, Side
from sheets.artwork import sheet_artwork, static_artwork
from sheets.font import text_width
from sheets.layout import Layout, Rect, layout_of
from sheets.payload import MAX_TILES
from sheets.shapes import Shape, Words

SIZES = [
    *PAPER_SIZES.values(),
    *(size.landscape for size in PAPER_SIZES.values()),
    PaperSize("smallest", 40.0, 40.0),
    PaperSize("longest", 40.0, 3276.7),
    PaperSize("widest", 819.1, 1000.0),
]
every_size = pytest.mark.parametrize("size", SIZES, ids=lambda size: size.name)


def _inside(inner: Rect, outer: Rect) -> bool:
    return (
        inner.left >= outer.left - 1e-9
        and inner.top >= outer.top - 1e-9
        and inner.right <= outer.right + 1e-9
        and inner.bottom <= outer.bottom + 1e-9
    )


def _apart(one: Rect, other: Rect) -> bool:
    slack = 1e-6
    return (
        one.right <= other.left + slack
        or other.right <= one.left + slack
        or one.bottom <= other.top + slack
        or other.bottom <= one.top + slack
    )


def _extent(shape: Shape) -> Rect:
    if isinstance(shape, Words):
        stroke = shape.weight / 12 * shape.height
        wide = text_width(shape.text, shape.height)
        bottom = shape.top + shape.height
        return Rect(shape.left, shape.top, shape.left + wide, bottom).inset(-stroke, -stroke)
    return shape.rect


@every_size
def test_marks_fit_the_sheet_and_the_payload(size: PaperSize) -> None:
    """Every mark lies on the paper, is square, and its index fits six bits."""
    layout = layout_of(size)
    assert 4 <= len(layout.tiles) == layout.columns * layout.rows <= MAX_TILES
    for tile, strip in zip(layout.tiles, layout.strips, strict=True):
        assert tile.width == pytest.approx(tile.height)
        assert _inside(tile, Rect(0, 0, size.width_mm, size.height_mm))
        assert _inside(strip, Rect(0, 0, size.width_mm, size.height_mm))


def _survivors(layout: Layout, left: Rect) -> int:
    return sum(_inside(tile, left) for tile in layout.tiles)


@every_size
def test_a_lost_third_leaves_marks(size: PaperSize) -> None:
    """Whichever edge a third of the page is lost at, at least two whole marks are left, so geometry can be told."""
    whole, layout = Rect(0, 0, size.width_mm, size.height_mm), layout_of(size)
    for left in (
        whole.part(1 / 3, 0, 1, 1),
        whole.part(0, 0, 2 / 3, 1),
        whole.part(0, 1 / 3, 1, 1),
        whole.part(0, 0, 1, 2 / 3),
    ):
        assert _survivors(layout, left) >= 2


@pytest.mark.parametrize(
    ("size", "number"), [*((size, 2**24 - 1) for size in SIZES), *((size, 7) for size in SIZES[:6])]
)
def test_nothing_is_drawn_over_anything(size: PaperSize, number: int) -> None:
    """Shapes that overlapped would hide marks, and painting would depend on its order."""
    shapes = [*static_artwork(size), *sheet_artwork(Sheet(number, size, seed=2**32 - 1), Side.FRONT)]
    extents = sorted((_extent(shape) for shape in shapes), key=lambda extent: extent.left)
    for index, one in enumerate(extents):
        for other in extents[index + 1 :]:
            if other.left >= one.right:
                break
            assert _apart(one, other), (one, other)


@every_size
def test_all_artwork_is_on_the_paper(size: PaperSize) -> None:
    """A printed deck would lose what lies beyond the paper."""
    whole = Rect(0, 0, size.width_mm, size.height_mm)
    for shape in (*static_artwork(size), *sheet_artwork(Sheet(2**24 - 1, size), Side.BACK)):
        assert _inside(_extent(shape), whole), shape
