"""What values an option accepts: none, a range, a choice, a pattern or flags (device-models.md 4b, row "constraint").

A constraint of an array speaks of each element.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TypeAlias

from device_protocol.values import Scalar, Value, ValueType


@dataclass(frozen=True, slots=True)
class Range:
    """From *minimum* to *maximum* in steps of *step*; a step of 0 means any value in between (CAPS-05)."""

    minimum: float
    maximum: float
    step: float = 0

    def accepts(self, value: Value) -> bool:
        """Whether *value* lies in the range and on a step (to within a thousandth of one: fixed-point numbers cannot say 0.1)."""
        if isinstance(value, bool) or not isinstance(value, int | float):
            return False
        if not self.minimum <= value <= self.maximum:
            return False
        steps = self._steps(value)
        return steps is None or abs(steps - round(steps)) < 1e-3

    def nearest(self, value: float) -> float:
        """The accepted value closest to *value*; the type of the bounds is kept."""
        clipped = min(max(value, self.minimum), self.maximum)
        steps = self._steps(clipped)
        if steps is None:
            return clipped
        stepped = self.minimum + round(steps) * self.step
        return stepped if stepped <= self.maximum else stepped - self.step

    def _steps(self, value: float) -> float | None:
        """How many steps above the minimum *value* lies; None where there are no steps that could be counted."""
        if self.step <= 0:
            return None
        steps = (value - self.minimum) / self.step
        return steps if math.isfinite(steps) else None

    def samples(self) -> tuple[float, ...]:
        """Values worth trying: both ends and one in between."""
        middle = self.nearest((self.minimum + self.maximum) / 2)
        return tuple(dict.fromkeys((self.minimum, middle, self.nearest(self.maximum))))


@dataclass(frozen=True, slots=True)
class Choice:
    """One of *values*, which are not empty and not repeated (CAPS-05)."""

    values: tuple[Scalar, ...]

    def accepts(self, value: Value) -> bool:
        """Whether *value* is one of the choices, of the same type."""
        return any(value == item and isinstance(value, bool) == isinstance(item, bool) for item in self.values)

    def nearest(self, value: float) -> float:
        """The numeric choice closest to *value*, the smaller one if two are as close.

        Raises:
            ValueError: there is no number among the choices.
        """
        numbers = [item for item in self.values if isinstance(item, int | float) and not isinstance(item, bool)]
        return min(numbers, key=lambda item: (abs(item - value), item))

    def samples(self) -> tuple[Scalar, ...]:
        """Every choice."""
        return self.values


@dataclass(frozen=True, slots=True)
class Pattern:
    """A string of at most *max_bytes* bytes of UTF-8 that matches *regex* as a whole."""

    max_bytes: int
    regex: str = ""

    def accepts(self, value: Value) -> bool:
        """Whether *value* is a string that is short enough and matches."""
        if not isinstance(value, str) or len(value.encode(errors="surrogatepass")) > self.max_bytes or "\0" in value:
            return False
        return not self.regex or re.fullmatch(self.regex, value) is not None

    def samples(self) -> tuple[str, ...]:
        """Nothing can be told from a pattern."""
        return ()


@dataclass(frozen=True, slots=True)
class Flags:
    """Any subset of *values* (TWAIN array capabilities, WIA flag properties)."""

    values: tuple[str, ...]

    def accepts(self, value: Value) -> bool:
        """Whether *value* is one of the flags (constraints of arrays speak of each element)."""
        return value in self.values

    def samples(self) -> tuple[str, ...]:
        """Every flag."""
        return self.values


Constraint: TypeAlias = Range | Choice | Pattern | Flags | None

FITTING: dict[ValueType, tuple[type | None, ...]] = {
    ValueType.BOOL: (None,),
    ValueType.INT: (None, Range, Choice),
    ValueType.FIXED: (None, Range, Choice),
    ValueType.STRING: (None, Choice, Pattern),
    ValueType.ACTION: (None,),
    ValueType.INT_ARRAY: (None, Range, Choice),
    ValueType.FIXED_ARRAY: (None, Range, Choice),
    ValueType.STRING_SET: (Flags,),
}
"""Which kinds of constraint fit which type of value (CAPS-03; SANE 4.2.9.8, TWAIN containers)."""


def fits(constraint: Constraint, value_type: ValueType) -> bool:
    """Whether the kind of *constraint* makes sense for *value_type* (CAPS-03)."""
    kind = None if constraint is None else type(constraint)
    return kind in FITTING[value_type]
