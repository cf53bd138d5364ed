"""sane-airscan over our virtual eSCL scanner, by its C interface: what is known of it is found by its ids, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.verdicts import Exit, Verdict
from tests.parts import need
from tests.real.escl.airscan import CONFIG, private
from tests.real.escl.doors import door, flatbed
from tests.real.sane_raw.judging import alarms, judged

pytestmark = [pytest.mark.real, pytest.mark.slow]

DEVICE = "airscan:e0:it"
RACES = ("SANE-61",)
"""Whether a cancel comes before the image has been received differs from run to run."""
KNOWN = {f"SANE-{number:02}" for number in (5, 23, 26, 28, 34, 35, 37, 39, 42, 47, 60, 62)}


async def test_what_is_known_is_found_and_nothing_else(tmp_path: Path) -> None:
    """The errors that SANE's own tester finds (sane-escl 1.5: auto, switches) are among them; a flatbed of ours hides none of it."""
    need("airscan-discover", "sane-airscan")
    async with door(tmp_path, flatbed()) as opened:
        (url,) = opened.urls().values()
        config = CONFIG.format(name="it", url=url, trace=tmp_path / "trace")
        private(tmp_path / "sane.d", "airscan", {"airscan.conf": config})
        result = await judged(DEVICE, tmp_path / "sane.d", skip=RACES, baselines=True)
    assert result.exit is Exit.CLEAN, alarms(result)
    assert {item.id for item in result.judgements if item.verdict is Verdict.KNOWN} == KNOWN
    assert sum(item.verdict is Verdict.PASS for item in result.judgements) >= 50
