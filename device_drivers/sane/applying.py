"""A snapshot of settings as options of this very device.

The contract's settings speak of mm and of options that a device may lack, or lack just now: a Lineart mode without a
depth, a single source without a `source` option, separate resolutions for both axes, an area in pixels.
"""

from __future__ import annotations

from collections.abc import Iterator

from device_drivers.sane.capsmap import DEFAULT_MODE
from device_drivers.sane.optiontable import OptionTable
from device_protocol.capabilities import DeviceCaps
from device_protocol.codes import Code
from device_protocol.errors import DeviceError, Phase
from device_protocol.options import AREA_NAMES, DEPTH, MODE, RESOLUTION, SOURCE, X_RESOLUTION, Y_RESOLUTION
from device_protocol.settings import MM_PER_INCH, Settings
from device_protocol.values import Unit, Value, ValueType


def pairs_of(settings: Settings, table: OptionTable, caps: DeviceCaps) -> Iterator[tuple[str, Value]]:
    """The options to set, in order; each is decided when it is asked for, since the ones before have effects on it.

    Raises:
        DeviceError: INVALID_VALUE for an area without content (SET-12).
    """
    area = settings.area
    if area is not None and (area.right <= area.left or area.bottom <= area.top):
        raise DeviceError(
            Code.INVALID_VALUE,
            "The area is empty: right must be greater than left, and bottom greater than top.",
            phase=Phase.OPTIONS,
            option="area",
            value=area,
        )
    return _pairs(settings, table, caps)


def _pairs(settings: Settings, table: OptionTable, caps: DeviceCaps) -> Iterator[tuple[str, Value]]:
    for name, value in settings.as_options():
        if name == RESOLUTION and table.option(RESOLUTION) is None and table.option(X_RESOLUTION) is not None:
            for axis in (X_RESOLUTION, Y_RESOLUTION):
                yield axis, _whole(table, axis, value)
        elif name in AREA_NAMES and isinstance(value, int | float):
            yield name, _coordinate(table, name, value)
        elif not _implied(name, value, settings, table, caps):
            yield name, _whole(table, name, value)


def _coordinate(table: OptionTable, name: str, value: float) -> Value:
    option = table.option(name)
    dpi = table.number(RESOLUTION) or table.number(X_RESOLUTION) or 100.0
    if option is None or option.unit is not Unit.PIXEL:
        return _whole(table, name, value)
    return _whole(table, name, float(round(value * dpi / MM_PER_INCH)))


def _whole(table: OptionTable, name: str, value: Value) -> Value:
    """A float without a fraction as an int, where the device counts in ints (300.0 dpi)."""
    option = table.option(name)
    if option is not None and option.type is ValueType.INT and isinstance(value, float) and value.is_integer():
        return int(value)
    return value


def _implied(name: str, value: Value, settings: Settings, table: OptionTable, caps: DeviceCaps) -> bool:
    """Whether the device has no such option (now), and the value is what its caps say anyway."""
    option = table.option(name)
    if option is not None and (option.active or name != DEPTH):
        return False
    if name == SOURCE:
        return caps.source(str(value)) is not None
    if name == MODE:
        return value == DEFAULT_MODE
    if name == DEPTH:
        source = caps.source(settings.source)
        modes = () if source is None else source.modes
        return any(mode.value in {settings.mode, DEFAULT_MODE} and value in mode.depths for mode in modes)
    return False
