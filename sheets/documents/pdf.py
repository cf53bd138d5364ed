"""Pages of a PDF as pixels, by PDFium."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

import numpy as np

from sheets.arrays import Bytes
from sheets.errors import UnreadableImage

MAX_PDF_PAGES = 2000
MAX_POINTS = 14_400  # 200 inches: what the PDF standard had as its largest page
MAX_DRAWN = 100_000_000  # pixels that PDFium is asked for at once
_POINTS_PER_INCH = 72.0
_PDFIUM = Lock()  # the library must not be called from two threads


@contextmanager
def _opened(data: bytes) -> Iterator[Any]:
    """The document in *data*.

    Raises:
        UnreadableImage: If it is none, is broken or is encrypted.
    """
    import pypdfium2  # noqa: PLC0415  # loads a library of 20 MB; who has no PDF does without

    with _PDFIUM:
        try:
            document = pypdfium2.PdfDocument(data)
        except pypdfium2.PdfiumError as error:
            raise UnreadableImage(f"cannot be read as a PDF: {error}") from error
        try:
            yield document
        except pypdfium2.PdfiumError as error:
            raise UnreadableImage(f"is broken: {error}") from error
        finally:
            document.close()


def page_count(data: bytes) -> int:
    """How many pages a PDF has; each is opened, so that broken ones are told.

    Raises:
        UnreadableImage: If it is broken or encrypted, has no page, more than 2000, or one that is larger than 200 inches.
    """
    with _opened(data) as document:
        count = len(document)
        if not 0 < count <= MAX_PDF_PAGES:
            raise UnreadableImage(f"{count} pages are outside 1..{MAX_PDF_PAGES}")
        for index in range(count):
            _size(document, index)
        return count


def page_size(data: bytes, index: int) -> tuple[float, float]:
    """Width and height of a page in inches.

    Raises:
        UnreadableImage: As :func:`page_count`.
    """
    with _opened(data) as document:
        width, height = _size(document, index)
        return width / _POINTS_PER_INCH, height / _POINTS_PER_INCH


def picture_dpi(data: bytes, index: int) -> tuple[float, float] | None:
    """Resolution of the largest picture on a page, if it has one: pixels over the inches that it covers.

    Raises:
        UnreadableImage: As :func:`page_count`.
    """
    import pypdfium2.raw  # noqa: PLC0415  # as above

    best: tuple[float, float] | None = None
    most = 0
    with _opened(data) as document:
        page = document[index]
        for item in page.get_objects(filter=[pypdfium2.raw.FPDF_PAGEOBJ_IMAGE], max_depth=3):
            wide, high = item.get_px_size()
            left, bottom, right, top = item.get_bounds()
            if wide * high > most and right > left and top > bottom:
                most = wide * high
                best = wide / (right - left) * _POINTS_PER_INCH, high / (top - bottom) * _POINTS_PER_INCH
        page.close()
    return best


def draw_page(data: bytes, index: int, width: int, height: int) -> Bytes:
    """A page, stretched to that size: (height, width, 3) uint8.

    Raises:
        UnreadableImage: If it is broken.
    """
    with _opened(data) as document:
        points_x, points_y = _size(document, index)
        page = document[index]
        scale = max(width / points_x, height / points_y)
        # Where the two scales differ much, the finer one of the whole page would be far more than was asked for.
        scale = min(scale, (MAX_DRAWN / (points_x * points_y)) ** 0.5)
        bitmap = page.render(scale=scale, rev_byteorder=True, fill_color=(255, 255, 255, 255))
        pixels: Bytes = np.array(bitmap.to_numpy()[:, :, :3])
        bitmap.close()
        page.close()
    if pixels.shape[:2] == (height, width):
        return pixels
    # A rounded size, or pixels that are not square.
    rows = ((np.arange(height) + 0.5) * pixels.shape[0] / height).astype(np.int64)
    columns = ((np.arange(width) + 0.5) * pixels.shape[1] / width).astype(np.int64)
    return np.ascontiguousarray(pixels[rows][:, columns])


def _size(document: Any, index: int) -> tuple[float, float]:
    page = document[index]
    width, height = page.get_size()
    page.close()
    if not (1 <= width <= MAX_POINTS and 1 <= height <= MAX_POINTS):
        raise UnreadableImage(f"page {index + 1} has {width:g} x {height:g} points; 1 to {MAX_POINTS} are allowed")
    return float(width), float(height)
