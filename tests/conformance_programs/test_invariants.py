"""The invariants: a table in which each row bites, alone."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from conformance.programs import Searched, Style, search
from conformance.programs.invariants import INVARIANTS, Invariant
from conformance.requirements import REQUIREMENTS, Status
from conformance.selftest import SCANNER
from conformance.selftest.defects.sequences import SEEDED, Seeded
from conformance.selftest.judge import differs
from device_protocol.testing import Jumper, run

MOST = 200
"""So many programs have to find each seeded machine."""

LEAST = 30
"""So many, or twice as many as it took, must not find it without its invariant."""

each = pytest.mark.parametrize("seeded", SEEDED, ids=lambda seeded: seeded.invariant)


def hunt(seeded: Seeded, invariants: Iterable[Invariant], count: int = MOST) -> Searched:
    """Programs of one caller on a seeded machine, judged by the model and these invariants."""
    rows = tuple(invariants)
    return run(
        lambda: search(
            seeded.defect.build, SCANNER, count=count, time_budget=60, invariants=rows, style=Style(races=0)
        ),
        clock=Jumper(),
    )


@each
def test_machine_is_a_defect(seeded: Seeded) -> None:
    """The seeded machine shows something else than the legal one it was made from."""
    assert differs(seeded.defect)


@each
def test_invariant_bites_and_it_alone(seeded: Seeded) -> None:
    """Programs find the machine by its invariant, shortly; with that row taken out of the table nothing else sees it, and it survives."""
    searched = hunt(seeded, INVARIANTS)
    found = searched.found
    assert found is not None
    assert (found.failure.requirement, found.failure.phase) == (seeded.defect.requirement, seeded.invariant)
    assert len(found.program) <= 10
    count = max(LEAST, 2 * searched.programs)
    without = hunt(seeded, (row for row in INVARIANTS if row.name != seeded.invariant), count)
    assert without.found is None
    assert without.programs == count


def test_every_invariant_has_its_machine() -> None:
    """No row without a machine that only it sees, and no machine without a row."""
    assert [row.name for row in INVARIANTS] == [seeded.invariant for seeded in SEEDED]


def test_rows_are_cited_and_guard_requirements() -> None:
    """Each row has a name of its own, a text, a clause, and names requirements that are active."""
    assert len(INVARIANTS) >= 10
    assert len({row.name for row in INVARIANTS}) == len(INVARIANTS)
    for row in INVARIANTS:
        assert row.text.endswith(".")
        assert row.clause
        for name in (row.requirement, *row.others):
            assert REQUIREMENTS[name].status is Status.ACTIVE


def test_blame_is_declared() -> None:
    """A row names no requirement but those that it declares."""
    rows = {row.name: {row.requirement, *row.others} for row in INVARIANTS}
    assert all(seeded.defect.requirement in rows[seeded.invariant] for seeded in SEEDED)
