"""Plain data: everything of the contract survives the border, and nothing else gets in."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_protocol import (
    AUTO,
    Code,
    DeviceError,
    Encode,
    Fault,
    FaultKind,
    NativeError,
    PageEnd,
    PageParams,
    Phase,
    Range,
    SetResult,
    Settings,
)
from device_protocol.plain import MAX_DEPTH, TYPES, PlainError, from_plain, to_plain
from tests.device_protocol.test_values import SCANNER

EXAMPLES: list[Any] = [
    SCANNER,
    Settings("ADF", None, 8, 300, None, (("gamma", (1, 2)), ("calibrate", None))),
    SetResult("resolution", AUTO, 300, exact=False, changed=("mode",)),
    PageEnd(1, PageParams(10, None, 30), 300, incomplete=True, multifeed=None),
    Encode("image/jpeg", 75),
    Fault(FaultKind.JAM, sheet=3),
    frozenset({Code.JAM, Code.COVER_OPEN}),
    {"count": 3, "sizes": ["A4", "A5"]},
    None,
]


@pytest.mark.parametrize("value", EXAMPLES, ids=lambda value: type(value).__name__)
def test_round_trip_through_json(value: Any) -> None:
    """CAPS-15: a value saved and loaded is equal, through real JSON text."""
    assert from_plain(json.loads(json.dumps(to_plain(value)))) == value


def test_same_value_same_bytes() -> None:
    """Sets have no order of their own; their text has one."""
    one = json.dumps(to_plain(frozenset([Code.JAM, Code.BUSY, Code.OTHER])))
    two = json.dumps(to_plain(frozenset([Code.OTHER, Code.JAM, Code.BUSY])))
    assert one == two


def test_errors_keep_everything() -> None:
    """ERR-01: code, phase, page, option, value and the native words cross the border."""
    error = DeviceError(
        Code.BUSY,
        "held",
        phase=Phase.OPEN,
        retryable=False,
        page=2,
        option="mode",
        value=(1, 2),
        native=NativeError("sane", 3, "Device busy"),
    )
    back = from_plain(json.loads(json.dumps(to_plain(error))))
    assert isinstance(back, DeviceError)
    assert vars(back) == vars(error)


def test_values_that_cannot_cross_are_described() -> None:
    """An error whose value is no plain data still crosses; the value becomes its description."""
    back = from_plain(to_plain(DeviceError(Code.INVALID_VALUE, value=object)))
    assert "object" in back.value


@pytest.mark.parametrize(
    "data",
    [
        {"$": "os.system"},
        {"$": 3},
        {"$": ["Range"]},
        {"$": "Range"},
        {"$": "Range", "minimum": "1", "maximum": 2},
        {"$": "Range", "minimum": 1, "maximum": 2, "evil": 1},
        {"$": "Side", "=": "top"},
        {"$": "Side"},
        {"$": "tuple"},
        {"$": "frozenset", "=": [[1]]},
        {"$": "Encode", "type": "image/bmp"},
        {"$": "Encode", "quality": True},
        {"$": "DeviceError", "code": "NOPE"},
        {"$": "DeviceError"},
        {"$": "PageParams", "width": 1, "height": 1, "stride": 1, "final": 1},
        b"bytes",
    ],
    ids=repr,
)
def test_garbage_is_refused(data: Any) -> None:
    """Driver bytes that are no value of the contract end in PlainError, never in another exception or a half-made object."""
    with pytest.raises(PlainError):
        from_plain(data)


def test_nesting_is_bounded() -> None:
    """Deep nesting is refused long before Python's own limit."""
    data: Any = 1
    for _ in range(MAX_DEPTH + 2):
        data = [data]
    with pytest.raises(PlainError, match="deep"):
        from_plain(data)


@pytest.mark.parametrize("value", [object(), b"x", {1: 2}, {"$": 1}, float], ids=lambda value: type(value).__name__)
def test_foreign_things_do_not_cross(value: Any) -> None:
    """What is not of the contract is refused on the way out already."""
    with pytest.raises(PlainError):
        to_plain(value)


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["$", "=", "minimum", "code", "x", *TYPES]), inner | st.sampled_from([*TYPES]), max_size=4
        )
    ),
    max_leaves=12,
)


@given(_json)
def test_any_json_is_decoded_or_refused(data: Any) -> None:
    """Whatever a worker sends, decoding gives a value or PlainError."""
    with contextlib.suppress(PlainError):
        from_plain(data)


def test_every_field_of_every_type_is_checked() -> None:
    """A field of the wrong type is refused for each dataclass that can cross."""
    for name, cls in TYPES.items():
        if dataclasses.is_dataclass(cls):
            for item in dataclasses.fields(cls):
                if item.type not in {"Value", "Value | Auto", "object"}:
                    with pytest.raises(PlainError):
                        from_plain({"$": name, item.name: {"$": "frozenset", "=": [1.5]}})


def test_a_range_is_not_just_any_range() -> None:
    """Types are told apart by name, not by shape."""
    assert from_plain(to_plain(Range(0, 1))) == Range(0, 1)
    assert type(from_plain(to_plain(Range(0, 1)))) is Range
