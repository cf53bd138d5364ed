"""Types of the contract as plain data and back: what crosses the border of a worker, a file or a socket. No pickle.

A dataclass becomes ``{"$": "Range", "minimum": 1, ...}``, an enum member ``{"$": "Side", "=": "front"}``, a tuple or frozenset ``{"$": "tuple", "=": [...]}``;
None, booleans, numbers, strings and mappings with string keys stay what they are; bytes do not belong here. Decoding builds only the types listed in
:data:`TYPES`, checks the type of every field, and answers anything else with :class:`PlainError`.
"""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any

from device_protocol import (
    capabilities,
    constraints,
    control,
    delivery,
    devices,
    errors,
    options,
    pages,
    settings,
    states,
    status,
    values,
)
from device_protocol.codes import Code
from device_protocol.errors import DeviceError, NativeError, Phase

Plain: typing.TypeAlias = bool | int | float | str | list[Any] | dict[str, Any] | None

MAX_DEPTH = 32

_SCALARS = frozenset({type(None), bool, int, float, str})
"""Types that are plain as they are."""


class PlainError(ValueError):
    """The data is not a value of the contract."""


def _dataclasses_and_enums() -> dict[str, type]:
    found: dict[str, type] = {"Code": Code}
    for module in (
        capabilities,
        constraints,
        control,
        delivery,
        devices,
        errors,
        options,
        pages,
        settings,
        states,
        status,
        values,
    ):
        found |= {
            name: thing
            for name, thing in vars(module).items()
            if isinstance(thing, type)
            and thing.__module__ == module.__name__
            and (dataclasses.is_dataclass(thing) or issubclass(thing, Enum))
        }
    return found


TYPES: dict[str, type] = _dataclasses_and_enums()
"""Every type that can cross a border, by name."""


def to_plain(value: object) -> Plain:
    """*value* as plain data.

    Raises:
        PlainError: it is, or contains, nothing of the contract.
    """
    if type(value) in _SCALARS:
        return typing.cast("Plain", value)
    if isinstance(value, Enum):
        return {"$": _known(type(value)), "=": value.value}
    if isinstance(value, DeviceError):
        return error_to_plain(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {"$": _known(type(value))} | {
            item.name: to_plain(getattr(value, item.name)) for item in dataclasses.fields(value)
        }
    if isinstance(value, tuple | frozenset):
        items = [item if type(item) in _SCALARS else to_plain(item) for item in value]
        if isinstance(value, frozenset):
            items.sort(key=repr)  # same value, same bytes
        return {"$": "tuple" if isinstance(value, tuple) else "frozenset", "=": items}
    if isinstance(value, list):
        return [to_plain(item) for item in value]
    if isinstance(value, Mapping) and all(isinstance(key, str) and key != "$" for key in value):
        return {key: to_plain(item) for key, item in value.items()}
    raise PlainError(f"{type(value).__name__} does not cross borders")


def from_plain(data: object, depth: int = 0) -> Any:
    """The value that :func:`to_plain` made *data* from.

    Raises:
        PlainError: an unknown type, a missing or surplus field, a field of the wrong type, or nesting beyond MAX_DEPTH.
    """
    if depth > MAX_DEPTH:
        raise PlainError("nested too deeply")
    if isinstance(data, list):
        return [from_plain(item, depth + 1) for item in data]
    if not isinstance(data, dict):
        if data is None or isinstance(data, bool | int | float | str):
            return data
        raise PlainError(f"{type(data).__name__} is not plain data")
    tag = data.get("$")
    if tag is not None and not isinstance(tag, str):
        raise PlainError(f"{tag!r} is no name of a type")
    if tag is None:
        return {key: from_plain(item, depth + 1) for key, item in data.items()}
    if tag in {"tuple", "frozenset"}:
        return _sequence(tag, data.get("="), depth)
    if tag == "DeviceError":
        return error_from_plain(data)
    cls = TYPES.get(tag)
    if cls is None:
        raise PlainError(f"unknown type {tag!r}")
    try:
        if issubclass(cls, Enum):
            return cls(data["="])
        fields = {key: from_plain(item, depth + 1) for key, item in data.items() if key != "$"}
        _check_fields(cls, fields)
        return cls(**fields)
    except PlainError:
        raise
    except (TypeError, ValueError, KeyError) as error:
        raise PlainError(f"{tag}: {error}") from None


def error_to_plain(error: DeviceError) -> dict[str, Any]:
    """A device error as plain data; everything but the traceback is kept."""
    return {
        "$": "DeviceError",
        "code": error.code.value,
        "message": error.message,
        "phase": None if error.phase is None else error.phase.value,
        "retryable": error.retryable,
        "survives": error.survives,
        "page": error.page,
        "option": error.option,
        "value": _value_or_repr(error.value),
        "native": None if error.native is None else [error.native.system, error.native.code, error.native.text],
    }


def error_from_plain(data: Mapping[str, Any]) -> DeviceError:
    """The error that :func:`error_to_plain` took apart.

    Raises:
        PlainError: it is none.
    """
    try:
        native = data["native"]
        return DeviceError(
            Code(data["code"]),
            str(data["message"]),
            phase=None if data["phase"] is None else Phase(data["phase"]),
            retryable=bool(data["retryable"]),
            survives=bool(data["survives"]),
            page=data["page"],
            option=data["option"],
            value=from_plain(data["value"]),
            native=None if native is None else NativeError(str(native[0]), native[1], str(native[2])),
        )
    except (KeyError, ValueError, TypeError, IndexError) as error:
        raise PlainError(f"DeviceError: {error!r}") from None


def _value_or_repr(value: object) -> Plain:
    try:
        return to_plain(value)
    except PlainError:
        return repr(value)


def _known(cls: type) -> str:
    if TYPES.get(cls.__name__) is not cls:
        raise PlainError(f"{cls.__name__} does not cross borders")
    return cls.__name__


def _sequence(tag: str, items: object, depth: int) -> tuple[Any, ...] | frozenset[Any]:
    if not isinstance(items, list):
        raise PlainError(f"{tag}: its items are missing")
    decoded = [item if type(item) in _SCALARS else from_plain(item, depth + 1) for item in items]
    try:
        return tuple(decoded) if tag == "tuple" else frozenset(decoded)
    except TypeError as error:
        raise PlainError(f"{tag}: {error}") from None


def _check_fields(cls: type, fields: Mapping[str, Any]) -> None:
    checks = _field_checks(cls)
    for name, value in fields.items():
        check = checks.get(name)
        if check is None:
            raise PlainError(f"{cls.__name__} has no field {name!r}")
        if not check(value):
            raise PlainError(f"{cls.__name__}.{name} cannot be {value!r}")


_Check: typing.TypeAlias = Callable[[Any], bool]


@functools.cache
def _field_checks(cls: type) -> dict[str, _Check]:
    return {name: _check_for(hint) for name, hint in typing.get_type_hints(cls).items()}


@functools.cache
def _check_for(hint: Any) -> _Check:
    """A function that says whether a value is of the type that *hint* describes; a float field takes an int, as in Python."""
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin in {typing.Union, types.UnionType}:
        checks = [_check_for(item) for item in args]
        exact = frozenset(item for item in args if isinstance(item, type))
        return lambda value: type(value) in exact or any(check(value) for check in checks)
    if origin is tuple and len(args) == 2 and args[1] is Ellipsis:
        return _check_for_items(args[0], tuple)
    if origin is tuple:
        each = [_check_for(item) for item in args]
        return lambda value: (
            isinstance(value, tuple)
            and len(value) == len(each)
            and all(check(item) for check, item in zip(each, value, strict=True))
        )
    if origin is frozenset:
        return _check_for_items(args[0], frozenset)
    if origin is typing.Literal:
        return lambda value: value in args
    if hint is Any:
        return lambda value: True  # noqa: ARG005  # that is what Any means
    if hint is float:
        return lambda value: isinstance(value, int | float) and not isinstance(value, bool)
    if hint is int:
        return lambda value: isinstance(value, int) and not isinstance(value, bool)
    if hint is None or hint is type(None):
        return lambda value: value is None
    return lambda value: isinstance(hint, type) and isinstance(value, hint)


def _check_for_items(hint: Any, container: type[tuple[Any, ...] | frozenset[Any]]) -> _Check:
    check = _check_for(hint)
    if hint not in _SCALARS:
        return lambda value: isinstance(value, container) and all(map(check, value))
    # A gamma table has thousands of elements: one of each type stands for all.
    return lambda value: isinstance(value, container) and all(map(check, {type(item): item for item in value}.values()))
