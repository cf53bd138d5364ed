"""The suite is silent about devices that are legal, however odd."""

from __future__ import annotations

import pytest

from conformance.selftest.family import EVERYBODY, FAMILY
from conformance.selftest.judge import Alarm, alarms

PROGRAMS = 10
"""Random programs for each device here; ``make test-full`` runs 600."""


@pytest.mark.parametrize("name", EVERYBODY)
def test_no_false_alarm(name: str) -> None:
    """Neither a check nor a generated program says anything against a legal device."""
    assert alarms(name, EVERYBODY[name], programs=PROGRAMS) == ()


def test_the_family_is_large_enough() -> None:
    """The acceptance list asks for eight odd devices."""
    assert len(FAMILY) - 1 >= 8


def test_alarms_are_seen() -> None:
    """The judge does notice when the suite complains."""
    from conformance.selftest.defects import DEFECTS  # noqa: PLC0415  # only here

    guilty = next(item for item in DEFECTS if item.name == "stores-anything")
    found = alarms("guilty", guilty.build)
    assert Alarm("guilty", "CAPS-08", "fail") in found
