"""What ``flatbed check`` does with a target that is no driver's device: suite, baseline, reports, exit status."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console

from conformance import Budget, Unreachable
from conformance.reports import JsonReport, JUnitReport, TerminalReport, TraceFile
from conformance.runner.events import Handler
from conformance.runner.suite import Suite, SuiteOptions, judge_suite
from device_protocol.testing import run
from flatbed.exits import Exit
from flatbed.interrupting import interruptible
from flatbed.outputs import need_writable
from flatbed.say import as_json, fail
from simulators.fixture_files import fixture

STANDARD_OUTPUT = Path("-")


@dataclass(frozen=True)
class SuiteOrder:
    """What was asked for on the command line, whoever is judged."""

    only: tuple[str, ...] = ()
    budget: str = ""
    seed: int = 0
    json_file: Path | None = None
    junit: Path | None = None
    trace: Path | None = None
    replay_dir: Path = Path("flatbed-replay")
    baseline: Path | None = None
    no_baseline: bool = False
    require_operator: bool = False


def judge_target(make_suite: Callable[[], Suite[Any, Any]], order: SuiteOrder, usage: str) -> int:
    """Judge, report, and give the exit status.

    Args:
        make_suite: gives the suite of what was asked for, or raises ValueError if that makes no sense.
        order: the options.
        usage: what to look at when they are wrong, for example ``flatbed check escl --help``.
    """
    if order.baseline is not None and order.no_baseline:
        fail(Exit.USAGE, "--baseline and --no-baseline exclude each other.")
    to_stdout = order.json_file == STANDARD_OUTPUT
    for path in (None if to_stdout else order.json_file, order.junit, order.trace):
        if path is not None:
            need_writable(path)
    terminal = TerminalReport(Console(stderr=True, highlight=False) if to_stdout else None)
    json_report = JsonReport(None if to_stdout else order.json_file)
    try:
        suite = make_suite()
        with ExitStack() as stack:
            handlers: list[Handler] = [terminal, json_report]
            if order.junit is not None:
                handlers.append(JUnitReport(order.junit))
            if order.trace is not None:
                handlers.append(stack.enter_context(TraceFile(order.trace)))
            stack.callback(terminal.stop)
            options = SuiteOptions(
                only=order.only or None,
                budget=Budget.parse(order.budget),
                seed=order.seed,
                baseline=order.baseline,
                baselines=None if order.no_baseline else fixture("baselines"),
                require_operator=order.require_operator,
                replay_dir=order.replay_dir,
            )
            result = run(functools.partial(interruptible, judge_suite, suite, options, handlers), seed=order.seed)
    except Unreachable as error:
        fail(Exit.UNREACHABLE, str(error))
    except ValueError as error:  # UsageError is one
        fail(Exit.USAGE, str(error), f"`{usage}` lists the options.")
    except OSError as error:
        fail(Exit.USAGE, f"{error.filename}: {error.strerror}" if error.filename else str(error))
    if to_stdout:
        as_json(json_report.data)
    return int(result.exit)
