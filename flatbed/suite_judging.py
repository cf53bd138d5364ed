"""What ``flatbed check`` does with a target that is no driver's device: suite, baseline, reports, exit status."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from conformance import Unreachable
from conformance.runner.suite import Suite, SuiteOptions, judge_suite
from device_protocol.testing import run
from flatbed.check_reports import reports, run_options
from flatbed.exits import Exit
from flatbed.harness import harness
from flatbed.interrupting import interruptible
from flatbed.say import fail

if TYPE_CHECKING:
    from flatbed.verbs.check.options import CheckOrder


def judge_target(make_suite: Callable[[], Suite[Any, Any]], order: CheckOrder, usage: str) -> int:
    """Judge, report, and give the exit status.

    Args:
        make_suite: gives the suite of what was asked for, or raises ValueError if that makes no sense.
        order: the options.
        usage: what to look at when they are wrong, for example ``flatbed check escl --help``.
    """
    try:
        suite = make_suite()
        options = SuiteOptions(**run_options(order))
        with reports(order) as opened:
            work = functools.partial(interruptible, judge_suite, suite, options, opened.handlers)
            return int(run(work, seed=order.seed).exit)
    except Unreachable as error:
        fail(Exit.UNREACHABLE, str(error))
    except ValueError as error:  # UsageError is one
        fail(Exit.USAGE, str(error), f"`{usage}` lists the options.")
    except OSError as error:
        fail(Exit.USAGE, f"{error.filename}: {error.strerror}" if error.filename else str(error))
    except Exception as error:  # noqa: BLE001  # whatever else comes up is a defect of ours
        harness(error)
