"""Every seeded defect of a service is one: it shows, it has a name of its own, and a requirement names it."""

from __future__ import annotations

from collections import Counter

import pytest

from conformance.requirements import Subject, of
from conformance.selftest.services import DEFECTS, Defect
from conformance.selftest.services.proof import show

MAX_PROOF = 12
each = pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)


@each
def test_defect_shows(defect: Defect) -> None:
    """Its proof, a few requests, sees something else on it than on the legal service that it was made from: it is no equivalent."""
    assert show(defect.build, defect.proof) != show(defect.base, defect.proof)
    assert len(defect.proof) <= MAX_PROOF


def test_a_proof_sees_the_same_twice() -> None:
    """What a proof shows is no chance: not even with UIDs that are made by chance."""
    proof = next(defect.proof for defect in DEFECTS if defect.name == "pages-die-with-the-job")
    assert show(DEFECTS[0].base, proof) == show(DEFECTS[0].base, proof)


def test_names_are_unique() -> None:
    """A defect is called by its name in reports."""
    assert [name for name, count in Counter(item.name for item in DEFECTS).items() if count > 1] == []


def test_no_orphans() -> None:
    """Each name that a requirement on services alone lists is a defect that must die by it, and each defect is listed by its requirement.

    A requirement that eSCL scanners have to keep, too, lists the defects of both zoos; there is at least one of this zoo among them.
    """
    rows = of(Subject.SERVICE).values()
    mine = {(defect.requirement, defect.name) for defect in DEFECTS}
    listed = {(row.id, name) for row in rows for name in row.kills}
    shared = {row.id for row in rows if len(row.subjects) > 1}
    assert mine <= listed
    assert {pair for pair in listed - mine if pair[0] not in shared} == set()
    assert shared <= {requirement for requirement, _ in mine}
