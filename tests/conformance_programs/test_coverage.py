"""Programs come to every cell of the state table that a program can come to, and the same seed makes the same run."""

from __future__ import annotations

import os

import pytest

from conformance.programs import trace
from conformance.programs.coverage import BEYOND, REACHABLE, Coverage, reachable
from conformance.programs.find import one
from conformance.selftest import LEGAL, SCANNER
from conformance.selftest.defects import DEFECTS
from conformance.selftest.programs import coverage, main, shrink_all, shrinking_table
from device_protocol.states import TABLE, BackendState, JobHandle, Verb
from device_protocol.testing import Jumper, run

RUNS = int(os.environ.get("FLATBED_PROGRAM_RUNS", "5"))
"""How often each program runs to show that it is the same; ``make test-full`` says 50."""

PROGRAMS = 500


def test_programs_come_to_every_cell_within_reach() -> None:
    """500 programs make every call in every state of its handle that there is, but for the cells that are out of reach by a stated reason."""
    covered = coverage(PROGRAMS)
    assert covered.programs == PROGRAMS
    assert covered.missing == frozenset()


def test_what_is_out_of_reach_has_a_reason() -> None:
    """Few cells are, and each by a rule that is written down."""
    every = {(name, verb, state) for name, row in TABLE.items() for verb, cells in row.items() for state in cells}
    beyond = every - REACHABLE
    assert len(beyond) == 13
    assert not reachable("Job", Verb.SETTLED, JobHandle.ARMED)
    assert not reachable("Backend", Verb.OPEN, BackendState.CLOSED)
    assert all(BEYOND.values())


def test_a_cell_that_was_missed_is_told() -> None:
    """The table names what was not come to, and how much of all."""
    covered = Coverage(1)
    assert covered.missing == REACHABLE
    assert f"0 of {len(REACHABLE)} cells within reach, in 1 programs" in covered.table()


@pytest.mark.parametrize("seed", range(3))
def test_one_seed_one_run(seed: int) -> None:
    """A program that is made and run again from its seed is the same, command by command, and so is everything that is seen on the way."""
    programs = [run(lambda: one(LEGAL, SCANNER, seed), clock=Jumper()) for _ in range(RUNS)]
    program, failure = programs[0]
    assert failure is None
    assert all(other == (program, None) for other in programs)

    def lines(number: int) -> tuple[str, ...]:
        return run(lambda: trace(program, LEGAL, SCANNER, seed=seed), clock=Jumper(), seed=number).lines

    assert len({lines(number) for number in range(RUNS)}) == 1


def test_shrinking_is_measured() -> None:
    """The table has a line for each defect that programs find, with its limits; one beyond them is told by the exit status."""
    chosen = [item for item in DEFECTS if item.name in {"second-close", "row-short"}]
    rows = shrink_all(60, chosen)
    text, kept = shrinking_table(rows)
    assert kept
    assert "second-close" in text
    assert "2 defects: at most" in text
    too_long = [type(row)(row.defect, row.found, row.programs, seconds=60.0) for row in rows]
    assert not shrinking_table(too_long)[1]


def test_the_command_prints_a_table() -> None:
    """``python -m conformance.selftest.programs coverage`` ends with 1 as long as cells are missing."""
    assert main(["coverage", "--count", "6"]) == 1
