"""The small back end in C: each defect dies by its own id, what is legal is left in peace, and no check could be taken away unnoticed."""

from __future__ import annotations

import re

import pytest

from conformance.requirements import Subject, of
from conformance.sane.registry import CHECKS, LEVELS
from conformance.selftest.c_backend import DEFECTS, FAMILY, Defect
from conformance.selftest.c_backend.build import SOURCE
from conformance.selftest.c_backend.family import HABITS
from conformance.selftest.c_backend.judge import ALARMS, differs, judgements, killed, sample, verdict
from conformance.verdicts import Verdict
from tests.parts import need

ROWS = of(Subject.SANE)


@pytest.fixture(autouse=True)
def _compiler() -> None:
    need("cc", "gcc libc6-dev")


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
async def test_a_defect_dies_by_its_own_id(defect: Defect) -> None:
    """The clean back end passes the requirement, the defective one breaks it, and calls without any check show the difference."""
    clean, broken = await verdict(defect)
    assert killed(defect, clean, broken), (clean, broken)
    assert broken.evidence
    assert broken.steps
    assert len(broken.steps) <= 20
    assert await differs(defect)


@pytest.mark.slow
@pytest.mark.parametrize("habits", FAMILY, ids=lambda habits: "+".join(habits) or "plain")
async def test_a_legal_back_end_is_left_in_peace(habits: tuple[str, ...]) -> None:
    """No failure and no warning, however odd it is."""
    found = await judgements(habits=habits)
    assert len(found) == len(ROWS)
    assert [(item.id, item.verdict.value, item.evidence) for item in found if item.verdict in ALARMS] == []
    assert sum(item.verdict is Verdict.PASS for item in found) >= len(ROWS) - 5


def test_requirements_checks_and_defects_have_no_orphans() -> None:
    """Each row has a check with a level and names exactly the defects that are there for it; each check's removal would leave one alive."""
    assert set(CHECKS) == set(ROWS) == set(LEVELS)
    for row in ROWS.values():
        assert set(row.kills) == {defect.name for defect in DEFECTS if defect.requirement == row.id}
        assert row.kills
        assert row.why
    assert len({defect.name for defect in DEFECTS}) == len(DEFECTS)


def test_the_source_has_exactly_the_defects_and_habits_of_the_tables() -> None:
    """A name that only one side knows would be a back end without its defect."""
    text = SOURCE.read_text()
    assert set(re.findall(r'bad\("([^"]+)"\)', text)) == {defect.name for defect in DEFECTS}
    assert set(re.findall(r'odd\("([^"]+)"\)', text)) == set(HABITS)
    assert {habit for habits in FAMILY for habit in habits} == set(HABITS)
    assert {habit for defect in DEFECTS for habit in defect.habits} <= set(HABITS)


def test_a_sample_is_shown_for_explain() -> None:
    """`flatbed explain` gets the verdict with its native calls."""
    shown = sample("bool-two")
    assert shown.id == "SANE-34"
    assert any("sane_control_option" in step for step in shown.steps)
