"""The reports that a ``flatbed check`` was asked for, and the options that every run has."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from rich.console import Console

from conformance import Budget
from conformance.reports import BadgeReport, HtmlReport, JsonReport, JUnitReport, TerminalReport, TraceFile
from conformance.runner.events import Handler, RunFinished
from conformance.runner.result import Result
from flatbed.outputs import need_writable
from flatbed.say import as_json
from simulators.fixture_files import fixture

if TYPE_CHECKING:
    from flatbed.verbs.check.options import CheckOrder

STANDARD_OUTPUT = Path("-")


@dataclass(frozen=True)
class Reports:
    """The handlers of a run's events, in the order in which they are told.

    Attributes:
        handlers: these.
        finish: closes them before their time.
        repeated: several runs are told as one, so that none of them is the end.
    """

    handlers: tuple[Handler, ...]
    finish: Callable[[], None]
    repeated: bool = False

    def end(self, result: Result) -> NoReturn:
        """Print what goes to standard output and end the process, in which something is stuck for good."""
        if self.repeated:
            for handler in self.handlers:
                handler(RunFinished(result.judgements, result.exit, result.seconds, result.sheets))
        self.finish()
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(int(result.exit))


@contextmanager
def reports(order: CheckOrder, *, bar: bool = True) -> Iterator[Reports]:
    """Open the reports; on leaving after a run, what goes to standard output is printed.

    Args:
        order: which reports.
        bar: show a bar of progress where there is a terminal; not while a person is asked something.

    Raises:
        OSError: a file cannot be written.
    """
    to_stdout = order.json_file == STANDARD_OUTPUT
    files = (None if to_stdout else order.json_file, order.junit, order.html, order.badge, order.trace)
    for path in files:
        if path is not None:
            need_writable(path)
    console = Console(stderr=True, highlight=False) if to_stdout else None
    terminal = TerminalReport(console, verbose=order.verbose, bar=bar)
    json_report = JsonReport(None if to_stdout else order.json_file)
    with ExitStack() as stack:
        handlers: list[Handler] = [terminal, json_report]
        if order.junit is not None:
            handlers.append(JUnitReport(order.junit))
        if order.html is not None:
            handlers.append(HtmlReport(order.html))
        if order.badge is not None:
            handlers.append(BadgeReport(order.badge))
        if order.trace is not None:
            handlers.append(stack.enter_context(TraceFile(order.trace)))
        stack.callback(terminal.stop)

        def finish() -> None:
            stack.close()
            if to_stdout:
                as_json(json_report.data)

        yield Reports(tuple(handlers), finish, order.repeat > 1)
    if to_stdout:
        as_json(json_report.data)


def run_options(order: CheckOrder) -> dict[str, Any]:
    """The fields of ``RunOptions`` that the command line says.

    Raises:
        ValueError: the budget is none.
    """
    return {
        "only": tuple(order.only) if order.only else None,
        "skip": tuple(order.skip or ()),
        "revision": order.revision,
        "budget": Budget.parse(order.budget),
        "seed": order.seed,
        "baseline": order.baseline,
        "baselines": None if order.no_baseline else fixture("baselines"),
        "require_operator": order.require_operator,
        "strict": order.strict,
        "repeat": order.repeat,
        "replay_dir": order.replay_dir,
    }
