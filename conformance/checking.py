"""Where checks register themselves: for each subject one table, in it one async function for each requirement."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from conformance.requirements import EVERY, Status, Subject

B = TypeVar("B")
"""What a check has in its hands: a bench for devices, a desk for the others."""


@dataclass(frozen=True, slots=True)
class Check(Generic[B]):
    """A check.

    Attributes:
        id: of the requirement that it judges.
        run: returns if the requirement holds; raises an outcome otherwise (``conformance.outcomes``).
        sheets: an estimate of the sheets it feeds on a device that has only a feeder.
        feeder_sheets: the sheets it feeds from the feeder even if there is a flatbed.
        virtual_only: does something that nobody would do to a real device.
    """

    id: str
    run: Callable[[B], Awaitable[None]]
    sheets: int = 0
    feeder_sheets: int = 0
    virtual_only: str = ""

    @property
    def name(self) -> str:
        """For traces and replay files."""
        return getattr(self.run, "__name__", self.id)


class Checks(dict[str, Check[B]]):
    """The checks of one subject, by requirement id; filled when their modules are imported."""

    def __init__(self, subject: Subject) -> None:
        super().__init__()
        self.subject = subject

    def check(
        self, requirement: str, *, sheets: int = 0, feeder_sheets: int = 0, virtual_only: str = ""
    ) -> Callable[[Callable[[B], Awaitable[None]]], Callable[[B], Awaitable[None]]]:
        """Register the check of *requirement*; see :class:`Check` for the arguments.

        Raises:
            ValueError: there is no such requirement, it is planned, it is not for this subject, or it has a check already.
        """
        row = EVERY.get(requirement)
        if row is None or row.status is Status.PLANNED:
            raise ValueError(f"{requirement} is {'unknown' if row is None else 'planned'}")
        if self.subject not in row.subjects:
            raise ValueError(f"{requirement} is not for {self.subject.value} targets")

        def register(function: Callable[[B], Awaitable[None]]) -> Callable[[B], Awaitable[None]]:
            if requirement in self:
                raise ValueError(f"{requirement} has a check already: {self[requirement].name}")
            self[requirement] = Check(requirement, function, sheets, feeder_sheets, virtual_only)
            return function

        return register
