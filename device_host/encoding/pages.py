"""From a raw page to a file. What is slow to import (numpy, igzip, libjpeg-turbo) is imported when the first page comes."""

from __future__ import annotations

from device_host.encoding.errors import CannotEncode, EncodingError
from device_host.encoding.layout import Buffer, Layout, layout_of
from device_host.encoding.limits import MAX_JPEG_SIDE
from device_protocol.capabilities import RAW
from device_protocol.delivery import DEFAULT_QUALITY, ENCODINGS, JPEG, PNG
from device_protocol.pages import PageParams


def encode_page(params: PageParams, data: Buffer, media_type: str, quality: int = DEFAULT_QUALITY) -> bytes:
    """A raw page as a file; the same page gives the same bytes.

    Args:
        params: of the page; an unknown height is what *data* has of whole rows.
        data: its bytes, ``height * stride`` of them; the last row needs no padding.
        media_type: ``image/png`` (lossless) or ``image/jpeg`` (8 bits, 4:2:0).
        quality: of JPEG, 1 to 100.

    Raises:
        CannotEncode: that type cannot hold such a page; :func:`best_type` tells beforehand. Also for pages that are files already.
        BadPage: parameters and data that do not fit each other.
        TooLarge: beyond :mod:`device_host.encoding.limits`.
        EncodingError: another media type or quality.
    """
    check_wish(media_type, quality)
    layout = layout_of(params, len(data) if isinstance(data, bytes | bytearray) else data.nbytes)
    if media_type == PNG:
        from device_host.encoding.png import encode_png  # noqa: PLC0415  # slow to import, see the module's docstring

        return encode_png(layout, data)
    why = no_jpeg(layout.depth, layout.width, layout.height)
    if why is not None:
        raise CannotEncode(why)
    return _as_jpeg(layout, data, quality)


def best_type(params: PageParams, wanted: str | None) -> str:
    """The type in which such a page is delivered: *wanted* (None: PNG) where that is possible, else PNG; a page that is a file already stays one."""
    if params.format != RAW:
        return params.format
    if wanted == JPEG and no_jpeg(params.depth, params.width, params.height or 0) is None:
        return JPEG
    return PNG


def no_jpeg(depth: int, width: int, height: int) -> str | None:
    """Why a page of that kind has no JPEG, or None (REST code -1073)."""
    if depth == 1:
        return "JPEG needs 8-bit grey or colour; the page has 1-bit pixels"
    if max(width, height) > MAX_JPEG_SIDE:
        return f"JPEG has no more than {MAX_JPEG_SIDE} pixels a side; the page has {width} x {height}"
    return None


def check_wish(media_type: str, quality: int) -> None:
    """Refuse a media type that is none of ours, and a quality outside 1 to 100.

    Raises:
        EncodingError: it is one.
    """
    if media_type not in ENCODINGS:
        raise EncodingError(f"{media_type!r} is none of {', '.join(ENCODINGS)}")
    if not 1 <= quality <= 100:
        raise EncodingError(f"quality {quality} is not in 1...100")


def _as_jpeg(layout: Layout, data: Buffer, quality: int) -> bytes:
    from device_host.encoding.jpeg import encode_jpeg  # noqa: PLC0415  # slow to import, see the module's docstring

    return encode_jpeg(layout, data, quality)
