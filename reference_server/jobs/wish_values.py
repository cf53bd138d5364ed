"""Values as clients write them, made into one type each: numbers and strings of digits, 0 and 1 for booleans, words of TWAIN, frames, lists.

JSON is strict about booleans in ``config`` (rest-api.md 1.2); capabilities have numbers for them (rest-api.md 5.3).
"""

from __future__ import annotations

from enum import Enum
from typing import Any, TypeAlias

from device_protocol.vocabularies.rest import PAGE_SIZES
from device_protocol.vocabularies.twain import PIXEL_TYPE_LABELS, SIZE_LABELS
from reference_server.models import CapabilityWish, as_flag, as_number

FrameValue: TypeAlias = tuple[float, float, float, float]
"""Left, top, right and bottom in the unit of its wish."""

Wanted: TypeAlias = float | bool | tuple[float, ...]
"""A value after it was typed: a number, a boolean, or numbers in order (a frame, an array)."""

FRAME_KEYS = ("left", "top", "right", "bottom")
MAX_ARRAY = 100


class Kind(Enum):
    """What type of value a key takes; the text is for messages."""

    NUMBER = "a number"
    FLAG = "a boolean"
    PIXEL_TYPE = "a pixel type"
    PAGE_SIZE = "a page size"
    FRAME = "a frame"
    NUMBERS = "a list of numbers"


_PIXEL_WORDS = {label.lower(): code for code, label in PIXEL_TYPE_LABELS.items()}
_SIZE_WORDS = {label.lower(): code for code, label in SIZE_LABELS.items()} | {
    name.lower(): code for code, (name, _, _) in PAGE_SIZES.items()
}


def config_value(value: Any, kind: Kind) -> Wanted | None:
    """The value of a key of ``config``; None if it is not of that kind."""
    if kind is Kind.FLAG:
        return value if isinstance(value, bool) else None
    return _typed(value, kind)


def capability_value(item: CapabilityWish, kind: Kind) -> Wanted | None:
    """The value of a capability; None if it is not of that kind.

    Array containers have ``values``, all others ``curValue``: plain, or as an object with ``value``, as the answer of GET capabilities has it.
    """
    if kind is Kind.NUMBERS:
        values = item.values if item.values is not None else item.curValue
        return _numbers(values)
    value = item.curValue
    if value is None and item.values is not None and len(item.values) == 1:
        (value,) = item.values
    if isinstance(value, dict) and "value" in value:
        value = value["value"]
    return as_flag(value) if kind is Kind.FLAG else _typed(value, kind)


def _typed(value: Any, kind: Kind) -> Wanted | None:
    match kind:
        case Kind.FRAME:
            return _frame(value)
        case Kind.PIXEL_TYPE:
            return _word(value, _PIXEL_WORDS)
        case Kind.PAGE_SIZE:
            return _word(value, _SIZE_WORDS)
        case _:
            return as_number(value)


def _word(value: Any, words: dict[str, int]) -> float | None:
    number = as_number(value)
    if number is None and isinstance(value, str):
        return words.get(value.strip().lower())
    return number


def _frame(value: Any) -> FrameValue | None:
    if not isinstance(value, dict):
        return None
    edges = {str(key).lower(): as_number(edge) for key, edge in value.items()}
    left, top, right, bottom = (edges.get(key) for key in FRAME_KEYS)
    if left is None or top is None or right is None or bottom is None:
        return None
    return left, top, right, bottom


def _numbers(values: Any) -> tuple[float, ...] | None:
    if not isinstance(values, list) or len(values) > MAX_ARRAY:
        return None
    numbers = [as_number(item.get("value") if isinstance(item, dict) else item) for item in values]
    return None if None in numbers else tuple(number for number in numbers if number is not None)
