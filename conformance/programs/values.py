"""Values to try on an option: legal ones, those at the border, those just beyond it, and those of a wrong type."""

from __future__ import annotations

import random
from typing import Any

from conformance.programs.commands import AUTO_VALUE, CURRENT_VALUE, MAX_ITEMS, plain_value
from device_protocol import Choice, Option, Pattern, Range, Value, ValueType

_WRONG: dict[ValueType, tuple[Any, ...]] = {
    ValueType.BOOL: (1, "true"),
    ValueType.INT: ("300", 1.5, True),
    ValueType.FIXED: ("300", True),
    ValueType.STRING: (7, True),
    ValueType.ACTION: (True, 1),
    ValueType.INT_ARRAY: (1, ["1"]),
    ValueType.FIXED_ARRAY: (1.0, ["1"]),
    ValueType.STRING_SET: ("a", [1]),
}


def legal(option: Option, dice: random.Random) -> Any:
    """A legal value, as JSON data."""
    if option.type is ValueType.ACTION:
        return None
    if option.type is ValueType.BOOL:
        return dice.random() < 0.5
    if option.type in {ValueType.INT_ARRAY, ValueType.FIXED_ARRAY}:
        return [_element(option, dice) for _ in range(_length(option))]
    if option.type is ValueType.STRING_SET:
        samples = option.constraint.samples() if option.constraint is not None else ()
        return [item for item in samples if dice.random() < 0.5]
    return _element(option, dice)


def _element(option: Option, dice: random.Random) -> Value:
    constraint = option.constraint
    if isinstance(constraint, Range):
        if dice.random() < 0.6:
            return dice.choice(constraint.samples())
        return constraint.nearest(dice.uniform(constraint.minimum, constraint.maximum))
    if isinstance(constraint, Choice) and constraint.values:
        return dice.choice(constraint.values)
    if isinstance(constraint, Pattern) or option.type is ValueType.STRING:
        return dice.choice(("a", "zoo"))
    return dice.choice((0, 1, 7))


def beyond(option: Option, dice: random.Random) -> Any:
    """A value of the right type just outside the constraint, or None if nothing is outside."""
    constraint = option.constraint
    array = option.type in {ValueType.INT_ARRAY, ValueType.FIXED_ARRAY}
    value: Value
    if isinstance(constraint, Range):
        step = constraint.step or 1
        between = [] if step <= 1 else [constraint.minimum + step - 1, constraint.minimum + step / 2]
        choices = [constraint.minimum - step, constraint.maximum + step, constraint.maximum + 1, *between]
        value = dice.choice(choices)
        if option.type in {ValueType.INT, ValueType.INT_ARRAY}:
            value = round(value)
    elif isinstance(constraint, Choice):
        numbers = [item for item in constraint.values if isinstance(item, int | float) and not isinstance(item, bool)]
        value = dice.choice(numbers) + 1 if numbers else "no-such-choice"
    else:
        return None
    if option.accepts(value) or (option.constraint is not None and option.constraint.accepts(value)):
        return None
    return [value] * _length(option) if array else value


def _length(option: Option) -> int:
    """How many elements to give an array; a program stays small whatever the device declares."""
    return min(max(option.length or 2, 0), MAX_ITEMS)


def wrong(option: Option, dice: random.Random) -> Any:
    """A value of a wrong type."""
    return dice.choice(_WRONG[option.type])


def any_value(option: Option, dice: random.Random) -> Any:
    """A value to set, legal more often than not."""
    roll = dice.random()
    if roll < 0.5:
        return plain_value(legal(option, dice))
    if roll < 0.72:
        found = beyond(option, dice)
        return plain_value(legal(option, dice)) if found is None else plain_value(found)
    if roll < 0.84:
        return dict(CURRENT_VALUE)
    return dict(AUTO_VALUE) if roll < 0.92 else wrong(option, dice)
