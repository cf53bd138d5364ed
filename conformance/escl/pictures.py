"""Pages as pictures: what sort of file the bytes are, and how large, how deep and how dense the picture in it is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import trio

import sheets
from device_protocol.aio.holds import hold
from device_protocol.vocabularies.escl import JPEG, PDF, PNG
from sheets import SheetError

TIFF, BMP = "image/tiff", "image/bmp"
MAGIC = {b"\xff\xd8\xff": JPEG, b"\x89PNG\r\n\x1a\n": PNG, b"%PDF-": PDF, b"II*\0": TIFF, b"MM\0*": TIFF, b"BM": BMP}
"""First bytes of the files that scanners give."""

PICTURES = (JPEG, PNG, TIFF)
"""What can be looked into here."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A page that could be decoded to its last row.

    Attributes:
        width, height: pixels.
        channels: 1 or 3.
        dpi: what the file says of itself, if it does.
    """

    width: int
    height: int
    channels: int
    dpi: tuple[float, float] | None


def kind_of(data: bytes) -> str:
    """The media type of a file by its first bytes; empty if it is none that is known."""
    return next((media for start, media in MAGIC.items() if data.startswith(start)), "")


async def picture_of(data: bytes) -> Picture:
    """Decode a page, in a thread, since a large one takes its time.

    Raises:
        SheetError: it is damaged, cut short or no picture.
    """
    with hold():
        return await trio.to_thread.run_sync(partial(_decode, data))


def _decode(data: bytes) -> Picture:
    image = sheets.decode_image(data)
    height, width = image.pixels.shape[:2]
    channels = image.pixels.shape[2] if image.pixels.ndim == 3 else 1
    return Picture(width, height, channels, image.dpi)


async def sheet_of(data: bytes) -> tuple[int, sheets.Side] | None:
    """Which of our printed or virtual sheets a page shows; None if none can be seen on it."""
    with hold():
        reading = await trio.to_thread.run_sync(partial(sheets.read_page, data))
    if reading.number is None or reading.side is None:
        return None
    return reading.number, reading.side


__all__ = ["PICTURES", "Picture", "SheetError", "kind_of", "picture_of", "sheet_of"]
