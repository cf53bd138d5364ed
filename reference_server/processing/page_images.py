"""Codes one page for a PDF or TIFF file. Runs in the codec process, and only there: it imports Pillow and numpy."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from device_host.encoding import describe, transcode
from device_protocol.delivery import JPEG, PNG
from device_protocol.vocabularies.rest_documents import Coding

if TYPE_CHECKING:
    from PIL import Image as Pillow

MAX_PIXELS = 600_000_000
"""A page of A3 at 1600 dpi. Pages come from our own devices; this keeps a lying header from eating the machine."""

_LIBTIFF = {
    Coding.FAX_RLE: "tiff_ccitt",
    Coding.FAX3: "group3",
    Coding.FAX4: "group4",
    Coding.JBIG2: "group4",
    Coding.LZW: "tiff_lzw",
    Coding.PACKBITS: "packbits",
    Coding.NONE: "raw",
}
"""What Pillow calls the compressions of libtiff; what they make is the same in PDF, and group 4 is the MMR of JBIG2."""

_STRIP_OFFSETS, _ROWS_PER_STRIP, _STRIP_SIZES = 273, 278, 279
_SHORT = 3


def as_type(data: bytes, target: str, quality: int) -> bytes:
    """A page as PNG or JPEG; a black-and-white one becomes a grey JPEG.

    Args:
        data: PNG or JPEG.
        target: media type.
        quality: 0 to 100, of a JPEG that is made.

    Raises:
        ValueError: *data* is damaged.
    """
    info = describe(data)
    if target == JPEG and info.type == PNG and (info.depth == 1 or info.channels in {2, 4}):
        return _jpeg(_open(data), info.dpi, quality)
    return transcode(data, info.type, target, max(1, quality))


def coded(data: bytes, coding: str, quality: int) -> tuple[dict[str, Any], bytes]:
    """A page as *coding* has it: what it became, and its bytes. A JPEG that shall be one stays as it is.

    Args:
        data: PNG or JPEG.
        coding: value of :class:`Coding`.
        quality: 0 to 100, of what loses something.

    Raises:
        ValueError: *data* is damaged.
    """
    wanted = Coding(coding)
    if wanted is Coding.JPEG:
        return _as_jpeg(data, quality)
    image = _open(data)
    if wanted is Coding.JPEG2000:
        image = image.convert("L") if image.mode == "1" else image
        return _facts(image), _jpeg2000(image, quality)
    if wanted.bilevel:
        from PIL import Image, ImageChops  # noqa: PLC0415  # see the module

        if image.mode != "1":
            image = image.convert("L").convert("1", dither=Image.Dither.NONE)  # half way between black and white
        return _facts(image), _strip(ImageChops.invert(image), _LIBTIFF[wanted])  # fax codes ink as ones
    return _facts(image), _strip(image, _LIBTIFF[wanted])


def _as_jpeg(data: bytes, quality: int) -> tuple[dict[str, Any], bytes]:
    info = describe(data)
    if info.type == JPEG and not (info.depth == 8 and info.channels in {1, 3}):
        data = _jpeg(_open(data), info.dpi, quality)  # CMYK or 12 bits, which few readers of PDF and TIFF know
    elif info.type != JPEG:
        data = as_type(data, JPEG, quality)
    info = describe(data)
    sampling, ycc = _frame(data)
    facts = {"width": info.width, "height": info.height, "channels": info.channels, "bits": 8}
    return facts | {"sampling": list(sampling), "ycc": ycc}, data


def _jpeg(image: Pillow.Image, dpi: tuple[float, float] | None, quality: int) -> bytes:
    import numpy as np  # noqa: PLC0415  # see the module

    from device_host.encoding.jpeg import jpeg_of  # noqa: PLC0415

    image = image if image.mode in {"L", "RGB"} else image.convert("L")
    pixels = np.asarray(image).reshape(image.height, image.width, -1)
    return jpeg_of(pixels, dpi, max(1, quality))


def _jpeg2000(image: Pillow.Image, quality: int) -> bytes:
    """The highest quality loses nothing; below it is a ratio of sizes, chosen so that a noisy page becomes about as large as a JPEG of that quality."""
    file = io.BytesIO()
    if quality == 100:
        image.save(file, "JPEG2000", irreversible=False)
    else:
        ratio = 28 * 2 ** ((80 - quality) / 40)
        image.save(file, "JPEG2000", irreversible=True, quality_mode="rates", quality_layers=[ratio])
    return file.getvalue()


def _strip(image: Pillow.Image, compression: str) -> bytes:
    """The picture as the only strip of a TIFF file, taken out of it."""
    from PIL import Image  # noqa: PLC0415  # see the module

    file = io.BytesIO()
    image.save(file, "TIFF", compression=compression, tiffinfo={_ROWS_PER_STRIP: image.height})
    with Image.open(file) as made:
        (offset,), (size,) = made.tag_v2[_STRIP_OFFSETS], made.tag_v2[_STRIP_SIZES]  # type: ignore[attr-defined]  # it is a TIFF
    return file.getvalue()[offset : offset + size]


def _open(data: bytes) -> Pillow.Image:
    """The page in mode 1, L or RGB: 16 bits lose their low byte, transparency lies on white.

    Raises:
        ValueError: it is damaged, or too large.
    """
    from PIL import Image  # noqa: PLC0415  # see the module

    info = describe(data)
    if info.width * info.height > MAX_PIXELS:
        raise ValueError(f"a page of {info.width} x {info.height} pixels")
    try:
        with _large_pages():
            image: Pillow.Image = Image.open(io.BytesIO(data))
        image.load()
    except (OSError, SyntaxError) as error:
        raise ValueError(str(error)) from None
    if image.mode in {"1", "L", "RGB"}:
        return image
    if image.mode.startswith("I;16"):
        import numpy as np  # noqa: PLC0415  # see the module

        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.mode == "P" or image.mode.endswith("A"):
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image).convert("RGB")
    return image.convert("RGB")


@contextmanager
def _large_pages() -> Iterator[None]:
    """Pillow's own limit is for pictures from anywhere, and one for the whole process."""
    from PIL import Image  # noqa: PLC0415  # see the module

    before, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
    try:
        yield
    finally:
        Image.MAX_IMAGE_PIXELS = before


def _facts(image: Pillow.Image) -> dict[str, Any]:
    bits = 1 if image.mode == "1" else 8
    return {"width": image.width, "height": image.height, "channels": len(image.getbands()), "bits": bits}


def _frame(data: bytes) -> tuple[tuple[int, int], bool]:
    """Sampling of the luminance beside the chrominance, and whether there is one: without a JFIF marker Adobe's can say that it is RGB (T.872 6.5.3)."""
    position, ycc, jfif = 2, True, False
    while True:
        while data[position : position + 2] == b"\xff\xff":
            position += 1
        marker, length = struct.unpack(">xBH", data[position : position + 4])
        body = data[position + 4 : position + 2 + length]
        jfif = jfif or (marker == 0xE0 and body[:4] == b"JFIF")
        if marker == 0xEE and body[:5] == b"Adobe" and len(body) >= 12 and not jfif:
            ycc = body[11] != 0
        if 0xC0 <= marker <= 0xCF and marker not in {0xC4, 0xC8, 0xCC}:
            factors = [body[7 + 3 * index] for index in range(body[5])]
            across, down = factors[0] >> 4, factors[0] & 15
            if len(factors) > 1:
                across, down = across // (factors[1] >> 4), down // (factors[1] & 15)
            return (across, down), ycc
        position += 2 + length
