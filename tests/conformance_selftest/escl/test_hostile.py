"""Peers that mean harm are verdicts, in bounded time and memory."""

from __future__ import annotations

import os
import time
import tracemalloc

import pytest

from conformance.selftest.escl.hostile import HOSTILE, Hostile
from conformance.selftest.escl.judge import every_id, judged
from conformance.verdicts import Verdict

FEW = ("WIRE-01", "ESCL-01", "ESCL-02", "ESCL-25")
HEAVY = {"endless job", "endless page"}
"""Scanners of which only one thing is bad; all else is as in the legal one."""

MEGABYTES = 400
"""One page may have 128 MiB, and there are two copies while it is put together; documents of 16 connections at once 64 MiB."""

SECONDS = 120.0
"""Real time, on a machine that has other things to do; they take one or two."""


@pytest.mark.parametrize("hostile", HOSTILE, ids=[item.name for item in HOSTILE])
def test_it_is_a_verdict(hostile: Hostile) -> None:
    """It fails by what it does; no check crashes, hangs or fills the memory, and none passes for want of an answer to look at."""
    ids = {hostile.requirement, *(() if hostile.name in HEAVY else FEW)}
    if os.environ.get("FLATBED_ALL_CHECKS"):
        ids = set(every_id())
    began = time.monotonic()
    tracemalloc.start()
    try:
        found = judged(hostile.build, ids)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert set(found) == ids
    assert found[hostile.requirement].verdict is Verdict.FAIL, found[hostile.requirement]
    assert [item for item in found.values() if item.verdict is Verdict.HARNESS_ERROR] == []
    assert peak < MEGABYTES << 20
    assert time.monotonic() - began < SECONDS * (5 if os.environ.get("FLATBED_ALL_CHECKS") else 1)
