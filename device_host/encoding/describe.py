"""What the header of a PNG or JPEG file says. Pure: nothing is decoded, standard library only, and the work is bounded whatever the bytes are."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass
from typing import Final

from device_host.encoding.density import from_per_metre
from device_host.encoding.errors import BadImage
from device_host.encoding.layout import Buffer
from device_protocol.delivery import JPEG, PNG

PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
MAX_BLOCKS: Final = 4096
"""Chunks or segments that are looked at before the picture begins."""

_PNG_KINDS: Final = {  # colour type: channels, depths (PNG table 11.1); a palette stands for 8-bit colour
    0: (1, (1, 2, 4, 8, 16)),
    2: (3, (8, 16)),
    3: (3, (1, 2, 4, 8)),
    4: (2, (8, 16)),
    6: (4, (8, 16)),
}
_FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2, 0xC3, 0xC5, 0xC6, 0xC7, 0xC9, 0xCA, 0xCB, 0xCD, 0xCE, 0xCF})
_BARE: Final = frozenset({0x01, *range(0xD0, 0xD9)})  # TEM, RST0-7, SOI: markers without a length
_SOS: Final = 0xDA
_EOI: Final = 0xD9


@dataclass(frozen=True, slots=True)
class EncodedInfo:
    """A file's header.

    Attributes:
        width, height: pixels.
        dpi: x and y, or None where the file does not say.
        depth: bits per sample.
        channels: 1 grey, 3 colour; 2 and 4 with transparency (PNG) or CMYK (JPEG).
        type: media type.
    """

    width: int
    height: int
    dpi: tuple[float, float] | None
    depth: int
    channels: int
    type: str


def describe(data: Buffer) -> EncodedInfo:
    """The header of *data*, a whole file or the beginning of one.

    Raises:
        BadImage: neither PNG nor JPEG, or damaged before the picture begins.
    """
    view = memoryview(data).cast("B")
    start = bytes(view[:8])
    if start == PNG_SIGNATURE:
        return _describe_png(view)
    if start[:2] == b"\xff\xd8":
        return _describe_jpeg(view)
    raise BadImage("neither PNG nor JPEG")


def _describe_png(view: memoryview) -> EncodedInfo:
    header: tuple[int, ...] | None = None
    dpi: tuple[float, float] | None = None
    position = 8
    for _ in range(MAX_BLOCKS):
        length, kind = struct.unpack(">I4s", _slice(view, position, 8))
        if kind == b"IDAT":
            break
        if header is None:
            if (length, kind) != (13, b"IHDR"):
                raise BadImage("a PNG that does not begin with its header")
            header = struct.unpack(">IIBBBBB", _chunk(view, position, length))
        elif kind == b"pHYs" and length == 9:
            x, y, unit = struct.unpack(">IIB", _chunk(view, position, length))
            dpi = (from_per_metre(x), from_per_metre(y)) if unit == 1 and x and y else None
        elif kind == b"IEND":
            raise BadImage("a PNG without a picture")
        position += length + 12
    else:
        raise BadImage(f"a PNG with more than {MAX_BLOCKS} chunks before its picture")
    if header is None:
        raise BadImage("a PNG that does not begin with its header")
    width, height, depth, colour, compression, filtering, interlace = header
    channels, depths = _PNG_KINDS.get(colour, (0, ()))
    if not (0 < width < 2**31 and 0 < height < 2**31) or depth not in depths or (compression, filtering) != (0, 0):
        raise BadImage("a PNG with an impossible header")
    if interlace > 1:
        raise BadImage("a PNG with an impossible header")
    return EncodedInfo(width, height, dpi, 8 if colour == 3 else depth, channels, PNG)


def _chunk(view: memoryview, position: int, length: int) -> bytes:
    content = _slice(view, position + 8, length)
    (checksum,) = struct.unpack(">I", _slice(view, position + 8 + length, 4))
    if zlib.crc32(_slice(view, position + 4, length + 4)) != checksum:
        raise BadImage("a PNG with a damaged header")
    return content


def _describe_jpeg(view: memoryview) -> EncodedInfo:
    dpi: tuple[float, float] | None = None
    position = 2
    for _ in range(MAX_BLOCKS):
        prefix, marker = _slice(view, position, 2)
        if (prefix, marker) == (0xFF, 0xFF):  # a fill byte (T.81 B.1.1.2)
            position += 1
            continue
        position += 2
        if prefix != 0xFF or marker in {0x00, _SOS, _EOI}:
            raise BadImage("a JPEG without a frame header")
        if marker in _BARE:
            continue
        (length,) = struct.unpack(">H", _slice(view, position, 2))
        if length < 2:
            raise BadImage("a JPEG with a damaged header")
        if marker == 0xE0 and dpi is None:
            dpi = _jfif_dpi(bytes(view[position + 2 : position + length][:12]))
        elif marker in _FRAMES:
            depth, height, width, channels = struct.unpack(">BHHB", _slice(view, position + 2, 6))
            if not (width and height) or channels not in {1, 3, 4} or length != 8 + 3 * channels:
                raise BadImage("a JPEG with an impossible header")
            return EncodedInfo(width, height, dpi, depth, channels, JPEG)
        position += length
    raise BadImage(f"a JPEG with more than {MAX_BLOCKS} segments before its picture")


def _jfif_dpi(segment: bytes) -> tuple[float, float] | None:
    """Resolution of a JFIF header (JFIF 1.02: unit 1 is per inch, 2 per cm)."""
    if segment[:5] != b"JFIF\0" or len(segment) < 12:
        return None
    unit, x, y = struct.unpack(">BHH", segment[7:12])
    if unit not in {1, 2} or not (x and y):
        return None
    factor = 1.0 if unit == 1 else 2.54
    return round(x * factor, 2), round(y * factor, 2)


def _slice(view: memoryview, start: int, length: int) -> bytes:
    part = bytes(view[start : start + length])
    if len(part) != length:
        raise BadImage("a file that ends in its header")
    return part
