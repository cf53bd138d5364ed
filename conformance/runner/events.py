"""What happens in a run, as one stream of typed events; every report is a handler of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from conformance.bench import Command, Encoded, ScannedPage
from conformance.requirements import EVERY, Subject
from conformance.verdicts import Exit, Judgement, Verdict
from device_protocol import Area


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The target answered; the run begins.

    Attributes:
        target: as typed.
        model: maker and model.
        revision: of the requirements.
        seed: of every choice.
        guarded: the contract's guard stands before the device.
        baseline: its name; empty: none.
        subject: who is judged.
        environment: what the suite runs on (``runner.environment``).
        repeat: how many runs are to come.
    """

    target: str
    model: str
    revision: int
    seed: int
    guarded: bool
    baseline: str = ""
    subject: Subject = Subject.DEVICE
    environment: Mapping[str, str] = field(default_factory=dict)
    repeat: int = 1


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
class PageSeen:
    """A page has come whole, for a report that shows pages; whoever keeps them all keeps much.

    Attributes:
        id: the requirement under check.
        title: where it came from.
        page: its samples, or the file that came.
        area: what was asked for; None: all of it, or nothing in particular.
    """

    id: str
    title: str
    page: ScannedPage | Encoded
    area: Area | None = None


@dataclass(frozen=True, slots=True)
class RunRepeated:
    """One run of several has ended and the next one begins; *number* counts from 2."""

    number: int
    of: int


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
    RunStarted
    | PlanMade
    | CheckStarted
    | Evidence
    | CommandDone
    | PageSeen
    | CheckFinished
    | ProgramsDone
    | RunRepeated
    | RunFinished
)
Handler: TypeAlias = Callable[[RunEvent], None]
