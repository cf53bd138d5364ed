"""What a page should be."""

from dataclasses import dataclass

from sheets.paper import PaperSize
from sheets.settings import ColourMode, RenderSettings
from sheets.sheet import Marks, Sheet, Side


@dataclass(frozen=True)
class Expectation:
    """What a page should be; ``None`` where it does not matter.

    Attributes:
        number: Sheet number.
        side: Side of the sheet.
        seed: Seed of the sheet.
        size: Paper.
        dpi: Resolution along the rows and columns of the picture.
        mode: Colour mode. A page without a visible test patch is not judged by it.
        area_mm: Left, top, right, bottom in millimetres on the sheet; ``None`` is at least the whole sheet.
        blank: Whether the page should carry nothing; then nothing else is compared.
        document: The sheet, if it has a document and no marks: then the picture is compared with the document.
        dpi_tolerance: How far the resolution may be off, as a share of it.
        edge_tolerance_mm: How far an edge may be off; never less than two pixels.
    """

    number: int | None = None
    side: Side | None = None
    seed: int | None = None
    size: PaperSize | None = None
    dpi: tuple[float, float] | None = None
    mode: ColourMode | None = None
    area_mm: tuple[float, float, float, float] | None = None
    blank: bool = False
    document: Sheet | None = None
    dpi_tolerance: float = 0.01
    edge_tolerance_mm: float = 1.0

    @classmethod
    def of(cls, sheet: Sheet, side: Side, settings: RenderSettings | None = None) -> "Expectation":
        """What ``render`` with the same arguments draws; without settings, that side of that sheet in any form."""
        side = Side(side)
        blank = sheet.is_blank(side)
        document = sheet if sheet.marks is Marks.NONE and not blank else None
        if settings is None:
            return cls(sheet.number, side, sheet.seed, sheet.size, blank=blank, document=document)
        dpi = (float(settings.dpi_x), float(settings.dpi_y))
        return cls(sheet.number, side, sheet.seed, sheet.size, dpi, settings.mode, settings.area_mm, blank, document)
