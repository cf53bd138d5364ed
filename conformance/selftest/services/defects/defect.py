"""What a seeded defect of a service is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from conformance.selftest.services.build import LEGAL, Around, Build
from conformance.selftest.services.proof import Proof, Step


@dataclass(frozen=True)
class Defect:
    """A service that breaks one requirement.

    Attributes:
        name: unique, for reports.
        requirement: the id by which it must die.
        what: what it does wrong, in a sentence.
        build: how to open it.
        proof: a few requests on which it answers otherwise than *base* (a defect that shows nothing would be no defect).
        base: the legal service that it was made from.
    """

    name: str
    requirement: str
    what: str
    build: Build
    proof: Proof
    base: Build = LEGAL


def wrapped(name: str, requirement: str, what: str, around: Around, *proof: Step, base: Build = LEGAL) -> Defect:
    """A defect that is something *around* the service."""
    return Defect(name, requirement, what, base.inside(around), proof, base)


def rebuilt(
    name: str,
    requirement: str,
    what: str,
    *proof: Step,
    base: Build = LEGAL,
    config: dict[str, Any] | None = None,
    **parts: Any,
) -> Defect:
    """A defect that is another part (fields of :class:`Build`), or another setting."""
    return Defect(name, requirement, what, replace(base.with_config(**(config or {})), **parts), proof, base)
