"""The checks of devices: one async function on a bench for each requirement (``conformance.checking``)."""

from __future__ import annotations

from conformance.bench import Bench
from conformance.checking import Check, Checks
from conformance.requirements import Subject

CHECKS: Checks[Bench] = Checks(Subject.DEVICE)
"""By requirement id; filled when ``conformance.checks`` is imported."""

check = CHECKS.check

__all__ = ["CHECKS", "Check", "check"]
