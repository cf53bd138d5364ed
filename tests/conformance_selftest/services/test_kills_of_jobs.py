"""Defects of jobs and their pages die by the requirement that they break."""

from __future__ import annotations

import pytest

from conformance.selftest.services import DEFECTS, Defect
from tests.conformance_selftest.services.kills import dies, of_jobs


@pytest.mark.parametrize("defect", [item for item in DEFECTS if of_jobs(item)], ids=lambda defect: defect.name)
def test_defect_dies_by_its_own_id(defect: Defect) -> None:
    """The check of its requirement, run alone, finds it."""
    dies(defect)
