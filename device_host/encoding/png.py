"""The PNG writer: the Up filter for every row and igzip's deflate. Imports numpy, so it is imported only where a page is encoded.

A noisy colour page takes a tenth to a thirtieth of the time that Pillow needs for a file of about the same size (``python -m benchmarks --only encoders``).
The same page gives the same bytes; on another kind of processor igzip may pack them otherwise, with the same pixels.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

import numpy as np
from isal import isal_zlib

from device_host.encoding.density import to_per_metre
from device_host.encoding.layout import Buffer, Layout
from device_host.encoding.pixels import Bytes, png_rows, rows_of

SIGNATURE = b"\x89PNG\r\n\x1a\n"
UP = 2  # filter type (PNG 9.2): the difference to the byte above
LEVEL = 1  # of igzip: on filtered noise the higher ones are slower and not smaller
BLOCK = 512 << 10  # bytes filtered at a time: they stay in the cache until they are compressed


def encode_png(layout: Layout, data: Buffer) -> bytes:
    """The page as a PNG file: 1, 8 or 16-bit greyscale, or 8 or 16-bit colour."""
    depth = 8 if layout.depth == 1 and layout.channels == 3 else layout.depth
    header = struct.pack(">IIBBBBB", layout.width, layout.height, depth, 2 if layout.channels == 3 else 0, 0, 0, 0)
    parts = [SIGNATURE, *chunk(b"IHDR", header)]
    if layout.dpi is not None:
        x, y = layout.dpi
        parts += chunk(b"pHYs", struct.pack(">IIB", to_per_metre(x), to_per_metre(y), 1))
    for part in _deflated(layout, rows_of(layout, data)):
        parts += chunk(b"IDAT", part)
    parts += chunk(b"IEND", b"")
    return b"".join(parts)


def chunk(kind: bytes, content: bytes) -> tuple[bytes, bytes, bytes, bytes]:
    """The parts of a chunk: length, type, content, checksum (PNG 5.3). They are joined once, with all others: copying costs more than the checksum."""
    checksum = isal_zlib.crc32(content, isal_zlib.crc32(kind))
    return struct.pack(">I", len(content)), kind, content, struct.pack(">I", checksum)


def _deflated(layout: Layout, rows: Bytes) -> Iterator[bytes]:
    """One deflate stream over all filtered rows, in pieces."""
    deflate = isal_zlib.compressobj(LEVEL)
    step = max(1, BLOCK // layout.row)
    above: Bytes | None = None
    filtered = np.empty((0, 0), np.uint8)
    for start in range(0, layout.height, step):
        block = png_rows(layout, rows[start : start + step])
        if filtered.shape[0] != len(block):  # the first block, and a shorter last one
            filtered = np.empty((len(block), block.shape[1] + 1), np.uint8)
            filtered[:, 0] = UP
        np.subtract(block[1:], block[:-1], out=filtered[1:, 1:])
        filtered[0, 1:] = block[0] if above is None else block[0] - above
        part = deflate.compress(filtered)
        if part:
            yield part
        above = block[-1]
    yield deflate.flush()
