"""What is said while an INI file is read: values for ours, warnings, and problems that stop the import."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from reference_server.settings.errors import SettingsError
from reference_server.settings.ini.text import Line
from reference_server.settings.table import BY_KEY

_TRUE, _FALSE = {"true", "1", "yes", "on"}, {"false", "0", "no", "off"}


@dataclass(frozen=True, slots=True)
class Value:
    """A value for our file.

    Attributes:
        key: of ours.
        value: as TOML has it.
        why: where it comes from, for a comment.
    """

    key: str
    value: Any
    why: str


@dataclass
class Reading:
    """One file under way.

    Attributes:
        file: for messages.
        values: for our file.
        warnings: what is different with us, or was left out.
        problems: what must be put right first.
    """

    file: Path
    values: list[Value] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    problems: list[SettingsError] = field(default_factory=list)

    def put(self, key: str, value: Any, why: str) -> None:
        """A value for our file; one that our own table refuses is a fault of ours."""
        BY_KEY[key].kind.read(value)
        self.values.append(Value(key, value, why))

    def wrong(self, line: Line | None, why: str, key: str = "") -> None:
        """Something must be put right."""
        number, name = (line.number, line.key or key) if line is not None else (None, key)
        self.problems.append(SettingsError(why, where=str(self.file), line=number, key=name[:100]))

    def warn(self, line: Line | None, why: str, key: str = "") -> None:
        """Something is different with us."""
        number, name = (line.number, line.key or key) if line is not None else (None, key)
        self.warnings.append(str(SettingsError(why, where=str(self.file), line=number, key=name[:100])))

    def switch(self, line: Line | None) -> bool | None:
        """TRUE or FALSE; None for what is neither, which is a problem, and for no line."""
        if line is None:
            return None
        word = line.value.lower()
        if word not in _TRUE | _FALSE:
            self.wrong(line, f"must be TRUE or FALSE, not {line.value[:60]!r}")
            return None
        return word in _TRUE

    def integer(self, line: Line | None, low: int, high: int) -> int | None:
        """A number from *low* to *high*; None for what is none, which is a problem, and for no line."""
        if line is None:
            return None
        digits = line.value if line.value.isascii() and line.value.isdigit() and len(line.value) < 20 else ""
        if not digits or not low <= int(digits) <= high:
            self.wrong(line, f"must be a number from {low} to {high}, not {line.value[:60]!r}")
            return None
        return int(digits)


class Section:
    """The keys of one section; case does not matter.

    Args:
        reading: takes what is wrong with it.
        lines: of the section.

    A key that is given twice with different values is a problem: which one the other service takes is not documented, and one of them may let more people in.
    """

    def __init__(self, reading: Reading, lines: Iterable[Line]) -> None:
        self._lines: dict[str, Line] = {}
        self._taken: set[str] = set()
        for line in lines:
            if line.key is None:
                continue
            name = line.key.lower()
            first = self._lines.setdefault(name, line)
            if first.value != line.value:
                reading.wrong(
                    line, f"is given a second time, with another value than in line {first.number}; remove one"
                )

    def take(self, key: str) -> Line | None:
        """The line of *key*, which is then known."""
        self._taken.add(key.lower())
        return self._lines.get(key.lower())

    def take_all(self, prefix: str) -> list[Line]:
        """The lines of all keys that begin with *prefix*, which are then known."""
        found = [line for name, line in self._lines.items() if name.startswith(prefix.lower())]
        self._taken |= {str(line.key).lower() for line in found}
        return found

    def leftovers(self, reading: Reading) -> None:
        """Say which keys nobody took."""
        for name, line in self._lines.items():
            if name not in self._taken:
                near = difflib.get_close_matches(name, self._taken, 1)
                hint = f" (is {near[0]!r} meant?)" if near else ""
                reading.warn(line, f"is not a documented key and was left out{hint}")
