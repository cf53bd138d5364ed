"""TOML texts whose mistakes can be shown by line, for every file that says what to start with.

``tomllib`` forgets where a key stood, so :func:`device_host.toml_lines.key_lines` finds it again; lines are looked up when there is an error, not before.
"""

from __future__ import annotations

import pathlib
import re
import tomllib
from collections.abc import Mapping
from typing import Any

from device_host.toml_lines import Path, key_lines

MAX_BYTES = 1 << 20


class TomlTextError(Exception):
    """A text that is no TOML table.

    Attributes:
        why: a sentence without its subject, as in "is not UTF-8".
        line: from 1; None where no line is to blame.
    """

    def __init__(self, why: str, line: int | None = None) -> None:
        super().__init__(why)
        self.why = why
        self.line = line


class TomlText:
    """A parsed text.

    Args:
        content: its bytes.

    Attributes:
        data: its table.

    Raises:
        TomlTextError: it is too large, not UTF-8, or no TOML.
    """

    def __init__(self, content: bytes) -> None:
        if len(content) > MAX_BYTES:
            raise TomlTextError(f"is larger than {MAX_BYTES} bytes")
        try:
            self._text = content.decode()
        except UnicodeDecodeError as error:
            raise TomlTextError("is not UTF-8", content.count(b"\n", 0, error.start) + 1) from None
        try:
            self.data: Mapping[str, Any] = tomllib.loads(self._text)
        except ValueError as error:  # TOMLDecodeError is one, and so is a number of more digits than Python reads
            raise TomlTextError(f"is not TOML: {error}", self._line_of(error)) from None
        except RecursionError:
            raise TomlTextError("is nested too deeply") from None
        self._lines: dict[Path, int] | None = None

    def line(self, path: Path) -> int:
        """Where the key at *path* stands, or the nearest one that holds it; from 1."""
        if self._lines is None:
            self._lines = key_lines(self._text)
        lines = self._lines
        return next((lines[path[:length]] for length in range(len(path), 0, -1) if path[:length] in lines), 1)

    def _line_of(self, error: Exception) -> int | None:
        if not isinstance(error, tomllib.TOMLDecodeError):
            return None
        found = re.search(r"at line (\d+)", str(error))
        return int(found[1]) if found else self._text.count("\n") + 1


def read_toml(file: pathlib.Path) -> TomlText:
    """The text in *file*.

    Raises:
        TomlTextError: it cannot be read, or see :class:`TomlText`.
    """
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise TomlTextError(f"cannot be read: {error.strerror}") from None
    return TomlText(content)
