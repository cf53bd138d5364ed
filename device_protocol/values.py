"""Values of options: their types, units and the AUTO marker."""

from __future__ import annotations

from enum import Enum, StrEnum
from typing import Final, Literal, TypeAlias

Scalar: TypeAlias = bool | int | float | str
Value: TypeAlias = Scalar | tuple[int, ...] | tuple[float, ...] | tuple[str, ...] | None
"""A scalar, an array as a tuple, or None for an action, which has no value."""


class ValueType(StrEnum):
    """The type of an option's value. Arrays are tuples whose length is the option's ``length``."""

    BOOL = "bool"
    INT = "int"
    FIXED = "fixed"
    STRING = "string"
    ACTION = "action"
    INT_ARRAY = "int-array"
    FIXED_ARRAY = "fixed-array"
    STRING_SET = "string-set"


class Unit(StrEnum):
    """The unit of a value (SANE 4.2.9.5; the others have the same or fewer)."""

    NONE = "none"
    PIXEL = "pixel"
    BIT = "bit"
    MM = "mm"
    DPI = "dpi"
    PERCENT = "percent"
    MICROSECOND = "microsecond"


class Auto(Enum):
    """The marker for "the device shall choose" (SANE 4.3.7 set-auto)."""

    AUTO = "auto"

    def __repr__(self) -> str:
        return "AUTO"


AUTO: Final[Literal[Auto.AUTO]] = Auto.AUTO


def has_type(value: object, value_type: ValueType) -> bool:
    """Whether *value* has exactly that type: no coercion, a bool is not an int and "300" is not 300 (SET-05).

    An int is a legal FIXED value, since Python writes 300 for 300.0; NaN and infinities are not.
    """
    match value_type:
        case ValueType.BOOL:
            return isinstance(value, bool)
        case ValueType.INT:
            return isinstance(value, int) and not isinstance(value, bool)
        case ValueType.FIXED:
            return _is_number(value)
        case ValueType.STRING:
            return isinstance(value, str)
        case ValueType.ACTION:
            return value is None
        case ValueType.INT_ARRAY:
            return isinstance(value, tuple) and all(has_type(item, ValueType.INT) for item in value)
        case ValueType.FIXED_ARRAY:
            return isinstance(value, tuple) and all(_is_number(item) for item in value)
        case ValueType.STRING_SET:
            return isinstance(value, tuple) and all(isinstance(item, str) for item in value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < float("inf")
