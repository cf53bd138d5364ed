"""What a virtual sheet of paper is: a number, a size, a seed, what is printed on it and what is wrong with it."""

from dataclasses import dataclass
from enum import StrEnum

from sheets.defects.model import NO_DEFECTS, Defects, need
from sheets.documents.page import DocumentPage
from sheets.errors import SheetError
from sheets.paper import A4, PaperSize

MAX_NUMBER = 2**24 - 1  # bits in a mark, see sheets.payload
MAX_SEED = 2**32 - 1
MAX_NOISE = 16.0
MAX_LAP_MM = 1000.0
NOISY = 3.0  # what a CIS flatbed shows on plain paper: about three levels of 256


class Side(StrEnum):
    """A side of a sheet."""

    FRONT = "front"
    BACK = "back"


class Marks(StrEnum):
    """Where a sheet has its marks."""

    GRID = "grid"
    """All over, with rulers, ramps and patches between them: the sheet that tells the truth."""
    MARGIN = "margin"
    """In the left and right margin, so that a document has the middle."""
    NONE = "none"
    """Nowhere: a document fills the sheet, and nobody but who knows it can say which it is."""


@dataclass(frozen=True)
class Overlap:
    """A sheet that was picked together with another one, and lies over it from some way down.

    Attributes:
        sheet: The sheet that came second.
        lap_mm: How far behind the first one it is, 0 to 1000.

    Raises:
        SheetError: If the way is outside its range, or the second sheet lies under a third one.
    """

    sheet: "Sheet"
    lap_mm: float

    def __post_init__(self) -> None:
        need("the lap of a double feed", self.lap_mm, 0.0, MAX_LAP_MM)
        if self.sheet.overlap is not None:
            raise SheetError("a double feed has two sheets, not three")


@dataclass(frozen=True)
class Sheet:
    """A virtual sheet of paper.

    Attributes:
        number: Its number, 0 to 16 777 215.
        size: Its paper.
        seed: Names a family of sheets, 0 to 4 294 967 295; also what the noise is drawn from.
        noise: Standard deviation of the sensor noise in levels of 256, 0 (clean) to 16. A noisy sheet never reaches
            pure black or white, as on a real sensor, so that the noise is not clipped.
        blank_back: Whether the back carries nothing at all.
        blank_front: Whether the front carries nothing at all.
        marks: Where it has its marks.
        front: A document's page on the front, in the middle of the marks or, without marks, all over.
        back: The same on the back.
        defects: What is wrong with it, or with how it is seen.
        lap_mm: How far behind this sheet the next one comes if both are picked together; 0: they stick together edge on edge.
        overlap: The sheet that was picked together with it.

    Raises:
        SheetError: If a value is outside its range, or there is a document where the marks leave no room for it.
    """

    number: int
    size: PaperSize = A4
    seed: int = 0
    noise: float = 0.0
    blank_back: bool = False
    blank_front: bool = False
    marks: Marks = Marks.GRID
    front: DocumentPage | None = None
    back: DocumentPage | None = None
    defects: Defects = NO_DEFECTS
    lap_mm: float = 0.0
    overlap: Overlap | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.number <= MAX_NUMBER:
            raise SheetError(f"sheet number {self.number} is outside 0..{MAX_NUMBER}")
        if not 0 <= self.seed <= MAX_SEED:
            raise SheetError(f"seed {self.seed} is outside 0..{MAX_SEED}")
        if not 0.0 <= self.noise <= MAX_NOISE:
            raise SheetError(f"noise {self.noise} is outside 0..{MAX_NOISE}")
        object.__setattr__(self, "marks", Marks(self.marks))
        if self.marks is Marks.GRID and (self.front or self.back):
            raise SheetError("a document needs marks in the margin, or none")
        need("the lap of a double feed", self.lap_mm, 0.0, MAX_LAP_MM)

    def is_blank(self, side: Side) -> bool:
        """Whether that side carries nothing."""
        if Side(side) is Side.BACK:
            return self.blank_back or (self.marks is Marks.NONE and self.back is None)
        return self.blank_front or (self.marks is Marks.NONE and self.front is None)

    def shows_nothing(self, side: Side) -> bool:
        """Whether nothing that is printed can be seen on that side, whatever was picked together with the sheet."""
        if self.overlap is None:
            return self.is_blank(side)
        other = self.overlap.sheet
        if self.overlap.lap_mm == 0:  # they stick together, so that each covers the other
            return (self if Side(side) is Side.FRONT else other).is_blank(side)
        return self.is_blank(side) and other.is_blank(side)

    def document(self, side: Side) -> DocumentPage | None:
        """The document's page on that side."""
        return self.back if Side(side) is Side.BACK else self.front

    @property
    def extent_mm(self) -> tuple[float, float]:
        """Width and length of what passes the sensor: of two sheets, if two were picked together."""
        width, height = self.size.width_mm, self.size.height_mm
        if self.overlap is None:
            return width, height
        other = self.overlap.sheet.size
        return max(width, other.width_mm), max(height, self.overlap.lap_mm + other.height_mm)


def noisy_reference_sheet(number: int = 1, size: PaperSize = A4, seed: int = 0) -> Sheet:
    """The noisy reference sheet: what benchmarks compress and what a real scanner's page looks like."""
    return Sheet(number=number, size=size, seed=seed, noise=NOISY)
