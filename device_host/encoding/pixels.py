"""Raw pages as numpy arrays. Imports numpy, so it is imported only where a page is encoded."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from device_host.encoding.layout import Buffer, Layout

Bytes: TypeAlias = npt.NDArray[np.uint8]


def rows_of(layout: Layout, data: Buffer) -> Bytes:
    """The bytes that carry pixels, without padding: ``(height, layout.row)``, a view of *data*."""
    return np.ndarray((layout.height, layout.row), np.uint8, data, 0, (layout.stride, 1))


def as_8bit(layout: Layout, data: Buffer) -> Bytes:
    """Samples of 8 bits, ``(height, width, channels)``; of 16-bit samples the high byte, which is a view too."""
    samples = rows_of(layout, data)
    if layout.depth == 16:
        samples = samples[:, (0 if layout.big_endian else 1) :: 2]
    return samples.reshape(layout.height, layout.width, layout.channels)


def png_rows(layout: Layout, rows: Bytes) -> Bytes:
    """Rows of a page as PNG has them: 16 bits big-endian, 1 = white, no stray bits after the last pixel, 1-bit colour as 8-bit colour.

    Args:
        layout: of the page.
        rows: any number of its rows, from :func:`rows_of`; left as they are.
    """
    if layout.depth == 16:
        return rows if layout.big_endian else rows.view(np.uint16).byteswap().view(np.uint8)
    if layout.depth == 8:
        return rows
    white = rows if layout.one_is_white else ~rows
    if layout.channels == 3:  # PNG has no 1-bit colour
        return np.unpackbits(white, axis=1, count=layout.width * 3) * np.uint8(255)
    stray = -layout.width % 8
    if stray:
        white = white.copy() if white is rows else white
        white[:, -1] &= np.uint8(0xFF << stray & 0xFF)
    return white
