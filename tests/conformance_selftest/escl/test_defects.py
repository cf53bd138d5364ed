"""Every seeded defect of an eSCL scanner is one, and dies by the requirement that names it."""

from __future__ import annotations

from collections import Counter

import pytest

from conformance.escl.checks import CHECKS
from conformance.requirements import Status, Subject, of
from conformance.selftest.escl import DEFECTS, LEGAL, Defect, judged, sample
from conformance.selftest.escl.judge import DEAD
from conformance.selftest.escl.proof import show
from conformance.verdicts import Verdict

MAX_PROOF = 8
ROWS = of(Subject.ESCL)
each = pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)


@each
def test_defect_shows(defect: Defect) -> None:
    """Its proof, a few requests, sees something else on it than on the legal scanner that it was made from: it is no equivalent."""
    assert show(defect.build, defect.proof) != show(defect.base, defect.proof)
    assert len(defect.proof) <= MAX_PROOF


@each
def test_defect_dies_by_its_requirement(defect: Defect) -> None:
    """By a verdict against the scanner, with evidence and steps; never by a crash of the check or by something that could not be tested."""
    judgement = judged(defect.build, [defect.requirement])[defect.requirement]
    assert judgement.verdict in DEAD, judgement
    assert judgement.evidence
    assert judgement.steps
    assert judgement.signature.startswith(f"{defect.requirement}/")


def test_names_are_unique() -> None:
    """A defect is called by its name in reports."""
    assert [name for name, count in Counter(item.name for item in DEFECTS).items() if count > 1] == []


def test_no_orphans() -> None:
    """Requirements, checks and defects name each other: none is there that nobody needs.

    A requirement that services have to keep, too, lists the defects of both zoos; there is at least one of this zoo among them.
    """
    active = {name for name, row in ROWS.items() if row.status is Status.ACTIVE}
    mine = {(defect.requirement, defect.name) for defect in DEFECTS}
    listed = {(row.id, name) for row in ROWS.values() for name in row.kills}
    shared = {row.id for row in ROWS.values() if len(row.subjects) > 1}
    assert active == set(ROWS) == set(CHECKS)
    assert mine <= listed
    assert {pair for pair in listed - mine if pair[0] not in shared} == set()


def test_removing_a_check_leaves_a_defect_alive() -> None:
    """Each check is the one by which some defect is declared to die, so that without it that defect would live."""
    declared = {defect.requirement for defect in DEFECTS}
    assert set(CHECKS) == declared


def test_each_requirement_says_whom_it_hurts() -> None:
    """A row without a reason is a rule for its own sake."""
    assert {name for name, row in ROWS.items() if not row.why} == set()
    assert len([name for name in ROWS if name.startswith("ESCL-")]) >= 30


def test_a_sample_is_the_verdict_on_a_defect() -> None:
    """What `flatbed explain` shows."""
    judgement = sample("jam-is-not-told")
    assert (judgement.id, judgement.verdict) == ("ESCL-59", Verdict.FAIL)
    assert any("operator.jam" in step or "operator.fault" in step for step in judgement.steps)


def test_verdicts_are_the_same_twice() -> None:
    """Same seed, same verdicts, evidence and steps."""
    ids = ["ESCL-12", "ESCL-32", "ESCL-59", "WIRE-02", "WIRE-16"]
    first, second = (judged(LEGAL, ids, seed=7) for _ in range(2))
    shown = [(item.id, item.verdict, item.evidence, item.steps) for item in first.values()]
    assert shown == [(item.id, item.verdict, item.evidence, item.steps) for item in second.values()]
