"""sane-airscan over a virtual scanner as a device: every requirement, and what the driver gets wrong is its baseline.

In `make test` the requirements on pages and cancellation; with FLATBED_ALL_CHECKS (`make others`) all of them, on two machines. No generated
programs: how many fit into their time differs, and what they meet of a known defect has the name of another requirement.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conformance.runner.baselines import load_baseline
from conformance.runner.check import judge_device
from conformance.runner.options import CheckOptions
from conformance.runner.targets import make_target
from conformance.verdicts import Exit, Verdict
from simulators.fixture_files import fixture
from tests.parts import need
from tests.real.escl.airscan import CONFIG, private
from tests.real.escl.doors import door, feeder, flatbed

pytestmark = [pytest.mark.real, pytest.mark.slow]

ALL = bool(os.environ.get("FLATBED_ALL_CHECKS"))
QUICK = ("CANC-03", "CANC-07", "DATA-0[1-6]", "SCAN-0[89]", "PAGE-01")
MACHINES = {"combi": feeder("it", "office-combi"), "flatbed": flatbed("it")}


@pytest.mark.parametrize("machine", MACHINES if ALL else ["combi"])
async def test_the_suite_finds_what_is_known_and_nothing_else(
    machine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found set and baseline are the same: nothing new, nothing stale; pages and options of the virtual scanner come through."""
    need("airscan-discover", "sane-airscan")
    async with door(tmp_path, MACHINES[machine]) as opened:
        config = CONFIG.format(name="it", url=opened.urls()["it"], trace=tmp_path / "trace")
        environment = private(tmp_path / "sane.d", "airscan", {"airscan.conf": config})
        monkeypatch.setenv("SANE_CONFIG_DIR", environment["SANE_CONFIG_DIR"])
        options = CheckOptions(only=None if ALL else QUICK, programs=0, baselines=fixture("baselines"))
        result = await judge_device(make_target("sane:airscan:e0:it", config={"network": True}), options)
    odd = {item.id: (item.verdict, item.evidence) for item in result.judgements if item.verdict.broken}
    assert odd == {}
    assert result.exit is Exit.CLEAN
    known = {entry.requirement for entry in load_baseline(fixture("baselines/sane-airscan-0.99.27.toml")).entries}
    judged = {item.id for item in result.judgements}
    assert {item.id for item in result.judgements if item.verdict is Verdict.KNOWN} == known & judged
