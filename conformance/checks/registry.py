"""Where checks register themselves: one async function for each requirement."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from conformance.bench import Bench
from conformance.requirements import REQUIREMENTS, Status

CheckFunction = Callable[[Bench], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Check:
    """A check.

    Attributes:
        id: of the requirement that it judges.
        run: returns if the requirement holds; raises an outcome otherwise (``conformance.outcomes``).
        sheets: an estimate of the sheets it feeds on a device that has only a feeder.
        feeder_sheets: the sheets it feeds from the feeder even if there is a flatbed.
        virtual_only: does something that nobody would do to a real device.
    """

    id: str
    run: CheckFunction
    sheets: int = 0
    feeder_sheets: int = 0
    virtual_only: str = ""

    @property
    def name(self) -> str:
        """For traces and replay files."""
        return getattr(self.run, "__name__", self.id)


CHECKS: dict[str, Check] = {}
"""By requirement id; filled when ``conformance.checks`` is imported."""


def check(
    requirement: str, *, sheets: int = 0, feeder_sheets: int = 0, virtual_only: str = ""
) -> Callable[[CheckFunction], CheckFunction]:
    """Register the check of *requirement*; see :class:`Check` for the arguments.

    Raises:
        ValueError: there is no such requirement, it is planned, or it has a check already.
    """
    row = REQUIREMENTS.get(requirement)
    if row is None or row.status is Status.PLANNED:
        raise ValueError(f"{requirement} is {'unknown' if row is None else 'planned'}")

    def register(function: CheckFunction) -> CheckFunction:
        if requirement in CHECKS:
            raise ValueError(f"{requirement} has a check already: {CHECKS[requirement].name}")
        CHECKS[requirement] = Check(requirement, function, sheets, feeder_sheets, virtual_only)
        return function

    return register
