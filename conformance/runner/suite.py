"""Suites: how anything but a driver's device is judged. What a target has to bring is a protocol; what happens with it is here.

``check service``, ``check escl`` and ``check sane`` each have a suite in a room of their own. All of them give the same events, so the same reports, baselines
and replay files serve them.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

import trio

from conformance.bench import Log
from conformance.checking import Check
from conformance.outcomes import leaf
from conformance.requirements import REVISION, Requirement, Status, Subject
from conformance.runner.deciding import decided, verdict_of
from conformance.runner.environment import environment
from conformance.runner.events import CheckStarted, Evidence, Handler, PlanMade, Planned, RunStarted
from conformance.runner.options import RunOptions
from conformance.runner.plan import select
from conformance.runner.repeating import repeatedly
from conformance.runner.replay_files import write
from conformance.runner.result import Result
from conformance.runner.telling import Teller
from conformance.runner.versions import versions_of
from conformance.verdicts import Judgement, Verdict

F = TypeVar("F")
D = TypeVar("D")

CHECK_LIMIT = 300.0
"""Trio seconds after which a whole check is given up, whatever its single exchanges did."""


@dataclass(frozen=True, slots=True)
class Contact(Generic[F]):
    """What a target says of itself at first contact.

    Attributes:
        facts: all that a gate may look at.
        model: maker and model, for people and for the choice of a baseline.
    """

    facts: F
    model: str


class Suite(Protocol[F, D]):
    """A target that is no driver's device, and how to judge it.

    Attributes:
        subject: whose requirements are checked.
        name: as one would type it.
        checks: one for each requirement of the subject that is not planned.
        baseline_for: what a baseline file calls this kind of target (its ``drivers``).
    """

    subject: Subject
    name: str
    checks: Mapping[str, Check[D]]
    baseline_for: str

    async def contact(self, log: Log) -> Contact[F]:
        """Look what is there.

        Raises:
            Unreachable: nothing that could be judged.
        """
        ...

    def desk(
        self, row: Requirement, facts: F, *, log: Log, seed: int, note: Callable[[str], None]
    ) -> AbstractAsyncContextManager[D]:
        """What the check of *row* has in its hands; on leaving, the target is as it was found."""
        ...

    def as_data(self) -> dict[str, Any]:
        """For a replay file; ``subject`` is added to it."""
        ...


SuiteOptions = RunOptions
"""A suite needs no options of its own here: what a target has of them belongs to its suite."""


async def judge_suite(suite: Suite[F, D], options: SuiteOptions, handlers: Iterable[Handler] = ()) -> Result:
    """Judge a target by all requirements of its subject, one after the other.

    Raises:
        Unreachable: it cannot be reached (exit status 4).
        UsageError, ValueError: an option names something that does not exist (exit status 2).
    """
    return await repeatedly(options, handlers, lambda relayed: _SuiteRun(suite, options, relayed).run())


class _SuiteRun(Teller, Generic[F, D]):
    def __init__(self, suite: Suite[F, D], options: SuiteOptions, handlers: tuple[Handler, ...]) -> None:
        super().__init__(suite.name, options, handlers)
        self.suite = suite

    async def run(self) -> Result:
        suite, options = self.suite, self.options
        rows = select(options.only, suite.subject, skip=options.skip, revision=options.revision)
        contact = await suite.contact(self.log)
        baseline = self.choose_baseline(suite.baseline_for, contact.model)
        self.emit(
            RunStarted(
                suite.name,
                contact.model,
                options.revision or REVISION,
                options.seed,
                guarded=False,
                baseline=baseline,
                subject=suite.subject,
                environment=environment(),
                repeat=options.repeat,
            )
        )
        with self.ours():
            plan = PlanMade(tuple(self._planned(row, contact.facts) for row in rows), str(self.budget))
            self.emit(plan)
            for row, entry in zip(rows, plan.entries, strict=True):
                if entry.expected is not None:
                    self._note(entry.judgement())
                elif (shortage := self.budget.shortage()) is not None:
                    self._note(decided(row, Verdict.NOT_CHECKED, shortage, self.log))
                else:
                    self._note(await self._judge(row, contact.facts))
            return self.finish(rows)

    def _planned(self, row: Requirement, facts: F) -> Planned:
        if row.status is Status.PLANNED or row.id not in self.suite.checks:
            return Planned(
                row.id,
                Verdict.NOT_CHECKED,
                row.why_planned or f"no check judges {self.suite.subject.value} targets by it",
            )
        if row.gate is not None and (quote := row.gate.missing(facts)) is not None:
            return Planned(row.id, Verdict.NOT_APPLICABLE, f"needs {row.gate.words}; the target declares {quote}")
        return Planned(row.id, None, "", self.suite.checks[row.id].sheets)

    async def _judge(self, row: Requirement, facts: F) -> Judgement:
        check = self.suite.checks[row.id]
        self.log.begin_check(row.id)
        self.emit(CheckStarted(row.id, check.name))
        began = time.monotonic()
        judgement = await self._verdict(row, check, facts)
        return replace(judgement, seconds=time.monotonic() - began)

    async def _verdict(self, row: Requirement, check: Check[D], facts: F) -> Judgement:
        def note(text: str) -> None:
            self.emit(Evidence(row.id, text))

        try:
            with trio.move_on_after(CHECK_LIMIT) as scope:
                async with self.suite.desk(row, facts, log=self.log, seed=self.options.seed, note=note) as desk:
                    await check.run(desk)
            if scope.cancelled_caught:
                return decided(row, Verdict.UNTESTABLE, f"not finished after {CHECK_LIMIT:g} s", self.log)
        except Exception as error:  # noqa: BLE001  # a check may end in any way; the verdict says whose fault it is
            return verdict_of(row, leaf(error), self.log)
        return decided(row, Verdict.PASS, "", self.log)

    def _note(self, judgement: Judgement) -> None:
        self.take(judgement, self._write)

    def _write(self, folder: Path, failure: Judgement) -> Path:
        target = {"subject": self.suite.subject.value, **self.suite.as_data()}
        return write(folder, self.name, target, failure, self.options.seed, versions_of(""))
