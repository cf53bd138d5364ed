"""How a sheet is rendered: resolution, colour mode, depth and area, and how large the picture then is."""

import math
from dataclasses import dataclass
from enum import StrEnum

from sheets.errors import SheetError
from sheets.sheet import Sheet

MM_PER_INCH = 25.4
MAX_DPI = 9600
MAX_AREA_MM = 10_000.0


class ColourMode(StrEnum):
    """The colour modes of a scan."""

    LINEART = "lineart"
    GRAY = "gray"
    COLOR = "color"


@dataclass(frozen=True)
class RenderSettings:
    """How to render a sheet.

    Attributes:
        dpi_x: Pixels per inch along a row, 1 to 9600.
        dpi_y: Rows per inch, 1 to 9600.
        mode: LINEART, GRAY or COLOR.
        depth: Bits per sample: 1 for LINEART, 8 or 16 otherwise. ``None`` is 1 or 8.
        area_mm: Left, top, right, bottom in millimetres from the sheet's upper left corner; ``None`` is the sheet. It
            may exceed the sheet: beyond lies the scanner's background, which is white.

    Raises:
        SheetError: If a value is outside its range, or mode and depth do not go together.
    """

    dpi_x: int = 300
    dpi_y: int = 300
    mode: ColourMode = ColourMode.COLOR
    depth: int | None = None
    area_mm: tuple[float, float, float, float] | None = None

    def __post_init__(self) -> None:
        mode = ColourMode(self.mode)
        object.__setattr__(self, "mode", mode)
        for dpi in (self.dpi_x, self.dpi_y):
            if not 1 <= dpi <= MAX_DPI:
                raise SheetError(f"{dpi} dpi is outside 1..{MAX_DPI}")
        allowed = (1,) if mode is ColourMode.LINEART else (8, 16)
        if self.depth is None:
            object.__setattr__(self, "depth", allowed[0])
        elif self.depth not in allowed:
            raise SheetError(f"{mode} has no depth {self.depth}")
        if self.area_mm is not None:
            left, top, right, bottom = self.area_mm
            if not all(math.isfinite(edge) and abs(edge) <= MAX_AREA_MM for edge in self.area_mm):
                raise SheetError(f"scan area {self.area_mm} is outside +-{MAX_AREA_MM} mm")
            if right <= left or bottom <= top:
                raise SheetError(f"scan area {self.area_mm} is empty")

    @property
    def channels(self) -> int:
        """Samples per pixel."""
        return 3 if self.mode is ColourMode.COLOR else 1

    @property
    def px_per_mm(self) -> tuple[float, float]:
        """Pixels per millimetre along a row, and rows per millimetre."""
        return self.dpi_x / MM_PER_INCH, self.dpi_y / MM_PER_INCH

    def area_on(self, sheet: Sheet) -> tuple[float, float, float, float]:
        """The area in millimetres, with ``None`` resolved to the whole sheet."""
        return self.area_mm or (0.0, 0.0, sheet.size.width_mm, sheet.size.height_mm)


def pixel_size(settings: RenderSettings, sheet: Sheet) -> tuple[int, int]:
    """Width and height of the rendered picture in pixels.

    The rule is ``int(round(mm / 25.4 * dpi))`` per axis, and at least 1. Pixel k covers the millimetres from
    ``left + k * 25.4 / dpi`` to ``left + (k + 1) * 25.4 / dpi``.
    """
    left, top, right, bottom = settings.area_on(sheet)
    width = round((right - left) / MM_PER_INCH * settings.dpi_x)
    height = round((bottom - top) / MM_PER_INCH * settings.dpi_y)
    return max(1, width), max(1, height)
