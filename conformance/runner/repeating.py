"""Judging several times: a verdict that is not the same each time is a finding of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import replace

from conformance.runner.events import Handler, PlanMade, RunEvent, RunFinished, RunRepeated, RunStarted
from conformance.runner.options import RunOptions
from conformance.runner.result import Result
from conformance.verdicts import Judgement, Verdict, exit_of

Once = Callable[[tuple[Handler, ...]], Awaitable[Result]]

_WORST_FIRST = (
    Verdict.HARNESS_ERROR,
    Verdict.FAIL,
    Verdict.UNTESTABLE,
    Verdict.STALE,
    Verdict.WARN,
    Verdict.KNOWN,
    Verdict.NEEDS_OPERATOR,
    Verdict.NOT_CHECKED,
    Verdict.NOT_APPLICABLE,
    Verdict.PASS,
)


async def repeatedly(options: RunOptions, handlers: Iterable[Handler], once: Once) -> Result:
    """Run *once* as often as *options* says, and make one result of it.

    The handlers see one run: one start, one plan, the events of all runs, and one end with the merged verdicts.
    """
    told = tuple(handlers)
    if options.repeat == 1:
        return await once(told)
    relay = _Relay(told, options.repeat)
    results = [await once((relay,)) for _ in range(options.repeat)]
    merged = merge([result.judgements for result in results])
    status = exit_of(
        (item.verdict for item in merged), require_operator=options.require_operator, strict=options.strict
    )
    total = replace(
        results[0],
        judgements=merged,
        exit=status,
        seconds=sum(result.seconds for result in results),
        sheets=sum(result.sheets for result in results),
        programs=sum(result.programs for result in results),
    )
    for handler in told:
        handler(RunFinished(merged, status, total.seconds, total.sheets))
    return total


def merge(runs: Sequence[Sequence[Judgement]]) -> tuple[Judgement, ...]:
    """One verdict for each requirement: the worst, saying in how many runs it came; where runs differ in it, it is at least a failure."""
    by_id: dict[str, list[Judgement]] = {}
    for run in runs:
        for judgement in run:
            by_id.setdefault(judgement.id, []).append(judgement)
    return tuple(_merged(judgements) for judgements in by_id.values())


def _merged(judgements: list[Judgement]) -> Judgement:
    worst = min(judgements, key=lambda item: _WORST_FIRST.index(item.verdict))
    counts = Counter(item.verdict for item in judgements)
    seconds = sum(item.seconds for item in judgements)
    if len(counts) == 1:
        return replace(worst, seconds=seconds)
    told = ", ".join(f"{verdict.value} {counts[verdict]}" for verdict in _WORST_FIRST if verdict in counts)
    verdict = worst.verdict if worst.verdict.broken or worst.verdict is Verdict.HARNESS_ERROR else Verdict.FAIL
    evidence = f"not the same in {len(judgements)} runs ({told}): {worst.evidence}"
    return replace(
        worst, verdict=verdict, evidence=evidence, seconds=seconds, signature=worst.signature or f"{worst.id}/unsteady"
    )


class _Relay:
    """Passes the events of several runs on as those of one."""

    def __init__(self, handlers: tuple[Handler, ...], of: int) -> None:
        self._handlers = handlers
        self._of = of
        self._run = 0

    def __call__(self, event: RunEvent) -> None:
        if isinstance(event, RunFinished):
            return
        if isinstance(event, RunStarted):
            self._run += 1
            if self._run > 1:
                event = RunRepeated(self._run, self._of)
        elif isinstance(event, PlanMade) and self._run > 1:
            return
        for handler in self._handlers:
            handler(event)
