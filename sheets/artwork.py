"""What is drawn on a sheet, as a list of inked shapes in millimetres.

Shapes never overlap: everything is ink on white paper, so painting is a minimum and the order does not matter. The static
part depends on the paper only and is drawn once per process; marks, number and names depend on the sheet.
"""

from dataclasses import dataclass, replace
from functools import lru_cache

from sheets.font import text_width
from sheets.inks import BLACK, DARK, FULL_PATCHES, STRIP_PATCHES, Ink, side_ink
from sheets.layout import Layout, Rect, layout_of
from sheets.paper import PaperSize, size_of_tenths
from sheets.payload import Mark
from sheets.rulers import rulers
from sheets.shapes import Box, Ramp, Shape, Tile, Words
from sheets.sheet import Marks, Sheet, Side

_LINE_WIDTHS_MM = (0.1, 0.15, 0.2, 0.3, 0.4, 0.5)
_TEXT_HEIGHTS_MM = (1.2, 1.6, 2.0, 2.6, 3.4)
_SAMPLE = "THE SHEET TELLS THE TRUTH 0123456789"


@dataclass(frozen=True)
class _Blocks:
    """Which zone each block of the artwork has."""

    number: tuple[Rect, ...]
    colours: tuple[Rect, ...]
    lines: tuple[Rect, ...]


def _blocks(layout: Layout) -> _Blocks:
    zones = layout.zones
    if len(zones) == 1:
        zone = zones[0]
        return _Blocks((zone.part(0, 0, 1, 0.5),), (zone.part(0, 0.54, 1, 0.78),), (zone.part(0, 0.82, 1, 1),))
    if len(zones) == 2:
        return _Blocks((zones[0],), (zones[1].part(0, 0, 1, 0.55),), (zones[1].part(0, 0.65, 1, 1),))
    return _Blocks(zones[0::3], zones[1::3], zones[2::3])


@lru_cache(maxsize=16)
def static_artwork(size: PaperSize, marks: Marks = Marks.GRID) -> tuple[Shape, ...]:
    """What every sheet of that paper, with its marks at that place, carries on both sides."""
    layout = layout_of(size, marks)
    shapes: list[Shape] = list(rulers(layout)) if marks is Marks.GRID else []
    for strip in layout.strips:
        count = len(STRIP_PATCHES)
        shapes += [Box(strip.part(k / count, 0, (k + 0.94) / count, 1), ink) for k, ink in enumerate(STRIP_PATCHES)]
    if marks is not Marks.GRID:
        return tuple(shapes)
    blocks = _blocks(layout)
    for zone in blocks.colours:
        shapes += _colour_block(zone)
    for zone in blocks.lines:
        shapes += _line_block(zone)
    return tuple(shapes)


def _colour_block(zone: Rect) -> list[Shape]:
    shapes: list[Shape] = [Ramp(zone.part(0, 0, 1, 0.2))]
    steps = 11
    shapes += [Box(zone.part(k / steps, 0.26, (k + 0.96) / steps, 0.46), (k / 11,) * 3) for k in range(steps)]
    count = len(FULL_PATCHES)
    for k, ink in enumerate(FULL_PATCHES):
        shapes.append(Box(zone.part(k / count, 0.56, (k + 0.92) / count, 1), ink))
    return shapes


def _line_block(zone: Rect) -> list[Shape]:
    """Line pairs, upright and lying, in groups of growing width; and a line of text in growing sizes if it fits."""
    shapes: list[Shape] = []
    lines = zone.part(0, 0, 0.46, 1)
    cell = lines.width / len(_LINE_WIDTHS_MM)
    side = min(0.8 * cell, 0.44 * lines.height)
    for k, width in enumerate(_LINE_WIDTHS_MM):
        left, top = lines.left + k * cell, lines.top
        lying = top + 0.52 * lines.height
        pairs = int(side / (2 * width))
        for pair in range(pairs):
            at = 2 * width * pair
            shapes.append(Box(Rect(left + at, top, left + at + width, top + side), BLACK))
            shapes.append(Box(Rect(left, lying + at, left + side, lying + at + width), BLACK))
    top, text = zone.top, zone.part(0.5, 0, 1, 1)
    for height in _TEXT_HEIGHTS_MM:
        sample = _fit(_SAMPLE, height, text.width)
        if top + height > zone.bottom:
            break
        shapes.append(Words(text.left, top, height, sample, DARK))
        top += 1.9 * height
    return shapes


def _fit(text: str, height: float, width: float) -> str:
    while text and text_width(text, height) > width:
        text = text[:-1]
    return text.rstrip()


@lru_cache(maxsize=256)
def sheet_artwork(sheet: Sheet, side: Side) -> tuple[Shape, ...]:
    """What this side of this sheet carries beside the static part; nothing if it is blank."""
    layout = layout_of(sheet.size, sheet.marks)
    shapes: list[Shape] = [
        Tile(rect, Mark(sheet.number, side, sheet.size, sheet.seed, index, sheet.marks))
        for index, rect in enumerate(layout.tiles)
    ]
    if sheet.marks is not Marks.GRID:
        return tuple(shapes + _captions(layout, sheet, side))
    ink = side_ink(side)
    for zone in _blocks(layout).number:
        shapes += _number_block(zone, sheet, side, ink)
    return tuple(shapes)


def _captions(layout: Layout, sheet: Sheet, side: Side) -> list[Shape]:
    """Number and side in words, small, under the first mark."""
    if not layout.strips:
        return []
    strip = layout.strips[0]
    text = f"{sheet.number} {side.value.upper()}"
    height = _largest(text, strip.width, 2.4)
    return [Words(strip.left, strip.bottom + strip.height, height, text, side_ink(side))]


def _number_block(zone: Rect, sheet: Sheet, side: Side, ink: Ink) -> list[Shape]:
    number, name = str(sheet.number), side.value.upper()
    size = size_of_tenths(*sheet.size.tenths)  # the name that its marks say: who reads them must know what is printed
    called = (
        "" if size.name[0].isdigit() else f"{size.name.upper()}  "
    )  # of a paper without a name there are the figures
    notes = (
        f"{called}{size.width_mm:g} \N{MULTIPLICATION SIGN} {size.height_mm:g} MM",
        f"SEED {sheet.seed}",
        "\N{UPWARDS ARROW} THIS EDGE UP",
    )
    if zone.width > 2 * zone.height:
        left, right = zone.part(0, 0, 0.56, 1), zone.part(0.62, 0, 1, 1)
    else:
        left, right = zone.part(0, 0, 1, 0.5), zone.part(0, 0.58, 1, 1)
    caption = min(3.2, 0.09 * left.height)
    height = _largest(number, left.width, left.height - 2.2 * caption)
    label = _largest(name, right.width, 0.42 * right.height)
    shapes: list[Shape] = [
        Words(left.left, left.top, caption, "SHEET", DARK),
        Words(left.left + 0.08 * height, left.top + 2 * caption + 0.08 * height, height, number, BLACK, weight=0.95),
        Words(right.left + 0.09 * label, right.top + 0.09 * label, label, name, ink, weight=1.1),
    ]
    note = min(3.2, (right.height - 1.5 * label) / 5.0, *(_largest(text, right.width, 9.0) for text in notes))
    if note >= 0.8:
        top = right.top + 1.5 * label
        shapes += [Words(right.left, top + 1.9 * k * note, note, text, DARK) for k, text in enumerate(notes)]
    return shapes


def _largest(text: str, width: float, height: float) -> float:
    """The largest letter height for a text to fit, with room for the stroke."""
    return min(0.84 * height, width / (text_width(text, 1.0) + 0.17))


def digits_artwork(size: PaperSize) -> tuple[Words, ...]:
    """All ten digits as the numbers of most sheets have them: drawn ahead, so that a new number costs no new glyph."""
    shapes = sheet_artwork(Sheet(8, size), Side.FRONT)
    return tuple(
        replace(shape, text="0123456789") for shape in shapes if isinstance(shape, Words) and shape.text == "8"
    )
