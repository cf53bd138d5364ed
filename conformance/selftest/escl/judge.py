"""Judges a scanner of the zoo by some requirements, on the clock that jumps."""

from __future__ import annotations

from collections.abc import Collection
from functools import partial

from conformance.requirements import Subject, of
from conformance.runner.options import RunOptions
from conformance.runner.result import Result
from conformance.runner.suite import judge_suite
from conformance.selftest.escl.build import Build
from conformance.verdicts import Judgement, Verdict
from device_protocol.testing import Jumper, run

DEAD = frozenset({Verdict.FAIL, Verdict.WARN})
"""A verdict by which a defect has died; a SHOULD can only warn."""


def judged(build: Build, only: Collection[str] | None = None, seed: int = 0) -> dict[str, Judgement]:
    """The verdicts on the scanner that *build* opens.

    Args:
        build: how it is opened.
        only: ids; default: all of the subject.
        seed: of the run.
    """

    async def main() -> Result:
        async with build() as running:
            options = RunOptions(only=only, seed=seed, replay_dir=None)
            return await judge_suite(running.suite, options)

    result = run(partial(main), clock=Jumper(), seed=seed)
    return {judgement.id: judgement for judgement in result.judgements}


def every_id() -> tuple[str, ...]:
    """The requirements on scanners, in their order."""
    return tuple(of(Subject.ESCL))
