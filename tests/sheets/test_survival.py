"""Marks survive what pipelines do to pages: the sheet is named and what happened is said."""

from itertools import product

import numpy as np
import pytest
from PIL import Image

from sheets import A4, A5, A6, BUSINESS_CARD, LETTER, ColourMode, PaperSize, Sheet, Side, read_page
from tests.sheets.pages import Pixels, encode, invert, lose_third, mirror, page, skew, turn

SHEET = Sheet(1234, A4, seed=77)
EDGES = ("left", "top", "right", "bottom")
every_paper = pytest.mark.parametrize("size", [A4, A6, BUSINESS_CARD], ids=lambda size: size.name)


@pytest.fixture(scope="module")
def colour() -> Pixels:
    """The front at 75 dpi in colour."""
    return page(SHEET, dpi=75)


@pytest.mark.parametrize("size", [A4, LETTER, A5, A6, BUSINESS_CARD, A5.landscape], ids=lambda size: size.name)
@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize(("dpi", "mode"), [(75, ColourMode.COLOR), (75, ColourMode.GRAY), (200, ColourMode.LINEART)])
def test_a_plain_page_tells_all(size: PaperSize, side: Side, dpi: int, mode: ColourMode) -> None:
    """75 dpi, grey, and 1 bit at 200 dpi are read completely on every paper, with nothing to complain about."""
    reading = read_page(page(Sheet(9, size, seed=5), side, dpi, mode), dpi=(dpi, dpi))
    assert (reading.number, reading.side, reading.seed, reading.size) == (9, side, 5, size)
    assert reading.marks_read == reading.marks_total
    assert reading.mode is mode
    assert reading.problems() == []


@every_paper
def test_jpeg_of_quality_75(size: PaperSize) -> None:
    """The usual lossy encoding harms no mark, even at 75 dpi."""
    reading = read_page(encode(page(Sheet(9, size), dpi=75), "JPEG", quality=75))
    assert (reading.number, reading.marks_read) == (9, reading.marks_total)
    assert reading.problems() == []


@every_paper
def test_one_bit_by_dithering(size: PaperSize) -> None:
    """Some drivers dither instead of thresholding."""
    gray = page(Sheet(9, size), dpi=200, mode=ColourMode.GRAY)
    reading = read_page(Image.fromarray(gray).convert("1"))
    assert (reading.number, reading.mode) == (9, ColourMode.LINEART)
    assert reading.problems() == []


@pytest.mark.parametrize("noise", [3.0, 16.0])
def test_noise(noise: float) -> None:
    """A noisy sensor changes nothing that is said."""
    reading = read_page(page(Sheet(9, noise=noise), dpi=100))
    assert (reading.number, reading.marks_read) == (9, 12)
    assert reading.problems() == []


@every_paper
@pytest.mark.parametrize("degrees", [-2.0, 2.0])
def test_skew(size: PaperSize, degrees: float) -> None:
    """A sheet fed askew is read and its angle measured; positive is clockwise."""
    reading = read_page(skew(degrees)(page(Sheet(9, size), dpi=100)))
    assert reading.number == 9
    assert reading.skew == pytest.approx(degrees, abs=0.1)


@pytest.mark.parametrize(
    ("quarters", "mirrored", "inverted", "lost"), [*product(range(4), (False, True), (False, True), (None, *EDGES))]
)
def test_combinations(colour: Pixels, quarters: int, mirrored: bool, inverted: bool, lost: str | None) -> None:
    """Turning, mirroring, inversion and the loss of any third, in every combination and as JPEG, are all told."""
    pixels = mirror(colour) if mirrored else colour
    pixels = turn(quarters)(pixels)
    pixels = invert(pixels) if inverted else pixels
    pixels = lose_third(lost)(pixels) if lost else pixels
    reading = read_page(encode(np.ascontiguousarray(pixels), "JPEG", quality=75))
    assert (reading.number, reading.side, reading.seed) == (SHEET.number, Side.FRONT, SHEET.seed)
    assert (reading.turned, reading.mirrored, reading.inverted) == (90 * quarters, mirrored, inverted)
    assert (reading.dpi_x, reading.dpi_y) == pytest.approx((75, 75), rel=0.005)
    assert reading.channel_order == "rgb"
    cut = max(vars(reading.crop_mm).values())
    third = {None: 0.0, "left": 70.0, "right": 70.0, "top": 99.0, "bottom": 99.0}
    turned_third = third[lost] if quarters % 2 == 0 else 169.0 - third[lost] if lost else 0.0
    assert cut == pytest.approx(turned_third, abs=0.5)


@pytest.mark.parametrize("lost", EDGES)
@pytest.mark.parametrize(("dpi", "mode"), [(75, ColourMode.GRAY), (200, ColourMode.LINEART)])
@every_paper
def test_a_lost_third_on_every_paper(size: PaperSize, dpi: int, mode: ColourMode, lost: str) -> None:
    """Small papers have few marks: what is left of them still names the page, and the cut is at the right edge."""
    reading = read_page(lose_third(lost)(page(Sheet(9, size, seed=3), Side.BACK, dpi, mode)))
    assert (reading.number, reading.side, reading.seed) == (9, Side.BACK, 3)
    assert (reading.dpi_x, reading.dpi_y) == pytest.approx((dpi, dpi), rel=0.005)
    third = (size.width_mm if lost in {"left", "right"} else size.height_mm) / 3
    for edge, cut in vars(reading.crop_mm).items():
        assert cut == pytest.approx(third if edge == lost else 0.0, abs=0.5)


@pytest.mark.parametrize("quarters", range(4))
@pytest.mark.parametrize("mirrored", [False, True])
def test_one_bit_turned_and_mirrored(quarters: int, mirrored: bool) -> None:
    """Orientation is told from black and white alone."""
    pixels = page(Sheet(9, A5), dpi=200, mode=ColourMode.LINEART)
    reading = read_page(turn(quarters)(mirror(pixels) if mirrored else pixels))
    assert (reading.number, reading.turned, reading.mirrored) == (9, 90 * quarters, mirrored)


@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("quarters", range(4))
def test_a_single_mark_is_enough(quarters: int, mirrored: bool) -> None:
    """A scrap with one mark names the page and how it lies."""
    scrap = page(Sheet(9), dpi=150)[40:250, 40:250]
    reading = read_page(turn(quarters)(mirror(scrap) if mirrored else scrap))
    assert (reading.number, reading.marks_read) == (9, 1)
    assert (reading.turned, reading.mirrored) == (90 * quarters, mirrored)
    assert (reading.dpi_x, reading.dpi_y) == pytest.approx((150, 150), rel=0.005)


def test_a_full_page_of_300_dpi() -> None:
    """The usual page is read at its full size."""
    reading = read_page(page(SHEET, Side.BACK, 300), dpi=(300, 300))
    assert (reading.number, reading.side, reading.marks_read) == (1234, Side.BACK, 12)
    assert reading.problems() == []
