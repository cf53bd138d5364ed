"""Strict reading of tables that somebody wrote: known keys only, exact types, stated limits.

TOML files, the HTTP control and Python calls all end here, so that the same mistake gets the same words. What differs is the error that is raised: the
caller says how to make one from a path of keys and a sentence. A table that was given a list of :class:`Problems` goes on after a mistake with a value
that could have stood there, so that one reading finds all of them.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
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


class Problems(list[Exception]):
    """The mistakes that were found, in the order in which they were.

    Args:
        kind: of the errors that the tables make; others are defects of ours, and are raised.
    """

    def __init__(self, kind: type[Exception]) -> None:
        super().__init__()
        self.kind = kind


class Table:
    """A table to be read key by key; :meth:`done` refuses what nobody asked for.

    Args:
        data: the keys and values.
        fail: makes the error for a path and a sentence.
        path: where the table stands.
        problems: where mistakes are noted instead of raised.
        stand_in: whether it stands for one that could not be read, so that nothing it lacks is a mistake.
    """

    def __init__(
        self,
        data: Mapping[str, Any],
        fail: Fail,
        path: Path = (),
        problems: Problems | None = None,
        *,
        stand_in: bool = False,
    ) -> None:
        self._data = data
        self._fail = fail
        self.path = path
        self._problems = problems
        self._spoiled = stand_in
        self._stand_in = stand_in
        self._known: list[str] = []

    def has(self, key: str) -> bool:
        """Whether *key* was written; makes it a known one."""
        self._known.append(key)
        return key in self._data

    def error(self, key: str | None, why: str) -> Exception:
        """The error that says *why* about *key*, or about the table."""
        return self._fail(self.path if key is None else (*self.path, key), why)

    def refuse(self, key: str | None, why: str) -> None:
        """Raise :meth:`error`, or note it and go on where mistakes are noted."""
        if self._stand_in:
            return
        error = self.error(key, why)
        if self._problems is None:
            raise error
        self._spoiled = True
        self._problems.append(error)

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Where mistakes are noted, what the block raises is noted too, unless something in this table is the likely cause."""
        try:
            yield
        except Exception as error:
            if self._problems is None or not isinstance(error, self._problems.kind):
                raise
            if not self._spoiled:
                self._problems.append(error)

    def text(self, key: str, default: str | Missing = REQUIRED, *, pattern: str = "", limit: int = MAX_TEXT) -> str:
        """A text of at most *limit* characters that matches *pattern* as a whole."""
        value: str | None = self._get(key, str, "a text", default, stand_in=None)
        if value is None:
            return ""
        if len(value) > limit:
            self.refuse(key, f"must have at most {limit} characters, not {len(value)}")
        elif pattern and re.fullmatch(pattern, value) is None:
            self.refuse(key, f"must match {pattern}, and {value!r} does not")
        return value

    def choice(self, key: str, allowed: Iterable[str], default: str | Missing = REQUIRED) -> str:
        """One of the texts *allowed*."""
        names = tuple(str(name) for name in allowed)
        value: str = self._get(key, str, "a text", default, stand_in=next(iter(names), ""))
        if value not in names:
            near = difflib.get_close_matches(value, names, 1)
            hint = f" (did you mean {near[0]!r}?)" if near else ""
            self.refuse(key, f"must be one of {', '.join(names) or '(nothing)'}, not {value[:MAX_TEXT]!r}{hint}")
            return near[0] if near else next(iter(names), value)
        return value

    def flag(self, key: str, default: bool | Missing = REQUIRED) -> bool:
        """True or false."""
        value: bool = self._get(key, bool, "true or false", default, stand_in=False)
        return value

    def integer(self, key: str, default: int | Missing = REQUIRED, *, low: int, high: int) -> int:
        """An integer from *low* to *high*."""
        value: int = self._get(key, int, "an integer", default, stand_in=low)
        return value if self._within(key, value, low, high) else low

    def number(self, key: str, default: float | Missing = REQUIRED, *, low: float, high: float) -> float:
        """A finite number from *low* to *high*."""
        value: int | float = self._get(key, (int, float), "a number", default, stand_in=low)
        if isinstance(value, float) and not math.isfinite(value):
            self.refuse(key, "must be a finite number")
            return low
        return value if self._within(key, value, low, high) else low

    def optional_integer(self, key: str, *, low: int, high: int) -> int | None:
        """An integer from *low* to *high*, or None if the key is absent."""
        return self.integer(key, low=low, high=high) if self.has(key) else None

    def table(self, key: str, default: Mapping[str, Any] | Missing = REQUIRED) -> Table:
        """A table below this one."""
        nothing: Mapping[str, Any] = {}
        value = self._get(key, Mapping, "a table", default, stand_in=nothing)
        return Table(value, self._fail, (*self.path, key), self._problems, stand_in=value is nothing)

    def tables(self, key: str, *, most: int = 1000) -> list[Table]:
        """An array of tables, ``[[key]]`` in TOML; empty if the key is absent."""
        items: list[Any] = self._get(key, list, "an array of tables", [], stand_in=[])
        if len(items) > most:
            self.refuse(key, f"must have at most {most} entries, not {len(items)}")
        found = []
        for index, item in enumerate(items[:most]):
            where = (*self.path, key, index)
            if isinstance(item, Mapping):
                found.append(Table(item, self._fail, where, self._problems))
            else:
                Table({}, self._fail, where, self._problems).refuse(None, f"must be a table, not {kind_of(item)}")
        return found

    def items(
        self, key: str, read: Callable[[Any], T | None], what: str, default: Iterable[T] | Missing = REQUIRED
    ) -> tuple[T, ...]:
        """An array of scalars; *read* gives None for one that is not *what*."""
        otherwise: tuple[T, ...] = () if isinstance(default, Missing) else tuple(default)
        if not isinstance(default, Missing) and not self.has(key):
            return otherwise
        values: list[Any] | None = self._get(key, list, f"an array of {what}", REQUIRED, stand_in=None)
        if values is None:
            return otherwise
        found = [read(value) for value in values]
        clean = tuple(value for value in found if value is not None)
        if not found or len(clean) < len(found):
            self.refuse(key, f"must be a non-empty array of {what}")
            return clean or otherwise
        if len(set(clean)) != len(clean):
            self.refuse(key, "must not repeat a value")
        return tuple(dict.fromkeys(clean))

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
                self.refuse(str(key)[:MAX_TEXT], f"is not known here; allowed: {', '.join(allowed) or 'nothing'}{hint}")

    @property
    def known(self) -> tuple[str, ...]:
        """The keys that were asked for so far."""
        return tuple(dict.fromkeys(self._known))

    def _get(self, key: str, kind: Any, words: str, default: Any, stand_in: Any = "") -> Any:
        if not self.has(key):
            if isinstance(default, Missing):
                others = [str(name) for name in self._data if name not in self._known]
                near = difflib.get_close_matches(key, others, 1, _NEAR)
                hint = f"; is {near[0]!r} meant to be it?" if near else ""
                self.refuse(key, f"is missing; it must be {words}{hint}")
                return stand_in
            return default
        value = self._data[key]
        # bool is an int to Python, and not to whoever writes a file
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            self.refuse(key, f"must be {words}, not {kind_of(value)}")
            return stand_in if isinstance(default, Missing) else default
        return value

    def _within(self, key: str, value: float, low: float, high: float) -> bool:
        if low <= value <= high:
            return True
        # an integer may be too large for a float, and for a line
        shown = f"{value:g}" if abs(value) < 1e300 else "a number of over 300 digits"
        self.refuse(key, f"must be from {low:g} to {high:g}, not {shown}")
        return False
