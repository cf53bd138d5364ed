"""What a virtual sheet of paper is: a number, a size, a seed and how clean it is."""

from dataclasses import dataclass
from enum import StrEnum

from sheets.errors import SheetError
from sheets.paper import A4, PaperSize

MAX_NUMBER = 2**24 - 1  # bits in a mark, see sheets.payload
MAX_SEED = 2**32 - 1
MAX_NOISE = 16.0
NOISY = 3.0  # what a CIS flatbed shows on plain paper: about three levels of 256


class Side(StrEnum):
    """A side of a sheet."""

    FRONT = "front"
    BACK = "back"


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

    Raises:
        SheetError: If a value is outside its range.
    """

    number: int
    size: PaperSize = A4
    seed: int = 0
    noise: float = 0.0
    blank_back: bool = False

    def __post_init__(self) -> None:
        if not 0 <= self.number <= MAX_NUMBER:
            raise SheetError(f"sheet number {self.number} is outside 0..{MAX_NUMBER}")
        if not 0 <= self.seed <= MAX_SEED:
            raise SheetError(f"seed {self.seed} is outside 0..{MAX_SEED}")
        if not 0.0 <= self.noise <= MAX_NOISE:
            raise SheetError(f"noise {self.noise} is outside 0..{MAX_NOISE}")

    def is_blank(self, side: Side) -> bool:
        """Whether that side carries nothing."""
        return self.blank_back and Side(side) is Side.BACK


def noisy_reference_sheet(number: int = 1, size: PaperSize = A4, seed: int = 0) -> Sheet:
    """The noisy reference sheet: what benchmarks compress and what a real scanner's page looks like."""
    return Sheet(number=number, size=size, seed=seed, noise=NOISY)
