"""What a run is asked to do."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path

from conformance.bench import Budget, Limits

PROGRAMS_VIRTUAL, PROGRAMS_REAL = 300, 10
"""Generated programs for a virtual and for a real device, if nobody says how many; in experiments 1 to 78 sufficed for a kill."""

PROGRAM_SECONDS = 6.0
"""Real time that generated programs may take on a virtual device, if no time budget is given."""


@dataclass(frozen=True, slots=True)
class CheckOptions:
    """Options of ``flatbed check device``.

    Attributes:
        only: ids or families of requirements; None: all, and the generated programs too.
        budget: sheets and time.
        seed: of every choice.
        baseline: file of failures that are known; None: none.
        baselines: folder in which the one for the device is looked for, if *baseline* is None.
        require_operator: NEEDS_OPERATOR fails.
        programs: how many generated programs; None: what suits the device.
        replay_dir: where replay files go; None: nowhere.
        limits: for single verbs; None: what suits the device.
    """

    only: Collection[str] | None = None
    budget: Budget = field(default_factory=Budget)
    seed: int = 0
    baseline: Path | None = None
    baselines: Path | None = None
    require_operator: bool = False
    programs: int | None = None
    replay_dir: Path | None = Path("flatbed-replay")
    limits: Limits | None = None
