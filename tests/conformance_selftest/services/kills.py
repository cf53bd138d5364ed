"""What the tests of kills share. There are two modules of them, so that two workers share the work."""

from __future__ import annotations

from conformance import Level, Verdict
from conformance.requirements import EVERY
from conformance.selftest.services import Defect
from conformance.selftest.services.judge import judgements

JOBS = range(24, 70)
"""Numbers of the requirements on jobs and their pages (REST-24 to REST-69): half of the defects are theirs."""


def of_jobs(defect: Defect) -> bool:
    """Whether it is a defect of jobs and their pages."""
    family, _, number = defect.requirement.partition("-")
    return family == "REST" and int(number) in JOBS


def dies(defect: Defect) -> None:
    """Assert that the check of its requirement, alone, finds it: a failure, or a warning for a SHOULD."""
    judged = judgements(defect.build, [defect.requirement])[defect.requirement]
    must = EVERY[defect.requirement].level is Level.MUST
    assert judged.verdict is (Verdict.FAIL if must else Verdict.WARN), judged.evidence
