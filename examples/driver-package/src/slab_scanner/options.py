"""What the scanner can do, and its one option: the resolution."""

from __future__ import annotations

from device_protocol import (
    RAW,
    ApplyResult,
    Auto,
    Choice,
    Code,
    Colour,
    DeviceCaps,
    DeviceError,
    Mode,
    Option,
    PageParams,
    Phase,
    SetResult,
    Settings,
    SourceCaps,
    SourceKind,
    Unit,
    Value,
    ValueType,
)
from device_protocol.options import RESOLUTION, check_get, check_set, find_option, invalid
from device_protocol.settings import check

WIDTH_MM, HEIGHT_MM = 50.8, 76.2  # 2 x 3 inches
RESOLUTIONS = (50, 75, 100)

CAPS = DeviceCaps(
    sources=(
        SourceCaps(
            "Flatbed",
            SourceKind.FLATBED,
            WIDTH_MM,
            HEIGHT_MM,
            (Mode("Gray", Colour.GRAY, (8,)),),
            Choice(RESOLUTIONS),
            (RAW,),
        ),
    ),
    default_source="Flatbed",
)

OPTIONS = (
    Option(RESOLUTION, ValueType.INT, title="Resolution", unit=Unit.DPI, constraint=Choice(RESOLUTIONS), default=75),
)


class Store:
    """The values of the options."""

    def __init__(self) -> None:
        self.resolution = 75

    def get(self, name: str) -> Value:
        """The value of *name*."""
        check_get(find_option(OPTIONS, name))
        return self.resolution

    def set(self, name: str, value: Value | Auto) -> SetResult:
        """Take *value*, or refuse it: nothing is rounded."""
        option = find_option(OPTIONS, name)
        check_set(option, value)
        if isinstance(value, Auto) or not option.accepts(value):
            raise invalid(option, value, f"cannot be {value!r}")
        changed = value != self.resolution
        assert isinstance(value, int)
        self.resolution = value
        return SetResult(name, value, value, params_changed=changed)

    def apply(self, settings: Settings) -> ApplyResult:
        """Take all of *settings* or nothing."""
        check(settings, CAPS)
        if settings.extra or settings.area is not None:
            raise DeviceError(
                Code.INVALID_VALUE, "There is neither an area nor anything else to set.", phase=Phase.OPTIONS
            )
        if settings.resolution is None:
            return ApplyResult()
        return ApplyResult((self.set(RESOLUTION, int(settings.resolution)),))

    def reset(self, names: tuple[str, ...] | None) -> ApplyResult:
        """Go back to the default."""
        wanted = (RESOLUTION,) if names is None else names
        for name in wanted:
            find_option(OPTIONS, name)
        return ApplyResult(tuple(self.set(name, 75) for name in wanted))

    def params(self) -> PageParams:
        """The page that these values give."""
        width, height = round(WIDTH_MM / 25.4 * self.resolution), round(HEIGHT_MM / 25.4 * self.resolution)
        dpi = float(self.resolution)
        return PageParams(width, height, width, 8, 1, Colour.GRAY, RAW, dpi, dpi)
