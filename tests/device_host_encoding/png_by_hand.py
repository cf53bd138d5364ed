"""A slow reader of PNG files, written from the specification and apart from the code under test. It refuses whatever is not exactly right."""

from __future__ import annotations

import struct
import zlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class PngFile:
    """What a PNG contains.

    Attributes:
        depth: bits per sample.
        samples: ``(height, width, channels)``.
        per_metre: of pHYs, or None.
    """

    depth: int
    samples: npt.NDArray[np.uint16]
    per_metre: tuple[int, int] | None


def read_png(file: bytes) -> PngFile:
    """Read a greyscale or colour PNG without interlacing whose rows use the filters None or Up."""
    assert file[:8] == b"\x89PNG\r\n\x1a\n"
    position, chunks = 8, []
    while position < len(file):
        (length,) = struct.unpack(">I", file[position : position + 4])
        body = file[position + 4 : position + 8 + length]
        assert struct.pack(">I", zlib.crc32(body)) == file[position + 8 + length : position + 12 + length]
        chunks.append((body[:4], body[4:]))
        position += length + 12
    kinds = [kind for kind, _ in chunks]
    assert kinds[0] == b"IHDR"
    assert kinds[-1] == b"IEND"
    width, height, depth, colour, *rest = struct.unpack(">IIBBBBB", chunks[0][1])
    assert rest == [0, 0, 0]
    channels = {0: 1, 2: 3}[colour]
    inflate = zlib.decompressobj()
    filtered = inflate.decompress(b"".join(content for kind, content in chunks if kind == b"IDAT"))
    assert inflate.eof
    assert not inflate.unused_data
    row_bytes = (width * channels * depth + 7) // 8
    assert len(filtered) == height * (row_bytes + 1)
    above = [0] * row_bytes
    rows = []
    for at in range(0, len(filtered), row_bytes + 1):
        assert filtered[at] in {0, 2}
        row = list(filtered[at + 1 : at + 1 + row_bytes])
        above = [(byte + up) % 256 for byte, up in zip(row, above, strict=True)] if filtered[at] else row
        rows.append(_samples(bytes(above), depth, width * channels))
    per_metre = None
    for kind, content in chunks:
        if kind == b"pHYs":
            x, y, unit = struct.unpack(">IIB", content)
            assert unit == 1
            per_metre = (x, y)
    return PngFile(depth, np.array(rows, np.uint16).reshape(height, width, channels), per_metre)


def _samples(row: bytes, depth: int, count: int) -> list[int]:
    if depth == 16:
        return list(struct.unpack(f">{count}H", row))
    if depth == 8:
        return list(row)
    bits = [(byte >> shift) & 1 for byte in row for shift in range(7, -1, -1)]
    assert not any(bits[count:]), "stray bits after the last pixel"
    return bits[:count]
