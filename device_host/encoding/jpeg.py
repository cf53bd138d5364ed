"""The JPEG writer: libjpeg-turbo through simplejpeg, 4:2:0. Imports numpy and simplejpeg, so it is imported only where a page is encoded."""

from __future__ import annotations

import simplejpeg

from device_host.encoding.density import patch_jfif
from device_host.encoding.layout import Buffer, Layout
from device_host.encoding.pixels import Bytes, as_8bit


def encode_jpeg(layout: Layout, data: Buffer, quality: int) -> bytes:
    """The page as a JPEG file; 16-bit samples lose their low byte, grey stays grey."""
    return jpeg_of(as_8bit(layout, data), layout.dpi, quality)


def jpeg_of(image: Bytes, dpi: tuple[float, float] | None, quality: int) -> bytes:
    """*image*, ``(height, width, 1 or 3)``, as a JPEG file."""
    grey = image.shape[2] == 1
    if image.strides[1:] != (image.shape[2], 1):  # simplejpeg takes padded rows, but no gaps between samples
        image = image.copy()
    file: bytes = simplejpeg.encode_jpeg(
        image, quality=quality, colorspace="GRAY" if grey else "RGB", colorsubsampling="Gray" if grey else "420"
    )
    return patch_jfif(file, dpi)  # simplejpeg writes no density (DATA-10)
