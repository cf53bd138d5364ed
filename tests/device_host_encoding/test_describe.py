"""Headers of files: what they say, and that no bytes can make the parser fail otherwise than with its own error."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from device_host.encoding import BadImage, EncodedInfo, describe, encode_page
from device_host.encoding.density import from_per_metre, to_per_metre
from device_protocol.delivery import JPEG, PNG
from device_protocol.pages import PageParams
from tests.device_host_encoding.pages_of_all_kinds import ANY_SPEED

PAGE = PageParams(width=5, height=3, stride=15, dpi_x=300, dpi_y=150)
FILES = {media_type: encode_page(PAGE, bytes(range(45)), media_type) for media_type in (PNG, JPEG)}


def saved(mode: str, kind: str, **options: object) -> bytes:
    """A file that Pillow has written."""
    file = io.BytesIO()
    Image.new(mode, (7, 4)).save(file, kind, **options)
    return file.getvalue()


def png(*chunks: tuple[bytes, bytes]) -> bytes:
    """A PNG of these chunks."""
    body = b"".join(
        struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
        for kind, content in chunks
    )
    return b"\x89PNG\r\n\x1a\n" + body


def header(width: int = 1, height: int = 1, depth: int = 8, colour: int = 0, rest: bytes = b"\0\0\0") -> bytes:
    """The content of an IHDR chunk."""
    return struct.pack(">IIBB", width, height, depth, colour) + rest


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        (saved("RGB", "PNG", dpi=(200, 100)), EncodedInfo(7, 4, (200, 100), 8, 3, PNG)),
        (saved("L", "PNG"), EncodedInfo(7, 4, None, 8, 1, PNG)),
        (saved("1", "PNG"), EncodedInfo(7, 4, None, 1, 1, PNG)),
        (saved("I;16", "PNG"), EncodedInfo(7, 4, None, 16, 1, PNG)),
        (saved("P", "PNG"), EncodedInfo(7, 4, None, 8, 3, PNG)),
        (saved("LA", "PNG"), EncodedInfo(7, 4, None, 8, 2, PNG)),
        (saved("RGBA", "PNG"), EncodedInfo(7, 4, None, 8, 4, PNG)),
        (saved("RGB", "JPEG", dpi=(200, 100)), EncodedInfo(7, 4, (200, 100), 8, 3, JPEG)),
        (saved("L", "JPEG"), EncodedInfo(7, 4, None, 8, 1, JPEG)),
        (saved("CMYK", "JPEG"), EncodedInfo(7, 4, None, 8, 4, JPEG)),
        (saved("RGB", "JPEG", progressive=True), EncodedInfo(7, 4, None, 8, 3, JPEG)),
    ],
)
def test_files_of_others(file: bytes, expected: EncodedInfo) -> None:
    """Files that Pillow wrote, of all their kinds, are described as they are."""
    assert describe(file) == expected


def test_jfif_per_centimetre() -> None:
    """A JPEG whose density is per cm is told in dpi."""
    file = bytearray(FILES[JPEG])
    file[13:18] = struct.pack(">BHH", 2, 118, 59)
    assert describe(file).dpi == (299.72, 149.86)


def test_no_resolution_is_none() -> None:
    """Aspect ratios and zeros are no resolution."""
    assert describe(png((b"IHDR", header()), (b"pHYs", struct.pack(">IIB", 4, 3, 0)), (b"IDAT", b""))).dpi is None
    assert describe(png((b"IHDR", header()), (b"pHYs", struct.pack(">IIB", 0, 3, 1)), (b"IDAT", b""))).dpi is None
    file = bytearray(FILES[JPEG])
    file[13:18] = struct.pack(">BHH", 1, 0, 300)
    assert describe(file).dpi is None


@ANY_SPEED
@given(st.integers(1, 20000))
def test_whole_dpi_survive_the_metre(dpi: int) -> None:
    """PNG counts per metre; a whole number of dpi comes back as itself."""
    assert from_per_metre(to_per_metre(dpi)) == dpi


@pytest.mark.parametrize("media_type", [PNG, JPEG])
def test_any_beginning(media_type: str) -> None:
    """A file cut anywhere is described, if its header is whole, or refused with BadImage."""
    whole = describe(FILES[media_type])
    described = 0
    for length in range(len(FILES[media_type])):
        try:
            assert describe(memoryview(FILES[media_type])[:length]) == whole
        except BadImage:
            assert described == 0, "refused although less was enough"
        else:
            described += 1
    assert described > 0


@ANY_SPEED
@given(st.binary(max_size=300), st.sampled_from([b"", b"\xff\xd8", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n"]))
def test_garbage(rest: bytes, start: bytes) -> None:
    """Whatever the bytes are, the answer is a description or BadImage."""
    try:
        info = describe(start + rest)
    except BadImage:
        return
    assert info.width > 0
    assert info.height > 0


@ANY_SPEED
@given(st.sampled_from([PNG, JPEG]), st.data())
def test_damaged_files(media_type: str, data: st.DataObject) -> None:
    """A file with wrong bytes anywhere is described or refused, never anything else."""
    file = bytearray(FILES[media_type])
    for _ in range(data.draw(st.integers(1, 4))):
        file[data.draw(st.integers(0, len(file) - 1))] = data.draw(st.integers(0, 255))
    try:
        describe(file)
    except BadImage:
        return


IDAT = (b"IDAT", b"")


@pytest.mark.parametrize(
    "file",
    [
        png(IDAT),
        png((b"pHYs", bytes(9)), (b"IHDR", header()), IDAT),
        png((b"IHDR", header()), (b"IEND", b"")),
        png((b"IHDR", header(width=0)), IDAT),
        png((b"IHDR", header(height=2**31)), IDAT),
        png((b"IHDR", header(depth=3)), IDAT),
        png((b"IHDR", header(depth=1, colour=2)), IDAT),
        png((b"IHDR", header(colour=5)), IDAT),
        png((b"IHDR", header(rest=b"\x01\0\0")), IDAT),
        png((b"IHDR", header(rest=b"\0\x01\0")), IDAT),
        png((b"IHDR", header(rest=b"\0\0\x02")), IDAT),
        png((b"IHDR", header()), IDAT).replace(b"\x08\x00\x00", b"\x08\x02\x00", 1),  # checksum
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8\xff\xda\x00\x08",
        b"\xff\xd8\xff\xc0\x00\x01",
        b"\xff\xd8\xff\xc0\x00\x0b\x08\x00\x00\x00\x01\x01\x01\x11\x00",
        b"\xff\xd8\xff\xc0\x00\x0b\x08\x00\x01\x00\x01\x02\x01\x11\x00",
        b"\xff\xd8\x00\xff",
    ],
)
def test_impossible_headers(file: bytes) -> None:
    """A header that the specifications exclude is refused."""
    with pytest.raises(BadImage):
        describe(file)


@pytest.mark.parametrize(
    "file",
    [
        png((b"IHDR", header()), *[(b"tEXt", b"")] * 100_000),
        b"\xff\xd8" + b"\xff" * 10_000_000,
        b"\xff\xd8" + b"\xff\xd0" * 5_000_000,
        b"\xff\xd8" + b"\xff\xe1\x00\x02" * 1_000_000,
        b"\x89PNG\r\n\x1a\n" + struct.pack(">I4s", 13, b"IHDR") + header() + bytes(4) + b"\xff" * 4,
    ],
)
def test_work_is_bounded(file: bytes) -> None:
    """Endless chunks, segments or fill bytes are given up, not followed to the end of the file."""
    with pytest.raises(BadImage):
        describe(file)
