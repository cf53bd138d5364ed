"""The suite is silent about correct devices: the zoo's legal one, check by check, and the virtual machines of the built-in lab."""

from __future__ import annotations

import pytest

from conformance import Verdict, judge, run_checks
from conformance.bench import OpenBackend
from conformance.checks import CHECKS
from conformance.selftest import SCANNER, legal_backend
from conformance.verdicts import Judgement
from device_host import open_backend
from device_protocol.testing import Jumper, run

SILENT = {Verdict.PASS, Verdict.NOT_APPLICABLE, Verdict.NOT_CHECKED}


def loud(judged: dict[str, Judgement], *more: Verdict) -> dict[str, str]:
    """What is neither a pass nor excluded by a declaration."""
    return {
        name: f"{item.verdict}: {item.evidence}"
        for name, item in judged.items()
        if item.verdict not in {*SILENT, *more}
    }


@pytest.mark.parametrize("requirement", CHECKS)
def test_each_check_alone(requirement: str) -> None:
    """No check relies on what another one scanned or left behind; a replay runs it alone."""
    judged = run(lambda: judge(legal_backend, SCANNER, {requirement}), clock=Jumper())
    assert loud(judged) == {}


def virtual() -> OpenBackend:
    """Opens the built-in lab."""
    return lambda: open_backend("virtual", {"time": "instant"})


@pytest.mark.slow
@pytest.mark.parametrize(
    ("device", "only", "least"),
    [("feeder", None, 90), ("flatbed", {"LIFE", "SCAN", "DATA", "CANC", "ERR", "STAT"}, 40)],
)
def test_virtual_machines(device: str, only: set[str] | None, least: int) -> None:
    """Every requirement that applies is checked and holds; the feeder leaves nothing to a person."""
    judged = run(lambda: judge(virtual(), device, only))
    assert loud(judged, Verdict.NEEDS_OPERATOR) == {}
    assert sum(item.verdict is Verdict.PASS for item in judged.values()) >= least


def test_run_checks_gives_verdicts_alone() -> None:
    """The smallest way in: by id, in the order of the registry."""
    verdicts = run(lambda: run_checks(legal_backend, SCANNER, {"SET-02", "SET-01"}), clock=Jumper())
    assert dict(verdicts) == {"SET-01": Verdict.PASS, "SET-02": Verdict.PASS}
    assert list(verdicts) == ["SET-01", "SET-02"]
