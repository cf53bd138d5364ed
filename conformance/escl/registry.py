"""The table of the checks of eSCL scanners."""

from __future__ import annotations

from conformance.checking import Checks
from conformance.escl.desk import Desk
from conformance.requirements import Subject

CHECKS: Checks[Desk] = Checks(Subject.ESCL)
"""By requirement id; filled when ``conformance.escl.checks`` is imported."""

check = CHECKS.check

__all__ = ["CHECKS", "check"]
