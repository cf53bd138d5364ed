"""The scenarios that are shipped, by name: what there is to choose from, and how a choice is read."""

from __future__ import annotations

import tomllib
from functools import cache

from device_protocol import DeviceError
from simulators.fields import Table
from simulators.fixture_files import fixture, fixture_names
from simulators.profile import Profile
from simulators.scenarios.reading import Trial, read_keys
from simulators.spec import Scenario
from simulators.toml_files import load_toml

FOLDER = "scenarios"


def shipped_scenarios() -> dict[str, str]:
    """Each name with its description."""
    return dict(_descriptions())


def read_wish(table: Table, profile: Profile, seed: int, trial: Trial) -> Scenario:
    """The scenario that arguments of the control ask for: ``shipped`` names one, or they are the keys of a file.

    Raises:
        Exception: as the table makes it.
    """
    if not table.has("shipped"):
        return read_keys(table, profile, seed, trial)
    name = table.choice("shipped", fixture_names(FOLDER))
    table.done()
    try:
        return read_keys(load_toml(fixture(f"{FOLDER}/{name}.toml")), profile, seed, trial)
    except DeviceError as error:
        raise table.error("shipped", f"is not for this machine: {error.message}") from None


@cache
def _descriptions() -> tuple[tuple[str, str], ...]:
    texts = {name: fixture(f"{FOLDER}/{name}.toml").read_text(encoding="utf-8") for name in fixture_names(FOLDER)}
    return tuple((name, str(tomllib.loads(text).get("description", ""))) for name, text in texts.items())
