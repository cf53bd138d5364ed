"""What the oracle says happened to a page, and by how much."""

from typing import Any

import numpy as np
import pytest
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst
from PIL import Image

from sheets import (
    A4,
    A5,
    BUSINESS_CARD,
    ColourMode,
    Expectation,
    PaperSize,
    RenderSettings,
    Sheet,
    Side,
    UnreadableImage,
    noisy_reference_sheet,
    read_page,
    render,
    unpack_lineart,
)
from tests.sheets.pages import Pixels, encode, invert, page, skew

SHEET = Sheet(55, A4, seed=8)


@pytest.fixture(scope="module")
def clean() -> Pixels:
    """A clean front at 150 dpi."""
    return page(SHEET, dpi=150)


@pytest.mark.parametrize("order", ["rgb", "rbg", "grb", "gbr", "brg", "bgr"])
@pytest.mark.parametrize("inverted", [False, True])
def test_the_order_of_channels_is_told(clean: Pixels, order: str, inverted: bool) -> None:
    """Exchanged channels are the commonest colour fault; each order has its own name, inverted or not."""
    swapped = clean[:, :, ["rgb".index(channel) for channel in order]]
    reading = read_page(invert(swapped) if inverted else swapped)
    assert reading.channel_order == order
    assert any(order in problem for problem in reading.problems()) is (order != "rgb")


def test_grey_pages_have_no_channels(clean: Pixels) -> None:
    """A grey page stored in three channels is grey: what counts is what the pixels are."""
    gray = page(SHEET, dpi=150, mode=ColourMode.GRAY)
    for pixels in (gray, np.stack([gray] * 3, axis=-1), gray[:, :, None]):
        reading = read_page(pixels)
        assert (reading.mode, reading.channel_order) == (ColourMode.GRAY, None)


@pytest.mark.parametrize("mode", [ColourMode.GRAY, ColourMode.COLOR])
@pytest.mark.parametrize("sheet", [SHEET, noisy_reference_sheet(55)], ids=["clean", "noisy"])
def test_exchanged_bytes_are_told(sheet: Sheet, mode: ColourMode) -> None:
    """Sixteen-bit samples in the wrong byte order look almost right on a clean page (DATA-07)."""
    fine = render(sheet, Side.FRONT, RenderSettings(100, 100, mode, 16))
    assert read_page(fine).byte_swapped is False
    reading = read_page(fine.byteswap())
    assert (reading.number, reading.byte_swapped) == (55, True)
    assert reading.problems() == ["the bytes of the 16-bit samples are exchanged"]


def test_a_lost_channel_shows_as_colour_error(clean: Pixels) -> None:
    """A plane that never arrived is not a matter of order."""
    pixels = clean.copy()
    pixels[:, :, 2] = 0
    assert any("colours are off" in problem for problem in read_page(pixels).problems())


@pytest.mark.parametrize(
    ("dpi_x", "dpi_y"), [(75, 75), (150, 100), (200, 100), (300, 150), (150, 300), (204, 98), (204, 391), (600, 300)]
)
@pytest.mark.parametrize("declared", [False, True])
def test_resolution_is_measured(dpi_x: int, dpi_y: int, declared: bool) -> None:
    """Marks give the resolution of both axes to half a percent, even if pixels are not square and nobody said so."""
    pixels = render(Sheet(55, A5), Side.FRONT, RenderSettings(dpi_x, dpi_y, ColourMode.GRAY))
    reading = read_page(pixels, dpi=(dpi_x, dpi_y) if declared else None)
    assert (reading.dpi_x, reading.dpi_y) == pytest.approx((dpi_x, dpi_y), rel=0.005)
    assert reading.marks_read == reading.marks_total
    assert reading.problems() == []


def test_a_wrong_declaration_is_told(clean: Pixels) -> None:
    """A file that says 300 dpi and has 150 prints at half size."""
    reading = read_page(encode(clean, "PNG", dpi=(300, 300)))
    assert reading.declared_dpi == pytest.approx((300, 300), rel=0.001)
    assert any("declared 300 dpi in x, measured 150" in problem for problem in reading.problems())


def test_rescaling_is_told(clean: Pixels) -> None:
    """A page that was scaled has another resolution than the scan."""
    small = np.asarray(Image.fromarray(clean).resize((1000, 1400)))
    reading = read_page(small)
    assert reading.dpi_x == pytest.approx(1000 / 1240 * 150, rel=0.005)
    assert reading.dpi_y == pytest.approx(1400 / 1754 * 150, rel=0.005)


def test_a_crop_is_measured_at_each_edge(clean: Pixels) -> None:
    """Each edge has its own figure, in millimetres and pixels of the upright sheet."""
    reading = read_page(clean[30:-120, 60:-90])
    crop_px = reading.crop_px
    assert (crop_px.left, crop_px.top, crop_px.right, crop_px.bottom) == pytest.approx((60, 30, 90, 120), abs=1.0)
    assert reading.crop_mm.left == pytest.approx(60 / 150 * 25.4, abs=0.2)
    assert sum("cut off" in problem for problem in reading.problems()) == 4


def test_the_crop_of_a_turned_page_is_told_by_the_sheets_edges(clean: Pixels) -> None:
    """Whichever way the page lies, "top" is the top of the sheet."""
    turned = np.rot90(clean[90:], -1)
    reading = read_page(turned)
    assert reading.crop_mm.top == pytest.approx(90 / 150 * 25.4, abs=0.2)
    assert reading.crop_mm.left == pytest.approx(0, abs=0.2)


def test_background_beyond_the_sheet_is_a_negative_crop() -> None:
    """A flatbed delivers its whole glass: that is no fault of the page."""
    area = (-5.0, -10.0, 220.0, 310.0)
    reading = read_page(render(SHEET, Side.FRONT, RenderSettings(100, 100, area_mm=area)))
    assert reading.crop_mm.left == pytest.approx(-5, abs=0.3)
    assert reading.crop_mm.bottom == pytest.approx(-13, abs=0.3)
    assert reading.problems() == []


@pytest.mark.parametrize("filled", [255, 128, 0])
def test_rows_that_are_empty_at_the_end_are_measured(clean: Pixels, filled: int) -> None:
    """A transfer cut short is padded with white, grey or black by whatever comes after it (DATA-11)."""
    pixels = clean.copy()
    pixels[1200:] = filled
    reading = read_page(pixels)
    assert reading.truncated == pytest.approx(1 - 1200 / 1754, abs=0.02)
    assert any("missing or empty" in problem for problem in reading.problems())


def test_rows_that_are_missing_at_the_end_are_measured(clean: Pixels) -> None:
    """A short page is told, too, whole rows or not."""
    assert read_page(clean[:1400]).truncated == pytest.approx(1 - 1400 / 1754, abs=0.01)
    assert read_page(clean[:-1]).truncated == 0


def test_a_scan_area_is_not_a_truncation() -> None:
    """What was never asked for is not missing at the end, if the oracle is told what was."""
    area = (20.0, 20.0, 190.0, 150.0)
    wanted = RenderSettings(100, 100, area_mm=area)
    drawn = render(SHEET, Side.FRONT, wanted)
    assert read_page(drawn).truncated > 0
    expected = Expectation.of(SHEET, Side.FRONT, wanted)
    reading = read_page(drawn, expected=expected)
    assert reading.truncated == 0
    assert reading.differences(expected) == []
    short = read_page(drawn[:-60], expected=expected)
    assert short.truncated == pytest.approx(60 / 512, abs=0.02)
    assert short.differences(expected)


def test_an_encoded_page_that_ends_early_is_told(clean: Pixels) -> None:
    """The oracle looks at what is there and says that there is not more."""
    whole = encode(clean, "JPEG", quality=75)
    reading = read_page(whole[: len(whole) // 2])
    assert (reading.found, reading.complete) == (True, False)
    assert 0.2 < reading.truncated < 0.8
    assert "the image data ends early" in reading.problems()


def test_damage_is_the_share_of_the_area(clean: Pixels) -> None:
    """A blot, a burst of noise or a foreign strip counts by its area; marks elsewhere still name the page."""
    assert read_page(clean).damage == 0
    pixels = clean.copy()
    pixels[900:1100, 300:700] = np.random.default_rng(1).integers(0, 2, (200, 400, 1)) * 60  # nearly black
    share = 200 * 400 / (1754 * 1240)
    reading = read_page(pixels)
    assert 0.5 * share < reading.damage < 1.2 * share
    assert any("damaged" in problem for problem in reading.problems())


@pytest.mark.parametrize("change", ["lost", "repeated"])
def test_rows_lost_or_repeated_within_the_page_are_told(clean: Pixels, change: str) -> None:
    """A skipped buffer moves what follows: marks no longer lie on one grid."""
    resume = 910 if change == "lost" else 850
    reading = read_page(np.concatenate((clean[:880], clean[resume:])))
    assert reading.distortion_mm > 1
    assert any("lost or repeated" in problem for problem in reading.problems())


def test_rows_shifted_sideways_are_damage(clean: Pixels) -> None:
    """A wrong stride shears the page: it is no longer what was drawn."""
    pixels = clean.copy()
    for start in range(0, len(pixels), 8):
        pixels[start : start + 8] = np.roll(clean[start : start + 8], start // 8, axis=1)
    assert read_page(pixels).problems() != []


def test_two_pages_in_one_are_told(clean: Pixels) -> None:
    """A double feed or a buffer of the page before shows marks of both."""
    pixels = clean.copy()
    pixels[1200:] = page(Sheet(56), Side.BACK, 150)[1200:]
    reading = read_page(pixels)
    assert (reading.number, reading.other_pages) == (55, ((56, Side.BACK),))
    assert any("sheet 56 back" in problem for problem in reading.problems())


def _foreign() -> Pixels:
    symbol = zxingcpp.create_barcode("https://example.org/", zxingcpp.BarcodeFormat.QRCode)
    pixels = np.full((800, 600), 255, np.uint8)
    module = np.asarray(symbol.to_image(scale=5))
    pixels[100 : 100 + module.shape[0], 100 : 100 + module.shape[1]] = module
    return pixels


@pytest.mark.parametrize(
    "pixels",
    [
        _foreign(),
        np.random.default_rng(0).integers(0, 256, (800, 600, 3), dtype=np.uint8),
        np.tile(np.linspace(0, 255, 600).astype(np.uint8), (800, 1)),
        np.indices((800, 600)).sum(axis=0).astype(np.uint8) // 32 * 32,
    ],
    ids=["foreign symbol", "noise", "ramp", "stripes"],
)
def test_a_foreign_page_is_not_found_and_not_blank(pixels: Pixels) -> None:
    """A page without our marks is never given a name."""
    reading = read_page(pixels)
    assert (reading.found, reading.blank, reading.number) == (False, False, None)
    assert reading.problems() == ["no mark of a sheet was found"]


@pytest.mark.parametrize("noise", [0.0, 3.0, 16.0])
@pytest.mark.parametrize("mode", ColourMode)
def test_a_blank_back_is_blank(noise: float, mode: ColourMode) -> None:
    """Blank page detection is judged by this: noise is not content."""
    reading = read_page(page(Sheet(1, A5, noise=noise, blank_back=True), Side.BACK, 100, mode))
    assert (reading.found, reading.blank) == (False, True)
    assert reading.problems() == ["the page is blank"]


@pytest.mark.parametrize("shape", [(1, 1), (1, 5000), (5000, 1), (3, 3, 3), (20, 20), (100, 2, 3)])
@pytest.mark.parametrize("kind", [np.uint8, np.uint16, np.bool_])
def test_pages_of_any_shape_are_looked_at(shape: tuple[int, ...], kind: Any) -> None:
    """Degenerate pictures come from cancelled scans."""
    reading = read_page(np.ones(shape, kind))
    assert (reading.found, reading.unreadable) == (False, None)


@pytest.mark.parametrize(
    "image",
    [
        np.zeros((0, 5), np.uint8),
        np.zeros(5, np.uint8),
        np.zeros((5, 5, 4), np.uint8),
        np.zeros((5, 5), np.float64),
        np.zeros((5, 5), np.int32),
        np.array("text"),
    ],
    ids=["empty", "flat", "four channels", "float", "int32", "text"],
)
def test_what_is_no_page_is_unreadable(image: Any) -> None:
    """A wrong array is said to be one, without an exception."""
    reading = read_page(image)
    assert not reading.found
    assert reading.unreadable
    assert reading.problems()[0].startswith("the image cannot be read")


@settings(max_examples=40, deadline=None)
@given(
    npst.arrays(
        st.sampled_from([np.uint8, np.uint16, np.bool_, np.int8, np.float32]),
        npst.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=40),
    ),
    st.one_of(st.none(), st.tuples(st.floats(), st.floats())),
)
def test_the_oracle_never_raises(image: Any, dpi: tuple[float, float] | None) -> None:
    """Any array, any declared resolution: the answer is a reading."""
    read_page(image, dpi=dpi).to_dict()


@settings(max_examples=15, deadline=None)
@given(st.data())
def test_the_oracle_never_raises_on_torn_pages(data: st.DataObject) -> None:
    """Blocks of a page moved about leave marks in impossible places: still a reading, still of this sheet or none."""
    pixels = page(Sheet(9, BUSINESS_CARD), dpi=100).copy()
    for _ in range(data.draw(st.integers(1, 6))):
        y, x, y2, x2 = (data.draw(st.integers(0, limit)) for limit in (150, 250, 150, 250))
        high, wide = data.draw(st.integers(1, 66)), data.draw(st.integers(1, 84))
        pixels[y2 : y2 + high, x2 : x2 + wide] = pixels[y : y + high, x : x + wide][::-1].copy()
    reading = read_page(pixels)
    reading.to_dict()
    assert reading.number in {9, None}


def test_white_is_true_in_a_page_of_booleans() -> None:
    """Booleans are as in Pillow: False is black."""
    bits = page(SHEET, dpi=200, mode=ColourMode.LINEART) > 0
    assert read_page(bits).inverted is False
    assert read_page(~bits).inverted is True


def test_packed_rows_are_unpacked() -> None:
    """SANE's packed rows, as array or bytes, become the page; bytes that are not whole rows are refused."""
    packed = render(Sheet(9, BUSINESS_CARD), Side.FRONT, RenderSettings(200, 200, ColourMode.LINEART))
    for rows in (packed, packed.tobytes()):
        reading = read_page(unpack_lineart(rows, 669))
        assert (reading.number, reading.inverted, reading.width_px) == (9, False, 669)
    with pytest.raises(UnreadableImage):
        unpack_lineart(packed.tobytes()[:-1], 669)
    with pytest.raises(UnreadableImage):
        unpack_lineart(packed, 700)
    with pytest.raises(UnreadableImage):
        unpack_lineart(b"", 0)


def test_reading_changes_nothing(clean: Pixels) -> None:
    """The page is the caller's; it may be read-only."""
    frozen = clean.copy()
    frozen.setflags(write=False)
    assert read_page(frozen) == read_page(clean)
    assert np.array_equal(frozen, clean)


def test_other_memory_layouts_are_read(clean: Pixels) -> None:
    """Views, turned views and foreign byte order are arrays, too."""
    assert read_page(clean[::-1, ::-1]).turned == 180
    assert read_page(np.asfortranarray(clean)).number == 55
    fine = render(SHEET, Side.FRONT, RenderSettings(100, 100, ColourMode.GRAY, 16))
    assert read_page(fine.astype(fine.dtype.newbyteorder())).byte_swapped is False


def test_a_long_receipt_is_read() -> None:
    """Long paper has many marks on a narrow strip."""
    sheet = Sheet(3, PaperSize("long", 80.0, 900.0))
    reading = read_page(page(sheet, dpi=100, mode=ColourMode.GRAY))
    assert (reading.number, reading.marks_read) == (3, reading.marks_total)
    assert reading.problems() == []


def test_skew_is_a_problem_only_when_it_shows(clean: Pixels) -> None:
    """Every feeder skews a little."""
    assert not any("skew" in problem for problem in read_page(skew(0.1)(clean)).problems())
    assert any("skew" in problem for problem in read_page(skew(1.0)(clean)).problems())
