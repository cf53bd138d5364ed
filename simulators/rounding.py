"""What the firmware takes for a value: the nearest that its constraint allows, in the steps of its hardware."""

from __future__ import annotations

from device_protocol import Choice, Option, Range, Value
from device_protocol.constraints import Constraint
from device_protocol.options import invalid


def fit(option: Option, value: Value, step: float = 0.0) -> Value:
    """What the firmware takes for *value*, which has the type of *option*.

    The ends of a range and the default are always taken as they are, so that what was taken once is taken again (SET-03) and a reset is exact (SET-08).

    Args:
        option: with its constraint and default.
        value: any of that type.
        step: multiples of it are taken for numbers out of a range; 0: as they are.

    Raises:
        DeviceError: INVALID_VALUE for a text that is no choice.
    """
    limits = option.constraint
    if isinstance(value, bool) or not isinstance(value, int | float) or not isinstance(limits, Range | Choice):
        if option.accepts(value):
            return value
        raise invalid(option, value, f"it takes {limits}")
    number = value if option.accepts(value) else nearest(limits, value)
    if not step or not isinstance(limits, Range) or number in {limits.minimum, limits.maximum, option.default}:
        return number
    rounded = min(max(round(number / step) * step, limits.minimum), limits.maximum)
    return int(rounded) if isinstance(number, int) else rounded


def nearest(constraint: Constraint, value: float) -> float:
    """The value nearest to *value* that a numeric constraint allows."""
    assert isinstance(constraint, Range | Choice)
    return constraint.nearest(value)
