"""Legal but odd services: no false alarm."""

from __future__ import annotations

import pytest

from conformance import Level
from conformance.requirements import Subject, of
from conformance.selftest.services import FAMILY
from conformance.selftest.services.judge import alarms, judgements


@pytest.mark.parametrize("name", FAMILY)
def test_nobody_complains_about_a_legal_service(name: str) -> None:
    """Neither failure nor warning where its oddity shows, but for warnings about what it leaves undone on purpose; `make services-zoo` checks everything."""
    legal = FAMILY[name]
    found = alarms(judgements(legal.build, legal.shows), legal)
    assert [f"{item.id} {item.verdict.value}: {item.evidence}" for item in found] == []


def test_what_is_left_undone_binds_nobody() -> None:
    """A legal service leaves no MUST undone, and each says in a sentence what is odd about it."""
    rows = of(Subject.SERVICE)
    assert all(rows[name].level is Level.SHOULD for legal in FAMILY.values() for name in legal.leaves)
    assert all(legal.what.endswith(".") and legal.shows for legal in FAMILY.values())
    assert len(FAMILY) >= 30
