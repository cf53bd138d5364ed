"""Judges the suite by the back end: does each defect die by its own id, and is what is legal left in peace?"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import replace

import trio

from conformance.requirements import EVERY
from conformance.runner.suite import SuiteOptions, judge_suite
from conformance.sane.nest import Nest, WorkerSettings
from conformance.sane.suite import SaneSuite
from conformance.selftest.c_backend.build import library
from conformance.selftest.c_backend.defects import DEFECTS, HANGS, Defect
from conformance.selftest.c_backend.proof import observe
from conformance.verdicts import Judgement, Verdict

DEVICE = "zoo:0"
SCALE, HANGING_SCALE = 0.5, 0.1
"""Of deadlines. Nothing in the zoo takes longer than a blink, but a machine may be busy; what is there to hang is not waited for that long."""
ALARMS = frozenset({Verdict.FAIL, Verdict.WARN, Verdict.UNTESTABLE, Verdict.HARNESS_ERROR})


def settings(defect: str = "", habits: Iterable[str] = ()) -> WorkerSettings:
    """How workers with that back end are started."""
    environment = {"ZOO_DEFECT": defect, "ZOO_VARIANT": ",".join(habits)}
    scale = HANGING_SCALE if defect in HANGS else SCALE
    return WorkerSettings(str(library()), deadline_scale=scale, environment=environment)


@functools.cache
def nest() -> Nest:
    """Where all workers of this process come from."""
    return Nest(settings())


async def judgements(
    defect: str = "", habits: Iterable[str] = (), only: Iterable[str] | None = None
) -> tuple[Judgement, ...]:
    """The verdicts on a back end."""
    suite = SaneSuite(DEVICE, settings(defect, habits), nest=nest())
    options = SuiteOptions(only=None if only is None else list(only), replay_dir=None)
    return (await judge_suite(suite, options)).judgements


async def verdict(defect: Defect) -> tuple[Judgement, Judgement]:
    """On the defect's own requirement: of the clean back end that it was made from, and of the defective one."""
    (clean,) = await judgements("", defect.habits, [defect.requirement])
    (broken,) = await judgements(defect.name, defect.habits, [defect.requirement])
    return clean, broken


async def differs(defect: Defect) -> bool:
    """Whether the calls of its proof give something else than on the back end that it was made from."""
    ways = [replace(settings(name, defect.habits), stacks=False) for name in ("", defect.name)]
    seen = [await observe(nest(), way, defect.proof) for way in ways]
    return seen[0] != seen[1]


def killed(defect: Defect, clean: Judgement, broken: Judgement) -> bool:
    """Whether it died as it must: FAIL for a MUST, WARN for a SHOULD, and the clean one passes."""
    wanted = Verdict.FAIL if EVERY[defect.requirement].level.value == "MUST" else Verdict.WARN
    return clean.verdict is Verdict.PASS and broken.verdict is wanted


def sample(name: str) -> Judgement:
    """The verdict on the back end with the defect called *name*, for ``flatbed explain``.

    Raises:
        StopIteration: there is none.
    """
    defect = next(item for item in DEFECTS if item.name == name)
    return trio.run(verdict, defect)[1]
