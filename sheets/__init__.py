"""The sheet that tells the truth: a virtual sheet of paper, its rendering, and the oracle that reads a page back.

A sheet carries marks that name it, its side, size and seed, with rulers, grey ramps, colour patches and fine lines.
``render`` draws it as a scanner would deliver it; ``read_page`` says of a delivered page, whatever it came through, which
sheet and side it is and what happened to it; ``write_deck`` prints the same sheets for a real scanner.

May come in: numpy, Pillow, zxing-cpp, img2pdf, PDFium. May not: anything else of ours, trio, files that nobody named, a clock.
Everything is a pure function; the only state is two caches of arrays, bounded by bytes.
"""

from typing import TYPE_CHECKING

from sheets.decode import DecodedImage, decode_image
from sheets.defects.model import Corner, Defects, Dust, Fold, Streak
from sheets.documents import DocumentPage, load_document
from sheets.errors import SheetError, UnreadableImage
from sheets.expectation import Expectation
from sheets.geometry import Edges
from sheets.oracle import read_page, unpack_lineart
from sheets.paper import (
    A3,
    A4,
    A5,
    A6,
    BUSINESS_CARD,
    LEGAL,
    LETTER,
    PAPER_SIZES,
    PaperSize,
    paper_size,
)
from sheets.reading import Reading
from sheets.renderer import render, render_rows
from sheets.settings import ColourMode, RenderSettings, pixel_size
from sheets.sheet import NOISY, Marks, Overlap, Sheet, Side, noisy_reference_sheet

if TYPE_CHECKING:
    from sheets.deck import write_deck


def __getattr__(name: str) -> object:
    """The deck needs a PDF library that takes half a second to import; who only draws or reads does not pay for it."""
    if name != "write_deck":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from sheets.deck import write_deck  # noqa: PLC0415  # see above

    return write_deck


__all__ = [
    "A3",
    "A4",
    "A5",
    "A6",
    "BUSINESS_CARD",
    "LEGAL",
    "LETTER",
    "NOISY",
    "PAPER_SIZES",
    "ColourMode",
    "Corner",
    "DecodedImage",
    "Defects",
    "DocumentPage",
    "Dust",
    "Edges",
    "Expectation",
    "Fold",
    "Marks",
    "Overlap",
    "PaperSize",
    "Reading",
    "RenderSettings",
    "Sheet",
    "SheetError",
    "Side",
    "Streak",
    "UnreadableImage",
    "decode_image",
    "load_document",
    "noisy_reference_sheet",
    "paper_size",
    "pixel_size",
    "read_page",
    "render",
    "render_rows",
    "unpack_lineart",
    "write_deck",
]
