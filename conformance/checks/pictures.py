"""Pages as arrays, and what the oracle says of them where the device delivers our sheets."""

from __future__ import annotations

from typing import Any

import numpy as np

import sheets
from conformance.bench import ScannedPage
from device_protocol import RAW, ByteOrder, PageParams, Polarity

Array = np.ndarray[Any, Any]


def pixels(page: ScannedPage, *, order: ByteOrder | None = None) -> Array | None:
    """The samples of a raw page: (height, width) or (height, width, 3), uint8 or uint16, higher is brighter; None if they cannot be had.

    Args:
        page: of any depth.
        order: byte order of 16-bit samples; default: the declared one.
    """
    params = page.end.params
    if params.format != RAW or not params.stride or params.stride < params.packed_row or params.width < 1:
        return None
    height = len(page.data) // params.stride
    if not height:
        return None
    rows = np.frombuffer(page.data[: height * params.stride], np.uint8).reshape(height, params.stride)
    rows = rows[:, : params.packed_row]
    if params.depth == 1:
        return _bits(rows, params)
    if params.depth not in {8, 16}:
        return None
    samples: Array = rows
    if params.depth == 16:
        wanted = order or params.byte_order
        kind = np.dtype(np.uint16).newbyteorder("<" if wanted is ByteOrder.LITTLE else ">")
        samples = np.ascontiguousarray(rows).view(kind).astype(np.uint16)
    return samples.reshape(height, params.width, params.channels) if params.channels > 1 else samples


def _bits(rows: Array, params: PageParams) -> Array:
    """1-bit samples as 0 (black) and 255 (white)."""
    bits = np.unpackbits(rows, axis=1, count=params.width * params.channels)
    if params.polarity is Polarity.ONE_IS_BLACK:
        bits = 1 - bits
    return bits.astype(np.uint8) * 255


def grey(samples: Array) -> Array:
    """Brightness from 0 to 1."""
    top = 65535.0 if samples.dtype == np.uint16 else 255.0
    flat = samples.mean(axis=2) if samples.ndim == 3 else samples
    result: Array = flat.astype(np.float64) / top
    return result


def roughness(samples: Array) -> float:
    """Mean step from one pixel to the next; samples with swapped bytes are rough."""
    flat = samples.astype(np.float64)
    if flat.shape[1] < 2:
        return 0.0
    return float(np.abs(np.diff(flat, axis=1)).mean())


def read_sheet(page: ScannedPage) -> sheets.Reading | None:
    """What the oracle reads; None if the page is not one of our sheets, or shows no mark."""
    samples = pixels(page)
    if samples is None:
        return None
    params = page.end.params
    dpi = (params.dpi_x, params.dpi_y) if params.dpi_x and params.dpi_y else None
    reading = sheets.read_page(samples, dpi=dpi)
    return reading if reading.found else None
