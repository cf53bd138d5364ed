"""What ``flatbed check`` does with the suite: target, baseline, reports, exit status."""

from __future__ import annotations

import functools
import sys
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console

from conformance import Budget, Unreachable
from conformance.reports import JsonReport, JUnitReport, TerminalReport, TraceFile
from conformance.runner.check import judge_device as judge
from conformance.runner.events import Handler
from conformance.runner.options import CheckOptions
from conformance.runner.targets import UsageError, make_target
from device_protocol.testing import run
from flatbed.exits import Exit
from flatbed.interrupting import interruptible
from flatbed.local_host import config_of, need_devices_file
from flatbed.outputs import need_writable
from flatbed.replaying import recorded_options
from flatbed.say import as_json, fail
from simulators.fixture_files import fixture

STANDARD_OUTPUT = Path("-")


@dataclass(frozen=True)
class CheckOrder:
    """What was asked for on the command line."""

    device: str
    driver: str | None
    devices: Path | None
    only: tuple[str, ...]
    budget: str
    seed: int
    programs: int | None
    json_file: Path | None
    junit: Path | None
    trace: Path | None
    replay_dir: Path
    baseline: Path | None
    use_baseline: bool
    hosted: bool
    guarded: bool
    require_operator: bool


def judge_device(order: CheckOrder) -> int:
    """Judge, report, and give the exit status."""
    need_devices_file(order.devices)
    to_stdout = order.json_file == STANDARD_OUTPUT
    for path in (None if to_stdout else order.json_file, order.junit, order.trace):
        if path is not None:
            need_writable(path)
    terminal = TerminalReport(Console(stderr=True, highlight=False) if to_stdout else None)
    json_report = JsonReport(None if to_stdout else order.json_file)
    importing_from_here()
    try:
        target = make_target(
            order.device,
            driver=order.driver,
            config=config_of(order.device, order.driver, order.devices),
            hosted=order.hosted,
            guarded=order.guarded,
        )
        with ExitStack() as stack:
            handlers: list[Handler] = [terminal, json_report]
            if order.junit is not None:
                handlers.append(JUnitReport(order.junit))
            if order.trace is not None:
                handlers.append(stack.enter_context(TraceFile(order.trace)))
            stack.callback(terminal.stop)
            options = _options(order)
            work = functools.partial(interruptible, judge, target, options, handlers)
            result = run(work, seed=options.seed, clock=target.clock())
    except Unreachable as error:
        fail(Exit.UNREACHABLE, str(error), "`flatbed devices` lists what is there.")
    except ValueError as error:  # UsageError is one
        fail(Exit.USAGE, str(error), "`flatbed check device --help` lists the options.")
    except OSError as error:
        fail(Exit.USAGE, f"{error.filename}: {error.strerror}" if error.filename else str(error))
    if to_stdout:
        as_json(json_report.data)
    return int(result.exit)


def _options(order: CheckOrder) -> CheckOptions:
    """The options of a run. A recording is judged as its device was judged when it was recorded, unless the command line says otherwise."""
    recorded = recorded_options(order.device) if order.driver is None else None
    if recorded is not None:
        if order.only and sorted(order.only) != sorted(recorded.only or ()):
            made = " ".join(f"--only {name}" for name in recorded.only or ()) or "without --only"
            raise UsageError(
                f"{order.device} was recorded {made}, and answers in that order alone; check it so, or record it again."
            )
        asked = replace(
            recorded,
            baseline=order.baseline,
            baselines=fixture("baselines") if order.use_baseline else None,
            require_operator=order.require_operator,
            replay_dir=order.replay_dir,
        )
        asked = replace(asked, seed=order.seed) if order.seed else asked
        asked = replace(asked, programs=order.programs) if order.programs is not None else asked
        return replace(asked, budget=Budget.parse(order.budget)) if order.budget else asked
    return CheckOptions(
        only=order.only or None,
        budget=Budget.parse(order.budget),
        seed=order.seed,
        baseline=order.baseline,
        baselines=fixture("baselines") if order.use_baseline else None,
        require_operator=order.require_operator,
        programs=order.programs,
        replay_dir=order.replay_dir,
    )


def importing_from_here() -> None:
    """Let ``--driver module:factory`` find a module in the current folder, as ``python -m`` would."""
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
