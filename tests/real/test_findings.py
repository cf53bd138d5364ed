"""Each finding with a replay file fails again in the same way: the software still has the defect, and the file still shows it.

Those that take more than a few seconds are replayed by ``make findings``.
"""

from __future__ import annotations

import os

import pytest

from conformance.findings import Finding, load_findings
from conformance.runner.replay import replay_file
from simulators.fixture_files import fixture

pytestmark = [pytest.mark.real, pytest.mark.slow]

ALL = bool(os.environ.get("FLATBED_ALL_FINDINGS"))
REPLAYED = [finding for finding in load_findings(fixture("findings")) if finding.replay and (ALL or not finding.slow)]


@pytest.mark.parametrize("finding", REPLAYED, ids=lambda finding: finding.id)
def test_it_is_still_there(finding: Finding) -> None:
    """``flatbed replay`` finds the same failure of the same requirement."""
    replayed = replay_file(fixture(f"findings/{finding.replay}"))
    assert replayed.judgement.id == finding.requirement
    assert replayed.same, f"{replayed.judgement.evidence} ({replayed.signature})"
