"""Wishes for single options of the device: the value that an option takes for what a client says on TWAIN's scale, and back."""

from __future__ import annotations

from dataclasses import dataclass

from device_protocol import AUTO, Auto, Choice, Option, Range, Value
from device_protocol import ValueType as Type
from device_protocol.options import Access
from device_protocol.vocabularies.twain import DETECTS, DISCARD_OFF, LETS_PASS, LEVEL_OPTIONS
from reference_server.jobs.wishes import Wish

DISCARD_PERCENT = 5
"""Dark pixels below which a page counts as blank, for devices that want a percentage (SANE's ``swskip``)."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What to set.

    Attributes:
        value: for the option; None leaves it as it is.
        exact: whether that is what was wished.
    """

    value: Value | Auto
    exact: bool = True


def choose(wish: Wish, option: Option) -> Chosen | None:
    """The value of *option* that comes nearest to *wish*; None where it cannot express it at all."""
    match wish.key:
        case "ifautobright":
            return _auto(wish, option)
        case "doublefeeddetection":
            return _words(wish, option)
        case "rotation":
            return _rotation(wish, option)
        case "autodiscardblankpages":
            return _flag(option, on=wish.value != DISCARD_OFF, exact=wish.value in {DISCARD_OFF, -1})
        case key if key in LEVEL_OPTIONS:
            return _level(wish, option)
        case _:
            return _flag(option, on=bool(wish.value))


def _number(wish: Wish) -> float:
    return float(wish.value) if isinstance(wish.value, int | float) else 0.0


def _level(wish: Wish, option: Option) -> Chosen | None:
    """The client's scale, stretched linearly onto the option's range."""
    low, high = LEVEL_OPTIONS[wish.key]
    asked = _number(wish)
    number = min(max(asked, low), high)
    if option.type not in {Type.INT, Type.FIXED}:
        return None
    value: float = number
    if isinstance(option.constraint, Range):
        span = option.constraint.maximum - option.constraint.minimum
        raw = option.constraint.minimum + (number - low) / (high - low) * span
        value = option.constraint.nearest(raw)
        exact = abs(value - raw) <= max(option.constraint.step or 0, 1e-9)
    elif isinstance(option.constraint, Choice):
        value = option.constraint.nearest(number)
        exact = value == number
    else:
        exact = True
    return Chosen(round(value) if option.type is Type.INT else float(value), exact and asked == number)


def _flag(option: Option, *, on: bool, exact: bool = True) -> Chosen | None:
    if option.type is Type.BOOL:
        return Chosen(on, exact)
    if option.type in {Type.INT, Type.FIXED} and isinstance(option.constraint, Range):  # a percentage, 0 for off
        value = option.constraint.nearest(DISCARD_PERCENT if on else 0)
        return Chosen(round(value) if option.type is Type.INT else float(value), exact)
    return None


def _auto(wish: Wish, option: Option) -> Chosen | None:
    if Access.AUTO not in option.access:
        return None
    return Chosen(AUTO if wish.value else None)


def _words(wish: Wish, option: Option) -> Chosen | None:
    """CAP_DOUBLEFEEDDETECTION, the list of detectors that are on: none, or the one that there is."""
    word = DETECTS if wish.value else LETS_PASS
    if not option.accepts(word):
        return None
    return Chosen(word, exact=wish.value in {(), (0.0,)})


def _rotation(wish: Wish, option: Option) -> Chosen | None:
    degrees = _number(wish) % 360
    if option.type not in {Type.INT, Type.FIXED} or not isinstance(option.constraint, Range | Choice):
        return None
    value = option.constraint.nearest(degrees)
    return Chosen(round(value) if option.type is Type.INT else float(value), value == degrees)
