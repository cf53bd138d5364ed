"""``check device``: the whole run, from first contact to exit status."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import replace

import trio

from conformance.bench import Budget, Command, Encoded, Limits, Log, OpenBackend, ScannedPage
from conformance.bench.limits import PATIENCE, VIRTUAL
from conformance.programs import Found
from conformance.requirements import REQUIREMENTS, REVISION, Facts
from conformance.runner.attended import attended
from conformance.runner.baselines import Baseline, load_baseline, pick_baseline
from conformance.runner.engine import Engine
from conformance.runner.environment import environment
from conformance.runner.events import (
    CheckFinished,
    CommandDone,
    Handler,
    PageSeen,
    PlanMade,
    ProgramsDone,
    RunEvent,
    RunFinished,
    RunStarted,
)
from conformance.runner.facts import first_contact
from conformance.runner.options import PROGRAM_SECONDS, PROGRAMS_REAL, PROGRAMS_VIRTUAL, CheckOptions
from conformance.runner.plan import make_plan, select
from conformance.runner.repeating import repeatedly
from conformance.runner.replay import write_replay
from conformance.runner.result import Result
from conformance.runner.searching import hunt, judgement_of, reusing
from conformance.runner.targets import Target
from conformance.verdicts import Judgement, Verdict, exit_of
from device_protocol import Area
from device_protocol.testing import run

_WITH_REPLAY = {Verdict.FAIL, Verdict.WARN, Verdict.UNTESTABLE}


def _model(facts: Facts) -> str:
    return f"{facts.info.maker} {facts.info.model}".strip()


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


class _Run:
    def __init__(self, target: Target, options: CheckOptions, handlers: tuple[Handler, ...]) -> None:
        self.target = target
        self.options = options
        self.handlers = handlers
        self.log = Log(self._command, self._page)
        self.budget: Budget = options.budget.restart()
        self.baseline: Baseline | None = None
        self.judged: dict[str, Judgement] = {}
        self.programs = 0

    def emit(self, event: RunEvent) -> None:
        for handler in self.handlers:
            handler(event)

    def _command(self, command: Command) -> None:
        self.emit(CommandDone(command))

    def _page(self, requirement: str, title: str, page: ScannedPage | Encoded, area: Area | None) -> None:
        self.emit(PageSeen(requirement, title, page, area))

    def _opener(self) -> OpenBackend:
        opener = self.target.opener()
        return opener if self.options.ask is None else attended(opener, self.options.ask)

    async def run(self) -> Result:
        began = time.monotonic()
        options = self.options
        rows = select(options.only, skip=options.skip, revision=options.revision)  # bad names before anything is opened
        if options.baseline is not None:
            self.baseline = load_baseline(options.baseline)
        facts = await first_contact(self._opener(), self.target.device, self.log, options.limits or Limits())
        if self.baseline is None and options.baselines is not None:
            path = pick_baseline(options.baselines, self.target.driver, _model(facts))
            self.baseline = load_baseline(path) if path is not None else None
        limits = options.limits or (VIRTUAL if facts.info.virtual else Limits())
        if options.ask is not None:
            limits = replace(limits, hands=PATIENCE)
        plan = make_plan(facts, rows, self.budget, self._program_count(facts))
        self.emit(
            RunStarted(
                self.target.name,
                _model(facts),
                options.revision or REVISION,
                options.seed,
                self.target.guarded,
                self.baseline.name if self.baseline else "",
                environment=environment(),
                repeat=options.repeat,
            )
        )
        self.emit(plan)
        await self._checks(plan, facts, limits)
        if plan.programs:
            await self._programs(plan.programs, facts, limits)
        judgements = tuple(self.judged[name] for name in REQUIREMENTS if name in self.judged)
        status = exit_of(
            (item.verdict for item in judgements), require_operator=options.require_operator, strict=options.strict
        )
        seconds = time.monotonic() - began
        self.emit(RunFinished(judgements, status, seconds, self.budget.fed))
        return Result(self.target.name, judgements, status, options.seed, seconds, self.budget.fed, self.programs)

    def _program_count(self, facts: Facts) -> int:
        if self.options.selective and self.options.programs is None:
            return 0
        if self.options.programs is not None:
            return self.options.programs
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
        """Take a verdict: baseline, replay file, event."""
        if self.baseline is not None:
            judgement = self.baseline.apply(judgement)
        if judgement.verdict in _WITH_REPLAY and self.options.replay_dir is not None:
            path = write_replay(self.options.replay_dir, self.target, judgement, self.options.seed, found)
            judgement = replace(judgement, replay=str(path))
        self.judged[judgement.id] = judgement
        self.emit(CheckFinished(judgement))

    async def _programs(self, count: int, facts: Facts, limits: Limits) -> None:
        seconds = PROGRAM_SECONDS if facts.info.virtual else 10 * PROGRAM_SECONDS
        if self.budget.seconds is not None:
            seconds = self.budget.seconds - self.budget.spent_seconds
        if seconds <= 0 or self.budget.shortage():
            return
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
