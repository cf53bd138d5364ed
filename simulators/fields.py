"""Strict reading of tables that somebody wrote: known keys only, exact types, stated limits.

TOML files, the HTTP control and Python calls all end here, so that the same mistake gets the same words. What differs is the error that is raised: the
caller says how to make one from a path of keys and a sentence.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias, TypeVar

from device_host.toml_lines import Path

Fail: TypeAlias = Callable[[Path, str], Exception]

T = TypeVar("T")

MAX_TEXT = 200
_NEAR = 0.8
"""How alike two keys are of which one is taken for a slip of the pen; width_mm and height_mm are not."""


class Missing:
    """The marker for "has no default"."""


REQUIRED = Missing()

_KINDS: tuple[tuple[type, str], ...] = (
    (bool, "true or false"),
    (int, "an integer"),
    (float, "a number"),
    (str, "a text"),
    (list, "an array"),
    (Mapping, "a table"),
)


def show(path: Path) -> str:
    """*path* for people: ``device[2].sheets``, counted from 1."""
    text = ""
    for step in path:
        text += f"[{step + 1}]" if isinstance(step, int) else f".{step}" if text else step
    return text or "(file)"


def kind_of(value: object) -> str:
    """What *value* is, in words."""
    return next((words for kind, words in _KINDS if isinstance(value, kind)), type(value).__name__)


class Table:
    """A table to be read key by key; :meth:`done` refuses what nobody asked for.

    Args:
        data: the keys and values.
        fail: makes the error for a path and a sentence.
        path: where the table stands.
    """

    def __init__(self, data: Mapping[str, Any], fail: Fail, path: Path = ()) -> None:
        self._data = data
        self._fail = fail
        self.path = path
        self._known: list[str] = []

    def has(self, key: str) -> bool:
        """Whether *key* was written; makes it a known one."""
        self._known.append(key)
        return key in self._data

    def error(self, key: str | None, why: str) -> Exception:
        """The error that says *why* about *key*, or about the table."""
        return self._fail(self.path if key is None else (*self.path, key), why)

    def text(self, key: str, default: str | Missing = REQUIRED, *, pattern: str = "", limit: int = MAX_TEXT) -> str:
        """A text of at most *limit* characters that matches *pattern* as a whole."""
        value: str = self._get(key, str, "a text", default)
        if len(value) > limit:
            raise self.error(key, f"must have at most {limit} characters, not {len(value)}")
        if pattern and re.fullmatch(pattern, value) is None:
            raise self.error(key, f"must match {pattern}, and {value!r} does not")
        return value

    def choice(self, key: str, allowed: Iterable[str], default: str | Missing = REQUIRED) -> str:
        """One of the texts *allowed*."""
        value: str = self._get(key, str, "a text", default)
        names = tuple(str(name) for name in allowed)
        if value not in names:
            near = difflib.get_close_matches(value, names, 1)
            hint = f" (did you mean {near[0]!r}?)" if near else ""
            raise self.error(key, f"must be one of {', '.join(names) or '(nothing)'}, not {value[:MAX_TEXT]!r}{hint}")
        return value

    def flag(self, key: str, default: bool | Missing = REQUIRED) -> bool:
        """True or false."""
        value: bool = self._get(key, bool, "true or false", default)
        return value

    def integer(self, key: str, default: int | Missing = REQUIRED, *, low: int, high: int) -> int:
        """An integer from *low* to *high*."""
        value: int = self._get(key, int, "an integer", default)
        self._within(key, value, low, high)
        return value

    def number(self, key: str, default: float | Missing = REQUIRED, *, low: float, high: float) -> float:
        """A finite number from *low* to *high*."""
        value: float = self._get(key, (int, float), "a number", default)
        if not math.isfinite(value):
            raise self.error(key, "must be a finite number")
        self._within(key, value, low, high)
        return value

    def optional_integer(self, key: str, *, low: int, high: int) -> int | None:
        """An integer from *low* to *high*, or None if the key is absent."""
        return self.integer(key, low=low, high=high) if self.has(key) else None

    def table(self, key: str, default: Mapping[str, Any] | Missing = REQUIRED) -> Table:
        """A table below this one."""
        value = self._get(key, Mapping, "a table", default)
        return Table(value, self._fail, (*self.path, key))

    def tables(self, key: str, *, most: int = 1000) -> list[Table]:
        """An array of tables, ``[[key]]`` in TOML; empty if the key is absent."""
        items: list[Any] = self._get(key, list, "an array of tables", [])
        if len(items) > most:
            raise self.error(key, f"must have at most {most} entries, not {len(items)}")
        found = []
        for index, item in enumerate(items):
            where = (*self.path, key, index)
            if not isinstance(item, Mapping):
                raise self._fail(where, f"must be a table, not {kind_of(item)}")
            found.append(Table(item, self._fail, where))
        return found

    def items(
        self, key: str, read: Callable[[Any], T | None], what: str, default: Iterable[T] | Missing = REQUIRED
    ) -> tuple[T, ...]:
        """An array of scalars; *read* gives None for one that is not *what*."""
        if isinstance(default, Missing) or self.has(key):
            values: list[Any] = self._get(key, list, f"an array of {what}", REQUIRED)
        else:
            return tuple(default)
        found = [read(value) for value in values]
        if not found or any(value is None for value in found):
            raise self.error(key, f"must be a non-empty array of {what}")
        clean = tuple(value for value in found if value is not None)
        if len(set(clean)) != len(clean):
            raise self.error(key, "must not repeat a value")
        return clean

    def raw(self, key: str) -> Any:
        """The value as it stands, or None; the caller checks it."""
        return self._data.get(key) if self.has(key) else None

    def plain(self) -> dict[str, Any]:
        """The keys and values as they were given."""
        return dict(self._data)

    def done(self) -> None:
        """Refuse keys that nobody asked for.

        Raises:
            Exception: the caller's, naming the key and what is allowed.
        """
        for key in self._data:
            if key not in self._known:
                allowed = sorted(set(self._known))
                near = difflib.get_close_matches(str(key), allowed, 1)
                hint = f"; did you mean {near[0]!r}?" if near else ""
                raise self.error(
                    str(key)[:MAX_TEXT], f"is not known here; allowed: {', '.join(allowed) or 'nothing'}{hint}"
                )

    def _get(self, key: str, kind: Any, words: str, default: Any) -> Any:
        if not self.has(key):
            if isinstance(default, Missing):
                near = difflib.get_close_matches(key, map(str, self._data), 1, _NEAR)
                hint = f"; is {near[0]!r} meant to be it?" if near else ""
                raise self.error(key, f"is missing; it must be {words}{hint}")
            return default
        value = self._data[key]
        # bool is an int to Python, and not to whoever writes a file
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise self.error(key, f"must be {words}, not {kind_of(value)}")
        return value

    def _within(self, key: str, value: float, low: float, high: float) -> None:
        if not low <= value <= high:
            raise self.error(key, f"must be from {low:g} to {high:g}, not {value:g}")
