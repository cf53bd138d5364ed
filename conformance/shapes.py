"""Shapes: whether what a driver gave is of the type that the contract says, through and through, and a way to show it that cannot fail.

The model computes with what it gets, so nothing reaches it that could raise in its hands: no other type (a subclass may compare as it likes), no NaN, no
number beyond 64 bits, no text that is no Unicode, no pattern that is none. Which values make sense is for the model and the invariants.
"""

from __future__ import annotations

import functools
import math
import re
import types
from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from conformance.foreign import foreign
from device_protocol import Auto, DeviceError, DeviceList, Pattern, Value
from device_protocol.codes import Code
from device_protocol.errors import NativeError, Phase

MOST_ITEMS = 10_000
MOST_TEXT = 1 << 20
MOST_NUMBER = 1 << 63
SHOWN = 200

Check = Callable[[object], str | None]
"""Says what is wrong with a value; None if nothing is."""


def attempt(function: Callable[[], Any]) -> tuple[Any, BaseException | None]:
    """What *function* gives, or what it raises: for all that is a driver's own, such as a ``repr`` or an attribute."""
    try:
        return function(), None
    except BaseException as error:
        if not foreign(error):
            raise
        return None, error


def shown(value: object, most: int = SHOWN) -> str:
    """*value* for a report, cut after *most* characters: whatever its ``repr`` does, and as text that any encoding can carry."""
    text, error = attempt(lambda: stable(value))
    return printable(text if error is None else f"<{type(value).__name__} that cannot be shown>", most)


def stable(value: object) -> str:
    """As ``repr``, but sets come in an order that does not depend on the process."""
    kind = type(value)
    if kind is frozenset:
        assert isinstance(value, frozenset)
        return f"{{{', '.join(sorted(stable(item) for item in value))}}}"
    if kind is tuple:
        assert isinstance(value, tuple)
        return f"({', '.join(stable(item) for item in value)})"
    if is_dataclass(value) and not isinstance(value, type):
        inside = (f"{item.name}={stable(getattr(value, item.name))}" for item in fields(value) if item.repr)
        return f"{kind.__name__}({', '.join(inside)})"
    return repr(value)


def worded(error: BaseException) -> str:
    """An exception in words, as :func:`shown`."""
    name = type(error).__name__
    text, failed = attempt(lambda: f"{name}: {error}")
    return printable(text if failed is None else f"{name} that cannot be shown")


def printable(text: str, most: int = 500) -> str:
    """*text* without surrogates, cut after *most* characters."""
    return text[:most].encode(errors="backslashreplace").decode()


@functools.cache
def check_of(hint: Any) -> Check:
    """The check for a type as it stands in an annotation."""
    if hint is None or hint is type(None):
        return _exactly(None)
    if is_dataclass(hint) and isinstance(hint, type):
        return _record(hint)
    origin, arguments = get_origin(hint), get_args(hint)
    if origin in {Union, types.UnionType}:
        return _either(arguments)
    if origin is Literal:
        return lambda value: None if any(value is item for item in arguments) else f"{shown(value)}: {_NO}"
    if origin is tuple:
        return _items(tuple, check_of(arguments[0]))
    if origin is frozenset:
        return _items(frozenset, check_of(arguments[0]))
    if isinstance(hint, type):
        return _plain(hint)
    raise TypeError(f"no shape is known for {hint!r}")


def flaw(value: object, hint: Any) -> str | None:
    """What is wrong with *value* as a *hint*; None if nothing is."""
    return check_of(hint)(value)


def _exactly(wanted: object) -> Check:
    return lambda value: None if value is wanted else f"{shown(value)} is not {wanted}"


def _either(hints: tuple[Any, ...]) -> Check:
    """Any of some types: which of them is told by the type of the value, so that only those are tried."""
    by_type: dict[type, list[Check]] = {}
    for hint in hints:
        origin = get_origin(hint)
        kinds = (
            (type(get_args(hint)[0]),) if origin is Literal else (int, float) if hint is float else (origin or hint,)
        )
        for kind in kinds:
            by_type.setdefault(type(None) if kind is None else kind, []).append(check_of(hint))

    def check(value: object) -> str | None:
        problem = f"{shown(value)}: {_NO}" if type(value) not in by_type else None
        for item in by_type.get(type(value), ()):
            problem = item(value)
            if problem is None:
                return None
        return problem

    return check


_NO = "of another type"


def _plain(kind: type) -> Check:
    look: Check | None = {str: _text, int: _number, float: _number}.get(kind)

    def check(value: object) -> str | None:
        if type(value) is kind or (kind is float and type(value) is int):
            return None if look is None else look(value)
        return f"{shown(value)} instead of {kind.__name__}: {_NO}"

    return check


def _text(value: object) -> str | None:
    assert isinstance(value, str)
    if value.isascii() and len(value) <= MOST_TEXT:
        return None
    if len(value) > MOST_TEXT:
        return "a text without end"
    try:
        value.encode()
    except UnicodeEncodeError:
        return f"{shown(value)}, which is no Unicode"
    return None


def _number(value: object) -> str | None:
    assert isinstance(value, int | float)
    if isinstance(value, float) and not math.isfinite(value):
        return f"the number {value}"
    return None if abs(value) <= MOST_NUMBER else "a number beyond 64 bits"


def _items(kind: type, inner: Check) -> Check:
    known: object = None

    def check(value: object) -> str | None:
        nonlocal known
        if value is known:
            return None
        if type(value) is not kind:
            return f"{shown(value)} instead of a {kind.__name__}: {_NO}"
        assert isinstance(value, tuple | frozenset)
        if len(value) > MOST_ITEMS:
            return f"a {kind.__name__} of {len(value)}"
        for item in value:
            problem = inner(item)
            if problem is not None:
                return problem
        known = value  # nothing in it can change any more
        return None

    return check


def _record(kind: type) -> Check:
    hints = get_type_hints(kind)
    checks: dict[str, Check] | None = None

    def check(value: object) -> str | None:
        nonlocal checks
        if type(value) is not kind:
            return f"{shown(value)} instead of {kind.__name__}: {_NO}"
        if checks is None:  # not before: types refer to each other
            checks = {item.name: check_of(hints[item.name]) for item in fields(kind)}  # type: ignore[arg-type]  # it is a dataclass
        for name, inner in checks.items():
            held = getattr(value, name, _MISSING)
            if type(value) is DeviceList and type(held) is list:
                held = tuple(held)  # a list that changes under its reader is DISC-02, not a matter of types
            problem = inner(held)
            if problem is not None:
                return f"{kind.__name__} with {name}: {problem}"
        return _regex(value) if isinstance(value, Pattern) else None

    return check


_MISSING = object()
"""Where a driver has left out what every record has."""


def _regex(pattern: Pattern) -> str | None:
    try:
        re.compile(pattern.regex)
    except (re.error, OverflowError, RecursionError) as error:
        return f"a pattern that is none: {worded(error)}"
    return None


def has_verbs(value: object, *verbs: str) -> str | None:
    """What is wrong with a handle that must have these verbs."""
    for verb in verbs:
        found, error = attempt(lambda verb=verb: callable(getattr(value, verb)))  # type: ignore[misc]  # a default binds it
        if error is not None or not found:
            return f"{shown(value)}, which has no verb {verb}"
    return None


def sound_error(error: DeviceError) -> DeviceError | None:
    """*error* as the plain error of the contract, however it was made; None if it says what no error may say."""
    plain: DeviceError | None = attempt(lambda: _plain_error(error))[0]
    return plain


def _plain_error(error: DeviceError) -> DeviceError | None:
    flaws = (
        flaw(error.code, Code),
        flaw(error.message, str),
        flaw(error.retryable, bool),
        flaw(error.survives, bool),
        flaw(error.page, int | None),
        flaw(error.option, str | None),
        flaw(error.native, NativeError | None),
        flaw(error.phase, Phase | None),
    )
    if any(problem is not None for problem in flaws):
        return None
    return DeviceError(
        error.code,
        error.message,
        phase=error.phase,
        retryable=error.retryable,
        survives=error.survives,
        page=error.page,
        option=error.option,
        value=error.value if _harmless(error.value) else shown(error.value),
        native=error.native,
    )


def _harmless(value: object) -> bool:

    return flaw(value, Value | Auto) is None
