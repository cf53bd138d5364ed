"""What every run does beside judging: events to its handlers, the baseline, replay files, the verdicts so far and the end."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from conformance.bench import Budget, Command, Encoded, Log, ScannedPage
from conformance.outcomes import HarnessError
from conformance.requirements import Requirement
from conformance.runner.baselines import Baseline, load_baseline, pick_baseline
from conformance.runner.events import CheckFinished, CommandDone, Handler, PageSeen, RunEvent, RunFinished
from conformance.runner.options import RunOptions
from conformance.runner.result import Result
from conformance.verdicts import Judgement, Verdict, exit_of
from device_protocol import Area

_WITH_REPLAY = {Verdict.FAIL, Verdict.WARN, Verdict.UNTESTABLE}

Write = Callable[[Path, Judgement], Path]
"""Writes the replay file of a failure into a folder; gives its path."""


class Teller:
    """One run, as its handlers see it.

    Attributes:
        log: of all commands; each becomes an event.
        budget: what is left.
        judged: the verdicts so far, by requirement.
        programs: generated ones that ran.
    """

    def __init__(self, name: str, options: RunOptions, handlers: tuple[Handler, ...]) -> None:
        self.name = name
        self.options = options
        self.log = Log(self._command, self._page)
        self.budget: Budget = options.budget.restart()
        self.judged: dict[str, Judgement] = {}
        self.programs = 0
        self._handlers = handlers
        self._baseline: Baseline | None = None if options.baseline is None else load_baseline(options.baseline)
        self._began = time.monotonic()

    def emit(self, event: RunEvent) -> None:
        """Tell everybody.

        Raises:
            HarnessError: a handler broke.
            OSError: it cannot write its file.
        """
        for handler in self._handlers:
            try:
                handler(event)
            except OSError:
                raise
            except Exception as error:
                name = getattr(handler, "__name__", type(handler).__name__)
                raise HarnessError(f"the report {name} broke at {type(event).__name__}: {error!r}") from error

    @contextmanager
    def ours(self) -> Iterator[None]:
        """What fails in the block, in which everything that a target does has become a verdict already, is the tester's own fault.

        Raises:
            HarnessError: something failed.
            OSError: a file cannot be written.
        """
        try:
            yield
        except (HarnessError, OSError):
            raise
        except Exception as error:
            raise HarnessError(f"the run broke: {error!r}") from error

    def choose_baseline(self, kind: str, model: str) -> str:
        """Look for the baseline of a target, unless one was named; gives its name, or nothing.

        Raises:
            UsageError: one cannot be read, or two are for it.
        """
        if self._baseline is None and self.options.baselines is not None:
            path = pick_baseline(self.options.baselines, kind, model)
            self._baseline = load_baseline(path) if path is not None else None
        return self._baseline.name if self._baseline is not None else ""

    def take(self, judgement: Judgement, write: Write) -> None:
        """Take a verdict: baseline, replay file, event.

        Raises:
            OSError: the replay file cannot be written.
        """
        if self._baseline is not None:
            judgement = self._baseline.apply(judgement)
        if judgement.verdict in _WITH_REPLAY and self.options.replay_dir is not None:
            judgement = replace(judgement, replay=str(write(self.options.replay_dir, judgement)))
        self.judged[judgement.id] = judgement
        self.emit(CheckFinished(judgement))

    def finish(self, rows: Iterable[Requirement]) -> Result:
        """The end: the verdicts on *rows*, in their order."""
        options = self.options
        judgements = tuple(self.judged[row.id] for row in rows if row.id in self.judged)
        status = exit_of(
            (item.verdict for item in judgements), require_operator=options.require_operator, strict=options.strict
        )
        seconds, fed = time.monotonic() - self._began, self.budget.fed
        self.emit(RunFinished(judgements, status, seconds, fed))
        return Result(self.name, judgements, status, options.seed, seconds, fed, self.programs)

    def _command(self, command: Command) -> None:
        self.emit(CommandDone(command))

    def _page(self, requirement: str, title: str, page: ScannedPage | Encoded, area: Area | None) -> None:
        self.emit(PageSeen(requirement, title, page, area))
