"""Colour, depth, resolution and levels."""

from __future__ import annotations

from collections.abc import Callable

from device_protocol import Choice, Mode, Range
from device_protocol.options import DEPTH, MODE, RESOLUTION, X_RESOLUTION, Y_RESOLUTION, Access
from device_protocol.vocabularies.rest import PIXEL_TYPE_OF
from device_protocol.vocabularies.twain import LEVEL_OPTIONS, PIXEL_TYPE_LABELS, ItemType
from reference_server.capabilities.containers import Json, enumeration, flag, one, span
from reference_server.capabilities.view import View
from reference_server.jobs.plan.resolution import per_unit

SAMPLES = {0: 1, 1: 1, 2: 3}
"""Samples of a pixel for each pixel type; ICAP_BITDEPTH counts the bits of a pixel."""


def pixel_type(view: View) -> Json:
    """ICAP_PIXELTYPE; a GRAY mode of one bit shows as black and white too (SANE ``test`` has no Lineart)."""
    modes = view.source.modes
    one_bit = {0} if any(_is_one_bit_gray(mode, 1) for mode in modes) else set()
    types = sorted({PIXEL_TYPE_OF[mode.colour] for mode in modes} | one_bit)
    option = view.option(MODE)
    now = _mode(view)
    depth = view.number(DEPTH)
    usual = next((mode for mode in modes if option is not None and mode.value == option.default), now)
    current = 0 if depth is not None and _is_one_bit_gray(now, depth) else PIXEL_TYPE_OF[now.colour]
    return enumeration(ItemType.TWTY_UINT16, types, current, PIXEL_TYPE_OF[usual.colour], PIXEL_TYPE_LABELS)


def bit_depth(view: View) -> Json:
    """ICAP_BITDEPTH of the mode that is set."""
    mode = _mode(view)
    samples = SAMPLES[PIXEL_TYPE_OF[mode.colour]]
    depths = [depth * samples for depth in mode.depths]
    option, depth = view.option(DEPTH), view.number(DEPTH)
    default = option.default if option is not None and isinstance(option.default, int) else mode.depths[0]
    current = mode.depths[0] if depth is None else int(depth)
    return enumeration(ItemType.TWTY_UINT16, depths, current * samples, default * samples)


def resolution(axis: str) -> Callable[[View], Json]:
    """ICAP_XRESOLUTION or ICAP_YRESOLUTION, in pixels per unit."""

    def make(view: View) -> Json:
        inches = per_unit(view.opened.plan.unit)
        option = view.option((axis, RESOLUTION))
        limits = view.source.resolutions
        if option is not None and option.name == axis and isinstance(option.constraint, Range | Choice):
            limits = option.constraint
        current = view.dpi[axis == Y_RESOLUTION]
        default = option.default if option is not None and isinstance(option.default, int | float) else current

        def shown(dpi: float) -> float:
            return dpi if inches == 1 else round(dpi * inches, 4)

        if isinstance(limits, Range):
            return span(
                shown(limits.minimum), shown(limits.maximum), shown(limits.step or 1), shown(current), shown(default)
            )
        values = [shown(float(value)) for value in limits.values if isinstance(value, int | float)]
        return enumeration(ItemType.TWTY_FIX32, values, shown(current), shown(default))

    return make


def level(name: str) -> Callable[[View], Json | None]:
    """A level on the scale of the clients; :func:`reference_server.jobs.plan.choose` is the way back."""

    def make(view: View) -> Json | None:
        option, value = view.option(name), view.number(name)
        if option is None or not isinstance(option.constraint, Range) or value is None:
            return None
        low, high = LEVEL_OPTIONS[name]
        limits = option.constraint
        whole = (limits.maximum - limits.minimum) or 1
        default = option.default if isinstance(option.default, int | float) else value

        def scaled(number: float) -> float:
            return round(low + (number - limits.minimum) / whole * (high - low), 3)

        step = round((limits.step or 1) / whole * (high - low), 3)
        made = span(low, high, step, scaled(value), scaled(default))
        return made if option.writable else made | {"query": ["get", "getcurrent", "getdefault"]}

    return make


def auto_bright(view: View) -> Json | None:
    """ICAP_AUTOBRIGHT, where the device can choose the brightness by itself. Whether it does now, no device tells."""
    option = view.option("brightness")
    if option is None or Access.AUTO not in option.access:
        return None
    wished = [wish for wish in view.opened.plan.steps if wish.key in {"ifautobright", "brightness"}]
    on = bool(wished) and wished[-1].key == "ifautobright" and bool(wished[-1].value)
    return flag(on, default=False, settable=True)


def rotation(view: View) -> Json | None:
    """ICAP_ROTATION, where the device turns pages."""
    option, value = view.option("rotation"), view.number("rotation")
    if option is None or value is None or not option.writable:
        return None
    default = option.default if isinstance(option.default, int | float) else value
    if isinstance(option.constraint, Range):
        limits = option.constraint
        return span(limits.minimum, limits.maximum, limits.step, value, default)
    values = getattr(option.constraint, "values", (value,))
    numbers = [item for item in values if isinstance(item, int | float)]
    return enumeration(ItemType.TWTY_FIX32, numbers or [value], value, default)


def transfer(values: dict[int, str]) -> Callable[[View], Json]:
    """A capability of a kind of transfer that REST does not have: what a client may set without effect."""
    first = next(iter(values))
    if len(values) == 1:
        return lambda _view: one(ItemType.TWTY_UINT16, first, labels=values, settable=True)
    return lambda _view: enumeration(ItemType.TWTY_UINT16, list(values), first, first, values)


x_resolution = resolution(X_RESOLUTION)
y_resolution = resolution(Y_RESOLUTION)


def _mode(view: View) -> Mode:
    modes = view.source.modes
    return next((mode for mode in modes if mode.value == view.values.get(MODE)), modes[0])


def _is_one_bit_gray(mode: Mode, depth: float) -> bool:
    return PIXEL_TYPE_OF[mode.colour] == 1 and depth == 1 and 1 in mode.depths
