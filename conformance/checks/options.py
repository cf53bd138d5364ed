"""What the checks of options share: which options to touch, with what values, and how to compare them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from conformance.bench import BenchSession
from device_protocol import Access, Choice, Option, Pattern, Range, Value, ValueType
from device_protocol.constraints import Flags
from device_protocol.values import Scalar

TRIED = 8
"""Values tried of one option; a choice with more is sampled."""


def settable(options: Iterable[Option]) -> list[Option]:
    """Options whose value can be set and read back now."""
    return [
        option for option in options if option.readable and option.writable and Access.HARDWARE not in option.access
    ]


async def settable_names(session: BenchSession) -> list[str]:
    """Names of the options that can be set and read back now."""
    return [option.name for option in settable(await session.options())]


async def from_defaults(session: BenchSession, name: str) -> Option | None:
    """Reset everything and give the option *name*; None if it cannot be set then."""
    await session.reset()
    return next((option for option in settable(await session.options()) if option.name == name), None)


def legal_values(option: Option) -> list[Value]:
    """Values that the option's declaration accepts, a few and always the same."""
    scalars = _scalars(option)
    if option.type in {ValueType.INT_ARRAY, ValueType.FIXED_ARRAY}:
        return [_array(option, item) for item in scalars if option.length]
    if option.type is ValueType.STRING_SET:
        flags = option.constraint.values if isinstance(option.constraint, Flags) else ()
        return [(), *((flag,) for flag in flags[:TRIED])]
    return [value for value in scalars if option.accepts(value)]


def other_value(option: Option, current: Value) -> Value:
    """A legal value that is not *current* if there is one."""
    values = legal_values(option)
    return next((value for value in values if not same(value, current)), values[0] if values else option.default)


def illegal_value(option: Option) -> Value:
    """A value of the right type outside the constraint; None if there is none."""
    constraint = option.constraint
    if option.type not in {ValueType.INT, ValueType.FIXED, ValueType.STRING}:
        return None
    if isinstance(constraint, Range):
        above = constraint.maximum + max(1, constraint.step)
        return int(above) if option.type is ValueType.INT else above
    if isinstance(constraint, Choice):
        numbers = [item for item in constraint.values if isinstance(item, int | float)]
        if option.type is ValueType.STRING:
            return "no-such-choice"
        return max(numbers) + 1 if numbers else None
    if isinstance(constraint, Pattern):
        return "x" * (constraint.max_bytes + 1)
    return None


FIXED_STEP = 1 / 65536
"""SANE's fixed point numbers; a step of a range can be said no closer."""


def accepts(option: Option, value: object) -> bool:
    """Whether the option's declaration accepts *value*, fixed point numbers to within their own resolution."""
    if option.accepts(value):  # type: ignore[arg-type]  # a value of no type is not accepted
        return True
    constraint = option.constraint
    if option.type is not ValueType.FIXED or not isinstance(constraint, Range):
        return False
    if isinstance(value, bool) or not isinstance(value, int | float):
        return False
    return abs(constraint.nearest(value) - value) <= 2 * FIXED_STEP


WORD = 1 << 32
"""One more than a word of 32 bits holds; SANE, TWAIN and COM have no other numbers."""


def overflowing(option: Option) -> int | None:
    """A whole number beyond a word whose lower half is a legal value, and not the one that it would be rounded to; None if there is none."""
    if option.type is not ValueType.INT or option.constraint is None:
        return None
    lower = [value for value in legal_values(option) if isinstance(value, int)]
    return lower[0] + WORD if len(lower) > 1 else None


def off_step(option: Option) -> Value:
    """A value between two steps of a range; None if every value is on a step."""
    constraint = option.constraint
    if not isinstance(constraint, Range) or option.type is not ValueType.FIXED or constraint.step <= 0:
        return _between_ints(option)
    value = constraint.minimum + constraint.step * 1.4
    return value if value < constraint.maximum else None


def wrong_types(option: Option) -> list[object]:
    """Values whose type is not the option's (SET-05)."""
    match option.type:
        case ValueType.BOOL:
            return [1, "true"]
        case ValueType.INT:
            return ["300", True, 300.5]
        case ValueType.FIXED:
            return ["300", True]
        case ValueType.STRING:
            return [300, True]
        case ValueType.INT_ARRAY | ValueType.FIXED_ARRAY:
            return [1, "1"]
        case ValueType.STRING_SET:
            return ["a", 1]
        case ValueType.ACTION:
            return [1]


def same(one: object, two: object) -> bool:
    """Equal, with type; fixed point numbers to within a thousandth (SANE's have 16 bits behind the point)."""
    if isinstance(one, bool) or isinstance(two, bool):
        return one is two
    if isinstance(one, float | int) and isinstance(two, float | int):
        return abs(one - two) < 1e-3
    if isinstance(one, tuple) and isinstance(two, tuple):
        return len(one) == len(two) and all(map(same, one, two))
    return one == two


def differences(before: Mapping[str, object], after: Mapping[str, object], *, besides: Iterable[str] = ()) -> str:
    """The names whose values differ, other than *besides*, with both values; empty if there are none."""
    ignored = set(besides)
    names = [name for name in {**before, **after} if name not in ignored]
    return ", ".join(
        f"{name}: {before.get(name)!r} -> {after.get(name)!r}"
        for name in names
        if not same(before.get(name), after.get(name))
    )


def _scalars(option: Option) -> list[Scalar]:
    constraint = option.constraint
    if option.type is ValueType.BOOL:
        return [False, True]
    if isinstance(constraint, Range):
        whole = option.type in {ValueType.INT, ValueType.INT_ARRAY}
        return [int(value) if whole else value for value in constraint.samples()]
    if isinstance(constraint, Choice):
        values = constraint.values
        return list(values if len(values) <= TRIED else values[:: len(values) // TRIED])
    if option.type is ValueType.STRING:
        limit = constraint.max_bytes if isinstance(constraint, Pattern) else 8
        return [text for text in ("", "a", "flatbed"[:limit]) if len(text) <= limit]
    if option.type in {ValueType.INT, ValueType.INT_ARRAY}:
        return [0, 1, 42]
    if option.type in {ValueType.FIXED, ValueType.FIXED_ARRAY}:
        return [0.0, 1.5, 42.0]
    return []


def _array(option: Option, item: Scalar) -> Value:
    assert option.length is not None
    if option.type is ValueType.INT_ARRAY:
        return tuple(int(item) for _ in range(option.length))
    return tuple(float(item) for _ in range(option.length))


def _between_ints(option: Option) -> Value:
    constraint = option.constraint
    if isinstance(constraint, Range) and option.type is ValueType.INT and constraint.step >= 2:
        value = int(constraint.minimum + 1)
        return value if value < constraint.maximum else None
    return None
