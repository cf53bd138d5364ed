"""What a SANE device can do, found out once at open.

SANE has options, and no list of capabilities: what a source can do shows only while it is selected, and depths only
while their mode is. So each source and each mode is selected once, looked at, and everything is put back.
"""

from __future__ import annotations

import contextlib
from typing import Final

from device_drivers.sane.optiontable import OptionTable
from device_protocol.capabilities import Colour, DeviceCaps, EarlyEnd, Mode, OptionPolicy, SourceCaps, SourceKind
from device_protocol.codes import Code
from device_protocol.constraints import Choice, Range
from device_protocol.errors import DeviceError
from device_protocol.options import BR_X, BR_Y, DEPTH, MODE, RESOLUTION, SOURCE, TL_X, TL_Y, X_RESOLUTION
from device_protocol.settings import MM_PER_INCH
from device_protocol.values import Unit
from device_protocol.vocabularies.sane import MODES, SOURCES

DEFAULT_SOURCE: Final = "Flatbed"
"""Of a device without a `source` option."""
DEFAULT_MODE: Final = "Color"
"""Of a device without a `mode` option; what it delivers shows in the parameters."""
DEPTHS: Final = frozenset({1, 8, 16})
LETTER_WIDTH_MM: Final = 215.9
LEGAL_HEIGHT_MM: Final = 355.6
"""Of a device that does not tell."""


def source_kind(name: str) -> SourceKind:
    """What a `source` value means, by the words in it."""
    return next((kind for word, kind in SOURCES if word in name.lower()), SourceKind.VENDOR)


def find_caps(table: OptionTable, *, deterministic: bool) -> DeviceCaps:
    """Ask the device; its options are as before when this returns."""
    names = _choices(table, SOURCE)
    current = table.value(SOURCE)
    default = current if isinstance(current, str) and current in names else (names or (DEFAULT_SOURCE,))[0]
    before = table.snapshot()
    sources = []
    for name in names or (default,):
        with contextlib.suppress(DeviceError):  # a source that cannot be selected is looked at as far as possible
            if names:
                table.set(SOURCE, name)
        sources.append(_source(table, name))
    table.restore(before)
    return DeviceCaps(
        sources=tuple(sources),
        default_source=default,
        option_policy=OptionPolicy.DEFAULTS,
        early_end=EarlyEnd.NEXT_PAGE,
        deterministic=deterministic,
    )


def _source(table: OptionTable, name: str) -> SourceCaps:
    kind = source_kind(name)
    return SourceCaps(
        name=name,
        kind=kind,
        width_mm=_extent(table, TL_X, BR_X, LETTER_WIDTH_MM),
        height_mm=_extent(table, TL_Y, BR_Y, LEGAL_HEIGHT_MM),
        modes=_modes(table),
        resolutions=_resolutions(table),
        # No call of SANE tells whether there is paper; an empty feeder shows when a scan is started.
        detectable=frozenset({Code.NO_MEDIA}) if kind.feeds else frozenset(),
        paper_detectable=False,
        unknown_height=True,  # any back end may say so at any page (4.3.8), and none says so before
        sides=("front", "back") if kind is SourceKind.FEEDER_DUPLEX else ("front",),
    )


def _choices(table: OptionTable, name: str) -> tuple[str, ...]:
    option = table.option(name)
    if option is None or not option.active or not isinstance(option.constraint, Choice):
        return ()
    return tuple(value for value in option.constraint.values if isinstance(value, str))


def _modes(table: OptionTable) -> tuple[Mode, ...]:
    values = _choices(table, MODE)
    if not values:
        return (Mode(DEFAULT_MODE, Colour.COLOR, _depths(table, Colour.COLOR)),)
    current = table.value(MODE)
    modes = []
    for value in values:
        colour = MODES.get(value.lower(), Colour.COLOR if "colo" in value.lower() else Colour.GRAY)
        with contextlib.suppress(DeviceError):
            table.set(MODE, value)
        modes.append(Mode(value, colour, _depths(table, colour)))
    if isinstance(current, str):
        with contextlib.suppress(DeviceError):
            table.set(MODE, current)
    return tuple(modes)


def _depths(table: OptionTable, colour: Colour) -> tuple[int, ...]:
    option = table.option(DEPTH)
    usual = (1,) if colour is Colour.LINEART else (8,)
    if option is None or not option.active or colour is Colour.LINEART:
        return usual
    if isinstance(option.constraint, Choice):
        return tuple(value for value in option.constraint.values if isinstance(value, int) and value in DEPTHS) or usual
    if isinstance(option.constraint, Range):
        return tuple(value for value in sorted(DEPTHS) if option.constraint.accepts(value)) or usual
    return usual


def _resolutions(table: OptionTable) -> Range | Choice:
    for name in (RESOLUTION, X_RESOLUTION):
        option = table.option(name)
        if option is not None and isinstance(option.constraint, Range | Choice):
            return option.constraint
        value = table.number(name)
        if value is not None:
            return Choice((value,))
    return Choice((100,))


def _extent(table: OptionTable, low: str, high: str, fallback: float) -> float:
    first, last = table.option(low), table.option(high)
    if last is None or first is None:
        return fallback
    far = _bound(last.constraint, highest=True)
    near = _bound(first.constraint, highest=False)
    if far is None or near is None or far <= near:
        return fallback
    if last.unit is Unit.PIXEL:
        return (far - near) * MM_PER_INCH / (table.number(RESOLUTION) or table.number(X_RESOLUTION) or 100)
    return far - near


def _bound(constraint: object, *, highest: bool) -> float | None:
    if isinstance(constraint, Range):
        return constraint.maximum if highest else constraint.minimum
    if isinstance(constraint, Choice):
        numbers = [value for value in constraint.values if isinstance(value, int | float)]
        return (max if highest else min)(numbers) if numbers else None
    return None
