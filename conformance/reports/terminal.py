"""The report for people."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

from conformance.reports.words import ENDS
from conformance.runner.events import (
    CheckFinished,
    CheckStarted,
    PlanMade,
    ProgramsDone,
    RunEvent,
    RunFinished,
    RunRepeated,
    RunStarted,
)
from conformance.runner.result import summary
from conformance.verdicts import Judgement, Verdict

STEPS_SHOWN = 12

STYLES = {
    Verdict.PASS: "green",
    Verdict.FAIL: "bold red",
    Verdict.WARN: "yellow",
    Verdict.UNTESTABLE: "bold red",
    Verdict.STALE: "bold red",
    Verdict.HARNESS_ERROR: "bold magenta",
    Verdict.NEEDS_OPERATOR: "cyan",
    Verdict.KNOWN: "yellow",
}

_ALWAYS = (Verdict.PASS, Verdict.FAIL, Verdict.NOT_APPLICABLE, Verdict.NEEDS_OPERATOR)
"""The four numbers that a summary always has; nothing is added to green."""

_TOLD = (Verdict.HARNESS_ERROR, Verdict.FAIL, Verdict.UNTESTABLE, Verdict.STALE, Verdict.WARN, Verdict.KNOWN)
"""Verdicts that are told one by one, in this order."""


class TerminalReport:
    """Prints a run: the plan first, a bar while it goes on where there is a terminal, then what is not green.

    Args:
        console: where to; default: standard output.
        verbose: list every requirement with its verdict and evidence.
        bar: show a bar of progress on a terminal.
    """

    def __init__(self, console: Console | None = None, *, verbose: bool = False, bar: bool = True) -> None:
        self._console = console or Console(highlight=False)
        self._verbose = verbose
        self._with_bar = bar
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._to_check = 0

    def __call__(self, event: RunEvent) -> None:
        """Take an event."""
        match event:
            case RunStarted():
                self._started(event)
            case PlanMade():
                self._planned(event)
            case CheckStarted() if self._progress is not None and self._task is not None:
                self._progress.update(self._task, description=event.id)
            case CheckFinished() if self._progress is not None and self._task is not None:
                self._progress.advance(self._task)
            case RunRepeated():
                self._repeated(event)
            case ProgramsDone():
                self.stop()
                self._print(
                    f"{event.programs} generated programs, {event.commands} commands: "
                    + (f"{event.failures} failures" if event.failures else "no disagreement")
                )
            case RunFinished():
                self.stop()
                self._finished(event)
            case _:
                pass

    def stop(self) -> None:
        """Take the bar away; also when the run broke off."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None

    def _print(self, text: str = "", style: str | None = None, indent: int = 0) -> None:
        self._console.print(f"{' ' * indent}{escape(_printable(text))}", style=style, soft_wrap=True)

    def _started(self, event: RunStarted) -> None:
        guarded = ", behind the guard" if event.guarded else ""
        self._print(f"{event.target} ({event.model}){guarded}")
        baseline = f", baseline {event.baseline}" if event.baseline else ""
        repeat = f", {event.repeat} runs" if event.repeat > 1 else ""
        self._print(f"requirements revision {event.revision}, seed {event.seed}{baseline}{repeat}")

    def _planned(self, plan: PlanMade) -> None:
        programs = f", then up to {plan.programs} generated programs" if plan.programs else ""
        self._print(
            f"plan: {plan.to_check} of {len(plan.entries)} requirements to check, about {plan.sheets} sheets"
            f"{programs}; budget: {plan.budget}"
        )
        self._to_check = len(plan.entries)
        self._bar()

    def _bar(self) -> None:
        if self._console.is_terminal and self._with_bar:
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
            self._progress = Progress(*columns, console=self._console, transient=True)
            self._task = self._progress.add_task("checks", total=self._to_check)
            self._progress.start()

    def _repeated(self, event: RunRepeated) -> None:
        self.stop()
        self._print(f"run {event.number} of {event.of}")
        self._bar()

    def _finished(self, event: RunFinished) -> None:
        if self._verbose:
            self._print()
            for judgement in event.judgements:
                evidence = f"  {judgement.evidence}" if judgement.evidence else ""
                self._print(f"{judgement.id:<8} {judgement.verdict.value:<15}{evidence}", STYLES.get(judgement.verdict))
        for verdict in _TOLD:
            for judgement in event.judgements:
                if judgement.verdict is verdict:
                    self._tell(judgement)
        self._print()
        counts = summary(event.judgements)
        parts = [
            f"{counts[verdict.value]} {verdict.value.replace('-', ' ')}"
            for verdict in Verdict
            if verdict in _ALWAYS or counts[verdict.value]
        ]
        self._print(", ".join(parts))
        self._print(f"{ENDS[event.exit]} (exit {int(event.exit)}); {event.sheets} sheets")

    def _tell(self, judgement: Judgement) -> None:
        self._print()
        self._print(
            f"{judgement.verdict.value.upper()} {judgement.id} ({judgement.level.value})", STYLES[judgement.verdict]
        )
        self._print(judgement.text, indent=2)
        self._print(f"source: {judgement.clause}", indent=2)
        self._print(judgement.evidence, indent=2)
        if judgement.verdict is Verdict.KNOWN:
            return
        steps = judgement.steps
        if len(steps) > STEPS_SHOWN:
            self._print(f"... {len(steps) - STEPS_SHOWN} commands before, in the replay file", indent=4)
        for step in steps[-STEPS_SHOWN:]:
            self._print(step, indent=4)
        if judgement.replay:
            self._print(f"flatbed replay {judgement.replay}", indent=2)


def _printable(text: str) -> str:
    """*text* without control characters: a device's words must not move the cursor."""
    return "".join(letter if letter.isprintable() or letter == "\n" else "\N{REPLACEMENT CHARACTER}" for letter in text)
