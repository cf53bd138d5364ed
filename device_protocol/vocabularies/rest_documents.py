"""The REST contract's names and numbers for documents and the files made of them (rest-api.md 6.1)."""

from __future__ import annotations

from enum import Enum

PDF = "application/pdf"
TIFF = "image/tiff"


class Coding(Enum):
    """How the pixels of a page are written into a file; *bilevel* ones know black and white only."""

    JPEG = "jpeg"
    JPEG2000 = "jpeg2000"
    LZW = "lzw"
    NONE = "none"
    PACKBITS = "packbits"
    FAX_RLE = "fax-rle"
    FAX3 = "fax3"
    FAX4 = "fax4"
    JBIG2 = "jbig2"

    @property
    def bilevel(self) -> bool:
        """Whether it is for black and white only."""
        return self in {Coding.FAX_RLE, Coding.FAX3, Coding.FAX4, Coding.JBIG2}


AUTO = 0
"""``compression`` that is chosen page by page: :data:`AUTO_BILEVEL` for black and white, else :data:`AUTO_COLOUR`."""

PDF_CODINGS: dict[int, Coding] = {
    2: Coding.FAX4,
    3: Coding.LZW,
    5: Coding.JPEG,
    6: Coding.JPEG2000,
    7: Coding.JBIG2,
}
TIFF_CODINGS: dict[int, Coding] = {
    1: Coding.NONE,
    2: Coding.FAX_RLE,
    3: Coding.FAX3,
    4: Coding.FAX4,
    5: Coding.LZW,
    7: Coding.JPEG,
    32773: Coding.PACKBITS,
}
"""``compression`` by file type; besides :data:`AUTO`. TIFF's are the numbers of its Compression tag."""

AUTO_BILEVEL: dict[str, Coding] = {PDF: Coding.JBIG2, TIFF: Coding.FAX4}
"""JBIG2 says the description of the product; TIFF's list has no JBIG2, so it is FAX4 there."""

AUTO_COLOUR = Coding.JPEG

PAGE_TYPES: dict[int, tuple[float, float] | None] = {
    0: None,
    1: None,
    2: (210, 297),
    3: (297, 210),
    4: (297, 420),
    5: (420, 297),
    6: (215.9, 279.4),
    7: (279.4, 215.9),
    8: (215.9, 355.6),
    9: (355.6, 215.9),
}
"""``pageType`` of a PDF: width and height in mm; None is the size of the scanned page. 0 default, 1 custom (there is no parameter that would say
which, so it is the page's own size too), A4, A3, Letter and Legal, each upright and turned (D-18)."""

QUALITIES = range(101)
"""``quality``: higher is better (D-12)."""

DEFAULT_QUALITY = 80

PDF_VERSIONS = ("1.0", "1.1", "1.2", "1.3", "1.4", "1.5", "1.6", "1.7", "2.0")
DEFAULT_PDF_VERSION = "1.5"
