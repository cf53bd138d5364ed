"""Removing any one check leaves a defect alive."""

from __future__ import annotations

import pytest

from conformance.checks import CHECKS
from conformance.requirements import REQUIREMENTS
from conformance.selftest.defects import DEFECTS
from conformance.selftest.judge import check_defect
from conformance.verdicts import Verdict


@pytest.mark.parametrize("requirement", REQUIREMENTS)
def test_without_its_check_a_defect_lives(requirement: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the check gone nothing gives the verdict by which its defects must die: no other check speaks in its name."""
    monkeypatch.delitem(CHECKS, requirement)
    (first, *_) = [item for item in DEFECTS if item.requirement == requirement]
    verdict, _ = check_defect(first)
    assert verdict is Verdict.NOT_CHECKED


def test_no_two_checks_are_one() -> None:
    """Each requirement has a check function of its own, so that removing one removes it from one requirement only."""
    functions = [check.run for check in CHECKS.values()]
    assert len(set(functions)) == len(functions) == len(REQUIREMENTS)
