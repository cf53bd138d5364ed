"""What ``flatbed check device`` does with the suite: target, baseline, reports, exit status."""

from __future__ import annotations

import functools
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from conformance import Budget, Unreachable
from conformance.runner.check import judge_device as judge
from conformance.runner.options import CheckOptions
from conformance.runner.targets import UsageError, make_target
from device_protocol import DeviceError
from device_protocol.testing import run
from flatbed.check_reports import reports, run_options
from flatbed.exits import Exit
from flatbed.harness import harness
from flatbed.interrupting import interruptible
from flatbed.local_host import config_of, need_devices_file
from flatbed.person import ask, need_terminal
from flatbed.replaying import recorded_options
from flatbed.say import fail

if TYPE_CHECKING:
    from flatbed.verbs.check.options import CheckOrder


@dataclass(frozen=True)
class DeviceOrder:
    """Which device, and how it is to be opened."""

    device: str
    driver: str | None
    devices: Path | None
    programs: int | None
    hosted: bool
    guarded: bool
    operator: str = "none"


def judge_device(asked: DeviceOrder, order: CheckOrder) -> int:
    """Judge, report, and give the exit status."""
    need_devices_file(asked.devices)
    if asked.operator == "ask":
        need_terminal()
    importing_from_here()
    try:
        target = make_target(
            asked.device,
            driver=asked.driver,
            config=config_of(asked.device, asked.driver, asked.devices),
            hosted=asked.hosted,
            guarded=asked.guarded,
        )
        options = _options(asked, order)
        with reports(order, bar=asked.operator != "ask") as opened:
            options = replace(options, end=opened.end)
            work = functools.partial(interruptible, judge, target, options, opened.handlers)
            return int(run(work, seed=options.seed, clock=target.clock()).exit)
    except Unreachable as error:
        fail(Exit.UNREACHABLE, str(error), "`flatbed devices` lists what is there.")
    except ValueError as error:  # UsageError is one
        fail(Exit.USAGE, str(error), "`flatbed check device --help` lists the options.")
    except OSError as error:
        fail(Exit.USAGE, f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except DeviceError as error:  # a recording that cannot be read
        fail(Exit.FAILED, str(error))
    except Exception as error:  # noqa: BLE001  # whatever else comes up is a defect of ours
        harness(error)


def _options(asked: DeviceOrder, order: CheckOrder) -> CheckOptions:
    """The options of a run. A recording is judged as its device was judged when it was recorded, unless the command line says otherwise."""
    recorded = recorded_options(asked.device) if asked.driver is None else None
    if recorded is None:
        return CheckOptions(**run_options(order), programs=asked.programs, ask=ask if asked.operator == "ask" else None)
    if order.only and sorted(order.only) != sorted(recorded.only or ()):
        made = " ".join(f"--only {name}" for name in recorded.only or ()) or "without --only"
        raise UsageError(
            f"{asked.device} was recorded {made}, and answers in that order alone; check it so, or record it again."
        )
    if order.skip or order.repeat > 1:
        raise UsageError(
            f"{asked.device} is a recording and answers in its own order alone, without --skip or --repeat."
        )
    said = run_options(order)
    kept = ("baseline", "baselines", "require_operator", "strict", "replay_dir")
    options = replace(recorded, **{name: said[name] for name in kept})
    options = replace(options, seed=order.seed) if order.seed else options
    options = replace(options, programs=asked.programs) if asked.programs is not None else options
    return replace(options, budget=Budget.parse(order.budget)) if order.budget else options


def importing_from_here() -> None:
    """Let ``--driver module:factory`` find a module in the current folder, as ``python -m`` would."""
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
