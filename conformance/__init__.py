"""The suite: judges any device behind the contract by the same requirements.

For whom: driver authors, CI, the zoo. ``requirements/`` are data, ``checks/`` judge them on a ``bench/``, ``programs/`` generates and shrinks command
sequences, ``runner/`` plans and runs, ``reports/`` are handlers of the runner's events; ``selftest/`` is the zoo that judges the suite itself.
What may come in: everything that judges. What may not: drivers and simulators (devices arrive through entry points); only ``selftest/`` may import them.
"""

from conformance.api import judge, run_checks
from conformance.bench import Budget
from conformance.runner.check import check_device, judge_device
from conformance.runner.facts import Unreachable
from conformance.runner.options import CheckOptions
from conformance.runner.replay import Replayed, replay_file
from conformance.runner.result import Result
from conformance.runner.targets import Target, UsageError, make_target
from conformance.verdicts import Exit, Judgement, Level, Verdict

__all__ = [
    "Budget",
    "CheckOptions",
    "Exit",
    "Judgement",
    "Level",
    "Replayed",
    "Result",
    "Target",
    "Unreachable",
    "UsageError",
    "Verdict",
    "check_device",
    "judge",
    "judge_device",
    "make_target",
    "replay_file",
    "run_checks",
]
