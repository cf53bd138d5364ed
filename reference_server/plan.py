"""From a client's wishes to a device's settings: the nearest that the device has, and a note wherever that is something else (rest-api.md 5.2, 5.3)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from device_protocol import (
    ALL,
    Area,
    Choice,
    Colour,
    DeviceCaps,
    Option,
    Range,
    Settings,
    SourceCaps,
    SourceKind,
    Value,
)
from device_protocol import ValueType as Type
from device_protocol.capabilities import find_mode
from device_protocol.vocabularies.rest import LEVEL_OPTIONS, MAXIMUM_SIZE, PAGE_SIZES, PIXEL_TYPES, RestCode
from reference_server.wishes import Wish, latest

FALLBACKS: dict[Colour, tuple[Colour, ...]] = {
    Colour.LINEART: (Colour.LINEART, Colour.GRAY, Colour.COLOR),
    Colour.GRAY: (Colour.GRAY, Colour.COLOR, Colour.LINEART),
    Colour.COLOR: (Colour.COLOR, Colour.GRAY, Colour.LINEART),
}
"""What is nearest to a colour mode that the device lacks."""


class PlanError(Exception):
    """A wish that must be met exactly (``exception: "fail"``) cannot be.

    Attributes:
        code: -1013 for a capability that is not there, -1010 for a value.
    """

    def __init__(self, code: RestCode, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True, slots=True)
class Note:
    """A wish that was met by something else, for the log."""

    wish: Wish
    got: object


@dataclass(frozen=True, slots=True)
class Plan:
    """What to do with the device.

    Attributes:
        settings: to apply before the scan.
        source: the source that they choose.
        levels: wishes for brightness and the like, to be set after the settings, when it shows which options there are.
        pages: page target of the scan.
        notes: where the device lacks what was wished.
    """

    settings: Settings
    source: SourceCaps
    levels: tuple[Wish, ...]
    pages: int | str
    notes: tuple[Note, ...]


def make_plan(
    wishes: tuple[Wish, ...], caps: DeviceCaps, current_source: str | None = None, *, can_choose: bool = True
) -> Plan:
    """The settings nearest to *wishes*.

    Args:
        wishes: all of them, in order.
        caps: of the device.
        current_source: what the device has selected, if it tells.
        can_choose: whether it has an option for the source; a plain flatbed has none.

    Raises:
        PlanError: a strict wish cannot be met exactly.
    """
    for wish in wishes:
        if not wish.key and wish.strict:
            raise PlanError(RestCode.BAD_CAPABILITY, f"Capability {wish.label} cannot be set on this device.")
    wanted = latest(wishes)
    notes: list[Note] = []
    source = _source(wanted, caps, current_source, notes)
    settings = Settings(source=source.name if can_choose else None)
    settings = _picture(wanted, source, settings, notes)
    if (size := wanted.get("pagesize")) is not None:
        settings = replace(settings, area=_area(size, source, notes))
    _refuse_strict(notes)
    levels = tuple(wish for key, wish in wanted.items() if key in LEVEL_OPTIONS)
    return Plan(settings, source, levels, _pages(wanted.get("xfercount"), source), tuple(notes))


def level(wish: Wish, option: Option) -> Value:
    """The value of *option* for a level on the client's scale, stretched linearly onto the option's range."""
    low, high = LEVEL_OPTIONS[wish.key]
    number = min(max(float(wish.value or 0), low), high)
    value: float = number
    if isinstance(option.constraint, Range):
        span = option.constraint.maximum - option.constraint.minimum
        value = option.constraint.nearest(option.constraint.minimum + (number - low) / (high - low) * span)
    elif isinstance(option.constraint, Choice):
        try:
            value = option.constraint.nearest(number)
        except ValueError:  # words instead of numbers
            return option.default
    return round(value) if option.type is Type.INT else float(value)


def _refuse_strict(notes: Iterable[Note]) -> None:
    """Raise for the first note that belongs to a strict wish.

    Raises:
        PlanError: with code -1010.
    """
    for note in notes:
        if note.wish.strict:
            raise PlanError(
                RestCode.BAD_VALUE, f"{note.wish.label} cannot be {note.wish.value:g}; nearest is {note.got}."
            )


def _source(wanted: dict[str, Wish], caps: DeviceCaps, current: str | None, notes: list[Note]) -> SourceCaps:
    feeder, duplex = wanted.get("iffeederenabled"), wanted.get("ifduplexenabled")
    usual = caps.source(current) or caps.source() or caps.sources[0]
    wants_duplex = duplex is not None and bool(duplex.value)
    wants_feeder = bool(feeder.value) if feeder is not None else (wants_duplex or usual.kind.feeds)
    if feeder is None and duplex is None:
        return usual
    if not wants_feeder:
        found = caps.first(SourceKind.FLATBED, SourceKind.CAMERA) or usual
        if feeder is not None and found.kind.feeds:
            notes.append(Note(feeder, found.name))
        return found
    if duplex is None:
        wants_duplex = usual.kind is SourceKind.FEEDER_DUPLEX
    kinds = (SourceKind.FEEDER, SourceKind.FEEDER_DUPLEX)
    found = caps.first(*(reversed(kinds) if wants_duplex else kinds)) or caps.first(SourceKind.FLATBED) or usual
    if feeder is not None and not found.kind.feeds:
        notes.append(Note(feeder, found.name))
    if duplex is not None and wants_duplex is not (found.kind is SourceKind.FEEDER_DUPLEX):
        notes.append(Note(duplex, found.name))
    return found


def _picture(wanted: dict[str, Wish], source: SourceCaps, settings: Settings, notes: list[Note]) -> Settings:
    pixels, bits, resolution = wanted.get("pixeltype"), wanted.get("bitdepth"), wanted.get("resolution")
    if pixels is not None:
        colour = PIXEL_TYPES.get(int(pixels.value or 0), Colour.COLOR)
        depth = None if bits is None else _bits_per_sample(bits, colour)
        mode, nearest = next(
            found
            for fallback in FALLBACKS[colour]
            for found in (find_mode(source, fallback, depth), find_mode(source, fallback))
            if found is not None
        )
        one_bit_gray = colour is Colour.LINEART and mode.colour is Colour.GRAY and nearest == 1
        if mode.colour is not colour and not one_bit_gray:
            notes.append(Note(pixels, mode.value))
        if bits is not None and depth is not None and depth != nearest:
            notes.append(Note(bits, nearest))
        settings = replace(settings, mode=mode.value, depth=nearest if len(mode.depths) > 1 else None)
    elif bits is not None:
        mode = source.modes[0]
        depth = _bits_per_sample(bits, mode.colour)
        nearest = min(mode.depths, key=lambda item: (abs(item - depth), item))
        if nearest != depth:
            notes.append(Note(bits, nearest))
        settings = replace(settings, mode=mode.value, depth=nearest if len(mode.depths) > 1 else None)
    if resolution is not None:
        dpi = source.resolutions.nearest(float(resolution.value or 0))
        if dpi != resolution.value:
            notes.append(Note(resolution, dpi))
        settings = replace(settings, resolution=dpi)
    return settings


def _bits_per_sample(wish: Wish, colour: Colour) -> int:
    """``BitDepth`` counts the bits of a pixel (TWAIN ICAP_BITDEPTH); 8 and 16 are taken for colour too."""
    bits = int(wish.value or 0)
    return bits // 3 if colour is Colour.COLOR and bits in {24, 48} else bits


def _area(wish: Wish, source: SourceCaps, notes: list[Note]) -> Area | None:
    code = int(wish.value or 0)
    if code == 0:
        return None
    if code == MAXIMUM_SIZE:
        return Area(0, 0, source.width_mm, source.height_mm)
    if code not in PAGE_SIZES:
        notes.append(Note(wish, "the present area"))
        return None
    _, width, height = PAGE_SIZES[code]
    area = Area(0, 0, min(width, source.width_mm), min(height, source.height_mm))
    if width > source.width_mm + 1 or height > source.height_mm + 1:  # A4 on a bed of 215.9 x 296.9 mm is A4
        notes.append(Note(wish, f"{area.right:g} x {area.bottom:g} mm"))
    return area


def _pages(wish: Wish | None, source: SourceCaps) -> int | str:
    """How many pages to ask for. Glass holds one sheet; a camera would never end."""
    count = -1 if wish is None else int(wish.value or 0)
    if source.kind.feeds:
        return count if count >= 1 else ALL
    return max(count, 1) if source.kind is SourceKind.CAMERA else 1
