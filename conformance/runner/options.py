"""What a run is asked to do."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from pathlib import Path

from conformance.bench import Budget, Limits
from conformance.runner.attended import Ask
from conformance.runner.result import Result

PROGRAMS_VIRTUAL, PROGRAMS_REAL = 300, 10
"""Generated programs for a virtual and for a real device, if nobody says how many; in experiments 1 to 78 sufficed for a kill."""

PROGRAM_SECONDS = 6.0
"""Real time that generated programs may take on a virtual device, if no time budget is given."""

MOST_REPEATS = 1000

BLOCKED_S = 30.0
"""Real seconds that a driver may keep the whole process from running before the run is given up."""


@dataclass(frozen=True, slots=True)
class RunOptions:
    """Options of every ``flatbed check``.

    Attributes:
        only: which requirements (``runner.plan.select``); None: all.
        skip: which not, in the same words.
        revision: only those that the registry had at that revision; None: all.
        budget: sheets and time.
        seed: of every choice.
        baseline: file of failures that are known; None: none.
        baselines: folder in which the one for the target is looked for, if *baseline* is None.
        require_operator: NEEDS_OPERATOR fails.
        strict: WARN fails.
        repeat: how often to judge, with the same seed; a verdict that differs between the runs is a failure.
        replay_dir: where replay files go; None: nowhere.

    Raises:
        ValueError: *repeat* is no sensible number.
    """

    only: Collection[str] | None = None
    skip: Collection[str] = ()
    revision: int | None = None
    budget: Budget = field(default_factory=Budget)
    seed: int = 0
    baseline: Path | None = None
    baselines: Path | None = None
    require_operator: bool = False
    strict: bool = False
    repeat: int = 1
    replay_dir: Path | None = Path("flatbed-replay")

    def __post_init__(self) -> None:
        if not 1 <= self.repeat <= MOST_REPEATS:
            raise ValueError(f"a run can be repeated 1 to {MOST_REPEATS} times, not {self.repeat}")

    @property
    def selective(self) -> bool:
        """Whether only some requirements were asked for."""
        return self.only is not None or bool(self.skip)


@dataclass(frozen=True, slots=True)
class CheckOptions(RunOptions):
    """Options of ``flatbed check device``.

    Attributes:
        programs: how many generated programs; None: what suits the device, and none if only some requirements were asked for.
        limits: for single verbs; None: what suits the device.
        end: ends the process when the driver has blocked it for good, after the reports; None: nobody watches.
        blocked_s: real seconds that a driver may keep the whole process from running.
        ask: asks a person to do what a device without a control of its own needs; None: nobody is there.
    """

    programs: int | None = None
    limits: Limits | None = None
    end: Callable[[Result], object] | None = None
    blocked_s: float = BLOCKED_S
    ask: Ask | None = None
