"""What the suite says of one device of the zoo: by checks, by random programs, by the proof of a defect. ``matrix`` puts it together."""

from __future__ import annotations

from dataclasses import dataclass

from conformance import Verdict, run_checks
from conformance.bench import OpenBackend
from conformance.programs import Found, find_failure, observe
from conformance.selftest.defects import Defect
from conformance.selftest.profile import SCANNER
from device_protocol.testing import Jumper, run

ALARMS = frozenset({Verdict.FAIL, Verdict.WARN, Verdict.UNTESTABLE, Verdict.HARNESS_ERROR})
"""Verdicts that a legal device must never get."""

PROGRAMS = 60
"""Random programs for a defect: most that programs can kill die within the first twenty."""


@dataclass(frozen=True, slots=True)
class Alarm:
    """A legal device that the suite complains about."""

    device: str
    requirement: str
    verdict: str


def differs(defect: Defect) -> bool:
    """Whether the defect's proof shows something else on it than on the device it was made from."""
    return trace(defect.build, defect) != trace(defect.base, defect)


def trace(build: OpenBackend, defect: Defect) -> tuple[str, ...]:
    """What the proof of *defect* shows on *build*."""
    return run(lambda: observe(defect.proof, build, SCANNER), clock=Jumper())


def check_base(defect: Defect) -> Verdict:
    """The verdict on the defect's requirement for the device that it was made from."""
    verdicts = run(lambda: run_checks(defect.base, SCANNER, [defect.requirement]), clock=Jumper())
    return verdicts[defect.requirement]


def check_defect(defect: Defect, *, everything: bool = False) -> tuple[Verdict, tuple[str, ...]]:
    """The verdict on the defect's own requirement; with *everything*, also which others broke."""
    only = None if everything else [defect.requirement]
    verdicts = run(lambda: run_checks(defect.build, SCANNER, only), clock=Jumper())
    broken = tuple(name for name, verdict in verdicts.items() if verdict in ALARMS and name != defect.requirement)
    return verdicts[defect.requirement], broken


def hunt(build: OpenBackend, *, seed: int = 0, count: int = PROGRAMS, time_budget: float = 20.0) -> Found | None:
    """What random programs find on a device."""
    return run(lambda: find_failure(build, SCANNER, seed=seed, count=count, time_budget=time_budget), clock=Jumper())


def alarms(name: str, build: OpenBackend, *, programs: int = 0) -> tuple[Alarm, ...]:
    """What the suite has to say against a legal device."""
    verdicts = run(lambda: run_checks(build, SCANNER), clock=Jumper())
    found = [Alarm(name, row, verdict.value) for row, verdict in verdicts.items() if verdict in ALARMS]
    if programs and (failure := hunt(build, count=programs)) is not None:
        found.append(Alarm(name, failure.failure.requirement, f"programs: {failure.failure}"))
    return tuple(found)
