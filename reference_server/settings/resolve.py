"""Who wins: default < file < environment < flag < policy; and what becomes of it, a :class:`~reference_server.config.ServerConfig`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from reference_server.config import Limits, ServerConfig
from reference_server.settings.errors import SettingsError
from reference_server.settings.setting import Setting
from reference_server.settings.sources import (
    CONFIG_VARIABLE,
    Given,
    Layer,
    default_file,
    from_environment,
    from_file,
    from_flags,
    policy_file,
    read_by_others,
    there,
)
from reference_server.settings.table import BY_KEY, SETTINGS

HIDDEN = "(hidden)"


@dataclass(frozen=True)
class Settings:
    """Every setting with its winner.

    Attributes:
        effective: the winner of each key.
        overruled: what a policy did not let through.
        warnings: for people.
        files: that were read, with their layers.
    """

    effective: Mapping[str, Given]
    overruled: tuple[Given, ...] = ()
    warnings: tuple[str, ...] = ()
    files: tuple[tuple[Path, Layer], ...] = ()

    def config(self) -> ServerConfig:
        """The typed configuration.

        Raises:
            SettingsError: a value, or two of them together, make no sense.
        """
        given = [item for item in self.effective.values() if item.layer is not Layer.DEFAULT]
        try:
            return replace(_config(given), files=tuple(path for path, _ in self.files))
        except ValueError as error:
            raise _blame(given, str(error)) from None

    @property
    def notices(self) -> tuple[str, ...]:
        """What whoever starts the service should read: what a policy overruled, and warnings."""
        return (*(self._overruled(item) for item in self.overruled), *self.warnings)

    def _overruled(self, item: Given) -> str:
        winner = self.effective[item.setting.key]
        return (
            f"{item.where} asks for {item.setting.key} = {shown(item)}, but {winner.where} fixes it: {shown(winner)}."
            " This is the administrator's policy."
        )


@dataclass
class Sources:
    """What to read, and what was found wrong on the way.

    Args:
        config: the file; None: the one that ``FLATBED_CONFIG`` names, else the default one if it is there.
        flags: see :func:`~reference_server.settings.sources.from_flags`.
        environ: environment variables.
        policy: the policy file; None: where it stands on this system. Only tests say anything else.
    """

    config: Path | None = None
    flags: Mapping[str, object] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=lambda: os.environ)
    policy: Path | None = None

    def load(self) -> Settings:
        """All settings.

        Raises:
            SettingsError: the first thing that is wrong.
        """
        problems: list[SettingsError] = []
        warnings: list[str] = []
        given: list[Given] = []
        files = list(self._files())
        for file, layer in files:
            found = from_file(file, layer, problems)
            if any(item.setting.secret and item.value for item in found) and read_by_others(file):
                warnings.append(f"{file} holds a secret and others may read it; `chmod 600` it")
            given += found
        given += from_environment(self.environ, problems, warnings)
        given += from_flags(self.flags, problems)
        if problems:
            raise problems[0]
        return _settings(given, tuple(warnings), tuple(files))

    def _files(self) -> Iterable[tuple[Path, Layer]]:
        policy = self.policy or policy_file()
        if there(policy):
            yield policy, Layer.POLICY
        named = self.config or (Path(self.environ[CONFIG_VARIABLE]) if self.environ.get(CONFIG_VARIABLE) else None)
        if named is not None:
            yield named, Layer.FILE
        elif there(default_file()):
            yield default_file(), Layer.FILE


def check_file(file: Path, layer: Layer = Layer.FILE) -> list[SettingsError]:
    """Everything that is wrong with a configuration file, or a policy, in the order of the file; empty when it can be used."""
    problems: list[SettingsError] = []
    given = from_file(file, layer, problems)
    if not problems:
        try:
            _settings(given).config()
        except SettingsError as error:
            problems.append(error)
    return problems


def shown(item: Given) -> str:
    """A value for people; secrets hidden."""
    plain = plain_value(item)
    if plain is None:
        return "(automatic)"
    if isinstance(plain, bool):
        return str(plain).lower()
    return repr(plain) if plain or plain == 0 else "(none)"


def plain_value(item: Given) -> Any:
    """A value for machines; secrets hidden."""
    return HIDDEN if item.setting.secret and item.value is not None else item.setting.kind.plain(item.value)


def _settings(
    given: Iterable[Given], warnings: tuple[str, ...] = (), files: tuple[tuple[Path, Layer], ...] = ()
) -> Settings:
    effective = {setting.key: Given(setting, setting.default, Layer.DEFAULT) for setting in SETTINGS}
    ordered = sorted(given, key=lambda item: item.layer)
    effective |= {item.setting.key: item for item in ordered}
    overruled = tuple(
        item
        for item in ordered
        if effective[item.setting.key].layer is Layer.POLICY and item.value != effective[item.setting.key].value
    )
    return Settings(effective, overruled, warnings, files)


def _config(given: Iterable[Given]) -> ServerConfig:
    values: dict[str, Any] = {"data_dir": BY_KEY["run.data_dir"].default}
    limits: dict[str, Any] = {}
    fixed: set[str] = set()
    for item in given:
        setting: Setting = item.setting
        target, name = (limits, setting.limit_name) if setting.limit else (values, setting.field)
        target[name] = setting.scaled(item.value)
        if item.layer is Layer.POLICY:
            fixed.add(setting.field)
    return ServerConfig(**values, limits=Limits(**limits), fixed=frozenset(fixed))


def _blame(given: list[Given], why: str) -> SettingsError:
    """The error *why*, with the value without which it would not be there; of two that clash, the one of the weaker source."""
    suspects = list(reversed(given))
    suspects.sort(key=lambda item: item.layer)  # within a source the later key stays first
    for item in suspects:
        try:
            _config(other for other in given if other is not item)
        except ValueError as error:
            if str(error) == why:
                continue
        file, colon, line = item.where.rpartition(":")
        if colon and line.isdigit():
            return SettingsError(f"cannot be used: {why}", where=file, line=int(line), key=item.setting.key)
        return SettingsError(f"cannot be used: {why}", where=item.where)
    return SettingsError(f"cannot be used: {why}", where="the configuration")
