"""The kill matrix: what the suite makes of each seeded defect, and of each legal device. Plain data, so that several processes can share the work."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from conformance import judge
from conformance.requirements import REQUIREMENTS
from conformance.selftest.defects import DEFECTS, Defect
from conformance.selftest.family import EVERYBODY
from conformance.selftest.judge import ALARMS, PROGRAMS, differs, hunt
from conformance.selftest.profile import SCANNER
from conformance.verdicts import Judgement, Verdict
from device_protocol.testing import Jumper, run

T = TypeVar("T")

SEED_STRIDE = 1000
"""Programs of one seed are made from it and the numbers after it."""


class Scope(StrEnum):
    """Which checks run on a defect."""

    OWN = "own"
    """That of the requirement it must die by."""
    BEFORE = "before"
    """That one and all before it in the plan: what a run has done when it comes to the defect."""
    ALL = "all"
    """All of them: the cross matrix."""


@dataclass(frozen=True, slots=True)
class Row:
    """A defect.

    Attributes:
        name, requirement, what: of the defect.
        base: the verdict on its requirement for the device that it was made from.
        verdict: the same for the defect.
        evidence: for that verdict.
        others: further requirements that broke, with all that were checked in *scope*.
        program: the shortest program that random ones were made to; None: none was found, or none was looked for.
        blames: the requirement that the program breaks.
        differs: whether its proof shows something else than on the device it was made from.
    """

    name: str
    requirement: str
    what: str
    base: str
    verdict: str
    evidence: str
    others: tuple[str, ...]
    program: tuple[str, ...] | None
    blames: str
    differs: bool

    @property
    def killed(self) -> bool:
        """Whether the check of its requirement passes on the original and breaks on the defect."""
        return self.base == Verdict.PASS.value and self.verdict in {Verdict.FAIL.value, Verdict.WARN.value}


@dataclass(frozen=True, slots=True)
class Peace:
    """A legal device.

    Attributes:
        name: of the device.
        passed, not_applicable: how many requirements, with the first seed.
        seeds, programs, commands: what was run.
        alarms: what the suite said against it.
    """

    name: str
    passed: int
    not_applicable: int
    seeds: int
    programs: int
    commands: int
    alarms: tuple[str, ...]


def scope_of(requirement: str, scope: Scope) -> list[str]:
    """The requirements that are checked to judge a defect that must die by *requirement*."""
    if scope is Scope.OWN:
        return [requirement]
    ids = list(REQUIREMENTS)
    return ids[: ids.index(requirement) + 1] if scope is Scope.BEFORE else ids


def judge_defect(name: str, scope: Scope, programs: int = 0) -> Row:
    """The row of the defect called *name*; with *programs*, also what random ones find."""
    defect = _named(name)
    judged = _judged(defect.build, scope_of(defect.requirement, scope))
    own = judged[defect.requirement]
    base = _judged(defect.base, [defect.requirement])[defect.requirement]
    others = tuple(key for key, item in judged.items() if item.verdict in ALARMS and key != defect.requirement)
    found = hunt(defect.build, count=programs) if programs else None
    return Row(
        name,
        defect.requirement,
        defect.what,
        base.verdict.value,
        own.verdict.value,
        own.evidence,
        others,
        None if found is None else tuple(str(command) for command in found.program),
        "" if found is None else found.failure.requirement,
        differs(defect),
    )


def judge_legal(name: str, seeds: int, programs: int) -> Peace:
    """What the suite says of the legal device called *name*: all checks once, and *programs* programs for each seed."""
    build = EVERYBODY[name]
    judged = _judged(build, None)
    alarms = [f"{key} {item.verdict.value}: {item.evidence}" for key, item in judged.items() if item.verdict in ALARMS]
    commands = 0
    for seed in range(seeds):
        found, ran = ran_programs(name, seed, programs)
        commands += ran
        alarms += [f"{found}"] if found else []
    count = [item.verdict for item in judged.values()].count
    return Peace(
        name,
        count(Verdict.PASS),
        count(Verdict.NOT_APPLICABLE),
        seeds,
        seeds * programs,
        commands,
        tuple(alarms),
    )


def ran_programs(name: str, seed: int, count: int) -> tuple[str, int]:
    """What *count* programs of a seed say against the legal device *name* (nothing, if all is well), and how many commands they had."""
    from conformance.programs import search  # noqa: PLC0415  # its siblings import this room

    searched = run(
        lambda: search(EVERYBODY[name], SCANNER, seed=seed * SEED_STRIDE, count=count, time_budget=600.0),
        clock=Jumper(),
    )
    if searched.found is None:
        return "", searched.commands
    return f"seed {searched.found.seed}: {searched.found.failure}", searched.commands


def shared(
    function: Callable[[str], T], names: Iterable[str], processes: int, say: Callable[[str], object] = lambda _: None
) -> list[T]:
    """*function* of each name, in their order, by several processes; *say* hears of each when it is done."""
    wanted = list(names)
    if processes <= 1 or len(wanted) < 2:
        return list(_counted(map(function, wanted), len(wanted), say))
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        return list(_counted(pool.imap(function, wanted, chunksize=1), len(wanted), say))


def _counted(results: Iterable[T], of: int, say: Callable[[str], object]) -> Iterator[T]:
    for number, result in enumerate(results, 1):
        say(f"{number} of {of}: {getattr(result, 'name', '')}")
        yield result


@dataclass(frozen=True, slots=True)
class DefectJudge:
    """:func:`judge_defect` with everything but the name settled, for another process."""

    scope: Scope
    programs: int = PROGRAMS

    def __call__(self, name: str) -> Row:
        """The row of a defect."""
        return judge_defect(name, self.scope, self.programs)


@dataclass(frozen=True, slots=True)
class LegalJudge:
    """:func:`judge_legal` with everything but the name settled, for another process."""

    seeds: int
    programs: int

    def __call__(self, name: str) -> Peace:
        """The line of a legal device."""
        return judge_legal(name, self.seeds, self.programs)


def lonely(rows: Sequence[Row]) -> dict[str, list[str]]:
    """For each requirement the defects that no other check kills: with its check gone they would live. From a cross matrix."""
    found: dict[str, list[str]] = {row: [] for row in REQUIREMENTS}
    for row in rows:
        if row.killed and not row.others:
            found[row.requirement].append(row.name)
    return found


def _named(name: str) -> Defect:
    return next(item for item in DEFECTS if item.name == name)


def _judged(build: object, only: list[str] | None) -> dict[str, Judgement]:
    return run(lambda: judge(build, SCANNER, only), clock=Jumper())  # type: ignore[arg-type]  # a build opens a backend
