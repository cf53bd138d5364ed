"""The files of the virtual devices: TOML with errors that name file and line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from device_host.toml_text import TomlText, TomlTextError, read_toml
from device_protocol import Code, DeviceError, Phase
from simulators.fields import Problems, Table, show

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


def find_problems(file: Path, read: Callable[[Table], object]) -> list[ConfigError]:
    """Every mistake that *read* finds in a file, by line; none if it can be used.

    A mistake that hides others, such as a text that is no TOML, comes alone.
    """
    problems = Problems(ConfigError)
    try:
        table = _table(read_toml(file), str(file), problems)
        with table.going_on():
            read(table)
    except TomlTextError as error:
        problems.append(ConfigError(error.why, file=str(file), line=error.line))
    found = {str(error): error for error in problems if isinstance(error, ConfigError)}
    return sorted(found.values(), key=lambda error: (error.file, error.line or 0))


def _table(text: TomlText, name: str, problems: Problems | None = None) -> Table:
    table = Table(
        text.data,
        lambda path, why: ConfigError(why, file=name, line=text.line(path), key=show(path)),
        problems=problems,
    )
    schema = table.raw("schema")
    if isinstance(schema, int) and not isinstance(schema, bool) and schema > SCHEMA:
        table.refuse(
            "schema", f"is {str(schema)[:20]}: the file was made for a newer version, and this one reads {SCHEMA}"
        )
    else:
        table.integer("schema", low=SCHEMA, high=SCHEMA)
    return table
