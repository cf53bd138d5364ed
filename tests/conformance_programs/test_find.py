"""Random programs find defects, give short reproducers, and leave legal devices in peace."""

from __future__ import annotations

import functools

import pytest

from conformance.bench import OpenBackend
from conformance.programs import Found, Style, execute, find_failure, search
from conformance.programs.find import one
from conformance.selftest import LEGAL, SCANNER
from conformance.selftest.defects import DEFECTS
from conformance.selftest.family import FAMILY
from device_protocol.testing import Jumper, run

KILLED = {
    "steals-session": "LIFE-02",
    "close-keeps-device": "LIFE-03 LIFE-08 CANC-08",
    "second-close": "LIFE-05",
    "policy-lies": "LIFE-10",
    "hidden-toggle": "CAPS-11",
    "inactive-answers": "CAPS-11",
    "off-by-one": "SET-01 SET-08",
    "silent-rounding": "SET-02",
    "nameless-refusal": "SET-04",
    "silent-change": "SET-06 SET-08",
    "silent-params": "SET-07",
    "applied-mid-page": "SET-09",
    "half-applied": "SET-11",
    "restarts": "SCAN-01",
    "empty-is-io-error": "SCAN-02",
    "endless-flatbed": "SCAN-06",
    "one-byte-more": "DATA-01",
    "second-end": "DATA-03",
    "row-short": "DATA-04",
    "numbers-from-zero": "PAGE-01",
    "jam-at-end": "PAGE-02",
    "always-empty": "PAGE-07",
    "bytes-after-cancel": "CANC-02",
    "stuck-busy": "CANC-03",
    "never-completes": "CANC-04",
}
"""Defects that die by programs alone, and the requirement that the model names: which of several depends on what is done first."""


@functools.cache
def build(name: str) -> OpenBackend:
    """A defect of the zoo."""
    return next(item.build for item in DEFECTS if item.name == name)


def hunt(opens: OpenBackend, seed: int = 0, count: int = 60) -> Found | None:
    """What programs find, on a virtual clock."""
    return run(lambda: find_failure(opens, SCANNER, seed=seed, count=count, time_budget=30), clock=Jumper())


@pytest.mark.parametrize("name", KILLED)
def test_programs_kill(name: str) -> None:
    """At most 500 programs find the defect; the reproducer has at most ten commands and fails again on its own, as a stranger's would."""
    found = hunt(build(name), count=500)
    assert found is not None
    assert found.repeatable
    assert found.failure.requirement in KILLED[name].split()
    assert len(found.program) <= 10
    again = run(lambda: execute(found.program, build(name), SCANNER, seed=found.seed), clock=Jumper())
    assert again is not None
    assert again.signature == found.failure.signature
    assert run(lambda: execute(found.program, LEGAL, SCANNER), clock=Jumper()) is None


def test_reproducers_are_minimal() -> None:
    """No single command of a reproducer can be left out."""
    found = hunt(build("stuck-busy"))
    assert found is not None
    for index in range(len(found.program)):
        shorter = found.program[:index] + found.program[index + 1 :]
        again = run(lambda shorter=shorter: execute(shorter, build("stuck-busy"), SCANNER), clock=Jumper())  # type: ignore[misc]  # a default binds it
        assert again is None or again.signature != found.failure.signature


def test_same_seed_same_result() -> None:
    """Two searches with one seed find the same program."""
    assert hunt(build("jam-at-end"), 5) == hunt(build("jam-at-end"), 5)


def test_same_seed_same_program() -> None:
    """A seed makes one program on one device, another seed another."""

    def make(seed: int) -> object:
        return run(lambda: one(LEGAL, SCANNER, seed), clock=Jumper())

    assert make(3) == make(3)
    assert make(3) != make(4)


def test_no_false_alarms_and_fast() -> None:
    """600 programs on the legal scanner agree with the model, within seconds."""
    searched = run(lambda: search(LEGAL, SCANNER, seed=100_000, count=600, time_budget=60), clock=Jumper())
    assert searched.found is None
    assert searched.programs == 600
    assert searched.commands > 6000


def test_time_budget_ends_a_search() -> None:
    """A search that has no time left runs nothing more."""
    searched = run(lambda: search(LEGAL, SCANNER, count=10_000, time_budget=0.0), clock=Jumper())
    assert searched.programs < 10_000
    assert searched.found is None


def test_known_requirements_are_excused() -> None:
    """With the broken requirement in the baseline a search goes on, in the same program too, and finds nothing else."""
    opens = build("second-close")
    searched = run(lambda: search(opens, SCANNER, count=80, known={"LIFE-05"}), clock=Jumper())
    assert searched.found is None
    assert searched.programs == 80


def test_skipped_failures_end_their_program_only() -> None:
    """A caller can skip failures by what they are."""
    opens = build("second-close")
    searched = run(lambda: search(opens, SCANNER, count=40, skip=lambda failure: True), clock=Jumper())
    assert (searched.programs, searched.found) == (40, None)


def test_style_without_faults() -> None:
    """Programs for a device that nobody may hurt arm no faults and pull no plugs."""
    for seed in range(40):
        program, failure = run(
            lambda seed=seed: one(LEGAL, SCANNER, seed, style=Style(faults=False)),  # type: ignore[misc]  # a default binds it
            clock=Jumper(),
        )
        assert failure is None
        assert {item.name for item in program if item.do == "control"} <= {"reset", "load", "unload", "press-button"}


def test_options_to_avoid() -> None:
    """Options that make a device misbehave on purpose are never set."""
    style = Style(avoid=frozenset({"lamp", "resolution"}))
    for seed in range(30):
        program, failure = run(lambda seed=seed: one(LEGAL, SCANNER, seed, style=style), clock=Jumper())  # type: ignore[misc]  # a default binds it
        assert failure is None
        assert not {"lamp", "resolution"} & {item.name for item in program if item.do == "set"}


@pytest.mark.parametrize("name", ["no-control", "feeder-only", "remembers-options", "slow"])
def test_other_devices(name: str) -> None:
    """Programs suit themselves to what a device has: no control, no flatbed, remembered options, slow paper."""
    assert hunt(FAMILY[name], 900, 25) is None
