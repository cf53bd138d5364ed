"""From PNG to JPEG and back: the same picture and resolution, and typed errors for everything that is not one."""

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
from isal import isal_zlib
from PIL import Image

from device_host.encoding import (
    BadImage,
    CannotEncode,
    EncodingError,
    TooLarge,
    decode,
    describe,
    encode_page,
    limits,
    transcode,
)
from device_protocol.delivery import JPEG, PNG
from device_protocol.pages import PageParams
from tests.device_host_encoding.pages_of_all_kinds import ANY_SPEED, RawPage, raw_pages
from tests.device_host_encoding.png_by_hand import read_png
from tests.device_host_encoding.test_describe import header, png, saved

COLOUR = PageParams(20, 10, 60, dpi_x=300, dpi_y=200)
PIXELS = bytes(np.random.default_rng(3).integers(0, 256, 600, np.uint8))


@ANY_SPEED
@given(raw_pages(depths=(8, 16)), st.sampled_from([1, 75, 80, 100]))
def test_png_to_jpeg_is_as_if_encoded_so(page: RawPage, quality: int) -> None:
    """A JPEG made from the lossless master is, byte by byte, the JPEG that the encoder would have made of the raw page."""
    params = page.params
    if params.dpi_x is not None and params.dpi_y is not None:
        params = replace(params, dpi_x=round(params.dpi_x), dpi_y=round(params.dpi_y))
    master = encode_page(params, page.data, PNG)
    assert transcode(master, PNG, JPEG, quality) == encode_page(params, page.data, JPEG, quality)


@ANY_SPEED
@given(raw_pages(depths=(8,)))
def test_jpeg_to_png_is_what_the_jpeg_shows(page: RawPage) -> None:
    """A PNG made from a JPEG has exactly the pixels that libjpeg-turbo decodes, and the same dpi."""
    file = encode_page(page.params, page.data, JPEG)
    made = transcode(file, JPEG, PNG)
    shown = simplejpeg.decode_jpeg(file, "GRAY" if page.params.channels == 1 else "RGB")
    np.testing.assert_array_equal(shown, read_png(made).samples)
    assert describe(made).dpi == describe(file).dpi


@pytest.mark.parametrize("media_type", [PNG, JPEG])
def test_same_type_is_untouched(media_type: str) -> None:
    """Nothing is decoded and encoded again when the type is right already."""
    file = encode_page(COLOUR, PIXELS, media_type)
    assert transcode(file, media_type, media_type) is file


@pytest.mark.parametrize("depth", [1, 8])
def test_lineart_has_no_jpeg(depth: int) -> None:
    """A 1-bit PNG cannot become a JPEG, as a 1-bit page cannot (REST code -1073)."""
    file = encode_page(PageParams(8, 1, 8, depth=depth, channels=1), bytes(8), PNG)
    if depth == 8:
        assert describe(transcode(file, PNG, JPEG)).type == JPEG
    else:
        with pytest.raises(CannotEncode):
            transcode(file, PNG, JPEG)


@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "P", "LA", "I;16"])
@pytest.mark.parametrize("level", [0, 9])
def test_pngs_of_others(mode: str, level: int) -> None:
    """PNGs that are not our writer's, with other filters, palettes, transparency or 16-bit grey, become JPEGs of the same picture."""
    ramp = np.linspace(0, 255, 64 * 48).astype(np.uint8).reshape(48, 64)
    picture = Image.fromarray(ramp.astype(np.uint16) * 257) if mode == "I;16" else Image.fromarray(ramp).convert(mode)
    file = io.BytesIO()
    picture.save(file, "PNG", compress_level=level, dpi=(150, 150))
    made = transcode(file.getvalue(), PNG, JPEG, 100)
    assert describe(made).dpi == (150, 150)
    with Image.open(io.BytesIO(made)) as image:
        assert image.mode == ("L" if mode in {"L", "LA", "I;16"} else "RGB")
        assert np.abs(np.asarray(image.convert("L")).astype(int) - ramp).max() <= 4


def test_interlaced_png() -> None:
    """An interlaced PNG is no plain one although its filters may look so."""
    rows = b"".join(b"\0" + bytes([value]) for value in (10, 40, 20, 30))  # 2 x 2 pixels: pass 1, pass 6, pass 7
    passes = rows[0:2] + rows[2:4] + b"\0" + bytes([20, 30])
    file = png((b"IHDR", header(2, 2, rest=b"\0\0\x01")), (b"IDAT", zlib.compress(passes)), (b"IEND", b""))
    shown = simplejpeg.decode_jpeg(transcode(file, PNG, JPEG, 100), "GRAY")[:, :, 0]
    assert np.abs(shown.astype(int) - [[10, 40], [20, 30]]).max() <= 4


def test_our_pngs_take_the_fast_way(monkeypatch: pytest.MonkeyPatch) -> None:
    """A master of ours is not read by Pillow, which takes three times as long."""
    monkeypatch.setattr(decode, "_read_png", None)
    for depth, channels in ((8, 1), (8, 3), (16, 1), (16, 3)):
        params = PageParams(3, 2, 3 * channels * depth // 8, depth=depth, channels=channels)
        file = encode_page(params, bytes(params.stride * 2), PNG)
        assert describe(transcode(file, PNG, JPEG)).channels == channels


@ANY_SPEED
@given(st.sampled_from([PNG, JPEG]), st.data())
def test_damaged_files(source: str, data: st.DataObject) -> None:
    """A file with wrong bytes anywhere, or cut, gives a file or a typed error."""
    file = bytearray(encode_page(COLOUR, PIXELS, source))
    for _ in range(data.draw(st.integers(0, 3))):
        file[data.draw(st.integers(0, len(file) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(file[: data.draw(st.integers(0, len(file)))])
    try:
        made = transcode(cut, source, JPEG if source == PNG else PNG)
    except EncodingError:
        return
    assert describe(made).width > 0


def test_garbage_and_lies() -> None:
    """Neither PNG nor JPEG, or not what it is said to be: BadImage."""
    for data in (b"", b"%PDF-1.7", bytes(100), b"GIF89a" + bytes(50), saved("RGB", "BMP")):
        for source in (PNG, JPEG):
            with pytest.raises(BadImage):
                transcode(data, source, JPEG)
    with pytest.raises(BadImage):
        transcode(encode_page(COLOUR, PIXELS, PNG), JPEG, PNG)


@pytest.mark.parametrize(("source", "target", "quality"), [("image/tiff", PNG, 80), (PNG, "x", 80), (PNG, JPEG, 0)])
def test_unknown_wishes(source: str, target: str, quality: int) -> None:
    """Unknown types and qualities are typed errors."""
    with pytest.raises(EncodingError):
        transcode(encode_page(COLOUR, PIXELS, PNG), source, target, quality)


@pytest.mark.parametrize("damage", ["checksum", "short", "long", "no end", "deflate"])
def test_damaged_pictures(damage: str) -> None:
    """A damaged picture behind a good header is BadImage, never a page with a part missing."""
    rows = b"\x02\x01" * {"short": 3, "long": 5}.get(damage, 4)
    picture = zlib.compress(rows) if damage != "deflate" else b"\x78\x01" + b"\xff" * 20
    chunks = [(b"IHDR", header(1, 4)), (b"IDAT", picture)]
    file = png(*chunks, *([] if damage == "no end" else [(b"IEND", b"")]))
    if damage == "checksum":
        file = file.replace(picture + struct.pack(">I", zlib.crc32(b"IDAT" + picture)), picture + b"1234")
    with pytest.raises(BadImage):
        transcode(file, PNG, JPEG)


def test_cut_jpeg() -> None:
    """A JPEG that ends in its picture is BadImage, not a page with a grey rest."""
    file = encode_page(replace(COLOUR, height=64), PIXELS[:60] * 64, JPEG)
    with pytest.raises(BadImage):
        transcode(file[:-40], JPEG, PNG)


def test_bombs_are_refused_by_their_header() -> None:
    """A small file that would decode to an enormous page is refused before anything is decoded."""
    for width, height in ((1 << 15, 1 << 14), (limits.MAX_SIDE + 1, 1), (2**31 - 1, 2**31 - 1)):
        bomb = png((b"IHDR", header(width, height, colour=2)), (b"IDAT", zlib.compress(bytes(9))), (b"IEND", b""))
        with pytest.raises(TooLarge):
            transcode(bomb, PNG, JPEG)
    jpeg = bytearray(encode_page(COLOUR, PIXELS, JPEG))
    frame = jpeg.index(b"\xff\xc0")
    jpeg[frame + 5 : frame + 9] = struct.pack(">HH", 65000, 65000)
    with pytest.raises(TooLarge):
        transcode(bytes(jpeg), JPEG, PNG)


def test_inflating_stops_at_the_size_of_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """A deflate stream that goes on after the page is not inflated to its end."""
    asked: list[int] = []
    real = isal_zlib.decompressobj

    class Watched:
        def __init__(self) -> None:
            self._real = real()

        def decompress(self, data: bytes, max_length: int) -> bytes:
            asked.append(max_length)
            result: bytes = self._real.decompress(data, max_length)
            assert len(result) <= max_length
            return result

    monkeypatch.setattr(isal_zlib, "decompressobj", Watched)
    bomb = png((b"IHDR", header(1, 4)), (b"IDAT", zlib.compress(bytes(10_000_000))), (b"IEND", b""))
    with pytest.raises(BadImage):
        transcode(bomb, PNG, JPEG)
    assert asked == [9]


def test_file_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file beyond the limit is refused by its length."""
    monkeypatch.setattr(limits, "MAX_FILE_BYTES", 50)
    with pytest.raises(TooLarge):
        transcode(encode_page(COLOUR, PIXELS, PNG), PNG, JPEG)


def test_many_scans_are_refused() -> None:
    """A progressive JPEG with hundreds of scans costs hundreds of passes: it is refused."""
    file = saved("RGB", "JPEG", progressive=True)
    start = file.index(b"\xff\xda")
    assert describe(transcode(file, JPEG, PNG)).type == PNG
    with pytest.raises(BadImage, match="scans"):
        transcode(file[:start] + file[start:-2] * 200 + b"\xff\xd9", JPEG, PNG)
