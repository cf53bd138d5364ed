"""``check device``: the whole run, from first contact to exit status."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import trio

from conformance.bench import Limits, OpenBackend
from conformance.bench.limits import PATIENCE, VIRTUAL
from conformance.foreign import foreign
from conformance.outcomes import leaf
from conformance.programs import Found
from conformance.requirements import REQUIREMENTS, REVISION, Facts, Requirement
from conformance.runner.attended import attended
from conformance.runner.deciding import decided
from conformance.runner.deciding import failure as failing
from conformance.runner.engine import Engine
from conformance.runner.environment import environment
from conformance.runner.events import Handler, PlanMade, Planned, ProgramsDone, RunStarted
from conformance.runner.facts import first_contact
from conformance.runner.options import PROGRAM_SECONDS, PROGRAMS_REAL, PROGRAMS_VIRTUAL, CheckOptions
from conformance.runner.plan import make_plan, select
from conformance.runner.repeating import repeatedly
from conformance.runner.replay import write_replay
from conformance.runner.result import Result
from conformance.runner.searching import hunt, judgement_of, reusing
from conformance.runner.targets import Target
from conformance.runner.telling import Teller
from conformance.runner.watchdog import Stuck, Watchdog
from conformance.shapes import worded
from conformance.verdicts import Judgement, Verdict
from device_protocol.testing import run

CRASHES = "ERR-08"
"""The requirement that a driver breaks which takes the process with it while no check runs."""


def check_device(target: Target, options: CheckOptions | None = None, handlers: Iterable[Handler] = ()) -> Result:
    """Judge a device. Runs trio by itself; see :func:`judge_device` for callers that have it running.

    Args:
        target: see ``make_target``.
        options: see :class:`CheckOptions`.
        handlers: get every event of the run, in order.

    Raises:
        Unreachable: the device does not open (exit status 4).
        UsageError, ValueError: an option names something that does not exist (exit status 2).
    """
    options = options or CheckOptions()
    return run(lambda: judge_device(target, options, handlers), seed=options.seed, clock=target.clock())


async def judge_device(target: Target, options: CheckOptions, handlers: Iterable[Handler] = ()) -> Result:
    """As :func:`check_device`, inside trio."""
    return await repeatedly(options, handlers, lambda relayed: _Run(target, options, relayed).run())


class _Run(Teller):
    def __init__(self, target: Target, options: CheckOptions, handlers: tuple[Handler, ...]) -> None:
        super().__init__(target.name, options, handlers)
        self.target = target
        self.asked = options
        self._rows: list[Requirement] = []
        self._begun = self._opening = self._hunting = False

    def _opener(self) -> OpenBackend:
        opener = self.target.opener()
        return opener if self.asked.ask is None else attended(opener, self.asked.ask)

    async def run(self) -> Result:
        if self.asked.end is None:
            return await self._run()
        with Watchdog(self._stuck, self._busy, self.asked.blocked_s).watching():
            return await self._run()

    def _busy(self) -> bool:
        """Whether a call of the driver is under way; a person who is asked something may take their time."""
        last = self.log.last
        under_way = last is not None and last.under_way and last.handle != "control"
        return under_way or self._hunting or self._opening

    def _stuck(self, stuck: Stuck) -> None:
        """The driver keeps this process from going on: the verdict, what is left unchecked, the end. Runs in the watchdog's thread."""
        assert self.asked.end is not None
        row = REQUIREMENTS[self.log.check or CRASHES]
        if not self._begun:
            self.emit(
                RunStarted(self.name, "", self.options.revision or REVISION, self.options.seed, self.target.guarded)
            )
            self.emit(PlanMade((Planned(row.id, None),), str(self.budget)))
        verdict = failing(row) if stuck.driver else Verdict.HARNESS_ERROR
        self._note(decided(row, verdict, stuck.evidence, self.log, "blocked"))
        for other in self._rows:
            if other.id not in self.judged:
                self._note(decided(other, Verdict.NOT_CHECKED, "the driver has blocked the process", self.log))
        self.asked.end(self.finish(REQUIREMENTS.values()))

    async def _run(self) -> Result:
        options = self.asked
        rows = select(options.only, skip=options.skip, revision=options.revision)  # bad names before anything is opened
        self._rows, self._opening = rows, True
        facts = await first_contact(self._opener(), self.target.device, self.log, options.limits or Limits())
        self._opening = False
        model = f"{facts.info.maker} {facts.info.model}".strip()
        baseline = self.choose_baseline(self.target.driver, model)
        limits = options.limits or (VIRTUAL if facts.info.virtual else Limits())
        if options.ask is not None:
            limits = replace(limits, hands=PATIENCE)
        plan = make_plan(facts, rows, self.budget, self._program_count(facts))
        self.emit(
            RunStarted(
                self.name,
                model,
                options.revision or REVISION,
                options.seed,
                self.target.guarded,
                baseline,
                environment=environment(),
                repeat=options.repeat,
            )
        )
        self.emit(plan)
        self._begun = True
        with self.ours():
            await self._checks(plan, facts, limits)
            self._hunting = bool(plan.programs)
            if plan.programs:
                await self._programs(plan.programs, facts, limits)
            return self.finish(REQUIREMENTS.values())  # programs may have found something that was not asked for

    def _program_count(self, facts: Facts) -> int:
        if self.asked.selective and self.asked.programs is None:
            return 0
        if self.asked.programs is not None:
            return self.asked.programs
        return PROGRAMS_VIRTUAL if facts.info.virtual else PROGRAMS_REAL

    def _fresh(self, facts: Facts) -> bool:
        """Whether each check gets a backend of its own: where that costs nothing."""
        return facts.info.virtual and self.target.in_process()

    async def _checks(self, plan: PlanMade, facts: Facts, limits: Limits) -> None:
        for entry in plan.entries:
            if entry.expected is not None:
                self._note(entry.judgement())
        engine = Engine(
            self._opener(),
            self.target.device,
            facts,
            log=self.log,
            budget=self.budget,
            limits=limits,
            seed=self.options.seed,
            emit=self.emit,
            fresh=self._fresh(facts),
        )
        await engine.run([entry.id for entry in plan.entries if entry.expected is None], self._note)

    def _note(self, judgement: Judgement, found: Found | None = None) -> None:
        self.take(
            judgement, lambda folder, failure: write_replay(folder, self.target, failure, self.options.seed, found)
        )

    async def _programs(self, count: int, facts: Facts, limits: Limits) -> None:
        seconds = PROGRAM_SECONDS if facts.info.virtual else 10 * PROGRAM_SECONDS
        if self.budget.seconds is not None:
            seconds = self.budget.seconds - self.budget.spent_seconds
        if seconds <= 0 or self.budget.shortage():
            return
        try:
            await self._look_for_failures(count, seconds, facts, limits)
        except BaseException as error:
            cause = leaf(error)
            if not foreign(error) or isinstance(cause, Exception):
                raise  # programs judge all that a call may raise; an Exception that comes through them is ours
            row = REQUIREMENTS[CRASHES]
            evidence = f"while generated programs ran, the driver's backend raised {worded(cause)}"
            self._note(decided(row, failing(row), evidence, self.log, "backend"))

    async def _look_for_failures(self, count: int, seconds: float, facts: Facts, limits: Limits) -> None:
        if self._fresh(facts):
            await self._hunt(self._opener(), count, seconds, limits)
            return
        with trio.CancelScope() as scope:
            async with self._opener()() as backend:
                await self._hunt(reusing(backend), count, seconds, limits)
                scope.deadline = trio.current_time() + limits.slow

    async def _hunt(self, opener: OpenBackend, count: int, seconds: float, limits: Limits) -> None:
        result = await hunt(
            opener,
            self.target.device,
            self.judged,
            seed=self.options.seed,
            count=count,
            seconds=seconds,
            deadline=limits.slow,
        )
        self.programs = result.programs
        for found in result.found:
            judgement = judgement_of(found, self.judged.get(found.failure.requirement))
            self._note(judgement, found)
        self.emit(ProgramsDone(result.programs, result.commands, len(result.found)))
