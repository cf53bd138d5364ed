"""The three sorts of files of the virtual devices: told apart by what is in them, found by name, and checked whole."""

from __future__ import annotations

import difflib
from enum import StrEnum
from pathlib import Path

from device_host.toml_text import TomlTextError, read_toml
from simulators.cameras.tables import CAMERA_TABLES
from simulators.devices_file import CAMERAS, read_lab
from simulators.fields import Table
from simulators.fixture_files import fixture, fixture_names
from simulators.profile import load_profile, read_profile
from simulators.profiles.tables import TABLES
from simulators.scenario import read_scenario
from simulators.toml_files import ConfigError, find_problems


class Sort(StrEnum):
    """What a file is about. The name in the plural is its folder among the shipped ones."""

    PROFILE = "profile"
    SCENARIO = "scenario"
    DEVICES = "devices"

    @property
    def folder(self) -> str:
        """Where the shipped ones are."""
        return self.value if self is Sort.DEVICES else f"{self.value}s"


_ANYWHERE = {"schema", "description"}
_OF_PROFILE = {key.name for key in TABLES[0].keys} | {table.name.strip("[]") for table in (*TABLES[1:], *CAMERA_TABLES)}
_SHIPPED = (*((sort, sort.folder) for sort in Sort), (Sort.PROFILE, CAMERAS))
TRIAL = "office-combi"
"""The machine that a scenario is tried on unless another one is named: it has everything that things can happen to."""


def recognise(file: Path) -> Sort:
    """What *file* is about, by its keys.

    Raises:
        ConfigError: it cannot be read, or its keys do not tell.
    """
    try:
        keys = set(read_toml(file).data) - _ANYWHERE
    except TomlTextError as error:
        raise ConfigError(error.why, file=str(file), line=error.line) from None
    if "device" in keys:
        return Sort.DEVICES
    if keys & (_OF_PROFILE - _ANYWHERE):
        return Sort.PROFILE
    if keys:
        return Sort.SCENARIO
    raise ConfigError("has nothing in it that tells a profile from a scenario or a devices file", file=str(file))


def find_file(name: str) -> tuple[Path, Sort]:
    """The file that *name* means: a shipped one by its bare name, else a path.

    Raises:
        ConfigError: there is no such file, or its keys do not tell what it is about.
    """
    for sort, folder in _SHIPPED:
        if name in fixture_names(folder):
            return fixture(f"{folder}/{name}.toml"), sort
    path = Path(name)
    if path.suffix == ".toml" or path.exists():
        return path, recognise(path)
    known = [shipped for _, folder in _SHIPPED for shipped in fixture_names(folder)]
    near = difflib.get_close_matches(name, known, 1)
    hint = f"; did you mean {near[0]!r}?" if near else ""
    raise ConfigError(f"is neither a shipped profile or scenario nor a .toml file{hint}", file=name[:200])


def check(file: Path, sort: Sort | None = None, trial: Path | None = None) -> tuple[Sort | None, list[ConfigError]]:
    """Every mistake in *file*, by line, and what it was taken for.

    Args:
        file: any.
        sort: what it is about; default: what its keys say.
        trial: profile of the machine that a scenario is tried on.

    Raises:
        ConfigError: *trial* cannot be used.
    """
    try:
        sort = recognise(file) if sort is None else sort
    except ConfigError as error:
        return None, [error]
    machine = load_profile(trial if trial is not None else fixture(f"profiles/{TRIAL}.toml"))

    def read(table: Table) -> object:
        match sort:
            case Sort.PROFILE:
                return read_profile(table)
            case Sort.SCENARIO:
                return read_scenario(table, machine)
            case _:
                return read_lab(table, file.parent)

    return sort, find_problems(file, read)
