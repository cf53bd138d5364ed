"""Units, sizes, frames and orientation."""

from __future__ import annotations

from device_protocol import Area
from device_protocol.vocabularies.rest import MAXIMUM_SIZE, PAGE_SIZES
from device_protocol.vocabularies.twain import ORIENTATION_LABELS, SIZE_LABELS, UNIT_LABELS, ItemType
from reference_server.capabilities.containers import Json, enumeration, frame, one
from reference_server.capabilities.view import View
from reference_server.jobs.plan.area import SLACK_MM

LANDSCAPE_VALUE = 3


def units(view: View) -> Json:
    """ICAP_UNITS: what the client has set, since all lengths are kept in millimetres."""
    return enumeration(ItemType.TWTY_UINT16, list(UNIT_LABELS), int(view.opened.plan.unit), 0, UNIT_LABELS)


def physical_width(view: View) -> Json:
    """ICAP_PHYSICALWIDTH of the source."""
    return one(ItemType.TWTY_FIX32, round(view.source.width_mm / view.scale[0], 4))


def physical_height(view: View) -> Json:
    """ICAP_PHYSICALHEIGHT of the source."""
    return one(ItemType.TWTY_FIX32, round(view.source.height_mm / view.scale[1], 4))


def frames(view: View) -> Json | None:
    """ICAP_FRAMES: the area, one frame for each page."""
    if not view.has_area:
        return None
    whole = Area(0, 0, view.source.width_mm, view.source.height_mm)
    return one(ItemType.TWTY_FRAME, frame(view.area or whole, view.scale), frame(whole, view.scale), settable=True)


def orientation(view: View) -> Json | None:
    """ICAP_ORIENTATION: how paper sizes lie."""
    if not view.has_area:
        return None
    current = LANDSCAPE_VALUE if view.opened.plan.landscape else 0
    return enumeration(ItemType.TWTY_UINT16, list(ORIENTATION_LABELS), current, 0, ORIENTATION_LABELS)


def sizes(view: View) -> Json | None:
    """ICAP_SUPPORTEDSIZES: the paper sizes that fit, none and the maximum."""
    if not view.has_area:
        return None
    source = view.source
    fitting = [
        code
        for code, (_, width, height) in PAGE_SIZES.items()
        if _fits(width, height, source.width_mm, source.height_mm)
    ]
    area = view.area
    current = 0
    if area is not None:
        whole = [MAXIMUM_SIZE] if _same(area.width, source.width_mm) and _same(area.height, source.height_mm) else []
        paper = [code for code in fitting if _is_paper(area, code)]
        current = next(iter((*paper, *whole)), 0)
    return enumeration(ItemType.TWTY_UINT16, [0, *sorted(fitting), MAXIMUM_SIZE], current, 0, SIZE_LABELS)


def _fits(width: float, height: float, most_width: float, most_height: float) -> bool:
    return width <= most_width + SLACK_MM and height <= most_height + SLACK_MM


def _is_paper(area: Area, code: int) -> bool:
    _, width, height = PAGE_SIZES[code]
    upright = _same(area.width, width) and _same(area.height, height)
    return upright or (_same(area.width, height) and _same(area.height, width))


def _same(one_mm: float, other_mm: float) -> bool:
    return abs(one_mm - other_mm) <= SLACK_MM
