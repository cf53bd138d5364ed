"""A delivered frame as an array."""

from __future__ import annotations

import numpy as np
import simplejpeg

from device_protocol import PageParams
from simulators.cameras.optics import Picture
from simulators.cameras.picture import JPEG_TYPE


def rows(data: bytes, params: PageParams) -> Picture:
    """The pixels of a frame of either format; height x width x 3, RGB.

    Raises:
        ValueError: it is no frame of those parameters.
    """
    if params.format == JPEG_TYPE:
        decoded: Picture = simplejpeg.decode_jpeg(data)
        return decoded
    picture: Picture = np.frombuffer(data, np.uint8).reshape(params.height or 0, params.width, 3)
    return picture
