"""Rulers along all four edges and brackets in the corners: what shows a crop or a wrong resolution at a glance.

Millimetres above and on the left, tenths of an inch below and on the right.
"""

from collections.abc import Iterator
from typing import Literal

from sheets.font import text_width
from sheets.inks import BLACK, DARK
from sheets.layout import Layout, Rect
from sheets.paper import PaperSize
from sheets.shapes import Box, Shape, Words

_INCH_MM = 25.4
_BRACKET_MM, _BRACKET_WIDTH_MM = 4.0, 0.8
_MIN_LETTER_MM = 1.4

Edge = Literal["top", "left", "bottom", "right"]


def rulers(layout: Layout) -> Iterator[Shape]:
    """The rulers and corner brackets of a layout; on a small paper they are smaller, and without figures."""
    scale = layout.margin / 12
    yield from _brackets(layout.size, scale)
    yield from _ruler(layout.size, "top", 1.0, scale)
    yield from _ruler(layout.size, "left", 1.0, scale)
    yield from _ruler(layout.size, "bottom", _INCH_MM / 10, scale)
    yield from _ruler(layout.size, "right", _INCH_MM / 10, scale)


def _brackets(size: PaperSize, scale: float) -> Iterator[Shape]:
    width, height = size.width_mm, size.height_mm
    arm, thick = _BRACKET_MM * scale, _BRACKET_WIDTH_MM * scale
    for x0, x1, upright_x in ((0.0, arm, 0.0), (width - arm, width, width - thick)):
        for lying_y, upright_y in ((0.0, thick), (height - thick, height - arm)):
            yield Box(Rect(x0, lying_y, x1, lying_y + thick), BLACK)
            yield Box(Rect(upright_x, upright_y, upright_x + thick, upright_y + arm - thick), BLACK)


def _ruler(size: PaperSize, edge: Edge, step: float, scale: float) -> Iterator[Shape]:
    """Ticks every step, longer at five and ten, with figures at ten."""
    length = size.width_mm if edge in {"top", "bottom"} else size.height_mm
    first = int((_BRACKET_MM * scale + 0.6) / step) + 1
    for k in range(first, int((length - _BRACKET_MM * scale - 0.6) / step) + 1):
        deep, thick = ((3.6, 0.3), (2.0, 0.18), (2.8, 0.22))[0 if k % 10 == 0 else 1 + (k % 5 == 0)]
        yield Box(_at_edge(size, edge, k * step - thick / 2, 0.0, thick, deep * scale), BLACK)
        letter = 1.7 * scale
        if k % 10 == 0 and letter >= _MIN_LETTER_MM:
            text = str(k // 10)
            wide = text_width(text, letter)
            if edge in {"top", "bottom"}:
                box = _at_edge(size, edge, k * step - wide / 2, 4.4 * scale, wide, letter)
            else:
                box = _at_edge(size, edge, k * step - letter / 2, 4.4 * scale, letter, wide)
            yield Words(box.left, box.top, letter, text, DARK)


def _at_edge(size: PaperSize, edge: Edge, along: float, deep: float, wide: float, high: float) -> Rect:
    """A rectangle that starts ``along`` an edge and ``deep`` inside it, ``wide`` along it and ``high`` inwards."""
    if edge == "top":
        return Rect(along, deep, along + wide, deep + high)
    if edge == "bottom":
        return Rect(along, size.height_mm - deep - high, along + wide, size.height_mm - deep)
    if edge == "left":
        return Rect(deep, along, deep + high, along + wide)
    return Rect(size.width_mm - deep - high, along, size.width_mm - deep, along + wide)
