"""Raw pages become files: exact as PNG, close as JPEG, and refused with a typed error where they cannot."""

from __future__ import annotations

import io
import struct
import zlib
from dataclasses import replace

import numpy as np
import pytest
import simplejpeg
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from device_host.encoding import BadPage, CannotEncode, EncodingError, TooLarge, best_type, describe, encode_page
from device_host.encoding.limits import MAX_RAW_BYTES, MAX_SIDE
from device_protocol.delivery import JPEG, PNG
from device_protocol.pages import ByteOrder, PageParams, Polarity
from tests.device_host_encoding.pages_of_all_kinds import ANY_SPEED, RawPage, pack, raw_pages
from tests.device_host_encoding.png_by_hand import read_png

GREY = PageParams(width=4, height=2, stride=4, depth=8, channels=1, dpi_x=300, dpi_y=300)


@ANY_SPEED
@given(raw_pages())
def test_png_is_exact(page: RawPage) -> None:
    """Whatever the depth, channels, padding, polarity, byte order or height: the samples of the PNG are those of the page (design 3)."""
    expected = page.truth * 255 if page.params.depth == 1 and page.params.channels == 3 else page.truth
    read = read_png(encode_page(page.params, page.data, PNG))
    np.testing.assert_array_equal(expected, read.samples)
    assert (8 if page.params.depth == 1 and page.params.channels == 3 else page.params.depth) == read.depth


@ANY_SPEED
@given(raw_pages(depths=(1, 8)))
def test_png_reads_the_same_in_pillow(page: RawPage) -> None:
    """A PNG reader that is not ours sees the same pixels, so 1 is white and checksums and filters are right."""
    with Image.open(io.BytesIO(encode_page(page.params, page.data, PNG))) as image:
        pixels = np.asarray(image.convert("L" if page.params.channels == 1 else "RGB"))
    expected = page.truth * (255 if page.params.depth == 1 else 1)
    np.testing.assert_array_equal(expected.reshape(pixels.shape), pixels)


@ANY_SPEED
@given(raw_pages(depths=(8, 16)), st.sampled_from([1, 50, 80, 100]))
def test_jpeg_is_the_page(page: RawPage, quality: int) -> None:
    """A JPEG is what libjpeg-turbo makes of the top eight bits: padding, byte order and height are resolved before, grey stays grey."""
    high = (page.truth if page.params.depth == 8 else page.truth >> 8).astype(np.uint8)
    kind = ("RGB", "420") if page.params.channels == 3 else ("GRAY", "Gray")
    theirs = simplejpeg.encode_jpeg(high, quality, *kind)
    ours = encode_page(page.params, page.data, JPEG, quality)
    assert ours[:13] + ours[18:] == theirs[:13] + theirs[18:]  # without the density


def test_jpeg_looks_like_the_page() -> None:
    """Any JPEG reader sees the picture: colours in their order, brightness the right way round."""
    truth = np.zeros((64, 64, 3), np.uint8)
    truth[:32, :, 0], truth[:, :32, 2] = 200, 90
    with Image.open(io.BytesIO(encode_page(PageParams(64, 64, 192), truth.tobytes(), JPEG))) as image:
        pixels = np.asarray(image).astype(int)
    inner = np.s_[8:24, 8:24], np.s_[8:24, 40:56], np.s_[40:56, 8:24]
    assert max(np.abs(pixels[part] - truth[part]).max() for part in inner) <= 3


@pytest.mark.parametrize("quality", [1, 75, 80, 100])
@pytest.mark.parametrize("channels", [1, 3])
def test_jpeg_has_the_usual_tables(quality: int, channels: int) -> None:
    """The quality means what it means to every program that uses libjpeg: same quantisation tables, and 4:2:0 for colour."""
    params = PageParams(32, 32, 32 * channels, channels=channels)
    picture = io.BytesIO()
    Image.new("L" if channels == 1 else "RGB", (32, 32)).save(picture, "JPEG", quality=quality, subsampling=2)
    with (
        JpegImageFile(io.BytesIO(encode_page(params, bytes(params.stride * 32), JPEG, quality))) as ours,
        JpegImageFile(io.BytesIO(picture.getvalue())) as theirs,
    ):
        assert ours.quantization == theirs.quantization
        if channels == 3:  # the factors of a single component mean nothing
            assert [part[1:3] for part in ours.layer] == [(2, 2), (1, 1), (1, 1)]


@ANY_SPEED
@given(raw_pages(), st.sampled_from([PNG, JPEG]))
def test_header_tells_size_and_resolution(page: RawPage, wanted: str) -> None:
    """An encoded page has the declared type, size and dpi (DATA-10); a page without dpi claims none."""
    media_type = best_type(page.params, wanted)
    info = describe(encode_page(page.params, page.data, media_type))
    assert (media_type, page.truth.shape[1], page.truth.shape[0]) == (info.type, info.width, info.height)
    assert page.params.channels == info.channels
    if page.params.dpi_x is None or page.params.dpi_y is None:
        assert info.dpi is None
    else:
        assert info.dpi == pytest.approx(
            (page.params.dpi_x, page.params.dpi_y), abs=0.51 if media_type == JPEG else 0.02
        )


@ANY_SPEED
@given(raw_pages(), st.integers(0, 255))
def test_same_page_same_bytes(page: RawPage, junk: int) -> None:
    """The file depends on the pixels alone (DATA-13): not on padding, stray bits, the kind of buffer, or whether the height was known."""
    params = replace(page.params, height=page.truth.shape[0])
    other = pack(page.truth, params, junk)
    for media_type in {PNG, best_type(params, JPEG)}:
        first = encode_page(page.params, page.data, media_type)
        assert first == encode_page(params, bytearray(other), media_type)
        assert first == encode_page(params, memoryview(other), media_type)


def test_one_bit_stays_one_bit() -> None:
    """A lineart page is a 1-bit greyscale PNG: eight times smaller, and no grey can appear in it."""
    params = PageParams(9, 2, 2, depth=1, channels=1, polarity=Polarity.ONE_IS_BLACK)
    file = encode_page(params, b"\x80\x00\x00\x80", PNG)
    assert struct.unpack(">IIBB", file[16:26]) == (9, 2, 1, 0)
    assert read_png(file).samples[:, :, 0].tolist() == [[0, 1, 1, 1, 1, 1, 1, 1, 1], [1, 1, 1, 1, 1, 1, 1, 1, 0]]


def test_sixteen_bits_are_kept() -> None:
    """The low byte of a 16-bit sample survives in a PNG, whichever order the device sends (DATA-07)."""
    for order, data in ((ByteOrder.LITTLE, b"\x34\x12\xff\x00"), (ByteOrder.BIG, b"\x12\x34\x00\xff")):
        params = PageParams(2, 1, 4, depth=16, channels=1, byte_order=order)
        assert read_png(encode_page(params, data, PNG)).samples.ravel().tolist() == [0x1234, 0x00FF]


def test_every_row_uses_the_up_filter() -> None:
    """The filter is Up throughout: igzip makes little of unfiltered pages, and our own reader relies on it to be fast."""
    file = encode_page(GREY, bytes(range(8)), PNG)
    start = file.index(b"IDAT")
    inflated = zlib.decompress(file[start + 4 : start + 4 + int.from_bytes(file[start - 4 : start], "big")])
    assert inflated == b"\x02\x00\x01\x02\x03\x02\x04\x04\x04\x04"


def test_large_page_in_several_blocks() -> None:
    """Pages longer than a block of the writer are exact across its borders."""
    truth = np.random.default_rng(7).integers(0, 256, (1500, 1000, 3), np.uint8)
    params = PageParams(1000, None, 3000)
    with Image.open(io.BytesIO(encode_page(params, truth.tobytes(), PNG))) as image:
        np.testing.assert_array_equal(truth, np.asarray(image))


@pytest.mark.parametrize(
    "params",
    [
        PageParams(8, 1, 1, depth=1, channels=1),
        PageParams(8, 1, 3, depth=1, channels=3),
        PageParams(65501, 1, 65501, channels=1),
        PageParams(1, None, 1, channels=1),
    ],
    ids=["lineart", "1-bit colour", "too wide", "too high"],
)
def test_no_jpeg(params: PageParams) -> None:
    """A page without a JPEG answers CannotEncode, and best_type says PNG as far as it can know (rest-api.md 5.7)."""
    data = bytes(params.stride * (params.height or 65501))
    with pytest.raises(CannotEncode):
        encode_page(params, data, JPEG)
    assert encode_page(params, data, PNG)
    if params.height is not None:
        assert best_type(params, JPEG) == PNG


def test_best_type() -> None:
    """The wish is kept where it can be, no wish is PNG, and what the device delivered as a file stays that."""
    assert (best_type(GREY, None), best_type(GREY, PNG), best_type(GREY, JPEG)) == (PNG, PNG, JPEG)
    assert best_type(replace(GREY, format=JPEG), PNG) == JPEG
    assert best_type(replace(GREY, height=None), JPEG) == JPEG


@pytest.mark.parametrize(
    ("params", "length", "error"),
    [
        (replace(GREY, width=0), 8, BadPage),
        (replace(GREY, height=0), 0, BadPage),
        (replace(GREY, height=None), 0, BadPage),
        (replace(GREY, height=None), 3, BadPage),
        (replace(GREY, stride=3), 6, BadPage),
        (replace(GREY, stride=0, height=None), 8, BadPage),
        (replace(GREY, depth=2), 8, BadPage),
        (replace(GREY, channels=4, stride=16), 32, BadPage),
        (GREY, 7, BadPage),
        (GREY, 9, BadPage),
        (GREY, 0, BadPage),
        (replace(GREY, dpi_x=0.0), 8, BadPage),
        (replace(GREY, dpi_y=float("nan")), 8, BadPage),
        (replace(GREY, format=JPEG), 8, CannotEncode),
        (replace(GREY, width=MAX_SIDE + 1, stride=MAX_SIDE + 1), 8, TooLarge),
        (replace(GREY, width=1 << 15, height=1 << 15, stride=1 << 15), 8, TooLarge),
        (replace(GREY, stride=MAX_RAW_BYTES), 8, TooLarge),
    ],
)
def test_bad_pages_are_refused(params: PageParams, length: int, error: type[Exception]) -> None:
    """Parameters that contradict the data or each other give a typed error for either type, before anything is allocated for them."""
    for media_type in (PNG, JPEG):
        with pytest.raises(error):
            encode_page(params, bytes(length), media_type)


def test_short_rest_of_an_unknown_height_is_left_out() -> None:
    """Of a page of unknown height that ends within a row, the whole rows are kept; a last row that lacks only padding is whole."""
    params = replace(GREY, height=None, stride=6)
    assert [describe(encode_page(params, bytes(n), PNG)).height for n in (9, 10, 15)] == [1, 2, 2]


@pytest.mark.parametrize(("media_type", "quality"), [("image/tiff", 80), ("", 80), (JPEG, 0), (JPEG, 101), (PNG, -1)])
def test_unknown_wishes_are_refused(media_type: str, quality: int) -> None:
    """A media type or quality that does not exist is a typed error."""
    with pytest.raises(EncodingError):
        encode_page(GREY, bytes(8), media_type, quality)


def test_one_resolution_stands_for_both() -> None:
    """A device that names one axis only has square pixels."""
    assert describe(encode_page(replace(GREY, dpi_y=None), bytes(8), PNG)).dpi == (300, 300)
    assert describe(encode_page(replace(GREY, dpi_x=None), bytes(8), JPEG)).dpi == (300, 300)
