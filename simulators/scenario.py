"""Scenario files: what happens to a machine. TOML, ``schema = 1``; the keys are those of :mod:`simulators.scenarios.reading`."""

from __future__ import annotations

from pathlib import Path

from simulators.fields import Table
from simulators.panel import on_trial
from simulators.profile import Profile
from simulators.scenarios.reading import read_keys
from simulators.spec import DeviceSpec, Scenario
from simulators.toml_files import load_toml


def load_scenario(file: Path, profile: Profile, seed: int = 0) -> Scenario:
    """The scenario in a file, for a machine of *profile*.

    Raises:
        ConfigError: with file and line.
    """
    return read_scenario(load_toml(file), profile, seed)


def read_scenario(table: Table, profile: Profile, seed: int = 0) -> Scenario:
    """The scenario in *table*.

    Raises:
        ConfigError: as the table makes it.
    """
    return read_keys(table, profile, seed, on_trial(DeviceSpec("trial", profile)))
