"""What the bytes of a page say of themselves. Parsed here, so that nobody's leniency hides a defect."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

PNG, JPEG, PDF, TIFF = "image/png", "image/jpeg", "application/pdf", "image/tiff"

_PNG_MAGIC = b"\x89PNG\r\n\x1a\n"
_SAMPLES = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Samples of a pixel for each colour type of PNG."""
_INCH_M = 0.0254


@dataclass(frozen=True, slots=True)
class Picture:
    """What a page is.

    Attributes:
        media_type: by its own bytes.
        width, height: pixels; 0 where the format does not say it at its front.
        bits: of a sample.
        colour: whether it has colours.
        dpi: resolution that it says of itself; None: it says none.
        whole: its end is there.
    """

    media_type: str
    width: int = 0
    height: int = 0
    bits: int = 8
    colour: bool = False
    dpi: float | None = None
    whole: bool = True

    def __str__(self) -> str:
        return f"{self.media_type} of {self.width} x {self.height} with {self.bits} bit{'' if self.bits == 1 else 's'}"


def look(data: bytes) -> Picture | None:
    """What *data* is by its own bytes; None if it is nothing that a page may be."""
    if data.startswith(_PNG_MAGIC):
        return _png(data)
    if data.startswith(b"\xff\xd8\xff"):
        return _jpeg(data)
    if data.startswith(b"%PDF-"):
        return Picture(PDF, whole=b"%%EOF" in data[-1024:])
    if data[:4] in {b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"}:
        return Picture(TIFF)
    return None


def _png(data: bytes) -> Picture | None:
    width = height = bits = kind = 0
    dpi: float | None = None
    colours = False
    at, whole = len(_PNG_MAGIC), False
    while at + 12 <= len(data):
        (size,), name = struct.unpack_from(">I", data, at), data[at + 4 : at + 8]
        content = data[at + 8 : at + 8 + size]
        check = data[at + 8 + size : at + 12 + size]
        if len(content) < size or check != struct.pack(">I", zlib.crc32(name + content)):
            break
        if name == b"IHDR" and size == 13:
            width, height, bits, kind = struct.unpack_from(">IIBB", content)
        elif name == b"PLTE":
            colours = any(len(set(content[i : i + 3])) > 1 for i in range(0, len(content), 3))
        elif name == b"pHYs" and size == 9 and content[8] == 1:
            dpi = struct.unpack_from(">I", content)[0] * _INCH_M
        elif name == b"IEND":
            whole = True
        at += 12 + size
    if not width or kind not in _SAMPLES:
        return None
    return Picture(PNG, width, height, bits, kind in {2, 6} or colours, dpi, whole)


_SOF = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})


def _jpeg(data: bytes) -> Picture | None:
    at, dpi = 2, None
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        (size,) = struct.unpack_from(">H", data, at + 2)
        content = data[at + 4 : at + 2 + size]
        if marker == 0xE0 and content.startswith(b"JFIF\0") and len(content) >= 12:
            unit, across = content[7], struct.unpack_from(">H", content, 8)[0]
            dpi = {1: across, 2: across * 2.54}.get(unit)
        if marker in _SOF and len(content) >= 6:
            bits, height, width, samples = struct.unpack_from(">BHHB", content)
            return Picture(JPEG, width, height, bits, samples > 1, dpi, data.rstrip(b"\0").endswith(b"\xff\xd9"))
        at += 2 + size
    return None


def make_png(width: int, height: int, *, really: tuple[int, int] | None = None) -> bytes:
    """A white PNG of one bit; *really* are the lines and bytes a line that are in it, if its head lies."""
    lines, length = really or (height, (width + 7) // 8)
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    body = zlib.compress((b"\0" + b"\xff" * length) * lines)
    return _PNG_MAGIC + b"".join(
        struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
        for name, content in ((b"IHDR", head), (b"IDAT", body), (b"IEND", b""))
    )
