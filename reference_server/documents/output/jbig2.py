"""JBIG2 as PDF embeds it (ISO 32000-2 7.4.7): one page, one generic region, coded by MMR.

MMR is the coding of fax group 4, so that the picture of any group 4 coder goes in as it is; what is new is the frame around it (ISO/IEC 14492 7.2, 7.4.6,
7.4.8). JBIG2's own arithmetic coder makes smaller pictures; there is no free and well-kept encoder of it that we could import.
"""

from __future__ import annotations

import struct

_PAGE_INFORMATION = 48
_IMMEDIATE_LOSSLESS_GENERIC_REGION = 39
_MMR = 1
_PAGE = 1


def embedded(width: int, height: int, group4: bytes) -> bytes:
    """The segments of a picture, without the file header, which PDF leaves out.

    Args:
        width: in pixels.
        height: in pixels.
        group4: the picture, black as ones, most significant bit first.
    """
    unknown_resolution, default_white_or, not_striped = 0, 0, 0
    page = struct.pack(">IIIIBH", width, height, unknown_resolution, unknown_resolution, default_white_or, not_striped)
    at_origin, combine_or = 0, 0
    region = struct.pack(">IIIIBB", width, height, at_origin, at_origin, combine_or, _MMR)
    return _segment(0, _PAGE_INFORMATION, page) + _segment(1, _IMMEDIATE_LOSSLESS_GENERIC_REGION, region + group4)


def _segment(number: int, kind: int, data: bytes) -> bytes:
    refers_to_none = 0
    return struct.pack(">IBBBI", number, kind, refers_to_none, _PAGE, len(data)) + data
