"""Reading files again, to make another type of them. Imports numpy and the codecs, so it is imported only where a file is read.

Our own PNGs (no row filter but None and Up) are read with igzip in a third of Pillow's time; any other PNG goes to Pillow. Headers and limits were
checked before (:mod:`device_host.encoding.transcode`), and no reader allocates more than the header says.
"""

from __future__ import annotations

import io
import struct

import numpy as np
import simplejpeg
from isal import isal_zlib
from PIL import PngImagePlugin

from device_host.encoding.describe import EncodedInfo
from device_host.encoding.errors import BadImage
from device_host.encoding.jpeg import jpeg_of
from device_host.encoding.layout import Layout
from device_host.encoding.pixels import Bytes
from device_host.encoding.png import encode_png
from device_protocol.delivery import JPEG


def png_to_jpeg(data: bytes, info: EncodedInfo, quality: int) -> bytes:
    """A PNG as JPEG: 16 bits lose their low byte, transparency is dropped.

    Raises:
        BadImage: it is damaged.
    """
    return jpeg_of(read_pixels(data, info), info.dpi, quality)


def jpeg_to_png(data: bytes, info: EncodedInfo) -> bytes:
    """A JPEG as PNG, pixel by pixel what it decodes to.

    Raises:
        BadImage: it is damaged, or of a colour space that scanners do not use.
    """
    image = _read_jpeg(data, info)
    height, width, channels = image.shape
    row = width * channels
    layout = Layout(width, height, row, row, 8, channels, one_is_white=True, big_endian=True, dpi=info.dpi)
    return encode_png(layout, image.reshape(-1).data)


def read_pixels(data: bytes, info: EncodedInfo, *, grey: bool = False) -> Bytes:
    """Pixels of a file as ``(height, width, channels)`` of 8 bits, higher is brighter; one channel for grey, three for colour.

    Args:
        data: a PNG or JPEG.
        info: its header, whose limits were checked (:func:`device_host.encoding.transcode.check_image`).
        grey: brightness alone is wanted. A JPEG has it at hand, a third of the bytes; a PNG in colour comes in colour all the same.

    Raises:
        BadImage: it is damaged.
    """
    if info.type == JPEG:
        return _read_jpeg(data, info, grey=grey)
    image = _read_plain_png(data, info)
    return _read_png(data) if image is None else image


def _read_jpeg(data: bytes, info: EncodedInfo, *, grey: bool = False) -> Bytes:
    try:
        image: Bytes = simplejpeg.decode_jpeg(data, colorspace="GRAY" if grey or info.channels == 1 else "RGB")
    except ValueError as error:
        raise BadImage(f"a damaged JPEG: {error}") from None
    if image.shape[:2] != (info.height, info.width):
        raise BadImage("a JPEG with two frame headers")
    return image


def _read_plain_png(data: bytes, info: EncodedInfo) -> Bytes | None:
    """Pixels as ``(height, width, channels)`` of 8 bits; None for a PNG with a palette, transparency, interlacing, few bits or other filters."""
    colour, interlace = data[25], data[28]  # of the header, which was checked
    if colour not in {0, 2} or interlace or info.depth < 8:
        return None
    row = info.width * info.channels * info.depth // 8
    expected = info.height * (row + 1)
    inflate = isal_zlib.decompressobj()
    try:
        filtered = inflate.decompress(_picture(data), expected + 1)
    except isal_zlib.error as error:  # type: ignore[misc]  # the stubs declare an instance, it is a class
        raise BadImage(f"a damaged PNG: {error}") from None
    if len(filtered) != expected:
        raise BadImage("a PNG with too little or too much data")
    rows = np.frombuffer(filtered, np.uint8).reshape(info.height, row + 1)
    filters = rows[:, 0].tolist()
    if not {0, 2}.issuperset(filters):
        return None
    pixels = np.empty((info.height, row), np.uint8)
    above = np.zeros(row, np.uint8)
    for kind, source, target in zip(
        filters, rows[:, 1:], pixels, strict=True
    ):  # accumulate along an axis is 40 times slower
        np.add(source, above if kind else 0, out=target)
        above = target
    high_bytes = pixels if info.depth == 8 else pixels[:, ::2]
    return high_bytes.reshape(info.height, info.width, info.channels)


def _picture(data: bytes) -> bytes:
    """The deflate stream of all IDAT chunks.

    Raises:
        BadImage: a checksum is wrong, or the file ends before IEND.
    """
    view = memoryview(data)
    parts: list[memoryview] = []
    position = 8
    while (head := view[position : position + 8]) and len(head) == 8:
        length, kind = struct.unpack(">I4s", head)
        content = view[position + 8 : position + 8 + length]
        if kind == b"IEND":
            return b"".join(parts)
        if kind == b"IDAT":
            checksum = view[position + 8 + length : position + 12 + length]
            if isal_zlib.crc32(content, isal_zlib.crc32(kind)) != int.from_bytes(checksum, "big"):
                raise BadImage("a PNG with a damaged picture")
            parts.append(content)
        position += length + 12
    raise BadImage("a PNG that ends too early")


def _read_png(data: bytes) -> Bytes:
    """Pixels of any PNG, by Pillow. Not by ``Image.open``: that would take other types too, and has limits of its own."""
    try:
        with PngImagePlugin.PngImageFile(io.BytesIO(data)) as image:
            image.load()
            if image.mode.startswith("I"):  # 16-bit grey
                return (np.asarray(image).astype(np.uint16) >> 8).astype(np.uint8)[:, :, None]
            grey = image.mode in {"1", "L", "LA"}
            pixels = np.asarray(image.convert("L" if grey else "RGB"))
    except (OSError, SyntaxError, ValueError, EOFError, struct.error) as error:  # what Pillow says of damaged files
        raise BadImage(f"a damaged PNG: {error}") from None
    return pixels.reshape(*pixels.shape[:2], 1 if grey else 3)
