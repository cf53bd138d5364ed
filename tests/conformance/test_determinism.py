"""Runs with one seed are identical: every event but its times, over processes whose hashes differ."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

RUNS = int(os.environ.get("FLATBED_SAME_RUNS", "5"))
"""``make same-runs`` makes 50, of everything."""
ONLY = [] if RUNS > 5 else ["DISC", "LIFE-01", "SET-0", "SCAN-05", "DATA-02", "PAGE-01", "STAT"]
ROOT = Path(__file__).parents[2]


def events(hash_seed: int, seed: int = 3) -> list[str]:
    """The events of a run in a process of its own."""
    done = subprocess.run(  # our own interpreter
        [sys.executable, "-m", "tests.conformance.one_run", str(seed), *ONLY],
        cwd=ROOT,
        env={**os.environ, "PYTHONHASHSEED": str(hash_seed)},
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
    )
    return done.stdout.splitlines()


@pytest.mark.slow
def test_runs_with_one_seed_are_identical() -> None:
    """Word by word, a failure and what random programs find included; another seed gives another run."""
    first = events(0)
    assert len(first) > 200
    assert any("SET-01" in line and "fail" in line for line in first if line.startswith("CheckFinished"))
    for number in range(1, RUNS):
        again = events(number)
        different = [pair for pair in zip(first, again, strict=False) if pair[0] != pair[1]]
        assert (different[:1], len(again)) == ([], len(first))
    assert events(0, seed=4) != first
