"""What is mutated and how it is judged: the words that ``devices`` and ``services`` share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Protocol

PROGRAMS = "programs"
"""Stands for the generated programs where ids of requirements stand for checks."""


class Watcher:
    """Hears what a run does; this one lets it run to its end and keeps nothing."""

    alone = False
    """Whether each check has to do all its scans itself, so that what it runs hangs on it alone."""
    enough = False
    """Whether the run may end."""

    def opening(self) -> AbstractContextManager[None]:
        """While a part is opened, which reads settings and files."""
        return nullcontext()

    def within(self) -> AbstractContextManager[None]:
        """While the part under test is there: after it was opened, until it is closed."""
        return nullcontext()

    def contact(self, target: str) -> None:
        """The target was reached, and said what it is."""

    def begins(self, name: str) -> None:
        """A check begins, or the programs."""

    def judged(self, target: str, name: str, verdict: str, evidence: str) -> None:
        """A requirement has its verdict."""


class Ground(Protocol):
    """A subject of the suite whose implementation is mutated."""

    @property
    def name(self) -> str:
        """``device`` or ``service``."""
        ...

    @property
    def roots(self) -> tuple[str, ...]:
        """The packages that are mutated, as far as the run covers them."""
        ...

    @property
    def renewed(self) -> tuple[str, ...]:
        """The packages that have to be imported anew for a mutant: *roots*, and what holds parts of them."""
        ...

    @property
    def out(self) -> Mapping[str, str]:
        """Modules and packages within them that are not mutated, each with the reason."""
        ...

    @property
    def targets(self) -> tuple[str, ...]:
        """What a mutant is judged on, one after the other, the one that shows most first."""
        ...

    @property
    def most_checks(self) -> int:
        """So many checks judge a mutant on a target; of those that run its lines, these are taken evenly if there are more."""
        ...

    def load(self) -> None:
        """Import what the judging needs, so that children find it there."""
        ...

    def names(self) -> tuple[str, ...]:
        """All checks by the ids of their requirements, in the order in which they run; perhaps with the programs."""
        ...

    def run(self, target: str, names: Sequence[str], watcher: Watcher) -> None:
        """Judge a target by the checks that *names* says. Runs trio by itself; an exception means that the target was not reached."""
        ...
