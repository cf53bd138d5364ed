"""The suite is silent about devices that are legal, however odd."""

from __future__ import annotations

import os

import pytest

from conformance.selftest.defects import DEFECTS
from conformance.selftest.family import EVERYBODY, FAMILY
from conformance.selftest.judge import Alarm, alarms
from conformance.selftest.matrix import judge_legal

SEEDS = int(os.environ.get("FLATBED_FAMILY_SEEDS", "5"))
"""Of the random programs; ``make family`` takes 100."""
PROGRAMS = 20
"""For each seed."""


@pytest.mark.parametrize("name", EVERYBODY)
def test_no_false_alarm(name: str) -> None:
    """Neither a check nor a generated program says anything against a legal device."""
    peace = judge_legal(name, SEEDS, PROGRAMS)
    assert peace.alarms == ()
    assert peace.passed >= (5 if name == "camera" else 60)
    assert (peace.programs, peace.commands > peace.programs) == (SEEDS * PROGRAMS, True)


def test_the_family_is_large_enough() -> None:
    """There are at least forty odd devices beside the plain one."""
    assert len(FAMILY) - 1 >= 40


def test_alarms_are_seen() -> None:
    """The judge does notice when the suite complains."""
    guilty = next(item for item in DEFECTS if item.name == "stores-anything")
    found = alarms("guilty", guilty.build)
    assert Alarm("guilty", "CAPS-08", "fail") in found
