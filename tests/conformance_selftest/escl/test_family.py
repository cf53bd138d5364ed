"""No false alarm: legal but odd eSCL scanners get no failure and no warning."""

from __future__ import annotations

import os

import pytest

from conformance.selftest.escl.family import FAMILY, Oddity
from conformance.selftest.escl.judge import every_id, judged
from conformance.verdicts import Verdict

SHARE = 6
"""Each scanner is judged by every sixth requirement, another sixth for its neighbour; by all of them with FLATBED_ALL_CHECKS (`make scanners`)."""

QUIET = {Verdict.PASS, Verdict.NOT_APPLICABLE}


@pytest.mark.parametrize("number", range(len(FAMILY)), ids=[item.name for item in FAMILY])
def test_no_alarm(number: int) -> None:
    """Not a failure, not a warning, nothing untestable, and the operator could do all that was asked of it."""
    oddity: Oddity = FAMILY[number]
    ids = every_id() if os.environ.get("FLATBED_ALL_CHECKS") else every_id()[number % SHARE :: SHARE]
    found = judged(oddity.build, ids)
    assert set(found) == set(ids)
    assert [(item.id, item.verdict, item.evidence) for item in found.values() if item.verdict not in QUIET] == []
    assert [item for item in found.values() if item.verdict is Verdict.PASS]


def test_the_family_is_large_enough() -> None:
    """Each with a name and a sentence of its own."""
    assert len({item.name for item in FAMILY}) == len({item.what for item in FAMILY}) == len(FAMILY) >= 30
