"""What happens in a run, as one stream of typed events; every report is a handler of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

from conformance.bench import Command
from conformance.requirements import EVERY
from conformance.verdicts import Exit, Judgement, Verdict


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The device answered; the run begins."""

    target: str
    model: str
    revision: int
    seed: int
    guarded: bool
    baseline: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """One line of the plan: what will become of a requirement as far as can be said before.

    Attributes:
        expected: None if it will be checked; otherwise the verdict that stands already.
        reason: of that verdict.
        sheets: an estimate.
    """

    id: str
    expected: Verdict | None
    reason: str = ""
    sheets: int = 0

    def judgement(self) -> Judgement:
        """The verdict that stands already."""
        assert self.expected is not None
        row = EVERY[self.id]
        return Judgement(row.id, row.level, self.expected, self.reason, row.text, row.clause)


@dataclass(frozen=True, slots=True)
class PlanMade:
    """What will be done, before anything is."""

    entries: tuple[Planned, ...]
    budget: str
    programs: int = 0

    @property
    def to_check(self) -> int:
        """How many requirements will be checked."""
        return sum(entry.expected is None for entry in self.entries)

    @property
    def sheets(self) -> int:
        """An estimate of the sheets that will go through the feeder."""
        return sum(entry.sheets for entry in self.entries if entry.expected is None)


@dataclass(frozen=True, slots=True)
class CheckStarted:
    """A check begins."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """A check has something to say on its way."""

    id: str
    text: str


@dataclass(frozen=True, slots=True)
class CommandDone:
    """A verb has come back."""

    command: Command


@dataclass(frozen=True, slots=True)
class CheckFinished:
    """A requirement has its verdict."""

    judgement: Judgement


@dataclass(frozen=True, slots=True)
class ProgramsDone:
    """The generated programs have run; *failures* of them became verdicts."""

    programs: int
    commands: int
    failures: int


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The end, with all verdicts in the order of the registry."""

    judgements: tuple[Judgement, ...]
    exit: Exit
    seconds: float
    sheets: int


RunEvent: TypeAlias = (
    RunStarted | PlanMade | CheckStarted | Evidence | CommandDone | CheckFinished | ProgramsDone | RunFinished
)
Handler: TypeAlias = Callable[[RunEvent], None]
