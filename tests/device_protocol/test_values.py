"""Values, constraints, options and settings: what is accepted, what is refused, and what the refusal says."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_protocol import (
    AUTO,
    Access,
    Area,
    Choice,
    Code,
    Colour,
    DeviceCaps,
    DeviceError,
    Flags,
    Mode,
    Option,
    Pattern,
    Range,
    Settings,
    SourceCaps,
    SourceKind,
    ValueType,
    find_mode,
    split_id,
)
from device_protocol.constraints import fits
from device_protocol.options import NAME, READ_WRITE, check_get, check_set, find_option
from device_protocol.settings import check, fill
from device_protocol.values import has_type

SCANNER = DeviceCaps(
    sources=(
        SourceCaps(
            "Flatbed",
            SourceKind.FLATBED,
            216,
            297,
            (Mode("Gray", Colour.GRAY, (1, 8)), Mode("Color", Colour.COLOR, (8, 16))),
            Range(75, 600, 25),
        ),
        SourceCaps("ADF", SourceKind.FEEDER, 210, 356, (Mode("Lineart", Colour.LINEART, (1,)),), Choice((200, 300))),
    ),
    default_source="Flatbed",
)


@pytest.mark.parametrize(
    ("value", "value_type", "fine"),
    [
        (True, ValueType.BOOL, True),
        (1, ValueType.BOOL, False),
        (1, ValueType.INT, True),
        (True, ValueType.INT, False),
        ("1", ValueType.INT, False),
        (1.0, ValueType.INT, False),
        (1, ValueType.FIXED, True),
        (1.5, ValueType.FIXED, True),
        (float("nan"), ValueType.FIXED, False),
        (float("inf"), ValueType.FIXED, False),
        (None, ValueType.ACTION, True),
        (0, ValueType.ACTION, False),
        ((1, 2), ValueType.INT_ARRAY, True),
        ([1, 2], ValueType.INT_ARRAY, False),
        ((1, 2.5), ValueType.FIXED_ARRAY, True),
        (("a",), ValueType.STRING_SET, True),
        (b"x", ValueType.STRING, False),
    ],
)
def test_no_coercion(value: Any, value_type: ValueType, fine: bool) -> None:
    """SET-05: a value has its type or it has not."""
    assert has_type(value, value_type) is fine


@given(st.integers(-1000, 1000), st.integers(0, 500), st.integers(0, 50), st.floats(-5000, 5000))
def test_nearest_of_a_range_is_accepted_and_closest(minimum: int, span: int, step: int, value: float) -> None:
    """SET-02, SET-03: what a range rounds to is in the range, and rounding it again changes nothing."""
    limits = Range(minimum, minimum + span, step)
    nearest = limits.nearest(value)
    assert limits.accepts(nearest)
    assert limits.nearest(nearest) == nearest
    if limits.accepts(value):
        assert abs(nearest - value) <= 1e-3 * max(step, 1)


@given(st.lists(st.integers(1, 1200), min_size=1, unique=True), st.floats(0, 2000))
def test_nearest_of_a_choice(values: list[int], value: float) -> None:
    """Rounding to a list takes the closest entry."""
    choice = Choice(tuple(values))
    nearest = choice.nearest(value)
    assert choice.accepts(nearest)
    assert abs(nearest - value) == min(abs(item - value) for item in values)


def test_constraints_and_types_fit() -> None:
    """CAPS-03: a string with a range is a mistake, a number with a list is none."""
    assert not fits(Range(0, 1), ValueType.STRING)
    assert fits(Choice((1, 2)), ValueType.INT)
    assert fits(None, ValueType.BOOL)
    assert not fits(Pattern(5), ValueType.INT)
    assert fits(Flags(("a",)), ValueType.STRING_SET)


def test_a_choice_does_not_take_true_for_one() -> None:
    """1 and True are equal in Python and different on a device."""
    assert not Choice((1, 2)).accepts(True)
    assert not Range(0, 5).accepts(True)


@pytest.mark.parametrize(
    ("text", "fine"), [("abc", True), ("abcdef", False), ("ab\0", False), ("éé", True), ("ééé", False)]
)
def test_pattern_counts_bytes(text: str, fine: bool) -> None:
    """A string option's limit is in bytes, as native buffers are, and a NUL would cut it."""
    assert Pattern(5).accepts(text) is fine


@pytest.mark.parametrize(
    ("name", "fine"), [("tl-x", True), ("3d", False), ("Mode", False), ("a_b", False), ("", False)]
)
def test_option_names(name: str, fine: bool) -> None:
    """CAPS-02: names are lower-case letters, digits and dashes, starting with a letter."""
    assert (NAME.fullmatch(name) is not None) is fine


def test_arrays_are_checked_by_length_and_element() -> None:
    """An array takes as many elements as it has, each within the constraint."""
    table = Option("gamma", ValueType.INT_ARRAY, constraint=Range(0, 255), length=3)
    assert table.accepts((0, 1, 255))
    assert not table.accepts((0, 1))
    assert not table.accepts((0, 1, 256))
    with pytest.raises(DeviceError, match="3 elements"):
        check_set(table, (1,))


def test_refusals_name_option_and_value() -> None:
    """SET-04, SET-10, CAPS-11, CAPS-12: the error says which option refused which value and why."""
    hidden = Option("hidden", ValueType.INT, access=READ_WRITE | Access.INACTIVE)
    serial = Option("serial", ValueType.STRING, access=Access.READ)
    auto = Option("exposure", ValueType.INT, access=READ_WRITE | Access.AUTO)
    check_set(auto, AUTO)
    check_get(serial)
    with pytest.raises(DeviceError) as caught:
        check_get(hidden)
    assert caught.value.code is Code.UNSUPPORTED
    for option, value in ((hidden, 1), (serial, "x")):
        with pytest.raises(DeviceError) as caught:
            check_set(option, value)
        assert (caught.value.code, caught.value.option, caught.value.value) == (Code.UNSUPPORTED, option.name, value)
    with pytest.raises(DeviceError) as caught:
        check_set(Option("resolution", ValueType.INT), AUTO)
    assert (caught.value.code, caught.value.option, caught.value.value) == (Code.INVALID_VALUE, "resolution", AUTO)
    with pytest.raises(DeviceError, match="no option 'nothing'"):
        find_option((serial,), "nothing")


def test_fill_takes_the_safe_defaults() -> None:
    """Gaps are filled with the default source, its first mode, 8 bits, 300 dpi and the full area."""
    assert fill(Settings(), SCANNER) == Settings("Flatbed", "Gray", 8, 300, Area(0, 0, 216, 297))
    assert fill(Settings(source="ADF"), SCANNER) == Settings("ADF", "Lineart", 1, 300, Area(0, 0, 210, 356))


@pytest.mark.parametrize(
    ("settings", "option"),
    [
        (Settings(source="Tray"), "source"),
        (Settings(mode="Lineart"), "mode"),
        (Settings(mode="Color", depth=1), "depth"),
        (Settings(resolution=601), "resolution"),
        (Settings(resolution=310), "resolution"),
        (Settings(area=Area(10, 0, 10, 5)), "area"),
        (Settings(area=Area(0, 20, 10, 5)), "area"),
        (Settings(area=Area(0, 0, 217, 297)), "area"),
        (Settings(area=Area(-1, 0, 200, 297)), "area"),
    ],
)
def test_check_refuses_what_the_device_lacks(settings: Settings, option: str) -> None:
    """SET-11, SET-12: settings that the capabilities exclude are refused by name before anything is applied."""
    with pytest.raises(DeviceError) as caught:
        check(settings, SCANNER)
    assert caught.value.code is Code.INVALID_VALUE
    assert caught.value.option == option


def test_settings_become_options_in_order() -> None:
    """Source before mode before depth before resolution before area: later ones depend on earlier ones."""
    settings = Settings("ADF", "Color", 8, 300, Area(1, 2, 3, 4), (("threshold", 5),))
    names = [name for name, _ in settings.as_options()]
    assert names == ["source", "mode", "depth", "resolution", "tl-x", "tl-y", "br-x", "br-y", "threshold"]


def test_find_mode_knows_one_bit_gray() -> None:
    """A device without Lineart may do black and white as one-bit Gray (SANE's test back end does)."""
    flatbed, adf = SCANNER.sources
    assert find_mode(flatbed, Colour.LINEART) == (flatbed.modes[0], 1)
    assert find_mode(flatbed, Colour.COLOR, 16) == (flatbed.modes[1], 16)
    assert find_mode(adf, Colour.LINEART) == (adf.modes[0], 1)
    assert find_mode(adf, Colour.COLOR) is None


@pytest.mark.parametrize("text", ["", "virtual", ":x", "virtual:"])
def test_ids_need_both_parts(text: str) -> None:
    """A device id is ENTRYPOINT:NATIVE_ID; anything else is NOT_FOUND, not a crash."""
    with pytest.raises(DeviceError) as caught:
        split_id(text)
    assert caught.value.code is Code.NOT_FOUND


def test_ids_split_at_the_first_colon() -> None:
    """Native ids may have colons of their own (SANE: test:0)."""
    assert split_id("sanelab:test:0") == ("sanelab", "test:0")
