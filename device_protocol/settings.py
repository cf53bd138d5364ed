"""A snapshot of what a scan shall be: partial, immutable, filled and checked by one function each."""

from __future__ import annotations

from dataclasses import dataclass, replace

from device_protocol.capabilities import DeviceCaps, SourceCaps
from device_protocol.codes import Code
from device_protocol.errors import DeviceError, Phase
from device_protocol.options import BR_X, BR_Y, DEPTH, MODE, RESOLUTION, SOURCE, TL_X, TL_Y
from device_protocol.values import Value

ALL = "all"
"""Page target: every sheet until the feeder is empty. A count is an int from 1."""

MM_PER_INCH = 25.4


@dataclass(frozen=True, slots=True)
class Area:
    """A rectangle on the glass in mm, from the corner where scanning starts."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Width in mm."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Height in mm."""
        return self.bottom - self.top


@dataclass(frozen=True, slots=True)
class Settings:
    """What to scan and how. None means: whatever the device has set.

    Attributes:
        source, mode: values of the options of that name (:class:`SourceCaps`, :class:`Mode`).
        depth: bits per sample.
        resolution: dpi, both axes.
        area: mm; see :class:`Area`.
        extra: further options in the order in which they are to be set.
    """

    source: str | None = None
    mode: str | None = None
    depth: int | None = None
    resolution: float | None = None
    area: Area | None = None
    extra: tuple[tuple[str, Value], ...] = ()

    def as_options(self) -> tuple[tuple[str, Value], ...]:
        """The options to set, in the order in which later ones depend on earlier ones."""
        pairs: list[tuple[str, Value]] = [
            (name, value)
            for name, value in (
                (SOURCE, self.source),
                (MODE, self.mode),
                (DEPTH, self.depth),
                (RESOLUTION, self.resolution),
            )
            if value is not None
        ]
        if self.area is not None:
            pairs += [(TL_X, self.area.left), (TL_Y, self.area.top), (BR_X, self.area.right), (BR_Y, self.area.bottom)]
        return (*pairs, *self.extra)


def fill(settings: Settings, caps: DeviceCaps) -> Settings:
    """*settings* with every gap filled by the safe defaults: default source, its first mode, 300 dpi or the nearest, the full area.

    Raises:
        DeviceError: see :func:`check`.
    """
    check(settings, caps)
    source = _source(settings, caps)
    mode = next((mode for mode in source.modes if mode.value == settings.mode), source.modes[0])
    depth = settings.depth if settings.depth is not None else min(mode.depths, key=lambda bits: abs(bits - 8))
    resolution = settings.resolution if settings.resolution is not None else source.resolutions.nearest(300)
    area = settings.area or Area(0, 0, source.width_mm, source.height_mm)
    return replace(settings, source=source.name, mode=mode.value, depth=depth, resolution=resolution, area=area)


def check(settings: Settings, caps: DeviceCaps) -> None:
    """Refuse settings that *caps* exclude; gaps are fine.

    Raises:
        DeviceError: INVALID_VALUE with the option's name and the value.
    """
    source = _source(settings, caps)
    modes = {mode.value: mode for mode in source.modes}
    if settings.mode is not None and settings.mode not in modes:
        raise _refused(MODE, settings.mode, f"{source.name} has {', '.join(modes)}")
    mode = modes.get(settings.mode) if settings.mode is not None else None
    if settings.depth is not None and mode is not None and settings.depth not in mode.depths:
        raise _refused(DEPTH, settings.depth, f"{mode.value} has {mode.depths}")
    if settings.resolution is not None and not source.resolutions.accepts(settings.resolution):
        raise _refused(RESOLUTION, settings.resolution, f"{source.name} has {source.resolutions}")
    if settings.area is not None:
        _check_area(settings.area, source)


def check_page_target(pages: int | str) -> None:
    """Refuse a page target that is neither ALL nor a count from 1 (SCAN-05; TWAIN: a transfer count of 0 is illegal).

    Raises:
        DeviceError: INVALID_VALUE.
    """
    if pages == ALL or (isinstance(pages, int) and not isinstance(pages, bool) and pages >= 1):
        return
    raise DeviceError(
        Code.INVALID_VALUE, f"{pages!r} pages: give a count from 1, or ALL.", phase=Phase.START, value=pages
    )


def _source(settings: Settings, caps: DeviceCaps) -> SourceCaps:
    source = caps.source(settings.source)
    if source is None:
        raise _refused(SOURCE, settings.source, f"the device has {', '.join(item.name for item in caps.sources)}")
    return source


def _check_area(area: Area, source: SourceCaps) -> None:
    if area.right <= area.left or area.bottom <= area.top:  # SET-12
        raise _refused("area", area, "right must be greater than left, and bottom greater than top")
    slack = 0.01  # SANE's fixed point numbers cannot say 297 mm any closer
    if (
        area.left < -slack
        or area.top < -slack
        or area.right > source.width_mm + slack
        or area.bottom > source.height_mm + slack
    ):
        raise _refused("area", area, f"{source.name} reaches {source.width_mm} x {source.height_mm} mm")


def _refused(option: str, value: object, why: str) -> DeviceError:
    return DeviceError(
        Code.INVALID_VALUE, f"{option} cannot be {value!r}: {why}.", phase=Phase.OPTIONS, option=option, value=value
    )
