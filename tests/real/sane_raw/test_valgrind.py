"""The worker under valgrind: what that finds becomes a verdict, with its words."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from conformance.runner.suite import SuiteOptions, judge_suite
from conformance.sane.nest import WorkerSettings
from conformance.sane.suite import SaneSuite
from conformance.selftest.c_backend.build import FLAGS, HEADER, NAME, SOURCE
from conformance.verdicts import Verdict
from tests.parts import need

pytestmark = [pytest.mark.real, pytest.mark.slow]

WRAP = "valgrind -q --error-exitcode=9"
BEFORE, AFTER = "    inits++;\n", "    inits++;\n    ((volatile char *)malloc(4))[4] = 1;\n"
"""A byte behind memory that the back end has for itself: no guard word of ours can see it."""


def _careless(folder: Path) -> Path:
    """The back end of the zoo with that line."""
    text = SOURCE.read_text()
    assert text.count(BEFORE) == 1
    (folder / "zoo.c").write_text(text.replace(BEFORE, AFTER))
    (folder / "zoo.h").write_text(HEADER.read_text())
    made = folder / NAME
    words = [need("cc", "gcc libc6-dev"), *FLAGS, "-o", str(made), str(folder / "zoo.c"), "-lpthread"]
    subprocess.run(words, check=True)
    return made


async def test_a_write_behind_the_back_ends_own_memory_is_a_verdict(tmp_path: Path) -> None:
    """Every call is good, and the requirement fails all the same: valgrind's words name the line of C."""
    need("valgrind", "valgrind")
    suite = SaneSuite("zoo:0", WorkerSettings(str(_careless(tmp_path)), wrap=WRAP, deadline_scale=10.0))
    try:
        (judgement,) = (await judge_suite(suite, SuiteOptions(only=["SANE-02"], replay_dir=None))).judgements
    finally:
        suite.close()
    assert judgement.verdict is Verdict.FAIL
    assert judgement.signature == "SANE-02/wrap"
    assert "Invalid write of size 1" in judgement.evidence
    assert "sane_zoo_init (zoo.c:" in judgement.evidence
