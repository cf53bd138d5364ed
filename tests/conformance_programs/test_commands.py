"""Programs as plain data: what can be said, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from conformance.programs.commands import (
    MAX_COMMANDS,
    Command,
    Do,
    ProgramError,
    from_plain,
    option_value,
    plain_value,
    settings_of,
    start_of,
    to_plain,
)
from device_protocol import AUTO, Area, Settings

scalars = st.none() | st.booleans() | st.integers(-1000, 1000) | st.floats(allow_nan=False, allow_infinity=False)
values = st.recursive(
    scalars | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
commands = st.builds(
    Command,
    st.sampled_from([do for do in Do if do is not Do.TOGETHER]),
    st.text(max_size=10),
    values,
    st.integers(0, 1),
    st.integers(0, 3),
)


@given(st.lists(commands, max_size=10))
def test_programs_survive_json(program: list[Command]) -> None:
    """A program written as JSON and read again is the same program."""
    plain = json.loads(json.dumps(to_plain(tuple(program))))
    assert from_plain(plain) == tuple(program)


@pytest.mark.parametrize(
    "data",
    [
        None,
        {},
        [1],
        [{}],
        [{"do": "dance"}],
        [{"do": ["open"]}],
        [{"do": "open", "extra": 1}],
        [{"do": "get", "name": 7}],
        [{"do": "get", "name": "x" * 5000}],
        [{"do": "open", "on": 2}],
        [{"do": "open", "on": True}],
        [{"do": "next-page", "age": -1}],
        [{"do": "next-page", "age": 65}],
        [{"do": "set", "name": "a", "value": [[[[[[[[1]]]]]]]]}],
        [{"do": "set", "name": "a", "value": "x" * 5000}],
        [{"do": "read-to-end", "value": list(range(600))}],
        [{"do": "open"}] * (MAX_COMMANDS + 1),
    ],
)
def test_what_is_no_program(data: Any) -> None:
    """Anything else, and anything too large, is refused with a typed error."""
    with pytest.raises(ProgramError):
        from_plain(data)


def test_values_of_options() -> None:
    """AUTO and arrays have a JSON form and come back from it."""
    for value in (AUTO, (1, 2), 3, "a", True, None):
        assert option_value(plain_value(value)) == value
    with pytest.raises(ProgramError):
        option_value({"surprise": 1})


def test_settings_of_a_program() -> None:
    """Settings and page targets are read from mappings."""
    assert settings_of({"mode": "Gray", "area": [0, 1, 2, 3], "extra": [["gamma", [1, 2]]]}) == Settings(
        mode="Gray", area=Area(0, 1, 2, 3), extra=(("gamma", (1, 2)),)
    )
    assert start_of(None) == (None, "all")
    assert start_of({"pages": 0}) == (None, 0)


@pytest.mark.parametrize(
    "plain", [None, [], {"dpi": 3}, {"area": [1, 2]}, {"area": 3}, {"extra": [1]}, {"extra": [["a", {"b": 1}]]}]
)
def test_bad_settings(plain: Any) -> None:
    """What is no mapping of settings is refused."""
    with pytest.raises(ProgramError):
        settings_of(plain)


def test_command_in_words() -> None:
    """A command prints as what it does, for reports."""
    assert str(Command(Do.SET, "lamp", False, on=1)) == "set lamp False (other device)"
    assert str(Command(Do.END, age=2)) == "end (handle 2 before the last)"
