"""The suite on real parts: SANE's test back end in a worker, and the virtual feeder in one."""

from __future__ import annotations

import pytest

from conformance import Exit, Verdict
from conformance.runner.check import check_device
from conformance.runner.options import CheckOptions
from conformance.runner.targets import make_target
from simulators.fixture_files import fixture

pytestmark = [pytest.mark.real, pytest.mark.slow]

ONLY = {"SET-05", "SCAN-05", "SCAN-09", "DATA-04", "DATA-09"}


def test_sane_with_and_without_its_baseline() -> None:
    """A real defect of SANE's test back end is known with the shipped baseline, and a failure without it; nothing else is."""
    target = make_target("sanelab:test:0")
    known = check_device(target, CheckOptions(only=ONLY, baselines=fixture("baselines"), replay_dir=None))
    verdicts = {item.id: item.verdict for item in known.judgements}
    assert verdicts == dict.fromkeys(sorted(ONLY), Verdict.PASS) | {"SCAN-05": Verdict.KNOWN}
    assert known.exit is Exit.CLEAN
    bare = check_device(target, CheckOptions(only={"SCAN-05"}, replay_dir=None))
    assert bare.exit is Exit.FAILURES
    assert "after one scan from the glass it gives 9" in bare.judgements[0].evidence


def test_hosted_gives_the_same_verdicts() -> None:
    """Where a driver runs changes no verdict, whichever of the requirements it is about (design 3)."""
    verdicts = [
        {item.id: item.verdict for item in check_device(target, CheckOptions(programs=0, replay_dir=None)).judgements}
        for target in (make_target("virtual:feeder"), make_target("virtual:feeder", hosted=True))
    ]
    assert verdicts[0] == verdicts[1]
    assert set(verdicts[0].values()) == {Verdict.PASS, Verdict.NOT_APPLICABLE}
