"""Where settings are given: a TOML file, the environment, flags, an administrator's policy; each gives values and says where it does so."""

from __future__ import annotations

import difflib
import os
import stat
import sys
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Any

from device_host.toml_lines import Path as KeyPath
from device_host.toml_text import TomlTextError, read_toml
from reference_server.settings.errors import SettingsError
from reference_server.settings.setting import VARIABLES, Setting
from reference_server.settings.table import BY_KEY, SETTINGS

SCHEMA = 1
CONFIG_VARIABLE = f"{VARIABLES}CONFIG"
"""Names the file, as ``--config`` does."""


class Layer(IntEnum):
    """Who gives a value; the higher one wins."""

    DEFAULT = 0
    FILE = 1
    ENVIRONMENT = 2
    FLAG = 3
    POLICY = 4


@dataclass(frozen=True, slots=True)
class Given:
    """A value that somebody gave.

    Attributes:
        value: in units of the key.
        where: file and line, variable or flag; empty for a default.
    """

    setting: Setting
    value: Any
    layer: Layer
    where: str = ""


def policy_file() -> Path:
    """Where an administrator's policy stands. No flag and no variable moves it: who could would not be bound by it."""
    places = {
        "win32": r"C:\ProgramData\flatbed\policy.toml",
        "darwin": "/Library/Application Support/flatbed/policy.toml",
    }
    return Path(places.get(sys.platform, "/etc/flatbed/policy.toml"))


def default_file() -> Path:
    """The user's own file."""
    from platformdirs import user_config_path  # noqa: PLC0415  # only when nobody says where

    return user_config_path("flatbed", appauthor=False) / "config.toml"


def from_file(file: Path, layer: Layer, problems: list[SettingsError]) -> list[Given]:
    """What a TOML file gives.

    Args:
        file: must be there.
        layer: FILE or POLICY.
        problems: takes what is wrong with it, in the order of the file.
    """
    try:
        text = read_toml(file)
    except TomlTextError as error:
        problems.append(SettingsError(error.why, where=str(file), line=error.line))
        return []
    found: list[Given] = []

    def wrong(path: KeyPath, why: str) -> None:
        problems.append(SettingsError(why, where=str(file), line=text.line(path), key=".".join(map(str, path))))

    for section, table in text.data.items():
        if section == "schema":
            if table != SCHEMA or isinstance(table, bool):
                wrong((section,), f"must be {SCHEMA}: this file is for another version of flatbed")
        elif section not in {setting.section for setting in SETTINGS}:
            wrong((section,), f"is no section here{_near(section, (setting.section for setting in SETTINGS))}")
        elif not isinstance(table, Mapping):
            wrong((section,), f"must be a table: [{section}]")
        else:
            found += _from_table(file, layer, section, table, text.line, wrong)
    return found


def _from_table(
    file: Path,
    layer: Layer,
    section: str,
    table: Mapping[str, Any],
    line: Callable[[KeyPath], int],
    wrong: Callable[[KeyPath, str], None],
) -> list[Given]:
    found: list[Given] = []
    for name, value in table.items():
        path = (section, name)
        setting = BY_KEY.get(f"{section}.{name}")
        if setting is None:
            known = [item.name for item in SETTINGS if item.section == section]
            wrong(path, f"is not known here{_near(name, known)}")
        elif layer is Layer.POLICY and not setting.policy:
            wrong(path, "is not for a policy to fix")
        else:
            try:
                found.append(Given(setting, setting.read(value, file.parent), layer, f"{file}:{line(path)}"))
            except ValueError as error:
                wrong(path, str(error))
    return found


def from_environment(environ: Mapping[str, str], problems: list[SettingsError], warnings: list[str]) -> list[Given]:
    """What the environment gives. A variable that begins like ours and is none is only a warning: orchestrators put such names there."""
    by_variable = {setting.variable: setting for setting in SETTINGS}
    found: list[Given] = []
    for name in sorted(name for name in environ if name.startswith(VARIABLES) and name != CONFIG_VARIABLE):
        setting = by_variable.get(name)
        if setting is None:
            warnings.append(f"{name} is no setting and does nothing{_near(name, by_variable)}")
            continue
        try:
            value = setting.read(setting.kind.parse(environ[name]), Path.cwd())
            found.append(Given(setting, value, Layer.ENVIRONMENT, name))
        except ValueError as error:
            problems.append(SettingsError(str(error), where=name))
    return found


def from_flags(flags: Mapping[str, object], problems: list[SettingsError]) -> list[Given]:
    """What flags give.

    Args:
        flags: by key; texts, lists of texts for those that may be repeated, booleans for switches, None for those that were not written.
        problems: see :func:`from_file`.
    """
    found: list[Given] = []
    for key, raw in flags.items():
        setting = BY_KEY[key]
        if raw is None:
            continue
        try:
            value = setting.read(setting.kind.parse(raw) if isinstance(raw, str) else raw, Path.cwd())
            found.append(Given(setting, value, Layer.FLAG, setting.flag))
        except ValueError as error:
            problems.append(SettingsError(str(error), where=setting.flag))
    return found


def there(file: Path) -> bool:
    """Whether there is such a file.

    Raises:
        SettingsError: nobody may know. A policy that cannot be read must not count as none.
    """
    try:
        os.stat(file)  # noqa: PTH116  # Path.exists() takes a lack of permission for absence in newer versions of Python
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise SettingsError(f"cannot be read: {error.strerror}", where=str(file)) from None
    return True


def read_by_others(file: Path) -> bool:
    """Whether other users of the machine may read *file*, where the system has such a notion."""
    return os.name == "posix" and bool(file.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH))


def _near(name: str, known: Iterable[str]) -> str:
    names = tuple(dict.fromkeys(known))
    near = difflib.get_close_matches(name[:200], names, 1)
    if near:
        return f" (did you mean {near[0]}?)"
    return f"; there are {', '.join(names)}" if len(names) <= 20 else ""
