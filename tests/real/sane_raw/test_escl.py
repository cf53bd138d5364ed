"""SANE's own escl back end over our virtual scanner, by its C interface: what is known of it is found by its ids, and nothing else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from conformance.runner.baselines import load_baseline
from conformance.verdicts import Exit, Verdict
from simulators.fixture_files import fixture
from tests.real.escl.airscan import private
from tests.real.escl.doors import door, feeder
from tests.real.sane_raw.judging import alarms, judged

pytestmark = [pytest.mark.real, pytest.mark.slow]

ALL = bool(os.environ.get("FLATBED_ALL_CHECKS"))
CHANCES = ("SANE-22", "SANE-61", "SANE-68")
"""Uninitialised memory, a race, and what needs the mode that it refuses."""
QUICK = ("SANE-03", "SANE-15", "SANE-34", "SANE-37", "SANE-42", "SANE-46")


async def test_what_is_known_is_found_and_nothing_else(tmp_path: Path) -> None:
    """A crash and fourteen others; with FLATBED_ALL_CHECKS all of them, else those that need no scan."""
    async with door(tmp_path, feeder("it", "office-combi")) as opened:
        private(tmp_path / "sane.d", "escl", {"escl.conf": f'device {opened.url} "It" 0\n'})
        only = None if ALL else QUICK
        result = await judged(
            f"escl:{opened.url}", tmp_path / "sane.d", only, skip=CHANCES if ALL else (), baselines=True
        )
    assert result.exit is Exit.CLEAN, alarms(result)
    known = {entry.requirement for entry in load_baseline(fixture("baselines/sane-escl-raw.toml")).entries}
    judged_ids = {item.id for item in result.judgements}
    assert {item.id for item in result.judgements if item.verdict is Verdict.KNOWN} == known & judged_ids
