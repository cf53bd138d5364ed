"""Scenarios: what happens to a machine. TOML, ``schema = 1``.

``[[fault]]`` has the keys of :class:`device_protocol.Fault`. ``[[at]]`` has ``seconds`` after the lab has opened, an ``action`` of the front panel and its
``arguments``. ``[[random]]`` has the keys of a fault but ``sheet``, ``page`` and ``times``, and a ``rate``: with that probability, drawn from the device's
seed, it is armed for each of the first ``sheets`` sheets of a job.
"""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

from device_protocol import Code, DeviceError, Fault, FaultKind
from device_protocol.aio import ManualClock
from device_protocol.control import ACTIONS
from simulators.faults import FEEDING, MAX_ARMED, read_fault, read_fault_keys
from simulators.fields import Table
from simulators.machine import Machine
from simulators.panel import Panel
from simulators.profile import Profile
from simulators.spec import DeviceSpec, Scenario, Timed
from simulators.toml_files import load_toml

DEFAULT_SHEETS = 100


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
    table.has("schema")
    table.text("description", "", limit=2000)
    faults = []
    for entry in table.tables("fault", most=MAX_ARMED):
        fault = read_fault(entry)
        _check_kind(entry, fault, profile)
        faults.append(fault)
    for index, entry in enumerate(table.tables("random", most=100)):
        faults += _random(entry, profile, random.Random(f"{seed}/{index}"))  # noqa: S311  # reproducible, not secret
    if len(faults) > MAX_ARMED:
        raise table.error("random", f"makes more than {MAX_ARMED} faults with this seed")
    timed = tuple(_timed(entry, profile) for entry in table.tables("at", most=MAX_ARMED))
    table.done()
    return Scenario(tuple(faults), timed)


def _check_kind(entry: Table, fault: Fault, profile: Profile) -> None:
    if fault.kind in FEEDING and profile.feeder is None:
        raise entry.error("kind", f"cannot be {fault.kind.value}: the {profile.model} has no feeder")
    if fault.kind is FaultKind.COVER_OPEN and not profile.cover:
        raise entry.error("kind", f"cannot be {fault.kind.value}: the {profile.model} has no cover")


def _random(entry: Table, profile: Profile, dice: random.Random) -> list[Fault]:
    rate = entry.number("rate", low=0, high=1)
    sheets = entry.integer("sheets", DEFAULT_SHEETS, low=1, high=10_000)
    for key in ("sheet", "page", "times"):
        if entry.has(key):
            raise entry.error(key, "is drawn by lot here; say rate and sheets")
    fault = read_fault_keys(entry)
    _check_kind(entry, fault, profile)
    entry.done()
    return [replace(fault, sheet=sheet) for sheet in range(1, sheets + 1) if dice.random() < rate]


def _timed(entry: Table, profile: Profile) -> Timed:
    timed = Timed(
        seconds=entry.number("seconds", low=0, high=86_400),
        action=entry.choice("action", ACTIONS),
        arguments=entry.table("arguments", {}).plain(),
    )
    entry.done()
    trial = Machine(DeviceSpec("trial", profile, batches=()), ManualClock(), _never)
    try:
        Panel(trial).perform(timed.action, timed.arguments)
    except DeviceError as error:
        key = "action" if error.code is Code.UNSUPPORTED else "arguments"
        raise entry.error(key, f"would be refused: {error.message}") from None
    return timed


def _never(*task: object) -> None:
    """What a machine on trial wants to do later is not done."""
