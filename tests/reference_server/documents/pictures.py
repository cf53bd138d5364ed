"""Pages with something on them, as files, and how close two pictures are."""

from __future__ import annotations

import io
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from PIL import Image

WIDTH, HEIGHT, DPI = 203, 151, 100
"""Odd numbers: rows end in the middle of a byte."""

ALMOST = 0.9999
"""A PNG keeps its resolution as whole pixels a metre, so that a page may be a thousandth of a pixel larger than it was, and pdfium rounds up."""


def picture(mode: str) -> Image.Image:
    """A page in Pillow's *mode*: a ramp, a dark block at the upper left, and thin lines."""
    across, down = np.meshgrid(np.linspace(60, 250, WIDTH), np.linspace(0, 60, HEIGHT))
    red, green, blue = across, across - down / 2, 255 - across
    pixels = np.stack([red, green, blue], axis=2).astype(np.uint8)
    pixels[10:60, 10:50] = (20, 10, 30)
    pixels[100::8, :] = 0
    image = Image.fromarray(pixels)
    return (
        image if mode == "RGB" else image.convert("L") if mode == "L" else image.convert("1", dither=Image.Dither.NONE)
    )


@cache
def page(mode: str, kind: str = "PNG", number: int = 0, **how: Any) -> bytes:
    """A page as a file of the format *kind*; pages of different *number* differ."""
    image = picture(mode)
    if number:
        image.paste(0, (100, 0, 100 + number, 40))
    file = io.BytesIO()
    image.save(file, kind, **{"dpi": (DPI, DPI)} | how)
    return file.getvalue()


def opened(data: bytes) -> Image.Image:
    """The picture in a file."""
    image = Image.open(io.BytesIO(data))
    image.load()
    return image


def distance(left: Image.Image, right: Image.Image) -> float:
    """Mean difference of two pictures of one size, 0 to 255."""
    assert left.size == right.size, f"{left.size} and {right.size}"
    a, b = (np.asarray(image.convert("RGB"), dtype=np.int16) for image in (left, right))
    return float(np.abs(a - b).mean())


@dataclass(frozen=True)
class Rendered:
    """A page of a PDF: its size in points, and its picture at the resolution of ours."""

    size: tuple[float, float]
    image: Image.Image


def rendered(data: bytes, password: str | None = None) -> list[Rendered]:
    """The pages of a PDF as pdfium shows them."""
    import pypdfium2 as pdfium  # noqa: PLC0415  # slow to import

    document = pdfium.PdfDocument(data, password=password)
    try:
        pages = []
        for index in range(len(document)):
            sheet = document[index]
            pages.append(Rendered(sheet.get_size(), sheet.render(scale=DPI / 72 * ALMOST).to_pil()))
            sheet.close()
        return pages
    finally:
        document.close()
