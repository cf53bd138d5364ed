"""All other defects of services die by the requirement that they break, and the services that they were made from do not."""

from __future__ import annotations

import pytest

from conformance import Verdict
from conformance.selftest.services import DEFECTS, LEGAL, Defect
from conformance.selftest.services.judge import active, judgements, sample
from tests.conformance_selftest.services.kills import dies, of_jobs


@pytest.mark.parametrize("defect", [item for item in DEFECTS if not of_jobs(item)], ids=lambda defect: defect.name)
def test_defect_dies_by_its_own_id(defect: Defect) -> None:
    """The check of its requirement, run alone, finds it."""
    dies(defect)


@pytest.mark.slow
def test_what_they_were_made_from_passes() -> None:
    """Everything on the reference service, and on each other base what its defects must die by."""
    verdicts = {name: item.verdict for name, item in judgements(LEGAL).items()}
    assert {name for name, verdict in verdicts.items() if verdict is not Verdict.PASS} == set()
    assert set(verdicts) == set(active())
    for defect in DEFECTS:
        if defect.base is not LEGAL:
            judged = judgements(defect.base, [defect.requirement])[defect.requirement]
            assert judged.verdict is Verdict.PASS, judged.evidence


def test_without_any_one_check_a_defect_lives() -> None:
    """Each checked requirement has a defect that dies by it alone in the tests above, so none of the checks could be taken away unnoticed."""
    assert {defect.requirement for defect in DEFECTS} == set(active())


@pytest.mark.parametrize(
    ("name", "dies_by"),
    [("busy-is-409", "REST-26"), ("inserted-twice", "REST-83"), ("page-without-notice", "REST-100")],
)
def test_a_sample_shows_how_a_defect_dies(name: str, dies_by: str) -> None:
    """Its verdict comes with the steps that led there, the same in each of five runs, with jobs, documents and WebSockets."""
    runs = [sample(name) for _ in range(5)]
    assert (runs[0].id, runs[0].verdict) == (dies_by, Verdict.FAIL)
    assert any("/api/" in step for step in runs[0].steps)
    assert all(
        (again.evidence, again.steps, again.signature) == (runs[0].evidence, runs[0].steps, runs[0].signature)
        for again in runs
    )
