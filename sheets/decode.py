"""Bytes to pixels, with limits: bad input is a typed error and costs little."""

import io
import math
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image, UnidentifiedImageError

from sheets.arrays import AnyArray
from sheets.errors import UnreadableImage

MAX_BYTES = 256 * 2**20
MAX_PAGES = 2000
MAX_PIXELS = 89_000_000  # an A3 page of 600 dpi is 70 million; Pillow itself warns a little above this
_FORMATS = ("PNG", "JPEG", "TIFF")
_SIXTEEN = {"I;16", "I;16B", "I;16L", "I;16N", "I"}
# What Pillow's decoders were seen to raise on damaged files.
_BROKEN = (
    OSError,
    ValueError,
    TypeError,
    KeyError,
    IndexError,
    SyntaxError,
    EOFError,
    OverflowError,
    ZeroDivisionError,
    AttributeError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Warning,  # where warnings are errors
)


@dataclass(frozen=True)
class DecodedImage:
    """A decoded page.

    Attributes:
        pixels: (height, width) or (height, width, 3), uint8 or uint16, 0 = black.
        dpi: Resolution that the file declares, if it declares one.
        format: PNG, JPEG or TIFF.
        complete: Whether all the data was there.
    """

    pixels: AnyArray
    dpi: tuple[float, float] | None
    format: str
    complete: bool


def decode_image(data: bytes | bytearray | memoryview, *, allow_truncated: bool = False) -> DecodedImage:
    """Decodes a PNG, JPEG or TIFF page (the first, if there are several).

    Args:
        data: The file. At most 256 MiB and 89 million pixels; the size is checked before any pixel is decoded.
        allow_truncated: Whether to take what there is of a file that ends early.

    Raises:
        UnreadableImage: If it is none of these, damaged, cut short or too large.
    """
    if len(data) > MAX_BYTES:
        raise UnreadableImage(f"{len(data)} bytes exceed the limit of {MAX_BYTES}")
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
            return _decode(image, allow_truncated=allow_truncated)
    except UnreadableImage:
        raise
    except UnidentifiedImageError as error:
        raise UnreadableImage("no PNG, JPEG or TIFF image") from error
    except _BROKEN as error:
        raise UnreadableImage(f"cannot be decoded: {str(error) or type(error).__name__}") from error


def decode_pages(data: bytes) -> Iterator[DecodedImage]:
    """Decodes all pages of a TIFF, or the one of a PNG or JPEG, one at a time; what there is of a page that ends early.

    Raises:
        UnreadableImage: As :func:`decode_image`, and for more than 2000 pages.
    """
    first = decode_image(data, allow_truncated=True)
    yield first
    if first.format != "TIFF":
        return
    for number in range(1, MAX_PAGES + 1):
        try:
            with Image.open(io.BytesIO(data), formats=_FORMATS) as image:
                image.seek(number)
                page = _decode(image, allow_truncated=True)
        except EOFError:
            return
        except UnreadableImage:
            raise
        except _BROKEN as error:
            raise UnreadableImage(
                f"page {number + 1} cannot be decoded: {str(error) or type(error).__name__}"
            ) from error
        yield page
    raise UnreadableImage(f"more than {MAX_PAGES} pages")


def _decode(image: Image.Image, *, allow_truncated: bool) -> DecodedImage:
    if image.width * image.height > MAX_PIXELS:
        raise UnreadableImage(f"{image.width} x {image.height} pixels exceed the limit of {MAX_PIXELS}")
    complete = True
    try:
        image.load()
    except OSError:
        if not allow_truncated or not _keep_partial(image):
            raise
        complete = False
    return DecodedImage(pixels_of(image), _declared(image), str(image.format), complete)


def _keep_partial(image: Image.Image) -> bool:
    """Makes Pillow take the rows decoded so far as the image; there is no switch for that but a global one."""
    tiles = getattr(image, "tile", None)
    if not tiles or getattr(image, "_im", None) is None:
        return False
    image.tile = []  # type: ignore[attr-defined]  # only file images have it, and this is one
    return True


def pixels_of(image: Image.Image) -> AnyArray:
    """The pixels of a Pillow image: (height, width) or (height, width, 3), uint8 or uint16, 0 = black."""
    if image.mode in _SIXTEEN:
        samples: AnyArray = np.asarray(image)
        return np.clip(samples, 0, 65535).astype(np.uint16)
    if image.mode in {"1", "L", "LA", "La", "F"}:
        return np.asarray(image.convert("L"))
    return np.asarray(image.convert("RGB"))


def _declared(image: Image.Image) -> tuple[float, float] | None:
    dpi = image.info.get("dpi")
    if not isinstance(dpi, tuple) or len(dpi) != 2:
        return None
    x, y = float(dpi[0]), float(dpi[1])
    return (x, y) if math.isfinite(x) and math.isfinite(y) and x > 1 and y > 1 else None
