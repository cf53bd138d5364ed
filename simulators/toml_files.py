"""TOML files with errors that name file and line. ``tomllib`` forgets where a key stood, so :func:`key_lines` finds it again."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from device_protocol import Code, DeviceError, Phase
from simulators.fields import Path as KeyPath
from simulators.fields import Table, show
from simulators.toml_lines import key_lines

MAX_BYTES = 1 << 20
SCHEMA = 1


class ConfigError(DeviceError):
    """A devices file, profile, scenario or driver configuration that cannot be used. It is a DeviceError so that it crosses the border of a worker whole.

    Attributes:
        file: the file's name, or what stands for it.
        line: from 1; None where no line is to blame.
        key: the path of the key, for people.
    """

    def __init__(self, why: str, *, file: str, line: int | None = None, key: str = "") -> None:
        where = file if line is None else f"{file}:{line}"
        super().__init__(
            Code.INVALID_VALUE, f"{where}: {f'{key} {why}' if key else why}", phase=Phase.DISCOVER, option=key or None
        )
        self.file = file
        self.line = line
        self.key = key


def load_toml(file: Path) -> Table:
    """The table of a TOML file of ``schema = 1``.

    Raises:
        ConfigError: it cannot be read, is no TOML, or is of another schema.
    """
    try:
        with file.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise ConfigError(f"cannot be read: {error.strerror}", file=str(file)) from None
    return parse_toml(content, str(file))


def parse_toml(content: bytes, name: str) -> Table:
    """The table in *content*, which is called *name* in errors.

    Raises:
        ConfigError: as :func:`load_toml`.
    """
    if len(content) > MAX_BYTES:
        raise ConfigError(f"is larger than {MAX_BYTES} bytes", file=name)
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise ConfigError("is not UTF-8", file=name, line=line) from None
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"is not TOML: {error}", file=name, line=_line_of(error, text)) from None
    except RecursionError:
        raise ConfigError("is nested too deeply", file=name) from None
    table = Table(data, _FileErrors(name, text))
    table.integer("schema", low=SCHEMA, high=SCHEMA)
    return table


def plain_table(data: Mapping[str, Any], name: str) -> Table:
    """A table that did not come from a file (a profile that crossed a socket, a configuration)."""
    return Table(data, lambda path, why: ConfigError(why, file=name, key=show(path)))


def _line_of(error: Exception, text: str) -> int:
    found = re.search(r"at line (\d+)", str(error))
    return int(found[1]) if found else text.count("\n") + 1


class _FileErrors:
    """Makes the errors of one file; lines are looked up when there is an error, not before."""

    def __init__(self, name: str, text: str) -> None:
        self._name = name
        self._text = text

    def __call__(self, path: KeyPath, why: str) -> ConfigError:
        lines = key_lines(self._text)
        for length in range(len(path), 0, -1):
            if path[:length] in lines:
                return ConfigError(why, file=self._name, line=lines[path[:length]], key=show(path))
        return ConfigError(why, file=self._name, line=1, key=show(path))
