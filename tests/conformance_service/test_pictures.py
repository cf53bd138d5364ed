"""What the bytes of a page say: the parser against files that another library wrote, and against broken ones."""

from __future__ import annotations

import io

import pytest
from PIL import Image

from conformance.service.pictures import JPEG, PDF, PNG, TIFF, Picture, look, make_png


def file_of(mode: str, kind: str, **options: object) -> bytes:
    """A picture of 40 x 30 pixels, as Pillow writes it."""
    picture = Image.new(mode, (40, 30), 1 if mode == "1" else (120 if mode == "L" else (200, 10, 60)))
    if mode == "P":
        picture = Image.new("RGB", (40, 30), (200, 10, 60)).quantize()
    data = io.BytesIO()
    picture.save(data, kind, **options)
    return data.getvalue()


@pytest.mark.parametrize(
    ("data", "picture"),
    [
        (file_of("1", "PNG"), Picture(PNG, 40, 30, 1)),
        (file_of("L", "PNG", dpi=(300, 300)), Picture(PNG, 40, 30, 8, dpi=300)),
        (file_of("RGB", "PNG"), Picture(PNG, 40, 30, 8, colour=True)),
        (file_of("L", "JPEG"), Picture(JPEG, 40, 30)),
        (file_of("RGB", "JPEG", dpi=(200, 200)), Picture(JPEG, 40, 30, colour=True, dpi=200)),
        (file_of("RGB", "JPEG", progressive=True), Picture(JPEG, 40, 30, colour=True)),
        (file_of("RGB", "TIFF"), Picture(TIFF)),
        (file_of("L", "PDF"), Picture(PDF)),
    ],
)
def test_files_of_another_library(data: bytes, picture: Picture) -> None:
    """Type, size, depth, colour and resolution are read as they were written."""
    found = look(data)
    assert found is not None
    assert (found.media_type, found.width, found.height, found.bits) == (
        picture.media_type,
        picture.width,
        picture.height,
        picture.bits,
    )
    assert found.colour == picture.colour
    assert found.whole
    if picture.dpi is not None:
        assert found.dpi == pytest.approx(picture.dpi, abs=0.5)


def test_a_palette_may_have_colours() -> None:
    """A picture with a palette is in colour if one of its colours is."""
    found = look(file_of("P", "PNG"))
    assert found is not None
    assert found.colour


@pytest.mark.parametrize(
    "data", [b"", b"%PD", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"<html>", b"\xff\xd8\xff\xe0\x00"]
)
def test_what_is_no_picture(data: bytes) -> None:
    """Neither nothing nor a bare magic number is a picture."""
    assert look(data) is None


@pytest.mark.parametrize("data", [file_of("L", "PNG"), file_of("L", "JPEG")])
def test_half_a_picture_is_not_whole(data: bytes) -> None:
    """A picture whose end is missing, and one with a byte changed, are told from a whole one."""
    half = look(data[:-6])
    assert half is not None
    assert not half.whole


def test_a_changed_byte_is_seen() -> None:
    """PNG has checksums, and they are looked at."""
    data = bytearray(file_of("L", "PNG"))
    data[-20] ^= 0xFF
    found = look(bytes(data))
    assert found is not None
    assert not found.whole


def test_made_pictures_are_pictures() -> None:
    """What is sent to services is a PNG for others too, and a lying head is one only to who reads no further."""
    with Image.open(io.BytesIO(make_png(64, 48))) as picture:
        picture.load()
        assert picture.size == (64, 48)
    lie = make_png(60_000, 60_000, really=(8, 7500))
    found = look(lie)
    assert found is not None
    assert (found.width, found.height) == (60_000, 60_000)
    assert len(lie) < 1000
