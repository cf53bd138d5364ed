"""The zoos of all subjects under one roof: which defect must die by which requirement, and how it looks when it does."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Protocol

from conformance.requirements import Subject
from conformance.verdicts import Judgement


class SeededDefect(Protocol):
    """What every zoo's defect has."""

    @property
    def name(self) -> str:
        """Unique in its zoo."""
        ...

    @property
    def requirement(self) -> str:
        """The id by which it must die."""
        ...

    @property
    def what(self) -> str:
        """What it does wrong, in a sentence."""
        ...


ZOOS: Mapping[Subject, str] = {
    Subject.DEVICE: "conformance.selftest.samples",
    Subject.SERVICE: "conformance.selftest.services",
    Subject.ESCL: "conformance.selftest.escl",
    Subject.SANE: "conformance.selftest.c_backend",
}
"""The package of each zoo; it has ``DEFECTS`` and ``sample(name)``."""


def defects(subject: Subject) -> tuple[SeededDefect, ...]:
    """The seeded defects of a subject, in their order."""
    if subject not in ZOOS:
        return ()
    found: tuple[SeededDefect, ...] = tuple(importlib.import_module(ZOOS[subject]).DEFECTS)
    return found


def defects_of(requirement: str, subject: Subject) -> tuple[SeededDefect, ...]:
    """Those that must die by *requirement*."""
    return tuple(item for item in defects(subject) if item.requirement == requirement)


def sample(name: str, subject: Subject) -> Judgement | None:
    """The verdict on the seeded defect *name*, with the steps that led to it; None if it cannot be run here."""
    run: Callable[[str], Judgement | None] = importlib.import_module(ZOOS[subject]).sample
    return run(name)
