"""The capabilities of an open device in the container format of rest-api.md 5.3, from the device's sources and options."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from device_protocol import Area, DeviceInfo, DeviceKind, FeederState, Option, Range, SourceKind, Value
from device_protocol.aio import Session
from device_protocol.options import AREA_NAMES, DEPTH, MODE, RESOLUTION, SOURCE, X_RESOLUTION, Y_RESOLUTION
from device_protocol.settings import MM_PER_INCH
from device_protocol.vocabularies.rest import (
    CAP_NUMBERS,
    DUPLEX_LABELS,
    LEVEL_OPTIONS,
    PAGE_SIZES,
    PIXEL_TYPE_LABELS,
    PIXEL_TYPE_OF,
    Cap,
    Container,
    ItemType,
)
from reference_server.errors import bad_parameter
from reference_server.jobs import OpenDevice
from reference_server.models import as_number

GET_ONLY = ("get", "getcurrent", "getdefault")
GET_SET = ("get", "set", "reset", "getcurrent", "getdefault")

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class View:
    """What a device says of itself at one moment."""

    info: DeviceInfo
    opened: OpenDevice
    options: Sequence[Option]
    values: dict[str, Value]
    feeder: FeederState

    def option(self, name: str) -> Option | None:
        """The option called *name*, if the device has it now."""
        return next((option for option in self.options if option.name == name and option.active), None)


async def look(info: DeviceInfo, opened: OpenDevice) -> View:
    """Ask an open device about itself.

    Raises:
        DeviceError: it does not answer.
    """
    session: Session = opened.session
    options = await session.options()
    wanted = {SOURCE, MODE, DEPTH, RESOLUTION, X_RESOLUTION, Y_RESOLUTION, *AREA_NAMES, *LEVEL_OPTIONS}
    values = {
        option.name: await session.get(option.name) for option in options if option.readable and option.name in wanted
    }
    return View(info, opened, options, values, (await session.status()).feeder)


def parse_list(text: str | None) -> list[int] | None:
    """The ``caps`` query: a comma list of numbers; None means all.

    Raises:
        RestError: 400 for anything else.
    """
    if text is None or not text.strip():
        return None
    numbers = [CAP_NUMBERS.get(part.strip().lower(), as_number(part.strip())) for part in text.split(",")]
    if any(number is None or number != int(number) for number in numbers):
        raise bad_parameter("caps: this is not a list of integers.")
    return [int(number) for number in numbers if number is not None]


def describe(view: View, wanted: Iterable[int] | None = None) -> list[Json]:
    """The capabilities of *view*, or those of *wanted* that the device has, in their order."""
    found = {cap.value: made for cap, make in MAKERS.items() if (made := make(view)) is not None}
    found[Cap.SUPPORTEDCAPS.value] = _array(sorted({*found, Cap.SUPPORTEDCAPS.value}))
    numbers = sorted(found) if wanted is None else [number for number in dict.fromkeys(wanted) if number in found]
    return [{"capability": {"value": number, "label": Cap(number).label}, **found[number]} for number in numbers]


def _head(container: Container, item: ItemType) -> Json:
    return {
        "conType": {"value": container.value, "label": container.name},
        "valueType": {"value": item.value, "label": item.name},
    }


def _labelled(value: Any, labels: dict[int, str] | None) -> Any:
    return value if labels is None else {"value": value, "label": labels.get(value, str(value))}


def _one(
    item: ItemType, value: Any, default: Any = None, *, labels: dict[int, str] | None = None, settable: bool = False
) -> Json:
    usual = _labelled(value if default is None else default, labels)
    return _head(Container.TWON_ONEVALUE, item) | {
        "curValue": _labelled(value, labels),
        "defaultValue": usual,
        "defValue": usual,  # D-11
        "query": list(GET_SET if settable else GET_ONLY),
    }


def _enumeration(
    item: ItemType, values: Sequence[Any], current: Any, default: Any, labels: dict[int, str] | None = None
) -> Json:
    index = values.index(current) if current in values else 0
    usual = values.index(default) if default in values else index
    return _head(Container.TWON_ENUMERATION, item) | {
        "curIndex": index,
        "curValue": _labelled(values[index], labels),
        "defIndex": usual,
        "defaultValue": _labelled(values[usual], labels),
        "defValue": _labelled(values[usual], labels),
        "enums": [_labelled(value, labels) for value in values],
        "query": list(GET_SET),
    }


def _range(low: float, high: float, step: float, current: float, default: float) -> Json:
    return _head(Container.TWON_RANGE, ItemType.TWTY_FIX32) | {
        "minValue": low,
        "maxValue": high,
        "stepSize": step,
        "curValue": current,
        "defaultValue": default,
        "defValue": default,
        "query": list(GET_SET),
    }


def _array(values: Sequence[int]) -> Json:
    return _head(Container.TWON_ARRAY, ItemType.TWTY_UINT16) | {"values": list(values), "query": ["get"]}


def _pixel_type(view: View) -> Json:
    source = view.opened.plan.source
    types = list(dict.fromkeys(PIXEL_TYPE_OF[mode.colour] for mode in source.modes))
    now = next((mode for mode in source.modes if mode.value == view.values.get(MODE)), source.modes[0])
    usual = view.option(MODE)
    start = next((mode for mode in source.modes if usual is not None and mode.value == usual.default), now)
    return _enumeration(
        ItemType.TWTY_UINT16, types, PIXEL_TYPE_OF[now.colour], PIXEL_TYPE_OF[start.colour], PIXEL_TYPE_LABELS
    )


def _bit_depth(view: View) -> Json:
    source = view.opened.plan.source
    now = next((mode for mode in source.modes if mode.value == view.values.get(MODE)), source.modes[0])
    samples = 3 if PIXEL_TYPE_OF[now.colour] == 2 else 1
    depths = [depth * samples for depth in now.depths]
    depth = view.values.get(DEPTH)
    current = depth * samples if isinstance(depth, int) else depths[0]
    return _enumeration(ItemType.TWTY_UINT16, depths, current, depths[0])


def _resolution(axis: str) -> Callable[[View], Json]:
    def make(view: View) -> Json:
        limits = view.opened.plan.source.resolutions
        option = view.option(axis) or view.option(RESOLUTION)
        value = view.values.get(axis, view.values.get(RESOLUTION))
        current = value if isinstance(value, int | float) else limits.nearest(300)
        default = option.default if option is not None and isinstance(option.default, int | float) else current
        if isinstance(limits, Range):
            return _range(limits.minimum, limits.maximum, limits.step or 1, current, default)
        return _enumeration(ItemType.TWTY_FIX32, list(limits.values), current, default)

    return make


def _level(name: str) -> Callable[[View], Json | None]:
    """A level on the scale of the clients; see :func:`reference_server.plan.level` for the way back."""

    def make(view: View) -> Json | None:
        option = view.option(name)
        value = view.values.get(name)
        if option is None or not isinstance(option.constraint, Range) or not isinstance(value, int | float):
            return None
        low, high = LEVEL_OPTIONS[name]
        limits = option.constraint
        span = (limits.maximum - limits.minimum) or 1
        default = option.default if isinstance(option.default, int | float) else value

        def scaled(number: float) -> float:
            return round(low + (number - limits.minimum) / span * (high - low), 3)

        return _range(low, high, round((limits.step or 1) / span * (high - low), 3), scaled(value), scaled(default))

    return make


def _sizes(view: View) -> Json:
    source = view.opened.plan.source
    fitting = {
        code: name
        for code, (name, width, height) in PAGE_SIZES.items()
        if width <= source.width_mm + 1 and height <= source.height_mm + 1
    }
    corners = [view.values.get(name) for name in AREA_NAMES]
    area = Area(*corners) if all(isinstance(corner, int | float) for corner in corners) else None  # type: ignore[arg-type]  # just checked
    current = 0
    if area is not None:
        for code in fitting:
            _, width, height = PAGE_SIZES[code]
            if abs(area.width - width) <= 1 and abs(area.height - height) <= 1:
                current = code
                break
    codes = [0, *fitting]
    return _enumeration(ItemType.TWTY_UINT16, codes, current, 0, {0: "none", **fitting})


def _physical(side: str) -> Callable[[View], Json]:
    def make(view: View) -> Json:
        source = view.opened.plan.source
        return _one(ItemType.TWTY_FIX32, round(getattr(source, side) / MM_PER_INCH, 4))

    return make


def _flag(value: Callable[[View], bool], *, settable: bool = False) -> Callable[[View], Json]:
    return lambda view: _one(ItemType.TWTY_BOOL, int(value(view)), settable=settable)


def _has_feeder(view: View) -> bool:
    return any(source.kind.feeds for source in view.opened.caps.sources)


def _feeds(view: View) -> bool:
    return view.opened.plan.source.kind.feeds


def _duplex(view: View) -> Json:
    duplex = any(source.kind is SourceKind.FEEDER_DUPLEX for source in view.opened.caps.sources)
    return _one(ItemType.TWTY_UINT16, int(duplex), labels=DUPLEX_LABELS)


def _if_feeder(make: Callable[[View], Json]) -> Callable[[View], Json | None]:
    return lambda view: make(view) if _has_feeder(view) else None


MAKERS: dict[Cap, Callable[[View], Json | None]] = {
    Cap.XFERCOUNT: lambda _view: _one(ItemType.TWTY_INT16, -1, settable=True),
    Cap.PIXELTYPE: _pixel_type,
    Cap.UNITS: lambda _view: _one(ItemType.TWTY_UINT16, 0, labels={0: "TWUN_INCHES"}),
    Cap.FEEDERENABLED: _if_feeder(_flag(_feeds, settable=True)),
    Cap.FEEDERLOADED: _if_feeder(_flag(lambda view: view.feeder is FeederState.LOADED)),
    Cap.AUTOFEED: _if_feeder(_flag(_feeds)),
    Cap.PAPERDETECTABLE: _flag(lambda view: any(source.paper_detectable for source in view.opened.caps.sources)),
    Cap.UICONTROLLABLE: _flag(lambda _view: True),
    Cap.DEVICEONLINE: _flag(lambda _view: True),
    Cap.DUPLEX: _duplex,
    Cap.DUPLEXENABLED: _if_feeder(
        _flag(lambda view: view.opened.plan.source.kind is SourceKind.FEEDER_DUPLEX, settable=True)
    ),
    Cap.CAMERAPREVIEWUI: lambda view: (
        _one(ItemType.TWTY_BOOL, 1) if view.info.kind is DeviceKind.CAMERA else None  # S-112: it marks a camera
    ),
    Cap.BRIGHTNESS: _level("brightness"),
    Cap.CONTRAST: _level("contrast"),
    Cap.PHYSICALWIDTH: _physical("width_mm"),
    Cap.PHYSICALHEIGHT: _physical("height_mm"),
    Cap.XRESOLUTION: _resolution(X_RESOLUTION),
    Cap.YRESOLUTION: _resolution(Y_RESOLUTION),
    Cap.SUPPORTEDSIZES: _sizes,
    Cap.THRESHOLD: _level("threshold"),
    Cap.BITDEPTH: _bit_depth,
}
"""How each capability is made from what the device says; None where the device has nothing of the kind."""
