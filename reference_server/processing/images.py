"""Pages as arrays, for the codec process. Whatever a file is, it ends in an array or in a ValueError, and never in more memory than the limits allow."""

from __future__ import annotations

from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

from device_host.encoding.decode import read_pixels
from device_host.encoding.errors import TooLarge
from device_host.encoding.transcode import check_image

Grey: TypeAlias = npt.NDArray[np.uint8]

MAX_PIXELS: Final = 150_000_000
"""A4 at 1200 dpi has 139 million. Less than pages may have in the service, since looking takes more memory than keeping."""

_RED, _GREEN, _BLUE = 77, 150, 29
"""Weights of luminance (ITU-R BT.601), of 256."""
_BAND_ROWS = 256


def load(data: bytes, *, grey: bool = False) -> Grey:
    """The pixels of a PNG or JPEG, ``(height, width, channels)``; with *grey* one channel where that is cheaper.

    Raises:
        EncodingError: neither, damaged, or too large; said before anything is decoded where the header tells.
    """
    info = check_image(data)
    if info.width * info.height > MAX_PIXELS:
        raise TooLarge(f"{info.width} x {info.height} pixels: more than {MAX_PIXELS} are not looked at")
    return read_pixels(data, info, grey=grey)


def luminance(pixels: Grey) -> Grey:
    """How bright each pixel is, ``(height, width)``."""
    if pixels.shape[2] == 1:
        return pixels[:, :, 0]
    made = np.empty(pixels.shape[:2], np.uint8)
    for start in range(0, len(pixels), _BAND_ROWS):  # bands: the sums are twice as wide as the pixels
        band = pixels[start : start + _BAND_ROWS].astype(np.uint16)
        total = band[:, :, 0] * _RED + band[:, :, 1] * _GREEN + band[:, :, 2] * _BLUE
        made[start : start + _BAND_ROWS] = total >> 8
    return made


def darkest(pixels: Grey) -> Grey:
    """The darkest channel of each pixel, ``(height, width)``: ink of any colour is dark in one of them, yellow too."""
    if pixels.shape[2] == 1:
        return pixels[:, :, 0]
    return np.minimum(np.minimum(pixels[:, :, 0], pixels[:, :, 1]), pixels[:, :, 2])
