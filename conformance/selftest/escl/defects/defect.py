"""What a seeded defect of a scanner is."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from conformance.selftest.escl.build import LEGAL, Build
from conformance.selftest.escl.proof import Proof, Step


@dataclass(frozen=True)
class Defect:
    """A scanner that breaks one requirement.

    Attributes:
        name: unique, for reports.
        requirement: the id by which it must die.
        what: what it does wrong, in a sentence.
        build: how to open it.
        proof: a few requests on which it shows something else than *base* (a defect that shows nothing would be no defect).
        base: the legal scanner it was made from.
    """

    name: str
    requirement: str
    what: str
    build: Build
    proof: Proof
    base: Build = LEGAL


def defect(name: str, requirement: str, what: str, *proof: Step, base: Build = LEGAL, **parts: Any) -> Defect:
    """A defect made by replacing *parts* (fields of Build) of *base*."""
    return Defect(name, requirement, what, replace(base, **parts), proof, base)
