"""Calls: what came of one, whatever the driver did, and what each has to give."""

from __future__ import annotations

import math
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

import trio

from conformance.foreign import foreign
from conformance.programs.commands import Command, Do
from conformance.shapes import Check, check_of, has_verbs, shown, sound_error, worded
from device_protocol import (
    ApplyResult,
    DeviceCaps,
    DeviceError,
    DeviceList,
    Option,
    PageParams,
    SetResult,
    Status,
    Value,
)
from device_protocol.aio import EventStream

DEADLINE_S = 20.0
"""Seconds after which a call counts as hung, in trio's time."""

Wanted: TypeAlias = Check
"""What a call has to give."""

ANSWERS: dict[Do, Wanted] = {
    Do.CAPS: check_of(DeviceCaps),
    Do.OPTIONS: check_of(tuple[Option, ...]),
    Do.GET: check_of(Value),
    Do.SET: check_of(SetResult),
    Do.APPLY: check_of(ApplyResult),
    Do.RESET: check_of(ApplyResult),
    Do.PARAMS: check_of(PageParams),
    Do.STATUS: check_of(Status),
}
"""What the verbs of a session give."""

DEVICES = check_of(DeviceList)

ANSWER = "an answer of the contract"
"""What was expected where something else came."""


def ANYTHING(value: object) -> None:  # noqa: N802  # a constant beside the others
    """The value does not matter, and is not looked at."""


def IS_SESSION(value: object) -> str | None:  # noqa: N802  # the same
    """A session."""
    return has_verbs(value, "caps", "options", "get", "set", "apply", "reset", "params", "start", "status", "close")


def IS_JOB(value: object) -> str | None:  # noqa: N802  # the same
    """A job."""
    return has_verbs(value, "next_page", "cancel", "settled")


def IS_PAGE(value: object) -> str | None:  # noqa: N802  # the same
    """A page, or None for the end."""
    return None if value is None else has_verbs(value, "read", "end")


def IS_STREAM(value: object) -> str | None:  # noqa: N802  # the same
    """A stream of events."""
    return None if isinstance(value, EventStream) else f"{shown(value)}, which is no stream of events"


class Kind(StrEnum):
    """How a call came out."""

    VALUE = "value"
    ERROR = "error"
    LATE = "late"
    """It did not return."""
    CRASH = "crash"
    """It raised something that the contract does not know, or gave something of another type; the value says what, in words."""
    SKIPPED = "skipped"
    """There is no such handle, so nothing was done."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What came of a call."""

    kind: Kind
    value: Any = None
    error: DeviceError | None = None

    def __str__(self) -> str:
        match self.kind:
            case Kind.ERROR:
                return str(self.error)
            case Kind.VALUE:
                return shown(self.value)
            case Kind.CRASH:
                return str(self.value)
            case Kind.LATE:
                return "no answer"
            case Kind.SKIPPED:
                return "nothing to do"


SKIPPED = Seen(Kind.SKIPPED)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """Everything that reads of a session's options: what a probe finds."""

    options: tuple[Option, ...]
    values: dict[str, Value]
    params: PageParams | None


@dataclass(frozen=True, slots=True)
class Strips:
    """What ``read-to-end`` got."""

    data: bytes
    biggest_ask: int
    count: int = 0
    """Bytes in all; *data* has them if the end came."""
    overlong: int = 0
    """Length of a strip that was longer than asked for."""
    stopped: bool = False
    """There was no end yet when enough had been read."""
    endless: bool = False
    """And there were more bytes than the page can have."""


@dataclass(frozen=True, slots=True)
class Interrupted:
    """What ``cancel-during`` and ``abandon`` saw: of the call, and of what interrupted it."""

    call: Seen
    after: Seen


@dataclass(frozen=True, slots=True)
class Pair:
    """What ``together`` saw: both calls, in the order in which they began."""

    calls: tuple[tuple[Command, Seen], ...]


async def call(function: Callable[[], Awaitable[Any]], wanted: Wanted, deadline: float) -> Seen:
    """Call it with a deadline; what it gives must be *wanted*, a type of the contract or a check."""
    with trio.move_on_after(deadline) as scope:
        try:
            value = await function()
        except DeviceError as error:
            sound = sound_error(error)
            return Seen(Kind.CRASH, f"raised {worded(error)}") if sound is None else Seen(Kind.ERROR, error=sound)
        except BaseException as error:
            asked_for = isinstance(error, KeyboardInterrupt | GeneratorExit) and not foreign(error)
            if asked_for or _cancelled(error, scope):
                raise
            return Seen(Kind.CRASH, f"raised {worded(error)}")
        if wanted is ANYTHING:
            return Seen(Kind.VALUE)
        problem = wanted(value)
        return Seen(Kind.VALUE, value) if problem is None else Seen(Kind.CRASH, f"gave {problem}")
    assert scope.cancelled_caught
    return Seen(Kind.LATE)


def _cancelled(error: BaseException, scope: trio.CancelScope) -> bool:
    """Whether *error* is the cancellation of the call by its caller or its deadline, and nothing else."""
    if not scope.cancel_called and trio.current_effective_deadline() != -math.inf:
        return False  # a driver that lets a cancellation of its own escape
    if isinstance(error, BaseExceptionGroup):
        return error.split(trio.Cancelled)[1] is None
    return isinstance(error, trio.Cancelled)


def verb(handle: object, name: str) -> Callable[[], Awaitable[Any]]:
    """A call of a verb without arguments; even its look-up is the driver's, and so belongs into the call."""
    return lambda: getattr(handle, name)()  # noqa: PLW0108  # the look-up must wait


def sound(value: Any, wanted: Wanted) -> Any:
    """*value*, if it is *wanted*.

    Raises:
        TypeError: it is not.
    """
    problem = wanted(value)
    if problem is not None:
        raise TypeError(problem)
    return value
