"""Pictures for tests of processing: pages with marks and with barcodes, as files."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import zxingcpp
from PIL import Image

Grey = npt.NDArray[np.uint8]

A4_150 = (1754, 1240)
"""Rows and columns of a small A4 page."""


def page(brightness: int = 255, shape: tuple[int, int] = A4_150) -> Grey:
    """An empty page."""
    return np.full(shape, brightness, np.uint8)


def marked(height: int, width: int = 25, at: tuple[int, int] = (700, 500), brightness: int = 255, ink: int = 0) -> Grey:
    """A page with one block of ink."""
    made = page(brightness)
    made[at[0] : at[0] + height, at[1] : at[1] + width] = ink
    return made


def png(pixels: npt.NDArray[Any]) -> bytes:
    """As PNG; booleans as one bit, where True is white."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG", compress_level=1)
    return out.getvalue()


def jpeg(pixels: npt.NDArray[Any], quality: int = 80) -> bytes:
    """As JPEG."""
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "JPEG", quality=quality)
    return out.getvalue()


def with_barcodes(codes: Sequence[tuple[str, str]], scale: int = 4) -> Grey:
    """A page with barcodes, given as zxing-cpp's format and text, one below the other."""
    images = [
        np.array(zxingcpp.create_barcode(text, getattr(zxingcpp.BarcodeFormat, name)).to_image(scale=scale))
        for name, text in codes
    ]
    height = sum(len(image) + 100 for image in images) + 100
    made = np.full((height, max(image.shape[1] for image in images) + 200), 255, np.uint8)
    top = 100
    for image in images:
        made[top : top + image.shape[0], 100 : 100 + image.shape[1]] = image
        top += len(image) + 100
    return made
