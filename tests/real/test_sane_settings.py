"""SANE's `test` at all its settings, through our driver: each fault on purpose is seen by the requirement that it breaks, and nothing legal is.

In `make test` a few of each; with FLATBED_ALL_CHECKS (`make others`) all, and all pairs of the legal ones.
"""

from __future__ import annotations

import os
import tomllib
from itertools import combinations, product
from typing import Any

import pytest

from conformance.requirements import REQUIREMENTS
from conformance.runner.check import check_device
from conformance.runner.options import CheckOptions
from conformance.runner.targets import make_target
from conformance.verdicts import Verdict
from device_drivers.sane.labconfig import SWITCHES
from simulators.fixture_files import fixture
from tests.real.pairwise import pairwise

pytestmark = [pytest.mark.real, pytest.mark.slow]

ALL = bool(os.environ.get("FLATBED_ALL_CHECKS"))
DATA = tomllib.loads(fixture("sane-test-settings.toml").read_text())
SETTINGS: list[dict[str, Any]] = DATA["setting"]
FAULTS = [setting for setting in SETTINGS if "breaks" in setting]
LEGAL = [setting["switches"] for setting in SETTINGS if "breaks" not in setting]
TOGETHER = pairwise(DATA["together"])

PAGES = ("CAPS-14", "DATA-*", "SCAN-0[1-9]", "PAGE-*", "CANC-0[1-7]", "ERR-01", "STAT-*")
QUICK = ("DATA-04", "DATA-06", "SCAN-09")
EVERY_DAY_FAULTS = ("hand-scanner", "invert-endianess", "SANE_STATUS_JAMMED", "SANE_STATUS_EOF")


def broken(switches: dict[str, Any], only: tuple[str, ...]) -> dict[str, str]:
    """The requirements that are broken beyond the baseline, with evidence."""
    options = CheckOptions(only=only, programs=0, baselines=fixture("baselines"))
    result = check_device(make_target("sanelab:test:0", config={"switches": switches}), options)
    bad = {Verdict.FAIL, Verdict.WARN, Verdict.UNTESTABLE, Verdict.HARNESS_ERROR}
    return {item.id: item.evidence for item in result.judgements if item.verdict in bad}


def words(switches: dict[str, Any]) -> str:
    """A name for a case."""
    return " ".join(f"{name}={value}" for name, value in switches.items())


@pytest.mark.parametrize(
    "setting",
    [item for item in FAULTS if ALL or any(word in words(item["switches"]) for word in EVERY_DAY_FAULTS)],
    ids=lambda item: words(item["switches"]),
)
def test_a_fault_is_seen(setting: dict[str, Any]) -> None:
    """By each requirement that the data name."""
    found = broken(setting["switches"], tuple(setting["breaks"]))
    assert found.keys() == set(setting["breaks"]), found


@pytest.mark.parametrize("switches", LEGAL if ALL else LEGAL[1:2], ids=words)
def test_a_legal_setting_raises_no_alarm(switches: dict[str, Any]) -> None:
    """In every mode and depth."""
    assert broken(switches, PAGES if ALL else QUICK) == {}


@pytest.mark.parametrize("switches", TOGETHER if ALL else TOGETHER[-1:], ids=words)
def test_legal_settings_together_raise_no_alarm(switches: dict[str, Any]) -> None:
    """Each value of each option with each of each other."""
    assert broken(switches, (*QUICK, "CAPS-14", "DATA-02", "CANC-03") if ALL else QUICK) == {}


def test_the_table_meets_all_pairs() -> None:
    """And is far smaller than all combinations."""
    factors: dict[str, list[Any]] = DATA["together"]
    for (one, firsts), (other, seconds) in combinations(factors.items(), 2):
        met = {(repr(row[one]), repr(row[other])) for row in TOGETHER}
        assert met == {(repr(first), repr(second)) for first, second in product(firsts, seconds)}
    assert len(TOGETHER) < 30


def test_the_data_are_whole() -> None:
    """Each switch of the lab is in the table, each requirement exists, and each row says why."""
    named = {name for setting in SETTINGS for name in setting["switches"]}
    assert named | set(DATA["together"]) == set(SWITCHES)
    assert all(setting["why"] for setting in SETTINGS)
    assert {name for setting in FAULTS for name in setting["breaks"]} <= REQUIREMENTS.keys()
