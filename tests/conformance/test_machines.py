"""The suite and the shipped machines: those that keep the contract pass, those with a defect fail by the requirement that it breaks."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conformance import Verdict, judge
from conformance.bench import OpenBackend
from conformance.checks import CHECKS
from conformance.runner.facts import Unreachable
from conformance.verdicts import Judgement
from device_host import open_backend
from device_protocol.testing import run
from simulators.fixture_files import fixture, fixture_names
from simulators.profile import Profile, load_profile
from simulators.profiles.defects import KEYS, Defects
from simulators.profiles.model import Defaults, Rounding
from tests.conformance.test_no_false_alarm import loud

MACHINES: dict[str, Profile] = {
    name: load_profile(fixture(f"profiles/{name}.toml")) for name in fixture_names("profiles")
}
ALIKE = [name for name in MACHINES if name.startswith("network-")]
"""They differ in what they say on the network only; one of them stands for all."""

LAWFUL = [name for name, machine in MACHINES.items() if machine.lawful and name not in ALIKE[1:]]
ALL_CHECKS = bool(os.environ.get("FLATBED_ALL_CHECKS"))
"""Whether machines are judged by everything (`make test-full`), and not by the families in which their traits show."""

TWO = """\
schema = 1
time = "instant"

[[device]]
id = "machine"
profile = "{name}"
sheets = 5

[[device]]
id = "second"
profile = "{name}"
sheets = 5
"""


def opens(name: str, folder: Path) -> OpenBackend:
    """Opens a lab with two machines of a profile."""
    file = folder / "devices.toml"
    file.write_text(TWO.format(name=name))
    return lambda: open_backend("virtual", {"devices_file": str(file)})


def verdicts(name: str, folder: Path, only: set[str] | None) -> dict[str, Judgement]:
    """What the suite says of a machine."""
    return run(lambda: judge(opens(name, folder), "machine", only))


def broken_by(machine: Profile) -> set[str]:
    """The requirements that a machine fails by its defects, as the table of defects has it."""
    standard = Defects()
    keys = [key for key in KEYS if getattr(machine.defects, key.name) != getattr(standard, key.name)]
    return {requirement for key in keys for requirement in key.breaks}


BROKEN = {name: ids for name, machine in MACHINES.items() if (ids := broken_by(machine))}


LAYOUT = {"DATA-01", "DATA-04", "DATA-05", "DATA-06", "DATA-07", "DATA-08", "DATA-09"}
"""How bytes lie: padding, depth, order, height, passes."""


def families(machine: Profile) -> set[str] | None:
    """The requirements and families of them in which the traits of *machine* show; None: all."""
    if ALL_CHECKS:
        return None
    traits, found = machine.traits, {"CAPS", "SCAN"}
    deep = any(16 in mode.depths for source in machine.sources for mode in source.modes)
    unknown = any(source.unknown_height for source in machine.sources)
    if traits.row_padding or traits.read_limit or traits.three_pass or deep or unknown:
        found |= LAYOUT
    if machine.rounding != Rounding() or machine.defaults != Defaults() or traits.vanishing_options:
        found.add("SET")
    if machine.feeder is not None and not machine.flatbed:
        found.add("PAGE")
    return found


@pytest.mark.slow
@pytest.mark.parametrize("name", LAWFUL)
def test_lawful_machines_raise_no_alarm(name: str, tmp_path: Path) -> None:
    """However odd it is, a machine that keeps the contract fails nothing."""
    assert loud(verdicts(name, tmp_path, families(MACHINES[name])), Verdict.NEEDS_OPERATOR) == {}


@pytest.mark.parametrize("name", ALIKE[1:])
def test_machines_that_are_alike(name: str) -> None:
    """What is judged for one of the network machines holds for the others: nothing but their names differs."""

    def nameless(machine: Profile) -> dict[str, object]:
        return {key: value for key, value in machine.data.items() if key not in {"model", "description", "escl"}}

    assert nameless(MACHINES[name]) == nameless(MACHINES[ALIKE[0]])


@pytest.mark.slow
@pytest.mark.parametrize("name", BROKEN)
def test_defects_are_found(name: str, tmp_path: Path) -> None:
    """Each requirement that stands beside a defect fails, and not for another reason than the defect."""
    judged = verdicts(name, tmp_path, BROKEN[name])
    assert {item: judged[item].verdict for item in BROKEN[name]} == dict.fromkeys(BROKEN[name], Verdict.FAIL)


def test_nobody_can_open_an_offline_machine(tmp_path: Path) -> None:
    """A device that is listed and does not open is unreachable (exit status 4), and not failed."""
    with pytest.raises(Unreachable, match="does not answer"):
        verdicts("offline-but-listed", tmp_path, {"LIFE-01"})


@pytest.mark.slow
def test_an_endless_flatbed_is_judged_to_the_end(tmp_path: Path) -> None:
    """A scan that never ends keeps no check for ever."""
    judged = verdicts("endless-flatbed", tmp_path, {"CANC-05"})
    assert judged["CANC-05"].verdict is Verdict.PASS


def test_a_driver_that_dies_fails(tmp_path: Path) -> None:
    """A machine that takes its driver down at each start has no scan that works, and the suite says so and goes on."""
    judged = verdicts("crashes-at-start", tmp_path, {"CAPS-14", "CAPS-02"})
    assert judged["CAPS-14"].verdict is Verdict.FAIL
    assert judged["CAPS-02"].verdict is Verdict.PASS


def test_the_table_of_defects_names_checks() -> None:
    """Every requirement beside a defect has a check, and every defect of the table is in a shipped machine."""
    assert {requirement for key in KEYS for requirement in key.breaks} <= set(CHECKS)
    standard = Defects()
    for key in KEYS:
        assert any(getattr(m.defects, key.name) != getattr(standard, key.name) for m in MACHINES.values()), key.name
