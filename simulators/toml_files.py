"""The files of the virtual devices: TOML with errors that name file and line."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from device_host.toml_text import TomlText, TomlTextError, read_toml
from device_protocol import Code, DeviceError, Phase
from simulators.fields import Table, show

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
        return _table(read_toml(file), str(file))
    except TomlTextError as error:
        raise ConfigError(error.why, file=str(file), line=error.line) from None


def parse_toml(content: bytes, name: str) -> Table:
    """The table in *content*, which is called *name* in errors.

    Raises:
        ConfigError: as :func:`load_toml`.
    """
    try:
        return _table(TomlText(content), name)
    except TomlTextError as error:
        raise ConfigError(error.why, file=name, line=error.line) from None


def plain_table(data: Mapping[str, Any], name: str) -> Table:
    """A table that did not come from a file (a profile that crossed a socket, a configuration)."""
    return Table(data, lambda path, why: ConfigError(why, file=name, key=show(path)))


def _table(text: TomlText, name: str) -> Table:
    table = Table(text.data, lambda path, why: ConfigError(why, file=name, line=text.line(path), key=show(path)))
    table.integer("schema", low=SCHEMA, high=SCHEMA)
    return table
