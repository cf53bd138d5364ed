"""Writing scanned pages to files: PDF, TIFF, PNG, JPEG. Files appear whole or not at all."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from device_protocol import PageParams
from device_protocol.delivery import JPEG
from flatbed.outputs import replace_file


@dataclass(frozen=True)
class PageFile:
    """A page as an encoded image: the bytes, their media type, and the page's parameters."""

    data: bytes
    media_type: str
    params: PageParams


def write_pages(output: Path, pages: list[PageFile]) -> list[Path]:
    """Write *pages* to *output*, or to numbered files beside it for one-page formats; gives the files written."""
    whole = KINDS[output.suffix.lower()]
    if whole is not None:
        replace_file(output, whole(pages))
        return [output]
    files = []
    for number, page in enumerate(pages, 1):
        ending = output.suffix if (page.media_type == JPEG) == (output.suffix.lower() != ".png") else ".png"
        name = f"{output.stem}{ending}" if len(pages) == 1 else f"{output.stem}-{number}{ending}"
        path = output.with_name(name)
        replace_file(path, page.data)
        files.append(path)
    return files


def _pdf(pages: list[PageFile]) -> bytes:
    """A PDF of the pages in their physical size; JPEG data goes in as it is, PNG data losslessly."""
    import img2pdf  # noqa: PLC0415  # slow to import

    def layout(width: int, height: int, _dpi: tuple[float, float] | None) -> tuple[float, float, float, float]:
        params = sizes.pop(0)
        across = width / (params.dpi_x or 72) * 72
        down = height / (params.dpi_y or params.dpi_x or 72) * 72
        return across, down, across, down

    sizes = [page.params for page in pages]
    engine = (
        img2pdf.Engine.internal
    )  # the other one puts the second of the clock into the file's id, whatever nodate says
    data: bytes = img2pdf.convert([page.data for page in pages], layout_fun=layout, nodate=True, engine=engine)
    return data


def _tiff(pages: list[PageFile]) -> bytes:
    """A TIFF of all pages: Group 4 for black and white, Deflate for the others; lossless."""
    from PIL import Image  # noqa: PLC0415  # slow to import

    images = []
    for page in pages:
        with Image.open(io.BytesIO(page.data)) as image:
            image.load()
            image.encoderinfo = {
                "compression": "group4" if image.mode == "1" else "tiff_adobe_deflate",
                "dpi": (page.params.dpi_x or 72, page.params.dpi_y or page.params.dpi_x or 72),
            }
            images.append(image)
    buffer = io.BytesIO()
    images[0].save(buffer, "TIFF", save_all=True, append_images=images[1:], **images[0].encoderinfo)
    return buffer.getvalue()


KINDS: dict[str, Callable[[list[PageFile]], bytes] | None] = {
    ".pdf": _pdf,
    ".tif": _tiff,
    ".tiff": _tiff,
    ".png": None,
    ".jpg": None,
    ".jpeg": None,
}
"""Endings that can be written, and what makes one file of all pages; None: a file a page."""
