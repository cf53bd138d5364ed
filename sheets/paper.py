"""Paper sizes: a physical size with a name, and the table of the usual ones."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from sheets.errors import SheetError

MIN_MM = 40.0
MAX_WIDTH_MM = 819.1  # 13 bits of a tenth of a millimetre in a mark, see sheets.payload
MAX_HEIGHT_MM = 3276.7  # 15 bits


@dataclass(frozen=True)
class PaperSize:
    """The size of a sheet of paper.

    Attributes:
        name: What people call it.
        width_mm: Width as the sheet lies upright, a multiple of 0.1 mm.
        height_mm: Height as the sheet lies upright, a multiple of 0.1 mm.

    Raises:
        SheetError: If a side is outside 40 mm to 819.1 mm (width) or 3276.7 mm (height), or finer than 0.1 mm: the
            marks carry the size in tenths of a millimetre.
    """

    name: str
    width_mm: float
    height_mm: float

    def __post_init__(self) -> None:
        for side, value, limit in (("width", self.width_mm, MAX_WIDTH_MM), ("height", self.height_mm, MAX_HEIGHT_MM)):
            if not MIN_MM <= value <= limit:
                raise SheetError(f"paper {side} {value} mm is outside {MIN_MM}..{limit} mm")
            if abs(value * 10 - round(value * 10)) > 1e-6:
                raise SheetError(f"paper {side} {value} mm is not a multiple of 0.1 mm")

    @property
    def tenths(self) -> tuple[int, int]:
        """Width and height in tenths of a millimetre."""
        return round(self.width_mm * 10), round(self.height_mm * 10)

    @property
    def landscape(self) -> "PaperSize":
        """The same paper lying on its long side."""
        return PaperSize(f"{self.name} landscape", self.height_mm, self.width_mm)


# ISO 216, ANSI/ASME Y14.1, ISO/IEC 7810 ID-1 (85.60 x 53.98, to the tenth), ISO 7810 business card, photo print sizes.
A3 = PaperSize("A3", 297.0, 420.0)
A4 = PaperSize("A4", 210.0, 297.0)
A5 = PaperSize("A5", 148.0, 210.0)
A6 = PaperSize("A6", 105.0, 148.0)
B5 = PaperSize("B5", 176.0, 250.0)
LETTER = PaperSize("Letter", 215.9, 279.4)
LEGAL = PaperSize("Legal", 215.9, 355.6)
TABLOID = PaperSize("Tabloid", 279.4, 431.8)
EXECUTIVE = PaperSize("Executive", 184.2, 266.7)
STATEMENT = PaperSize("Statement", 139.7, 215.9)
BUSINESS_CARD = PaperSize("Business card", 85.0, 55.0)
ID_CARD = PaperSize("ID card", 85.6, 54.0)
PHOTO_4X6 = PaperSize("Photo 4x6", 101.6, 152.4)
RECEIPT = PaperSize("Receipt", 80.0, 200.0)

PAPER_SIZES: Mapping[str, PaperSize] = MappingProxyType(
    {
        size.name.lower(): size
        for size in (
            A3,
            A4,
            A5,
            A6,
            B5,
            LETTER,
            LEGAL,
            TABLOID,
            EXECUTIVE,
            STATEMENT,
            BUSINESS_CARD,
            ID_CARD,
            PHOTO_4X6,
            RECEIPT,
        )
    }
)


def paper_size(name: str) -> PaperSize:
    """Looks a size up by name; case, ``-`` and ``_`` do not matter (``"business-card"``).

    Raises:
        SheetError: If the name is not in ``PAPER_SIZES``.
    """
    key = name.strip().lower().replace("-", " ").replace("_", " ")
    if key.endswith(" landscape") and (upright := PAPER_SIZES.get(key.removesuffix(" landscape"))):
        return upright.landscape
    try:
        return PAPER_SIZES[key]
    except KeyError:
        raise SheetError(f"unknown paper size {name!r}; known: {', '.join(sorted(PAPER_SIZES))}") from None


def size_of_tenths(width: int, height: int) -> PaperSize:
    """The paper of that width and height in tenths of a millimetre, with its name if the table has one.

    Raises:
        SheetError: If no such paper can exist.
    """
    for size in PAPER_SIZES.values():
        if size.tenths == (width, height):
            return size
        if size.tenths == (height, width):
            return size.landscape
    return PaperSize(f"{width / 10:g} x {height / 10:g} mm", width / 10, height / 10)
