"""The area: a paper size from the corner (``PageSize``, ICAP_SUPPORTEDSIZES with ICAP_ORIENTATION) or a frame (ICAP_FRAMES), whatever was wished last."""

from __future__ import annotations

from collections.abc import Mapping

from device_protocol import Area, SourceCaps
from device_protocol.settings import MM_PER_INCH
from device_protocol.vocabularies.rest import MAXIMUM_SIZE, PAGE_SIZES, RestCode
from device_protocol.vocabularies.twain import LANDSCAPE, MM_PER_UNIT, Units
from reference_server.jobs.plan.parts import Note, Present
from reference_server.jobs.wishes import Wish

SLACK_MM = 1.0
"""A4 on a bed of 215.9 x 296.9 mm is A4."""

LEAST_MM = 1.0
"""Less than that is no area."""


def mm_per_unit(unit: Units, dpi: tuple[float, float]) -> tuple[float, float]:
    """Millimetres of one unit, across and along."""
    if unit is Units.PIXELS:
        return MM_PER_INCH / dpi[0], MM_PER_INCH / dpi[1]
    return MM_PER_UNIT[unit], MM_PER_UNIT[unit]


def choose_area(
    wanted: Mapping[str, Wish], source: SourceCaps, present: Present, dpi: tuple[float, float], notes: list[Note]
) -> Area | None:
    """The area that was wished last; None leaves it alone.

    Args:
        wanted: the wish that counts for each key, in order.
        source: that is chosen.
        present: what the device is before.
        dpi: resolutions of the scan; a frame in pixels depends on them.
        notes: where to say what was met by something else.
    """
    wish = next((wanted[key] for key in reversed(list(wanted)) if key in {"pagesize", "frames"}), None)
    if wish is None or (wish.key == "pagesize" and wish.value == 0):
        return None
    if not present.has_area:
        notes.append(Note(wish, "the present area", RestCode.BAD_CAPABILITY))
        return None
    if wish.key == "frames":
        return _frame(wish, source, dpi, notes)
    orientation = wanted.get("orientation")
    return _paper(wish, source, notes, across=orientation is not None and orientation.value in LANDSCAPE)


def _paper(wish: Wish, source: SourceCaps, notes: list[Note], *, across: bool) -> Area | None:
    code = int(wish.value) if isinstance(wish.value, int | float) else 0
    if code == MAXIMUM_SIZE:
        return Area(0, 0, source.width_mm, source.height_mm)
    if code not in PAGE_SIZES:
        notes.append(Note(wish, "the present area"))
        return None
    _, width, height = PAGE_SIZES[code]
    if across and width < height:
        width, height = height, width
    return _cut(Area(0, 0, width, height), wish, source, notes)


def _frame(wish: Wish, source: SourceCaps, dpi: tuple[float, float], notes: list[Note]) -> Area | None:
    assert isinstance(wish.value, tuple)
    across, along = mm_per_unit(wish.unit, dpi)
    left, top, right, bottom = wish.value
    return _cut(Area(left * across, top * along, right * across, bottom * along), wish, source, notes)


def _cut(area: Area, wish: Wish, source: SourceCaps, notes: list[Note]) -> Area | None:
    """*area* within what the source reaches."""
    within = Area(
        max(area.left, 0.0), max(area.top, 0.0), min(area.right, source.width_mm), min(area.bottom, source.height_mm)
    )
    if within.width < LEAST_MM or within.height < LEAST_MM:
        notes.append(Note(wish, "the present area"))
        return None
    moved = max(
        abs(was - now)
        for was, now in (
            (area.left, within.left),
            (area.top, within.top),
            (area.right, within.right),
            (area.bottom, within.bottom),
        )
    )
    if moved > SLACK_MM:
        notes.append(Note(wish, f"{within.right:g} x {within.bottom:g} mm"))
    return within
