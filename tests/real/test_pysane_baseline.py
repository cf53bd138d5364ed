"""python-sane is judged: the suite finds its known defects by itself, all of them, and nothing else.

In `make test` the requirements on options, pages and errors; with FLATBED_ALL_CHECKS (`make others`) all of them. No generated programs:
how many fit into their time differs, and what they meet of a known defect has the name of another requirement.
"""

from __future__ import annotations

import importlib.util
import os

import pytest

from conformance.runner.baselines import load_baseline
from conformance.runner.check import check_device
from conformance.runner.options import CheckOptions
from conformance.runner.targets import make_target
from conformance.verdicts import Exit, Verdict
from simulators.fixture_files import fixture

pytestmark = [pytest.mark.real, pytest.mark.slow]

ALL = bool(os.environ.get("FLATBED_ALL_CHECKS"))
QUICK = ("CAPS-04", "CAPS-08", "SCAN-0[589]", "DATA-*", "ERR-01", "CANC-02", "PAGE-01")


def test_the_suite_finds_what_is_known_and_nothing_else() -> None:
    """Found set and baseline are the same: nothing new, nothing stale."""
    if importlib.util.find_spec("_sane") is None:
        pytest.fail("python-sane is missing: `sh installers/system-packages.sh` as root, then `make` compiles it.")
    options = CheckOptions(only=None if ALL else QUICK, programs=0, baselines=fixture("baselines"))
    result = check_device(make_target("pysane:test:0"), options)
    found = {item.id: item.evidence for item in result.judgements if item.verdict is Verdict.KNOWN}
    odd = {item.id: (item.verdict, item.evidence) for item in result.judgements if item.verdict.broken}
    assert odd == {}
    assert result.exit is Exit.CLEAN
    known = {entry.requirement for entry in load_baseline(fixture("baselines/pysane-2.9.2.toml")).entries}
    judged = {item.id for item in result.judgements}
    assert found.keys() == known & judged
    assert ALL is (known <= judged)
