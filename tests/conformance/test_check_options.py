"""The values that checks try: legal ones are legal, illegal ones are not, and comparisons know fixed point numbers."""

from __future__ import annotations

import pytest

from conformance.checks.options import (
    accepts,
    differences,
    illegal_value,
    legal_values,
    off_step,
    other_value,
    same,
    settable,
    wrong_types,
)
from conformance.selftest.profile import VENDOR_OPTIONS
from device_protocol import Access, Choice, Flags, Option, Pattern, Range, Value, ValueType
from device_protocol.values import has_type

OPTIONS = (
    *VENDOR_OPTIONS,
    Option("int", ValueType.INT),
    Option("range", ValueType.INT, constraint=Range(4, 192, 2)),
    Option("fixed", ValueType.FIXED, constraint=Range(-42.17, 32768, 2)),
    Option("free", ValueType.FIXED),
    Option("text", ValueType.STRING, constraint=Pattern(5)),
    Option("short", ValueType.STRING, constraint=Pattern(0)),
    Option("word", ValueType.INT, constraint=Choice((-42, -8, 0, 17))),
    Option("many", ValueType.STRING, constraint=Choice(tuple(f"choice {number}" for number in range(46)))),
    Option("flags", ValueType.STRING_SET, constraint=Flags(("a", "b"))),
    Option("list", ValueType.FIXED_ARRAY, constraint=Range(0, 1, 0), length=3),
    Option("any-length", ValueType.INT_ARRAY),
)


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_legal_values_are_legal(option: Option) -> None:
    """A check of legal values must not raise a false alarm by its own choice."""
    for value in legal_values(option):
        assert accepts(option, value), value


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_illegal_values_have_the_type_and_break_the_constraint(option: Option) -> None:
    """Otherwise a refusal would say nothing about the constraint."""
    for value in (illegal_value(option), off_step(option)):
        if value is not None:
            assert has_type(value, option.type)
            assert not accepts(option, value)


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.name)
def test_wrong_types_are_wrong(option: Option) -> None:
    """No value of the right type slips in."""
    assert wrong_types(option)
    assert not any(has_type(value, option.type) for value in wrong_types(option))


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        (1, 1.0, True),
        (210.0, 209.99993896484375, True),
        (75, 76, False),
        (True, 1, False),
        ("a", "a", True),
        ((1, 2), (1, 2.0001), True),
        ((1, 2), (1,), False),
        (None, None, True),
        (0, None, False),
    ],
)
def test_same(one: Value, two: Value, expected: bool) -> None:
    """Fixed point numbers of SANE are equal to what they stand for; a boolean is no number."""
    assert expected is same(one, two)


def test_fixed_point_steps_are_accepted() -> None:
    """SANE cannot say the steps of a range any closer than 1/65536."""
    option = Option("fixed", ValueType.FIXED, constraint=Range(-42.16999816894531, 32767.999893188477, 2.0))
    assert accepts(option, 41.829986572265625)
    assert not accepts(option, 42.0)
    assert not accepts(option, "42")
    assert not accepts(option, True)


def test_other_value_differs_if_it_can() -> None:
    """A change is a change; where there is only one value, that one."""
    assert other_value(Option("lamp", ValueType.BOOL), False) is True
    assert other_value(Option("only", ValueType.INT, constraint=Choice((5,))), 5) == 5


def test_settable_leaves_out_what_cannot_be_tried() -> None:
    """Read-only, inactive, write-only and hardware options are not touched."""
    hidden = (
        Option("a", ValueType.INT, access=Access.READ),
        Option("b", ValueType.INT, access=Access.READ | Access.WRITE | Access.INACTIVE),
        Option("c", ValueType.ACTION, access=Access.WRITE),
        Option("d", ValueType.INT, access=Access.READ | Access.WRITE | Access.HARDWARE),
    )
    assert settable(hidden) == []


def test_differences_name_what_changed() -> None:
    """Names, old and new values; what is excused is left out."""
    assert differences({"a": 1, "b": 2, "c": 3}, {"a": 1, "b": 5, "c": 4}, besides=("c",)) == "b: 2 -> 5"
    assert differences({"a": 1}, {"a": 1}) == ""
    assert differences({"a": 1}, {}) == "a: 1 -> None"
