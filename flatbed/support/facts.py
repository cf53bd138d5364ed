"""Versions and settings for the bundle."""

from __future__ import annotations

import ctypes.util
import platform
import re
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from flatbed import __version__
from reference_server.settings import BY_KEY, Settings, SettingsError, Sources, plain_value

_NAME = re.compile(r"[A-Za-z0-9._-]+")


def versions(now: datetime | None = None) -> dict[str, Any]:
    """Of flatbed, of Python and the system, of libsane if there is one, and of what flatbed depends on."""
    return {
        "made": (now or datetime.now(UTC)).isoformat(timespec="seconds"),
        "flatbed": __version__,
        "python": sys.version,
        "implementation": platform.python_implementation(),
        "platform": platform.platform(),
        "machine": platform.machine(),
        "libsane": ctypes.util.find_library("sane"),
        "dependencies": _dependencies(),
    }


def _dependencies() -> dict[str, str | None]:
    """What flatbed wants to be there, with what is; the optional parts too, null for those that are not."""
    try:
        wanted = metadata.requires("flatbed") or []
    except metadata.PackageNotFoundError:
        return {}
    names = {match[0] for line in wanted if (match := _NAME.match(line))}
    return {name: _version(name) for name in sorted(names, key=str.lower)}


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


@dataclass(frozen=True, slots=True)
class Effective:
    """The settings as this command finds them.

    Attributes:
        plain: for the bundle; secrets are hidden.
        data_dir: that they mean.
        secrets: that must be nowhere.
    """

    plain: dict[str, Any]
    data_dir: Path
    secrets: tuple[str, ...] = ()


def effective(config: Path | None, data_dir: Path | None, notices: list[str]) -> Effective:
    """The settings with their origins. What cannot be used is said instead: such a configuration may be the reason for asking.

    Args:
        config: see :class:`~reference_server.settings.Sources`.
        data_dir: instead of the one that is set.
        notices: takes what is wrong.
    """
    folder: Path = data_dir or BY_KEY["run.data_dir"].default
    try:
        settings = Sources(config, {} if data_dir is None else {"run.data_dir": str(data_dir)}).load()
        chosen = settings.config()
    except SettingsError as error:
        notices.append(
            "The settings cannot be used, so there are none; settings.json says where the mistake is, `flatbed config` what it is."
        )
        return Effective({"schema": 1, "problem": _where(error)}, folder)
    secrets = tuple(str(item.value) for item in settings.effective.values() if item.setting.secret and item.value)
    return Effective(_plain(settings), chosen.data_dir, secrets)


def _where(error: SettingsError) -> dict[str, Any]:
    """Where the mistake is. Not what it says of the value, which may be the secret that was written in a wrong place."""
    return {"file": error.where, "line": error.line, "key": error.key}


def _plain(settings: Settings) -> dict[str, Any]:
    return {
        "schema": 1,
        "files": [{"file": str(path), "layer": layer.name.lower()} for path, layer in settings.files],
        "settings": [
            {
                "key": item.setting.key,
                "value": plain_value(item),
                "layer": item.layer.name.lower(),
                "where": item.where or None,
            }
            for item in settings.effective.values()
        ],
        "notices": list(settings.notices),
    }
