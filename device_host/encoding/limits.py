"""How large a page may be. A4 in colour at 1200 dpi (417 MB) fits; a decompression bomb does not.

The limits are checked against parameters and headers, before anything of that size is allocated.
"""

from __future__ import annotations

from typing import Final

from device_host.encoding.errors import TooLarge

MAX_RAW_BYTES: Final = 512 << 20
"""Bytes of a page's pixels, before encoding or after decoding."""

MAX_FILE_BYTES: Final = 512 << 20
"""Bytes of an encoded page."""

MAX_PIXELS: Final = 256 << 20
"""Pixels of a page: A4 in 1-bit at 1200 dpi has 139 million."""

MAX_SIDE: Final = 1 << 20
"""Pixels of a row, and rows of a page."""

MAX_JPEG_SIDE: Final = 65500
"""libjpeg's JPEG_MAX_DIMENSION."""


def check_size(width: int, height: int, raw_bytes: int) -> None:
    """Refuse a page of that size.

    Args:
        width: pixels of a row.
        height: rows.
        raw_bytes: of its pixels.

    Raises:
        TooLarge: a limit of this module is exceeded.
    """
    if width > MAX_SIDE or height > MAX_SIDE:
        raise TooLarge(f"{width} x {height} pixels: no side may have more than {MAX_SIDE}")
    if width * height > MAX_PIXELS:
        raise TooLarge(f"{width} x {height} pixels: more than {MAX_PIXELS}")
    if raw_bytes > MAX_RAW_BYTES:
        raise TooLarge(f"{raw_bytes} bytes of pixels: more than {MAX_RAW_BYTES}")


def check_file(data_bytes: int) -> None:
    """Refuse a file of that many bytes.

    Raises:
        TooLarge: more than MAX_FILE_BYTES.
    """
    if data_bytes > MAX_FILE_BYTES:
        raise TooLarge(f"a file of {data_bytes} bytes: more than {MAX_FILE_BYTES}")
