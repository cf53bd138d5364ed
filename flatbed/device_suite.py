"""The suite under pytest: one test for each requirement, and a few for generated programs, so that ``-k``, ``--lf`` and ``-n auto`` come for free.

Each test stands alone: it opens the device, judges one requirement and closes it, in any order and on any worker. What the device declares is learnt once in
each process.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from conformance.bench import Budget, Limits, Log
from conformance.bench.limits import VIRTUAL
from conformance.requirements import Facts
from conformance.runner.baselines import Baseline, load_baseline
from conformance.runner.engine import Engine
from conformance.runner.facts import first_contact
from conformance.runner.plan import make_plan, select
from conformance.runner.replay import write_replay
from conformance.runner.searching import hunt, judgement_of
from conformance.runner.targets import Target, make_target
from conformance.verdicts import Judgement, Verdict
from device_protocol.testing import run

if TYPE_CHECKING:
    from conformance.programs import Found

PROGRAMS = 40
"""Generated programs, if nobody says how many."""
PROGRAMS_A_TEST = 10
PROGRAMS_WORD = "programs"
_SECONDS = 60.0
"""Real time for the programs of one test; making a failing one short may take longer."""


@dataclass(frozen=True)
class DeviceSuite:
    """What is to be judged, and how.

    Attributes:
        target: the device.
        only, skip: which requirements (``flatbed check --only``, ``--skip``).
        programs: how many generated programs, in tests of ten.
        seed: of every choice.
        baseline: file of failures that are known.
        strict: warnings fail.
        replay_dir: where replay files of failures go; None: nowhere.
    """

    target: Target
    only: tuple[str, ...] | None = None
    skip: tuple[str, ...] = ()
    programs: int = PROGRAMS
    seed: int = 0
    baseline: Path | None = None
    strict: bool = False
    replay_dir: Path | None = Path("flatbed-replay")
    _known: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

    def cases(self) -> list[str]:
        """The names of the tests: requirements, then ``programs-1`` and so on.

        Raises:
            ValueError: *only* or *skip* name something that does not exist.
        """
        rows = [row.id for row in select(self.only, skip=self.skip)]
        return rows + [f"{PROGRAMS_WORD}-{number}" for number in range(1, -(-self.programs // PROGRAMS_A_TEST) + 1)]

    def judge(self, case: str) -> list[Judgement]:
        """The verdict on one case, or those that its programs found.

        Raises:
            Unreachable: the device does not open.
        """
        work = self._programs if case.startswith(PROGRAMS_WORD) else self._requirement
        found = run(lambda: work(case), seed=self.seed, clock=self.target.clock())
        baseline = self._baseline()
        return [item if baseline is None else baseline.apply(item) for item in found]

    def _baseline(self) -> Baseline | None:
        return None if self.baseline is None else _loaded(self.baseline)

    async def _facts(self) -> Facts:
        if "facts" not in self._known:
            self._known["facts"] = await first_contact(self.target.opener(), self.target.device, Log(), Limits())
        facts: Facts = self._known["facts"]
        return facts

    async def _requirement(self, case: str) -> list[Judgement]:
        facts = await self._facts()
        entry = make_plan(facts, select((case,)), Budget()).entries[0]
        if entry.expected is not None:
            return [entry.judgement()]
        judged: list[Judgement] = []
        engine = Engine(
            self.target.opener(),
            self.target.device,
            facts,
            log=Log(),
            budget=Budget(),
            limits=_limits(facts),
            seed=self.seed,
            emit=lambda _: None,
        )
        await engine.run([case], judged.append)
        return [self._kept(item) for item in judged]

    async def _programs(self, case: str) -> list[Judgement]:
        facts = await self._facts()
        number = int(case.removeprefix(f"{PROGRAMS_WORD}-")) - 1
        count = min(PROGRAMS_A_TEST, self.programs - number * PROGRAMS_A_TEST)
        baseline = self._baseline()
        known = {entry.requirement for entry in baseline.entries} if baseline is not None else set()
        result = await hunt(
            self.target.opener(),
            self.target.device,
            {name: Judgement(name, select((name,))[0].level, Verdict.KNOWN) for name in sorted(known)},
            seed=self.seed + number * PROGRAMS_A_TEST,
            count=count,
            seconds=_SECONDS,
            deadline=_limits(facts).slow,
        )
        return [self._kept(judgement_of(found, None), found) for found in result.found]

    def _kept(self, judgement: Judgement, found: Found | None = None) -> Judgement:
        """With a replay file, if it is a failure."""
        if self.replay_dir is None or not (judgement.verdict.broken or judgement.verdict is Verdict.WARN):
            return judgement
        path = write_replay(self.replay_dir, self.target, judgement, self.seed, found)
        return Judgement(**{name: getattr(judgement, name) for name in Judgement.__slots__} | {"replay": str(path)})


def _limits(facts: Facts) -> Limits:
    return VIRTUAL if facts.info.virtual else Limits()


@cache
def _loaded(path: Path) -> Baseline:
    return load_baseline(path)


def run_case(suite: DeviceSuite, case: str) -> None:
    """One test: passes, skips, fails or is expected to fail as the verdict says.

    Raises:
        Failed, Skipped, XFailed: of pytest.
    """
    __tracebackhide__ = True
    for judgement in suite.judge(case):
        _tell(judgement, strict=suite.strict)


def _tell(judgement: Judgement, *, strict: bool) -> None:
    __tracebackhide__ = True
    match judgement.verdict:
        case Verdict.PASS:
            return
        case Verdict.NOT_APPLICABLE | Verdict.NOT_CHECKED | Verdict.NEEDS_OPERATOR:
            pytest.skip(f"{judgement.verdict.value}: {judgement.evidence}")
        case Verdict.KNOWN:
            pytest.xfail(judgement.evidence)
        case Verdict.WARN if not strict:
            warnings.warn(DeviceWarning(f"{judgement.id}: {judgement.evidence}"), stacklevel=2)
        case Verdict.HARNESS_ERROR:
            raise HarnessError(
                f"{judgement.id}: a check of flatbed's broke, which says nothing of the device: {judgement.evidence}"
            )
        case _:
            pytest.fail(told(judgement), pytrace=False)


class DeviceWarning(UserWarning):
    """A SHOULD is broken."""


class HarnessError(RuntimeError):
    """The suite itself broke."""


def told(judgement: Judgement) -> str:
    """A failure for people: requirement, evidence, steps, and how to see it again."""
    lines = [
        f"{judgement.id} {judgement.verdict.value}: {judgement.evidence}",
        f"  {judgement.level.value} {judgement.text}",
        f"  clause: {judgement.clause}",
        *(f"  {step}" for step in judgement.steps[-20:]),
    ]
    if judgement.replay:
        lines.append(f"  flatbed replay {judgement.replay}")
    lines.append(f"  flatbed explain {judgement.id}")
    return "\n".join(lines)


def device_suite(
    driver: str,
    device: str,
    *,
    config: Mapping[str, Any] | None = None,
    only: Collection[str] | None = None,
    skip: Collection[str] = (),
    programs: int = PROGRAMS,
    seed: int = 0,
    baseline: Path | str | None = None,
    hosted: bool = False,
    guarded: bool = False,
    strict: bool = False,
) -> Callable[[str], None]:
    """Make a test function of pytest that judges a device by every requirement, a test for each.

    ``test_scanner = device_suite("my_package.driver:driver", "scanner")`` is a whole test file.

    Args:
        driver: ``module:factory``, or the name of an entry point of ``flatbed.drivers``.
        device: native id.
        config: for the driver.
        only: which requirements, as in ``flatbed check --only``; None: all.
        skip: which not.
        programs: how many generated programs to run too.
        seed: of every choice.
        baseline: file of failures that are known; each entry that passes is a failure.
        hosted: run the driver in a worker process.
        guarded: with the contract's guard in front.
        strict: a broken SHOULD fails instead of warning.

    Raises:
        ValueError: what was asked for does not exist.
    """
    target = make_target(device, driver=driver, config=config, hosted=hosted, guarded=guarded)
    suite = DeviceSuite(
        target,
        tuple(only) if only is not None else None,
        tuple(skip),
        programs,
        seed,
        Path(baseline) if baseline is not None else None,
        strict,
    )

    @pytest.mark.parametrize("case", suite.cases())
    def test_device(case: str) -> None:
        __tracebackhide__ = True
        run_case(suite, case)

    test_device.__doc__ = f"{target.name} keeps the requirement."
    return test_device
