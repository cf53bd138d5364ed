"""The seeded defects of eSCL scanners, one module for each part of the requirements.

May come in: a change of one part of the door, the requirement by which it must die, and a proof. May not: changes of two things at once.
"""

from conformance.selftest.escl.defects import capabilities, feeder, http, jobs, pages, settings, status, wire
from conformance.selftest.escl.defects.defect import Defect

DEFECTS: tuple[Defect, ...] = (
    *http.DEFECTS,
    *capabilities.DEFECTS,
    *status.DEFECTS,
    *settings.DEFECTS,
    *pages.DEFECTS,
    *jobs.DEFECTS,
    *feeder.DEFECTS,
    *wire.DEFECTS,
)
"""All of them, in the order of the requirements."""

__all__ = ["DEFECTS", "Defect"]
