"""Where the checks of back ends register themselves, each with the level from which it runs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from conformance.checking import Checks
from conformance.requirements import Subject
from conformance.sane.desk import Desk

CHECKS: Checks[Desk] = Checks(Subject.SANE)
"""By requirement id; filled when ``conformance.sane.checks`` is imported."""

LEVELS: dict[str, int] = {}
"""The level of ``tstbackend`` from which each runs: 0 the library and its devices, 1 options too, 2 scans too, 3 long scans."""

DEFAULT_LEVEL = 2


def check(
    requirement: str, *, level: int, sheets: int = 0
) -> Callable[[Callable[[Desk], Awaitable[None]]], Callable[[Desk], Awaitable[None]]]:
    """Register the check of *requirement*."""
    LEVELS[requirement] = level
    return CHECKS.check(requirement, sheets=sheets)
