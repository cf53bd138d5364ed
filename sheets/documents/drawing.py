"""A document's page on a sheet: fitted into a rectangle with its proportions kept, and drawn once for each size."""

from pathlib import Path

import numpy as np
from PIL import Image

from sheets.arrays import AnyArray, Bytes
from sheets.cache import CACHE, ArrayCache
from sheets.canvas import Canvas, Tone
from sheets.decode import decode_image
from sheets.documents.files import digest_of, is_pdf, read_file
from sheets.documents.page import DocumentPage
from sheets.documents.pdf import draw_page, page_size
from sheets.errors import SheetError
from sheets.inks import LUMA
from sheets.layout import Rect

MAX_PIXELS = 36_000_000  # of a drawn page; a larger one is drawn at that size and stretched
FILES = ArrayCache(64 * 2**20)
"""Files that were read last; a page of a PDF needs its file each time that it is drawn at a new size."""


def paint_page(canvas: Canvas, page: DocumentPage, body: Rect) -> None:
    """Paints what of a page, fitted into *body*, is in a window.

    Raises:
        SheetError: If the file is gone or has changed since it was loaded.
    """
    frame = canvas.frame
    ppx, ppy = frame.px_per_mm
    place = _fit(page, body)
    width, height = max(1, round(place.width * ppx)), max(1, round(place.height * ppy))
    left, top = round((place.left - frame.left_mm) * ppx), round((place.top - frame.top_mm) * ppy)
    rows = max(canvas.first, top), min(canvas.last, top + height)
    columns = max(0, left), min(frame.width, left + width)
    if rows[0] >= rows[1] or columns[0] >= columns[1]:
        return
    shrink = min(1.0, (MAX_PIXELS / (width * height)) ** 0.5)
    drawn = _drawn(page, max(1, int(width * shrink)), max(1, int(height * shrink)), frame.channels)
    if drawn.shape[:2] == (height, width):
        pixels: AnyArray = drawn[rows[0] - top : rows[1] - top, columns[0] - left : columns[1] - left]
    else:
        down = (np.arange(rows[0] - top, rows[1] - top) * drawn.shape[0]) // height
        across = (np.arange(columns[0] - left, columns[1] - left) * drawn.shape[1]) // width
        pixels = drawn[down][:, across]
    canvas.lay(pixels.reshape(len(pixels), -1), rows, columns, tones(frame.tone))


def tones(tone: Tone) -> AnyArray:
    """Samples for levels 0 to 255."""
    return tone.samples(1.0 - np.arange(256) / 255.0)


def _fit(page: DocumentPage, body: Rect) -> Rect:
    wide, high = _proportions(page)
    scale = min(body.width / wide, body.height / high)
    dx, dy = (body.width - wide * scale) / 2, (body.height - high * scale) / 2
    return body.inset(dx, dy)


def _proportions(page: DocumentPage) -> tuple[float, float]:
    def look() -> AnyArray:
        data = _file(page)
        if is_pdf(Path(page.path)):
            return np.array(page_size(data.tobytes(), page.index))
        height, width = decode_image(data.tobytes()).pixels.shape[:2]
        return np.array((width, height), np.float64)

    wide, high = CACHE.get(("proportions", page), look)
    return float(wide), float(high)


def _drawn(page: DocumentPage, width: int, height: int, channels: int) -> Bytes:
    """The page of that size: (height, width, 3) or (height, width) uint8, read-only."""

    def draw() -> AnyArray:
        data = _file(page).tobytes()
        if is_pdf(Path(page.path)):
            pixels: AnyArray = draw_page(data, page.index, width, height)
        else:
            pixels = _resized(decode_image(data).pixels, width, height)
        if channels == 3:
            return pixels
        gray: AnyArray = np.rint(pixels @ np.array(LUMA, np.float32)).astype(np.uint8)
        return gray

    return CACHE.get(("document", page, width, height, channels), draw)


def _resized(pixels: AnyArray, width: int, height: int) -> Bytes:
    if pixels.dtype == np.uint16:
        pixels = (pixels >> 8).astype(np.uint8)
    image = Image.fromarray(pixels).convert("RGB")
    smaller = image.width > width or image.height > height
    method = Image.Resampling.BOX if smaller else Image.Resampling.BILINEAR
    return np.asarray(image.resize((width, height), method))


def _file(page: DocumentPage) -> Bytes:
    def load() -> AnyArray:
        data = read_file(Path(page.path))
        if digest_of(data) != page.digest:
            raise SheetError(f"{page.path}: has changed since it was loaded; start the device again")
        return np.frombuffer(data, np.uint8).copy()

    return FILES.get(page.digest, load)
