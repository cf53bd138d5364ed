"""What ``flatbed check sane`` does: the configuration, the suite, and the count in the form of SANE's own tester."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from conformance.sane.nest import WorkerSettings
from conformance.sane.suite import SaneSuite
from flatbed.say import note
from flatbed.suite_judging import judge_target
from simulators.fixture_files import fixture

if TYPE_CHECKING:
    from flatbed.verbs.check.options import CheckOrder

CONFIG = "sane-test"
"""SANE's ``test`` back end with a bed of A4: most installations have it switched off, and where it is on it is smaller than a page."""
SLOWER = 20.0
"""What deadlines are multiplied by besides when the worker is wrapped: valgrind is that much slower."""


@dataclass(frozen=True)
class SaneOrder:
    """What was asked for on the command line; see ``flatbed check sane --help``."""

    name: str
    config: Path | None
    library: str
    wrap: str
    deadline_scale: float
    level: int

    def settings(self) -> WorkerSettings:
        """How workers are started."""
        config = self.config
        if config is None and self.name.startswith("test:") and "SANE_CONFIG_DIR" not in os.environ:
            config = Path(os.path.relpath(fixture(CONFIG)))
            note(f"SANE's test back end as in {config}; --sane-config DIR takes another.")
        scale = self.deadline_scale * (SLOWER if self.wrap else 1.0)
        return WorkerSettings(self.library, config, self.wrap, scale)


def judge_sane(sane: SaneOrder, order: CheckOrder) -> int:
    """Judge, report, count, and give the exit status."""
    made: list[SaneSuite] = []

    def suite() -> SaneSuite:
        made.append(SaneSuite(sane.name, sane.settings(), sane.level))
        return made[-1]

    status = judge_target(suite, order, "flatbed check sane --help")
    for item in made:
        note(f"as tstbackend counts: {item.tally.line()}")
        item.close()
    return status
