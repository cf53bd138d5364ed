"""Decoding: bad input is a typed error and costs little."""

import io
import struct
import zlib
from contextlib import suppress

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from sheets import BUSINESS_CARD, ColourMode, Sheet, UnreadableImage, decode_image, read_page
from sheets import decode as decode_module
from tests.sheets.pages import encode, page

CARD = page(Sheet(12, BUSINESS_CARD), dpi=75)
FILES = {kind: encode(CARD, kind, dpi=(75, 75)) for kind in ("PNG", "JPEG", "TIFF")}


@pytest.mark.parametrize("kind", FILES)
def test_each_kind_gives_its_pixels_and_resolution(kind: str) -> None:
    """The three kinds a scanner delivers are read, with what they declare."""
    decoded = decode_image(FILES[kind])
    assert decoded.format == kind
    assert decoded.complete
    assert decoded.pixels.shape == CARD.shape
    assert decoded.dpi == pytest.approx((75, 75), rel=0.01)
    if kind != "JPEG":
        assert np.array_equal(decoded.pixels, CARD)


def test_a_file_without_resolution_declares_none() -> None:
    """An invented resolution would hide that the file has none (DATA-10)."""
    assert decode_image(encode(CARD, "PNG")).dpi is None
    assert decode_image(encode(CARD, "JPEG")).dpi is None


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16", "F"])
def test_every_way_to_store_a_page_is_taken(mode: str) -> None:
    """Files store grey and colour in many ways; the sheet must be read from each."""
    gray = page(Sheet(12, BUSINESS_CARD), dpi=100, mode=ColourMode.GRAY)
    sixteen = gray.astype(np.uint16) * 257
    image = Image.fromarray(sixteen) if mode == "I;16" else Image.fromarray(gray).convert(mode)
    buffer = io.BytesIO()
    image.save(buffer, "TIFF")
    assert read_page(buffer.getvalue()).number == 12
    assert read_page(image).number == 12


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"II*\0", b"%PDF-1.4", b"GIF89a"]
)
def test_garbage_is_unreadable(data: bytes) -> None:
    """What is no picture of ours is a typed error."""
    with pytest.raises(UnreadableImage):
        decode_image(data)


@pytest.mark.parametrize("kind", FILES)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_a_damaged_file_raises_nothing_else(kind: str, data: st.DataObject) -> None:
    """Whatever bytes are changed or cut, the decoder answers or raises its own error, and the oracle never raises."""
    damaged = bytearray(FILES[kind])
    for _ in range(data.draw(st.integers(1, 8))):
        # Mostly headers: that is where the fields are that decoders trust.
        damaged[data.draw(st.one_of(st.integers(0, 200), st.integers(0, len(damaged) - 1)))] = data.draw(
            st.integers(0, 255)
        )
    del damaged[data.draw(st.integers(len(damaged) // 2, len(damaged))) :]
    for allow in (False, True):
        with suppress(UnreadableImage):
            decode_image(bytes(damaged), allow_truncated=allow)
    read_page(bytes(damaged))


@given(st.binary(max_size=300))
def test_random_bytes_raise_nothing_else(data: bytes) -> None:
    """The oracle says why it cannot look, for any bytes."""
    assert read_page(data).unreadable


def _png_header(width: int, height: int) -> bytes:
    head = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = b"IDAT" + zlib.compress(b"\0" * 1000)
    chunks = (struct.pack(">I", len(part) - 4) + part + struct.pack(">I", zlib.crc32(part)) for part in (head, body))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


@pytest.mark.parametrize("size", [(9500, 9500), (14_000, 14_000), (2**31 - 1, 2**31 - 1)])
def test_a_bomb_is_refused_before_it_is_decoded(size: tuple[int, int]) -> None:
    """A few hundred bytes must not make a service allocate gigabytes."""
    with pytest.raises(UnreadableImage, match=r"pixels|exceeds limit|invalid"):
        decode_image(_png_header(*size))


def test_too_many_bytes_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file itself is bounded, too."""
    monkeypatch.setattr(decode_module, "MAX_BYTES", 100)
    with pytest.raises(UnreadableImage, match="100"):
        decode_image(FILES["PNG"])


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_file_that_ends_early_is_an_error_unless_allowed(kind: str) -> None:
    """A cut transfer must never look like a normal page (DATA-11); the oracle may look at what is there."""
    cut = FILES[kind][: len(FILES[kind]) * 2 // 3]
    with pytest.raises(UnreadableImage):
        decode_image(cut)
    decoded = decode_image(cut, allow_truncated=True)
    assert not decoded.complete
    assert decoded.pixels.shape == CARD.shape
