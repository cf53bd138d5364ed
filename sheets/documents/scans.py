"""Scanned pages of a file: each page of a PDF or TIFF, or the one of a PNG or JPEG."""

from collections.abc import Iterator
from pathlib import Path

from sheets.decode import MAX_PIXELS, DecodedImage, decode_pages
from sheets.documents.files import read_file
from sheets.documents.pdf import draw_page, page_count, page_size, picture_dpi
from sheets.errors import UnreadableImage

_PDF_DPI = 300.0
_LEAST_DPI, _MOST_DPI = 50.0, 1200.0  # a stamp or a hair line on the page says nothing of its resolution
_PDF_HEAD = b"%PDF-"


def pages_of(file: Path) -> Iterator[DecodedImage]:
    """The pages of a file, one at a time.

    A page of a PDF is drawn at the resolution of the largest picture on it, as scanners write it; at 300 dpi if it has none.

    Raises:
        SheetError: If the file is not there, of another kind, damaged, or too large (256 MiB, 2000 pages, 89 million pixels a page).
    """
    data = read_file(file)
    if _PDF_HEAD not in data[:1024]:
        yield from decode_pages(data)
        return
    for index in range(page_count(data)):
        wide, high = page_size(data, index)
        x, y = (min(_MOST_DPI, max(_LEAST_DPI, dpi)) for dpi in picture_dpi(data, index) or (_PDF_DPI, _PDF_DPI))
        width, height = max(1, round(wide * x)), max(1, round(high * y))
        if width * height > MAX_PIXELS:
            raise UnreadableImage(f"page {index + 1}: {width} x {height} pixels exceed the limit of {MAX_PIXELS}")
        yield DecodedImage(draw_page(data, index, width, height), (width / wide, height / high), "PDF", complete=True)
