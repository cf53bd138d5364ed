"""Resolution as the two file formats write it (DATA-10). Standard library only."""

from __future__ import annotations

import struct

INCH = 0.0254  # metres
JFIF_DENSITY = slice(13, 18)
"""Where units, x and y density are in a file that begins with SOI and a JFIF APP0 segment (JFIF 1.02, page 5)."""


def to_per_metre(dpi: float) -> int:
    """The pHYs number for *dpi*: pixels per metre, 1 to 2**31-1."""
    return min(max(round(dpi / INCH), 1), 2**31 - 1)


def from_per_metre(per_metre: int) -> float:
    """The dpi that a pHYs number stands for: the whole number that would be written so, if there is one; else two decimals."""
    dpi = per_metre * INCH
    return float(round(dpi)) if round(dpi) > 0 and to_per_metre(round(dpi)) == per_metre else round(dpi, 2)


def patch_jfif(jpeg: bytes, dpi: tuple[float, float] | None) -> bytes:
    """*jpeg* with *dpi* in its JFIF header. JFIF has whole numbers up to 65535; finer ones are rounded.

    Raises:
        ValueError: it does not begin with a JFIF header.
    """
    if dpi is None:
        return jpeg
    if jpeg[:4] != b"\xff\xd8\xff\xe0" or jpeg[6:11] != b"JFIF\0":
        raise ValueError("no JFIF header")
    x, y = (min(max(round(value), 1), 65535) for value in dpi)
    density = struct.pack(">BHH", 1, x, y)  # 1: dots per inch
    return b"".join(
        (jpeg[: JFIF_DENSITY.start], density, memoryview(jpeg)[JFIF_DENSITY.stop :])
    )  # one copy of a large file
