"""Option values to and from the bytes that sane_control_option takes (SANE 4.3.7).

No coercion, no wrapping, no guessing: a value of the wrong type, outside a word, of the wrong length or with a text too
long is refused before C sees it. What python-sane does instead (2**40+8 accepted as depth 8, element 0 of a gamma
table) is the list of what must not happen here. Whether a value *satisfies the constraint* is the back end's business.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

from device_drivers.sane.descriptors import OptionDescriptor, StringList
from device_drivers.sane.errors import SaneContractError, SaneValueError
from device_drivers.sane.fixed import fix, shortest, unfix
from device_drivers.sane.text import decode, encode
from device_protocol.vocabularies.sane_abi import WORD_MAX, WORD_MIN, WORD_SIZE, ValueType

Value = bool | int | float | str | tuple[int, ...] | tuple[float, ...] | tuple[bool, ...] | None
"""BOOL, INT, FIXED, STRING, arrays of the first three as tuples; None is the value of a button."""


def room(option: OptionDescriptor) -> int:
    """Bytes to offer C for a value of this option: at least a word, since some back ends touch one for a button."""
    return max(option.size, WORD_SIZE)


def encode_value(option: OptionDescriptor, value: object) -> bytearray:
    """The buffer for SET_VALUE: exactly `room(option)` bytes.

    Raises:
        SaneValueError: The value is not of the option's type, or does not fit.
    """
    if option.type is ValueType.GROUP:
        raise SaneValueError(f"{option.title!r} is a group and has no value")
    if option.type is ValueType.BUTTON:
        if value is not None:
            raise SaneValueError(f"{option.name}: a button is pressed with None, not with {value!r}")
        return bytearray(room(option))
    if option.type is ValueType.STRING:
        return _encode_text(option, value)
    if option.is_array:
        if not isinstance(value, Sequence) or isinstance(value, str | bytes | bytearray):
            raise SaneValueError(f"{option.name}: an array of {option.length} is wanted, not {value!r}")
        if len(value) != option.length:
            raise SaneValueError(f"{option.name}: {len(value)} elements given, {option.length} wanted")
        return bytearray(struct.pack(f"={option.length}i", *(_word(option, element) for element in value)))
    return bytearray(struct.pack("=i", _word(option, value)))


def _word(option: OptionDescriptor, value: object) -> int:
    if option.type is ValueType.BOOL:
        if not isinstance(value, bool):
            raise SaneValueError(f"{option.name}: True or False is wanted, not {value!r}")
        return int(value)
    if isinstance(value, bool):
        raise SaneValueError(f"{option.name}: a number is wanted, not {value!r}")
    if option.type is ValueType.INT:
        if not isinstance(value, int):
            raise SaneValueError(f"{option.name}: a whole number is wanted, not {value!r}")
        if not WORD_MIN <= value <= WORD_MAX:
            raise SaneValueError(f"{option.name}: {value} does not fit a SANE_Word")
        return value
    if not isinstance(value, int | float):
        raise SaneValueError(f"{option.name}: a number is wanted, not {value!r}")
    try:
        return fix(value)
    except SaneValueError as error:
        raise SaneValueError(f"{option.name}: {error}") from None


def _encode_text(option: OptionDescriptor, value: object) -> bytearray:
    if not isinstance(value, str):
        raise SaneValueError(f"{option.name}: a text is wanted, not {value!r}")
    raw = option.constraint.find(value) if isinstance(option.constraint, StringList) else None
    if raw is None:
        raw = encode(value)
    if len(raw) >= option.size:
        raise SaneValueError(f"{option.name}: {len(raw)} bytes and the end do not fit into {option.size}")
    # The whole size, always: back ends copy the full list entry over an abbreviation (sanei_constrain_value).
    return bytearray(raw.ljust(room(option), b"\0"))


def decode_value(option: OptionDescriptor, buffer: bytes | bytearray) -> Value:
    """The value in a buffer that C has filled.

    Raises:
        SaneContractError: A BOOL that is neither 0 nor 1, or a string without its end.
    """
    if not option.has_value:
        return None
    if option.type is ValueType.STRING:
        end = buffer.find(b"\0", 0, option.size)
        if end < 0:
            raise SaneContractError(f"{option.name}: the string has no end within {option.size} bytes")
        return decode(bytes(buffer[:end]))
    words = struct.unpack_from(f"={option.length}i", buffer)
    if option.type is ValueType.BOOL:
        if any(word not in {0, 1} for word in words):
            raise SaneContractError(f"{option.name}: {words} is not a SANE_Bool")
        flags = tuple(word == 1 for word in words)
        return flags if option.is_array else flags[0]
    if option.type is ValueType.FIXED:
        number = unfix if option.stepped else shortest
        numbers = tuple(number(word) for word in words)
        return numbers if option.is_array else numbers[0]
    return words if option.is_array else int(words[0])
