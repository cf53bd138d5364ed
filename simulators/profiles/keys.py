"""A key of a profile as data: its name, what may stand there, what that means and who says so. The reader and the documentation both go by it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from simulators.fields import REQUIRED, Missing, Table

MAX_WORDS = 40
"""Entries of a list of texts."""


class Kind(Protocol):
    """What may stand at a key."""

    @property
    def words(self) -> str:
        """For people."""

    def read(self, table: Table, key: str, default: Any) -> Any:
        """The value at *key*, checked."""


@dataclass(frozen=True, slots=True)
class Flag:
    """True or false."""

    words: str = "`true` or `false`"

    def read(self, table: Table, key: str, default: Any) -> Any:
        """See :class:`Kind`."""
        return table.flag(key, default)


@dataclass(frozen=True, slots=True)
class Integer:
    """An integer within limits."""

    low: int
    high: int

    @property
    def words(self) -> str:
        """See :class:`Kind`."""
        return f"integer, {self.low} to {self.high}"

    def read(self, table: Table, key: str, default: Any) -> Any:
        """See :class:`Kind`."""
        return table.integer(key, default, low=self.low, high=self.high)


@dataclass(frozen=True, slots=True)
class Number:
    """A finite number within limits."""

    low: float
    high: float

    @property
    def words(self) -> str:
        """See :class:`Kind`."""
        return f"number, {self.low:g} to {self.high:g}"

    def read(self, table: Table, key: str, default: Any) -> Any:
        """See :class:`Kind`."""
        return table.number(key, default, low=self.low, high=self.high)


@dataclass(frozen=True, slots=True)
class Text:
    """A text; one of control characters is never one, whatever the pattern."""

    limit: int
    pattern: str = r"[^\x00-\x1f\x7f]*"
    said: str = ""

    @property
    def words(self) -> str:
        """See :class:`Kind`."""
        return self.said or f"text, at most {self.limit} characters"

    def read(self, table: Table, key: str, default: Any) -> Any:
        """See :class:`Kind`."""
        return table.text(key, default, pattern=self.pattern, limit=self.limit)


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of some texts. The empty text among them stands for "none"."""

    names: tuple[str, ...]

    @property
    def words(self) -> str:
        """See :class:`Kind`."""
        return ", ".join(f'`"{name}"`' for name in self.names)

    def read(self, table: Table, key: str, default: Any) -> Any:
        """See :class:`Kind`."""
        return table.choice(key, self.names, default)


@dataclass(frozen=True, slots=True)
class Some:
    """A non-empty list of different texts, out of *names* if there are any."""

    names: tuple[str, ...] = ()
    limit: int = 40

    @property
    def words(self) -> str:
        """See :class:`Kind`."""
        listed = ", ".join(f'`"{name}"`' for name in self.names)
        return f"list of {listed}" if listed else f"list of texts of at most {self.limit} characters"

    def read(self, table: Table, key: str, default: Any) -> Any:
        """See :class:`Kind`."""
        return table.items(key, self._one, "texts" if not self.names else ", ".join(self.names), default)

    def _one(self, value: Any) -> str | None:
        if not isinstance(value, str) or not 0 < len(value) <= self.limit or not value.isprintable():
            return None
        return value if not self.names or value in self.names else None


@dataclass(frozen=True, slots=True)
class Numbers:
    """A list of exactly *count* numbers."""

    count: int
    low: float
    high: float

    @property
    def words(self) -> str:
        """See :class:`Kind`."""
        return f"list of {self.count} numbers, {self.low:g} to {self.high:g}"

    def read(self, table: Table, key: str, default: Any) -> Any:
        """See :class:`Kind`."""
        value = table.raw(key)
        if value is None:
            return default
        sound = isinstance(value, list) and len(value) == self.count and all(map(self._fits, value))
        if not sound:
            table.refuse(key, f"must be a {self.words}")
            return default
        return tuple(float(item) for item in value)

    def _fits(self, value: Any) -> bool:
        return isinstance(value, int | float) and not isinstance(value, bool) and self.low <= value <= self.high


@dataclass(frozen=True, slots=True)
class Renamed:
    """A table of names: which one stands for which."""

    names: tuple[str, ...]
    words: str = "table of texts"

    def read(self, table: Table, key: str, default: Any) -> Any:
        """See :class:`Kind`."""
        if not table.has(key):
            return default
        below = table.table(key)
        found = {name: below.text(name, limit=40) for name in self.names if below.has(name)}
        below.done()
        taken = set(self.names) - found.keys()
        for name, new in found.items():
            if not new or new in taken:
                below.refuse(name, f"must be a name that no other option has, not {new!r}")
            taken.add(new)
        return found


@dataclass(frozen=True, slots=True)
class Documented:
    """A key that a reader of its own takes care of; only its words stand here."""

    words: str

    def read(self, table: Table, key: str, default: Any) -> Any:
        """Never called.

        Raises:
            NotImplementedError: always.
        """
        raise NotImplementedError(key)


@dataclass(frozen=True, slots=True)
class Key:
    """One key.

    Attributes:
        name: in the file.
        kind: what may stand there.
        words: what it means, as the end of a sentence about the machine.
        source: who says that there are such machines.
        breaks: ids of the requirements that a machine with it fails, where it is a defect that the suite can see.
        default: what holds where the key is absent, for people; empty: as the table's standard has it.
    """

    name: str
    kind: Kind
    words: str
    source: str = ""
    breaks: tuple[str, ...] = ()
    default: str = ""


def read_keys(table: Table, keys: Iterable[Key], standard: object) -> dict[str, Any]:
    """The values of *keys*, by name; what is absent is as in *standard*. Other keys are refused.

    Raises:
        Exception: as the table makes it.
    """
    values = {key.name: key.kind.read(table, key.name, getattr(standard, key.name)) for key in keys}
    table.done()
    return values


def default_of(key: Key, standard: object | None) -> str:
    """What holds where *key* is absent, as it would stand in a file."""
    if key.default or standard is None:
        return key.default or "required"
    return toml_value(getattr(standard, key.name))


def toml_value(value: object) -> str:
    """*value* as it would stand in a file; "none" for what cannot be written."""
    match value:
        case bool():
            return str(value).lower()
        case str():
            return f'"{value}"'
        case int() | float():
            return f"{value:g}" if isinstance(value, float) else str(value)
        case tuple() | list():
            return f"[{', '.join(map(toml_value, value))}]" if value else "none"
        case Mapping():
            return "none" if not value else "{ " + ", ".join(f"{k} = {toml_value(v)}" for k, v in value.items()) + " }"
    return "none" if isinstance(value, Missing) or value is None else str(value)


__all__ = [
    "REQUIRED",
    "Documented",
    "Flag",
    "Integer",
    "Key",
    "Kind",
    "Number",
    "Numbers",
    "OneOf",
    "Renamed",
    "Some",
    "Text",
    "default_of",
    "read_keys",
    "toml_value",
]
