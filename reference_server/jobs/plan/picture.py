"""Colour and depth (rest-api.md 5.2 ``PixelType`` and ``BitDepth``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from device_protocol import Colour, Settings, SourceCaps
from device_protocol import Mode as DeviceMode
from device_protocol.capabilities import find_mode
from device_protocol.options import DEPTH, MODE
from device_protocol.vocabularies.rest import EXACT_PIXEL_TYPES, PIXEL_TYPES, RestCode
from reference_server.jobs.plan.parts import Note, Present
from reference_server.jobs.wishes import Wish

FALLBACKS: dict[Colour, tuple[Colour, ...]] = {
    Colour.LINEART: (Colour.LINEART, Colour.GRAY, Colour.COLOR),
    Colour.GRAY: (Colour.GRAY, Colour.COLOR, Colour.LINEART),
    Colour.COLOR: (Colour.COLOR, Colour.GRAY, Colour.LINEART),
}
"""What is nearest to a colour mode that the device lacks."""


def choose_picture(
    wanted: Mapping[str, Wish], source: SourceCaps, present: Present, settings: Settings, notes: list[Note]
) -> Settings:
    """*settings* with mode and depth, where they were wished."""
    pixels, bits = wanted.get("pixeltype"), wanted.get("bitdepth")
    if pixels is None and bits is None:
        return settings
    if pixels is not None:
        number = int(pixels.value) if isinstance(pixels.value, int | float) else 0
        colour = PIXEL_TYPES.get(number, Colour.COLOR)
        depth = None if bits is None else _bits_per_sample(bits, colour)
        mode, nearest = _nearest_mode(source, colour, depth)
        one_bit_gray = colour is Colour.LINEART and mode.colour is Colour.GRAY and nearest == 1
        if number not in EXACT_PIXEL_TYPES or (mode.colour is not colour and not one_bit_gray):
            notes.append(Note(pixels, mode.value))
    else:
        assert bits is not None
        mode = present_mode(source, present)
        depth = _bits_per_sample(bits, mode.colour)
        nearest = min(mode.depths, key=lambda item: (abs(item - depth), item))
    if bits is not None and depth != nearest:
        notes.append(Note(bits, nearest))
    return _settled(pixels or bits, mode, nearest, present, settings, notes)


def present_mode(source: SourceCaps, present: Present) -> DeviceMode:
    """The mode that is set, or the first of *source*, if it does not have that."""
    return next((mode for mode in source.modes if mode.value == present.values.get(MODE)), source.modes[0])


def _nearest_mode(source: SourceCaps, colour: Colour, depth: int | None) -> tuple[DeviceMode, int]:
    return next(
        found
        for fallback in FALLBACKS[colour]
        for found in (find_mode(source, fallback, depth), find_mode(source, fallback))
        if found is not None
    )


def _settled(
    wish: Wish | None, mode: DeviceMode, depth: int, present: Present, settings: Settings, notes: list[Note]
) -> Settings:
    """*settings* with what of *mode* and *depth* the device lets choose."""
    if present.can_set(MODE):
        settings = replace(settings, mode=mode.value)
    elif wish is not None and present.values.get(MODE, mode.value) != mode.value:
        notes.append(Note(wish, present.values.get(MODE), RestCode.BAD_CAPABILITY))
        return settings
    return replace(settings, depth=depth if len(mode.depths) > 1 and present.can_set(DEPTH) else None)


def _bits_per_sample(wish: Wish, colour: Colour) -> int:
    """``BitDepth`` counts the bits of a pixel (TWAIN ICAP_BITDEPTH); 8 and 16 are taken for colour too."""
    bits = int(wish.value) if isinstance(wish.value, int | float) else 0
    return bits // 3 if colour is Colour.COLOR and bits in {24, 48} else bits
