"""Numbers, texts and arrays on their way to C and back; descriptors out of C memory."""

from __future__ import annotations

import random
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from device_drivers.sane.descriptors import OptionDescriptor, Range, StringList, WordList, parse_descriptor
from device_drivers.sane.errors import SaneContractError, SaneError, SaneValueError
from device_drivers.sane.fixed import fix, shortest, unfix
from device_drivers.sane.text import decode, encode
from device_drivers.sane.values import decode_value, encode_value
from device_protocol.vocabularies.sane_abi import (
    FIXED_ONE,
    WORD_MAX,
    WORD_MIN,
    Cap,
    Status,
    Unit,
    ValueType,
    status_name,
)
from tests.device_drivers.fake_sane import READ_WRITE, FakeOption

WORDS = st.integers(WORD_MIN, WORD_MAX)


def _option(
    kind: ValueType, size: int = 4, constraint: Range | WordList | StringList | None = None
) -> OptionDescriptor:
    return OptionDescriptor(1, "option", "", "", kind, Unit.NONE, size, Cap(READ_WRITE), constraint)


@given(WORDS)
def test_every_fixed_word_survives(word: int) -> None:
    """Both ways of showing a SANE_Fixed lead back to the very same word."""
    assert fix(unfix(word)) == word
    assert fix(shortest(word)) == word


@given(st.integers(-32767_0000, 32767_0000))
def test_four_decimals_read_back_equal(ten_thousandths: int) -> None:
    """What a person writes with up to four decimals is shown as written: 215.9, not 215.899993896484375."""
    value = ten_thousandths / 10000
    assert shortest(fix(value)) == value


def test_fix_is_the_macro_of_the_standard() -> None:
    """Cut toward zero, so that 12.1 is the word that back ends have in their lists; nothing wraps."""
    assert fix(12.1) == 792985
    assert fix(-32.7) == -2143027
    assert (fix(297), fix(-32768.0)) == (297 * FIXED_ONE, WORD_MIN)
    for wrong in (32768.0, -32768.1, float("nan"), float("inf"), 10**30):
        with pytest.raises(SaneValueError):
            fix(wrong)


@given(st.lists(WORDS, min_size=2, max_size=50))
def test_arrays_survive(words: list[int]) -> None:
    """Arrays of words go out and come in whole, as INT and as FIXED."""
    option = _option(ValueType.INT, 4 * len(words))
    buffer = encode_value(option, words)
    assert buffer == struct.pack(f"={len(words)}i", *words)
    assert decode_value(option, buffer) == tuple(words)
    fixed = _option(ValueType.FIXED, 4 * len(words))
    numbers = decode_value(fixed, buffer)
    assert encode_value(fixed, numbers) == buffer


def test_grid_numbers_stay_exact() -> None:
    """A FIXED option with steps shows exact numbers, since minimum plus n steps must be one of its values."""
    option = _option(ValueType.FIXED, 4, Range(unfix(fix(-42.17)), 100.0, 2.0))
    value = unfix(fix(-42.17)) + 44.0
    assert decode_value(option, encode_value(option, value)) == value


def test_strings_fill_their_room() -> None:
    """A text is padded to the option's whole size; the end fits or the text is refused; list entries keep their bytes."""
    option = _option(ValueType.STRING, 6)
    assert encode_value(option, "Gray") == b"Gray\0\0"
    assert len(encode_value(_option(ValueType.STRING, 2), "a")) == 4
    assert decode_value(option, b"abcde\0") == "abcde"
    with pytest.raises(SaneValueError):
        encode_value(option, "abcdef")
    with pytest.raises(SaneContractError):
        decode_value(option, b"abcdef")
    listed = _option(ValueType.STRING, 6, StringList(("gr\xfcn",), (b"gr\xfcn",)))
    assert encode_value(listed, "gr\xfcn") == b"gr\xfcn\0\0"
    assert encode_value(option, "gr\xfcn") == b"gr\xc3\xbcn\0"


def test_bools_are_bools() -> None:
    """A SANE_Bool is 0 or 1; what else a back end says is its defect, and what else a caller says is his."""
    option = _option(ValueType.BOOL)
    assert decode_value(option, encode_value(option, True)) is True
    with pytest.raises(SaneContractError):
        decode_value(option, struct.pack("=i", 2))
    for wrong in (1, 0, "true", None):
        with pytest.raises(SaneValueError):
            encode_value(option, wrong)


@given(st.binary())
def test_any_text_is_read(raw: bytes) -> None:
    """No byte sequence of a back end is an error; UTF-8 comes back as it was."""
    text = decode(raw)
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError:
        assert text.encode("iso-8859-1") == raw
    else:
        assert "\0" in text or encode(text) == raw


def test_descriptors_outlive_c() -> None:
    """Lists and texts of a descriptor are copies: they stay when the back end's memory is reused."""
    option = FakeOption("mode", ValueType.STRING, 9, strings=(b"Gray", b"Color"), value=b"")
    raw = option.descriptor()
    parsed = parse_descriptor(3, raw)
    raw.name = b"changed"
    raw.constraint.string_list[0] = b"X"
    assert (parsed.index, parsed.name) == (3, "mode")
    assert parsed.constraint == StringList(("Gray", "Color"), (b"Gray", b"Color"))
    numbers = parse_descriptor(1, FakeOption("depth", words=(1, 8, 16)).descriptor())
    assert numbers.constraint == WordList((1, 8, 16))
    limits = parse_descriptor(1, FakeOption("x", ValueType.FIXED, range=(0, fix(215.9), 0)).descriptor())
    assert limits.constraint == Range(0.0, 215.9, 0.0)


@pytest.mark.parametrize(
    "option",
    [
        FakeOption("x", type=9),
        FakeOption("x", size=-4),
        FakeOption("x", size=3),
        FakeOption("x", size=0),
        FakeOption("x", ValueType.STRING, 0),
        FakeOption("x", size=1 << 30),
    ],
)
def test_absurd_descriptors_are_refused(option: FakeOption) -> None:
    """A type that does not exist and sizes that nobody can mean never become buffers."""
    with pytest.raises(SaneContractError):
        parse_descriptor(1, option.descriptor())


def test_status_numbers_are_kept() -> None:
    """A status that nobody knows keeps its number and gets a name; the error says call and text."""
    error = SaneError(99, "sane_start", "odd")
    assert (error.status, error.name, str(error)) == (99, "STATUS_99", "sane_start: STATUS_99 (99): odd")
    assert status_name(Status.HW_LOCKED) == "HW_LOCKED"
    assert len({status_name(number) for number in random.Random(1).sample(range(1000), 100)}) == 100
