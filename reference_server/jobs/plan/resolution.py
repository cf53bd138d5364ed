"""Resolution: of both axes at once (``Resolution``, in dpi), or of each (ICAP_XRESOLUTION and ICAP_YRESOLUTION, in pixels per unit)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from device_protocol import Option, Settings, SourceCaps, ValueType
from device_protocol.options import RESOLUTION, X_RESOLUTION, Y_RESOLUTION
from device_protocol.settings import MM_PER_INCH
from device_protocol.vocabularies.rest import RestCode
from device_protocol.vocabularies.twain import MM_PER_UNIT, Units
from reference_server.jobs.plan.parts import Note, Present
from reference_server.jobs.wishes import Wish

AXES = {"xresolution": X_RESOLUTION, "yresolution": Y_RESOLUTION}
ROUNDING = 0.01
"""A resolution per centimetre has few digits: 118.11 is 300 dpi."""


def per_unit(unit: Units) -> float:
    """How many inches a unit has; pixels per pixel mean nothing, so those count as inches."""
    return MM_PER_UNIT.get(unit, MM_PER_INCH) / MM_PER_INCH


def choose_resolution(
    wanted: Mapping[str, Wish], source: SourceCaps, present: Present, settings: Settings, notes: list[Note]
) -> Settings:
    """*settings* with the resolutions that were wished; each axis has what was wished last for it."""
    axes = _wishes(wanted)
    if not axes:
        return settings
    chosen: dict[str, tuple[Wish, float]] = {}
    for axis, wish in axes.items():
        option = present.axis(axis)
        if option is None:
            notes.append(Note(wish, "what the device has", RestCode.BAD_CAPABILITY))
            continue
        asked = _dpi(wish)
        dpi = present.limits(option, source).nearest(asked)
        before = chosen.get(option)
        if before is not None and before[1] != dpi:
            dpi = before[1]  # one resolution for both axes: the first axis has it
        if abs(dpi - asked) > ROUNDING and not (before is not None and before[0] is wish):
            notes.append(Note(wish, dpi))
        chosen.setdefault(option, (wish, dpi))
    common = chosen.pop(RESOLUTION, None)
    extra = tuple((name, _typed(present.option(name), dpi)) for name, (_, dpi) in chosen.items())
    return replace(settings, resolution=None if common is None else common[1], extra=(*settings.extra, *extra))


def dpi_after(settings: Settings, source: SourceCaps, present: Present) -> tuple[float, float]:
    """The resolutions of both axes, once *settings* are applied."""
    extra = dict(settings.extra)

    def of(axis: str) -> float:
        values = (extra.get(axis), settings.resolution, present.values.get(axis), present.values.get(RESOLUTION))
        known = (value for value in values if isinstance(value, int | float) and value > 0)
        return float(next(known, source.resolutions.nearest(300)))

    return of(X_RESOLUTION), of(Y_RESOLUTION)


def _wishes(wanted: Mapping[str, Wish]) -> dict[str, Wish]:
    """The wish that counts for each axis."""
    found: dict[str, Wish] = {}
    for key, wish in wanted.items():
        if key == "resolution":
            found = dict.fromkeys(AXES.values(), wish)
        elif key in AXES:
            found[AXES[key]] = wish
    return {axis: found[axis] for axis in AXES.values() if axis in found}


def _dpi(wish: Wish) -> float:
    number = float(wish.value) if isinstance(wish.value, int | float) else 0.0
    if wish.key == "resolution" or wish.unit is Units.INCHES:
        return number
    dpi = number / per_unit(wish.unit)
    return round(dpi) if abs(dpi - round(dpi)) < ROUNDING * 2 else dpi


def _typed(option: Option | None, dpi: float) -> float:
    return round(dpi) if option is not None and option.type is ValueType.INT else dpi
