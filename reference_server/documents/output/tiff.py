"""TIFF files of scanned pages: one image file directory a page, one strip each (TIFF 6.0, and its technical note 2 for JPEG)."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from fractions import Fraction

from device_protocol.vocabularies.rest_documents import TIFF_CODINGS, Coding
from reference_server.documents.output.plan import Image, Plan, Stream
from reference_server.errors import bad_parameter

LARGEST = 0xFFFF_FFFF
"""Offsets of a TIFF have 32 bits."""

_COMPRESSION = {coding: number for number, coding in TIFF_CODINGS.items()}
_SHORT, _LONG, _RATIONAL = 3, 4, 5
_FORMATS = {_SHORT: "H", _LONG: "I", _RATIONAL: "II"}
_ONE_PAGE_OF_MANY = 2
_WHITE_IS_ZERO, _BLACK_IS_ZERO, _RGB, _YCBCR = 0, 1, 2, 6
_NO_UNIT, _INCH = 1, 2
_HEAD = 8


def plan_tiff(images: Sequence[Image]) -> Plan:
    """The file with a page for each image.

    Raises:
        RestError: 400, it would be too large for a TIFF.
    """
    parts: list[bytes | Stream] = [struct.pack("<2sHI", b"II", 42, _HEAD)]
    offset = _HEAD
    for number, image in enumerate(images):
        size = _directory_size(image)
        strip = offset + size
        end = strip + image.size + image.size % 2  # directories begin on even bytes
        if end > LARGEST:
            raise bad_parameter("pages: so many do not fit into one TIFF file of 4 GB; ask for fewer, or for a PDF.")
        following = end if number + 1 < len(images) else 0
        parts += [_directory(image, offset, strip, following, (number, len(images))), Stream(image.size, image.chunks)]
        if image.size % 2:
            parts.append(b"\0")
        offset = end
    return parts


def _tags(image: Image, strip: int, number: tuple[int, int]) -> Iterator[tuple[int, int, tuple[int, ...]]]:
    """Tag, type and values, in the order of their numbers."""
    yield 254, _LONG, (_ONE_PAGE_OF_MANY,)
    yield 256, _LONG, (image.width,)
    yield 257, _LONG, (image.height,)
    yield 258, _SHORT, (image.bits,) * image.channels
    yield 259, _SHORT, (_COMPRESSION[image.coding],)
    yield 262, _SHORT, (_photometric(image),)
    yield 273, _LONG, (strip,)
    yield 277, _SHORT, (image.channels,)
    yield 278, _LONG, (image.height,)
    yield 279, _LONG, (image.size,)
    yield 282, _RATIONAL, _rational(image.dpi[0])
    yield 283, _RATIONAL, _rational(image.dpi[1])
    yield 284, _SHORT, (1,)  # samples of a pixel lie together
    if image.coding is Coding.FAX3:
        yield 292, _LONG, (0,)  # T4Options: one-dimensional, no fill bits
    yield 296, _SHORT, (_INCH if all(image.dpi) else _NO_UNIT,)
    yield 297, _SHORT, number
    if _photometric(image) == _YCBCR:
        yield 530, _SHORT, image.sampling
        yield 532, _RATIONAL, (0, 1, 255, 1, 128, 1, 255, 1, 128, 1, 255, 1)  # full range, as JFIF has it


def _directory(image: Image, offset: int, strip: int, following: int, number: tuple[int, int]) -> bytes:
    tags = list(_tags(image, strip, number))
    long_values = b""
    entries = struct.pack("<H", len(tags))
    values_at = offset + 2 + 12 * len(tags) + 4
    for tag, kind, values in tags:
        count = len(values) // len(_FORMATS[kind])
        data = struct.pack(f"<{len(values)}{_FORMATS[kind][0]}", *values)
        if len(data) <= 4:
            entries += struct.pack("<HHI4s", tag, kind, count, data.ljust(4, b"\0"))
        else:
            entries += struct.pack("<HHII", tag, kind, count, values_at + len(long_values))
            long_values += data + b"\0" * (len(data) % 2)
    return entries + struct.pack("<I", following) + long_values


def _directory_size(image: Image) -> int:
    return len(_directory(image, 0, 0, 0, (0, 0)))


def _photometric(image: Image) -> int:
    if image.channels == 1:
        return _WHITE_IS_ZERO if image.coding.bilevel else _BLACK_IS_ZERO
    return _YCBCR if image.coding is Coding.JPEG and image.ycc else _RGB


def _rational(value: float) -> tuple[int, int]:
    ratio = Fraction(value or 1).limit_denominator(10_000)
    return min(ratio.numerator, LARGEST), ratio.denominator
