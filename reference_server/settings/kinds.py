"""What values a setting can have: as TOML gives them, as text from an environment variable or a flag, and as JSON.

Every kind refuses what it does not know with a :class:`ValueError` whose message continues the sentence "the setting ...".
"""

from __future__ import annotations

import difflib
import math
import tomllib
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reference_server.wire.doors import OFF, PORT_MAX

MAX_TEXT = 1000
MAX_ITEMS = 1000
_SWITCHES = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}


@dataclass(frozen=True)
class Kind(ABC):
    """A kind of value."""

    @property
    def metavar(self) -> str:
        """What stands for a value in help texts."""
        return "TEXT"

    @property
    @abstractmethod
    def words(self) -> str:
        """What values there are, for people."""

    def read(self, value: object) -> Any:
        """*value*, as TOML gave it, checked.

        Raises:
            ValueError: it is none of this kind.
        """
        return self._read(value)

    def parse(self, text: str) -> object:
        """*text* as TOML would have given it.

        Raises:
            ValueError: it stands for nothing of this kind.
        """
        return self._parse(text)

    def plain(self, value: Any) -> Any:
        """A value that :meth:`read` gave, as JSON and TOML have it; None stands for "not set"."""
        return self._plain(value)

    @abstractmethod
    def _read(self, value: object) -> Any: ...

    def _parse(self, text: str) -> object:
        return text

    def _plain(self, value: Any) -> Any:
        return value

    def _refusal(self, value: object, hint: str = "") -> ValueError:
        return ValueError(f"must be {self.words}, not {_shown(value)}{hint}")


class Switch(Kind):
    """True or false."""

    words = "true or false"

    def _read(self, value: object) -> bool:
        if not isinstance(value, bool):
            raise self._refusal(value)
        return value

    def _parse(self, text: str) -> object:
        return _SWITCHES.get(text.lower(), text)


@dataclass(frozen=True)
class Number(Kind):
    """A number from *low* to *high*; with *zero_is_off*, 0 means that there is no such limit (None)."""

    metavar = "N"

    low: float
    high: float
    zero_is_off: bool = False

    @property
    def words(self) -> str:
        """See :class:`Kind`."""
        return f"{self._article} from {self.low:,} to {self.high:,}{' (0: off)' if self.zero_is_off else ''}"

    _article = "a number"

    def _read(self, value: object) -> float | None:
        # a bool is an int to Python, and not to whoever writes a file
        number = value if isinstance(value, int | float) and not isinstance(value, bool) else math.nan
        if not self.low <= number <= self.high:
            raise self._refusal(value)
        return None if self.zero_is_off and not number else number

    def _parse(self, text: str) -> object:
        try:
            return float(text)
        except ValueError:
            return text  # which read() refuses

    def _plain(self, value: Any) -> Any:
        return 0 if self.zero_is_off and value is None else value


class Integer(Number):
    """The same of whole numbers."""

    _article = "an integer"

    def _read(self, value: object) -> float | None:
        if not isinstance(value, int):
            raise self._refusal(value)
        return super()._read(value)

    def _parse(self, text: str) -> object:
        try:
            return int(text) if len(text) <= 30 else text
        except ValueError:
            return text


class PortOrOff(Kind):
    """The port of one door (:mod:`reference_server.wire.doors`)."""

    metavar = "PORT|off"
    words = f"an integer from 0 to {PORT_MAX} (0: a free one), or off"

    def _read(self, value: object) -> object:
        number = value if isinstance(value, int) and not isinstance(value, bool) else -1
        if value != OFF and not 0 <= number <= PORT_MAX:
            raise self._refusal(value)
        return value

    def _parse(self, text: str) -> object:
        return int(text) if text.isascii() and text.isdigit() and len(text) <= 30 else text


@dataclass(frozen=True)
class OneInteger(Kind):
    """One of a few whole numbers."""

    metavar = "N"

    allowed: tuple[int, ...]

    @property
    def words(self) -> str:
        """See :class:`Kind`."""
        return " or ".join(map(str, self.allowed))

    def _read(self, value: object) -> int:
        if not isinstance(value, int) or value not in self.allowed:
            raise self._refusal(value)
        return value

    def _parse(self, text: str) -> object:
        return int(text) if text in map(str, self.allowed) else text


@dataclass(frozen=True)
class Word(Kind):
    """One of a few words."""

    allowed: tuple[str, ...]

    def __init__(self, allowed: Iterable[str]) -> None:
        object.__setattr__(self, "allowed", tuple(str(word) for word in allowed))

    @property
    def metavar(self) -> str:
        """The words themselves."""
        return "|".join(self.allowed)

    @property
    def words(self) -> str:
        """See :class:`Kind`."""
        return " or ".join([", ".join(self.allowed[:-1]), self.allowed[-1]])

    def _read(self, value: object) -> str:
        if not isinstance(value, str) or value not in self.allowed:
            near = difflib.get_close_matches(str(value)[:MAX_TEXT] if isinstance(value, str) else "", self.allowed, 1)
            raise self._refusal(value, f" (did you mean {near[0]}?)" if near else "")
        return value

    def _plain(self, value: Any) -> Any:
        return str(value)


@dataclass(frozen=True)
class Text(Kind):
    """A text; an empty one is as good as none (None) where *optional*."""

    optional: bool = False

    @property
    def words(self) -> str:
        """See :class:`Kind`."""
        return f"a text{' (empty: none)' if self.optional else ''}"

    def _read(self, value: object) -> str | None:
        text = _text(value)
        if not text and not self.optional:
            raise ValueError("must not be empty")
        return text or None

    def _plain(self, value: Any) -> Any:
        return value or ""


@dataclass(frozen=True)
class Location(Kind):
    """A path; relative ones start at the folder of the file that says so. Empty is none, where *optional*. With *exists* there must be such a file."""

    metavar = "PATH"

    exists: bool = False
    optional: bool = True

    @property
    def words(self) -> str:
        """See :class:`Kind`."""
        return f"a path{' (empty: none)' if self.optional else ''}"

    def within(self, folder: Path, path: Path | None) -> Path | None:
        """*path* as it is meant in *folder*.

        Raises:
            ValueError: it has to exist and does not.
        """
        if path is None:
            return None
        whole = folder / path
        if self.exists and not _is_file(whole):
            raise ValueError(f"names a file that is not there: {str(whole)[:500]}")
        return whole

    def _read(self, value: object) -> Path | None:
        text = _text(value)
        if not text and not self.optional:
            raise ValueError("must not be empty")
        try:
            return Path(text).expanduser() if text else None
        except RuntimeError:
            raise ValueError(f"names a user that is not there: {_shown(text)}") from None

    def _plain(self, value: Any) -> Any:
        return "" if value is None else str(value)


@dataclass(frozen=True)
class Texts(Kind):
    """Several texts; with commas between them where there is only one text for all. With *automatic*, absent is not the same as none."""

    automatic: bool = False

    @property
    def words(self) -> str:
        """See :class:`Kind`."""
        return f"an array of texts{' (absent: chosen for you)' if self.automatic else ''}"

    def _read(self, value: object) -> tuple[str, ...]:
        if not isinstance(value, list):
            raise self._refusal(value)
        if len(value) > MAX_ITEMS:
            raise ValueError(f"must have at most {MAX_ITEMS} entries, not {len(value)}")
        texts = tuple(_text(item) for item in value)
        if "" in texts:
            raise ValueError("must not have empty entries")
        return tuple(dict.fromkeys(texts))

    def _parse(self, text: str) -> object:
        return [part.strip() for part in text.split(",") if part.strip()]

    def _plain(self, value: Any) -> Any:
        return None if value is None else list(value)


class Tables(Kind):
    """A table of tables."""

    metavar = "TOML"
    words = "a table of tables"

    def _read(self, value: object) -> Mapping[str, Mapping[str, Any]]:
        if not isinstance(value, Mapping) or not all(isinstance(item, Mapping) for item in value.values()):
            raise self._refusal(value)
        return value

    def _parse(self, text: str) -> object:
        try:
            return tomllib.loads(f"value = {text}")["value"]
        except (ValueError, RecursionError):
            raise ValueError("must be an inline table of TOML: {driver = {key = value}}") from None

    def _plain(self, value: Any) -> Any:
        return {name: dict(table) for name, table in value.items()}


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a name that no file can have, or a folder that nobody may enter
        return False


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"must be a text, not {_shown(value)}")  # noqa: TRY004  # every refusal of a kind is a ValueError
    if len(value) > MAX_TEXT:
        raise ValueError(f"must have at most {MAX_TEXT} characters, not {len(value)}")
    if not value.isprintable():
        raise ValueError(f"must be printable, not {_shown(value)}")
    return value


def _shown(value: object) -> str:
    """*value* for a message, not longer than anybody wants to read."""
    if isinstance(value, Mapping):
        return "a table"
    if isinstance(value, list):
        return "an array"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int) and value.bit_length() > 200:
        return "a number of that size"  # which Python may not even print
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
