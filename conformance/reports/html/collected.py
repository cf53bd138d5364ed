"""What the report keeps of a run while it goes on, within bounds: a run may have a million commands."""

from __future__ import annotations

from dataclasses import dataclass, field

from conformance.bench import Command
from conformance.reports.html.pictures import Picture, picture_of
from conformance.runner.events import (
    CheckStarted,
    CommandDone,
    Evidence,
    PageSeen,
    PlanMade,
    ProgramsDone,
    RunEvent,
    RunFinished,
    RunRepeated,
    RunStarted,
)

COMMANDS_KEPT = 150
"""Of each check; a person looks at the last ones, a program has the trace."""
PICTURES_KEPT = 4
"""Of each check."""
PICTURES_IN_ALL = 60


@dataclass(slots=True)
class CheckRecord:
    """What happened in one check.

    Attributes:
        commands: the last ones, in order.
        left_out: how many came before them.
        notes: what the check said on its way.
        pictures: pages that came.
        pages: how many came in all.
    """

    commands: list[Command] = field(default_factory=list)
    left_out: int = 0
    notes: list[str] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    pages: int = 0

    def add(self, command: Command) -> None:
        """Keep *command*, and drop the oldest if there are too many."""
        self.commands.append(command)
        if len(self.commands) > COMMANDS_KEPT:
            del self.commands[0]
            self.left_out += 1


@dataclass(slots=True)
class Collected:
    """A run as far as it has come."""

    started: RunStarted | None = None
    plan: PlanMade | None = None
    programs: ProgramsDone | None = None
    finished: RunFinished | None = None
    checks: dict[str, CheckRecord] = field(default_factory=dict)
    pictures: int = 0

    def take(self, event: RunEvent) -> None:
        """Take an event."""
        match event:
            case RunStarted():
                self.started = event
            case PlanMade():
                self.plan = event
            case RunRepeated():
                self.pictures = 0
            case CheckStarted():
                self.checks[event.id] = CheckRecord()  # of several runs the last one is shown
            case CommandDone():
                self._of(event.command.check).add(event.command)
            case Evidence():
                self._of(event.id).notes.append(event.text)
            case PageSeen():
                self._page(event)
            case ProgramsDone():
                self.programs = event
            case RunFinished():
                self.finished = event
            case _:
                pass

    def _of(self, requirement: str) -> CheckRecord:
        return self.checks.setdefault(requirement, CheckRecord())

    def _page(self, event: PageSeen) -> None:
        record = self._of(event.id)
        record.pages += 1
        if len(record.pictures) >= PICTURES_KEPT or self.pictures >= PICTURES_IN_ALL:
            return
        picture = picture_of(event)
        if picture is not None:
            record.pictures.append(picture)
            self.pictures += 1
