"""Programs: lists of commands as plain data, of which any sub-list can run.

A command names what it acts on by position (the device, the latest session of it, the latest job, the latest page, or an older one), never by a handle, and a
command whose handle is not there does nothing. So a program can be cut anywhere, saved as JSON and run against another device.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeAlias

from device_protocol import AUTO, Area, Auto, Settings, Value
from device_protocol.settings import ALL

MAX_COMMANDS = 1000
MAX_TEXT = 4096
MAX_ITEMS = 512
MAX_AGE = 64


class Do(StrEnum):
    """What a command does. Where it takes a *name* or a *value* it is said here; everything else ignores them."""

    DEVICES = "devices"
    OPEN = "open"
    OPEN_UNKNOWN = "open-unknown"
    """*name*: an id that no device has."""
    CLOSE = "close"
    CAPS = "caps"
    OPTIONS = "options"
    GET = "get"
    """*name*: of the option."""
    SET = "set"
    """*name*: of the option; *value*: the value, AUTO, or CURRENT for the one it has."""
    APPLY = "apply"
    """*value*: settings as a mapping."""
    RESET = "reset"
    """*value*: names, or None for all."""
    PARAMS = "params"
    START = "start"
    """*value*: ``{"pages": "all" or a count, "settings": mapping or absent}``."""
    NEXT_PAGE = "next-page"
    READ = "read"
    """*value*: at most so many bytes."""
    READ_TO_END = "read-to-end"
    """*value*: sizes of the reads, taken in turn; ends with the end marker."""
    INFO = "info"
    """What the page says of itself."""
    END = "end"
    CANCEL = "cancel"
    """By the session."""
    CANCEL_JOB = "cancel-job"
    SETTLED = "settled"
    STATUS = "status"
    LISTEN = "listen"
    HEAR = "hear"
    """Take all events that have come."""
    CONTROL = "control"
    """*name*: the action; *value*: its arguments."""
    CANCEL_DURING = "cancel-during"
    """*name*: ``read`` or ``next-page``; the session is cancelled while it waits."""
    ABANDON = "abandon"
    """*name*: one of :data:`ABANDONED`; the caller is cancelled in it after *value* checkpoints, and closes."""
    TOGETHER = "together"
    """*value*: ``{"calls": [command, command], "after": checkpoints, "seed": number}``: two callers at once. The second begins so many checkpoints after the
    first, and the seed decides whose turn it is each time."""


ABANDONED = (
    "open",
    "start",
    "next-page",
    "read",
    "end",
    "set",
    "apply",
    "reset",
    "options",
    "params",
    "status",
    "settled",
    "cancel",
    "close",
)
"""Calls whose caller can be cancelled in them."""

ALONE = frozenset({Do.TOGETHER, Do.ABANDON, Do.CANCEL_DURING, Do.OPEN_UNKNOWN, Do.LISTEN, Do.HEAR, Do.INFO})
"""What cannot be one of two calls at once."""

MOST_WAIT = 100


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes:
        do: what.
        name, value: see :class:`Do`; the value is plain JSON data.
        on: 0 for the device under test, 1 for another device of the same backend.
        age: 0 for the latest handle of its kind, 1 for the one before, and so on.
    """

    do: Do
    name: str = ""
    value: Any = None
    on: int = 0
    age: int = 0

    def __str__(self) -> str:
        if self.do is Do.TOGETHER:
            first, second = (_command(item, index) for index, item in enumerate(self.value["calls"]))
            return f"together {first} | {second} (after {self.value['after']}, seed {self.value['seed']})"
        words = [self.do.value]
        if self.name:
            words.append(self.name)
        if self.value is not None:
            words.append(repr(self.value))
        if self.on:
            words.append("(other device)")
        if self.age:
            words.append(f"(handle {self.age} before the last)")
        return " ".join(words)


Program: TypeAlias = tuple[Command, ...]

AUTO_VALUE = {"auto": True}
CURRENT_VALUE = {"current": True}


class ProgramError(ValueError):
    """The data is not a program."""


def to_plain(program: Program) -> list[dict[str, Any]]:
    """*program* as JSON data; what has its default is left out."""
    return [
        {"do": item.do.value}
        | ({"name": item.name} if item.name else {})
        | ({"value": item.value} if item.value is not None else {})
        | ({"on": item.on} if item.on else {})
        | ({"age": item.age} if item.age else {})
        for item in program
    ]


def from_plain(data: object) -> Program:
    """The program that *data* describes.

    Raises:
        ProgramError: it describes none, or one beyond the limits.
    """
    if not isinstance(data, list) or len(data) > MAX_COMMANDS:
        raise ProgramError(f"a program is a list of at most {MAX_COMMANDS} commands")
    return tuple(_command(item, index) for index, item in enumerate(data))


def _command(item: object, index: int) -> Command:
    where = f"command {index + 1}"
    if not isinstance(item, dict) or not set(item) <= {"do", "name", "value", "on", "age"}:
        raise ProgramError(f"{where}: it has the keys do, name, value, on and age")
    try:
        do = Do(item["do"])
    except (KeyError, ValueError):
        raise ProgramError(f"{where}: there is no {item.get('do')!r}") from None
    name, value, on, age = item.get("name", ""), item.get("value"), item.get("on", 0), item.get("age", 0)
    if not isinstance(name, str) or len(name) > MAX_TEXT:
        raise ProgramError(f"{where}: name is a short text")
    if not _whole(on, 1) or not _whole(age, MAX_AGE):
        raise ProgramError(f"{where}: on is 0 or 1, age is 0 to {MAX_AGE}")
    if do is Do.TOGETHER:
        _check_pair(value, where)
    else:
        check_value(value, where)
    return Command(do, name, value, on, age)


def _check_pair(value: object, where: str) -> None:
    if not isinstance(value, dict) or set(value) != {"calls", "after", "seed"}:
        raise ProgramError(f"{where}: together takes calls, after and seed")
    calls, after, seed = value["calls"], value["after"], value["seed"]
    if not isinstance(calls, list) or len(calls) != 2 or not _whole(after, MOST_WAIT) or not _whole(seed, 1 << 32):
        raise ProgramError(f"{where}: together takes two calls, at most {MOST_WAIT} checkpoints and a seed")
    for item in calls:
        if isinstance(item, dict) and item.get("do") == Do.TOGETHER:
            raise ProgramError(f"{where}: one pair of calls is not in another")
    calls_of(value)


def calls_of(value: Any) -> tuple[Command, Command]:
    """The two calls of a ``together``.

    Raises:
        ProgramError: what came of these two could not be judged.
    """
    first, second = (_command(item, index) for index, item in enumerate(value["calls"]))
    if not pairable(first, second):
        raise ProgramError(f"{first} and {second} cannot be judged together")
    return first, second


_SETTERS = frozenset({Do.SET, Do.APPLY, Do.RESET})
_WHOLE_PAGE = frozenset({Do.READ, Do.READ_TO_END, Do.END})


def pairable(first: Command, second: Command) -> bool:
    """Whether two calls can run at once: where both act on one device, their outcomes must say in which order they took effect."""
    kinds = {first.do, second.do}
    if kinds & ALONE or any(item.do is Do.SET and item.value == CURRENT_VALUE for item in (first, second)):
        return False
    if first.on != second.on:
        return True
    if kinds in ({Do.CONTROL}, {Do.OPEN, Do.CONTROL}):
        return False
    if Do.START in kinds and kinds & _SETTERS:
        return all(item.do is not Do.START or _names_source(item) for item in (first, second))
    return not (Do.READ_TO_END in kinds and kinds <= _WHOLE_PAGE)


def _names_source(command: Command) -> bool:
    """Whether a start says from where: what the options say, the other call may change under it."""
    settings, _ = start_of(command.value)
    return settings is not None and settings.source is not None


def _whole(value: object, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most


def check_value(value: object, where: str, depth: int = 0) -> None:
    """Refuse a value that is no small piece of JSON.

    Raises:
        ProgramError: it is too deep, too long, or nothing of JSON.
    """
    if depth > 6:
        raise ProgramError(f"{where}: its value is nested too deeply")
    if isinstance(value, str):
        if len(value) > MAX_TEXT:
            raise ProgramError(f"{where}: a text is too long")
    elif isinstance(value, list | dict):
        if len(value) > MAX_ITEMS:
            raise ProgramError(f"{where}: a list is too long")
        items = value if isinstance(value, list) else [*value, *value.values()]
        for item in items:
            check_value(item, where, depth + 1)
    elif value is not None and not isinstance(value, bool | int | float):
        raise ProgramError(f"{where}: {type(value).__name__} is not JSON")


def option_value(plain: object) -> Value | Auto:
    """The value of an option that *plain* stands for: lists are tuples, AUTO has a form of its own.

    Raises:
        ProgramError: it stands for none.
    """
    if plain == AUTO_VALUE:
        return AUTO
    if isinstance(plain, list):
        return tuple(plain)
    if isinstance(plain, dict):
        raise ProgramError(f"{plain!r} is not the value of an option")
    return plain  # type: ignore[return-value]  # JSON scalars are values; a device refuses what is not one of its type


def plain_value(value: object) -> Any:
    """The JSON form of an option's value."""
    if value is AUTO:
        return dict(AUTO_VALUE)
    return list(value) if isinstance(value, tuple) else value


def settings_of(plain: object) -> Settings:
    """The settings that *plain* stands for.

    Raises:
        ProgramError: it stands for none.
    """
    if not isinstance(plain, dict) or not set(plain) <= {"source", "mode", "depth", "resolution", "area", "extra"}:
        raise ProgramError("settings have the keys source, mode, depth, resolution, area and extra")
    fields = dict(plain)
    area, extra = fields.pop("area", None), fields.pop("extra", [])
    try:
        pairs = tuple((str(name), option_value(value)) for name, value in extra)
        return Settings(
            **fields,
            area=None if area is None else Area(*(float(edge) for edge in area)),
            extra=pairs,  # type: ignore[arg-type]  # AUTO in a snapshot is the device's to refuse
        )
    except (TypeError, ValueError) as error:
        raise ProgramError(f"these are no settings: {error}") from None


def start_of(plain: object) -> tuple[Settings | None, Any]:
    """Settings and page target of a ``start``.

    Raises:
        ProgramError: it has other keys.
    """
    if plain is None:
        return None, ALL
    if not isinstance(plain, dict) or not set(plain) <= {"pages", "settings"}:
        raise ProgramError("start takes pages and settings")
    settings = plain.get("settings")
    return None if settings is None else settings_of(settings), plain.get("pages", ALL)
