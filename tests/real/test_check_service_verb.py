"""``flatbed check service`` as a user runs it, against a running service on sockets: whole, with faults, over https, and without an operator."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from conformance.requirements import Subject, of
from flatbed.exits import Exit
from flatbed.testing import ScanService
from tests.real.services import service_with_feeder

pytestmark = pytest.mark.real

DEVICES = """
schema = 1
time = "instant"

[[device]]
id = "feeder"
profile = "office-duplex-feeder"
rest_type = 64
sheets = 3

[[device]]
id = "flatbed"
profile = "flatbed"
rest_type = 64
sheets = 1
"""
LIMIT_S = 240


@pytest.fixture(scope="module")
def service() -> Iterator[ScanService]:
    """A service with a flatbed and a feeder."""
    with service_with_feeder(devices=DEVICES) as running:
        yield running


def check(url: str, *words: str, folder: Path) -> tuple[int, dict[str, Any], str]:
    """Run the verb; exit status, the JSON report (empty if there is none) and what it said."""
    command = [sys.executable, "-m", "flatbed.cli", "check", "service", url, "--json", "-", *words]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, timeout=LIMIT_S)
    return done.returncode, json.loads(done.stdout) if done.stdout else {}, done.stderr


def verdicts(report: dict[str, Any]) -> dict[str, str]:
    """By requirement."""
    return {item["id"]: item["verdict"] for item in report["verdicts"]}


def test_our_own_service_passes(service: ScanService, tmp_path: Path) -> None:
    """Every requirement on services is judged and kept, the feeder's by the control API; no job and no document is left behind."""
    status, report, said = check(service.url, "--control", service.ready["control"], folder=tmp_path)
    quick = {"REST-47": "not-applicable"}  # a scan may be over before the shortest time that a job can be given
    found = verdicts(report)
    bad = {
        item["id"]: item["evidence"]
        for item in report["verdicts"]
        if item["verdict"] not in {"pass", quick.get(item["id"])}
    }
    assert bad == {}, said
    assert (status, set(found)) == (Exit.OK, set(of(Subject.SERVICE)))
    assert [job for job in service.control("GET", "/jobs") if job["state"] in {"pending", "running"}] == []
    assert list(tmp_path.iterdir()) == [], "nothing failed, so there is nothing to replay"


def test_a_fault_is_found_by_its_id(service: ScanService, tmp_path: Path) -> None:
    """A service that says that it is compatible with nobody fails REST-01 and leaves a file that replays it, before the fault is lifted and after."""
    service.control("POST", "/faults", {"name": "wrong-version"})
    try:
        status, report, _ = check(service.url, "--only", "REST-01", "--only", "REST-02", folder=tmp_path)
        (file,) = (tmp_path / "flatbed-replay").iterdir()
        again = replay(file)
    finally:
        service.control("DELETE", "/faults")
    assert (status, verdicts(report)) == (Exit.FAILED, {"REST-01": "fail", "REST-02": "pass"})
    assert again == Exit.FAILED
    assert replay(file) == Exit.OK


def replay(file: Path) -> int:
    """``flatbed replay``: 1 if the failure is there, 0 if it is fixed."""
    command = [sys.executable, "-m", "flatbed.cli", "replay", str(file)]
    return subprocess.run(command, capture_output=True, check=False, timeout=LIMIT_S).returncode


@pytest.mark.parametrize(
    ("fault", "words"),
    [({"name": "licence-refused"}, "--product-key"), ({"name": "reset"}, "connection")],
    ids=["licence-refused", "reset"],
)
def test_what_cannot_be_judged_is_unreachable(
    service: ScanService, tmp_path: Path, fault: dict[str, Any], words: str
) -> None:
    """A service that lets nobody make a job, and one that resets each connection: exit status 4, and a sentence."""
    service.control("POST", "/faults", fault)
    try:
        status, report, said = check(service.url, folder=tmp_path)
    finally:
        service.control("DELETE", "/faults")
    assert (status, report) == (Exit.UNREACHABLE, {})
    assert words in " ".join(said.split())


def test_https_with_an_authority(service: ScanService, tmp_path: Path) -> None:
    """Over https the service is judged as over http, if its authority is trusted; and its addresses are https and wss ones."""
    url, ca = service.ready["https"], service.ready["ca"]
    words = [word for name in ("REST-24", "REST-31", "REST-63", "REST-99", "WIRE-10") for word in ("--only", name)]
    status, report, said = check(url, "--ca", ca, *words, folder=tmp_path)
    assert (status, set(verdicts(report).values())) == (Exit.OK, {"pass"}), said
    status, _, said = check(url, "--only", "REST-24", folder=tmp_path)
    assert status == Exit.UNREACHABLE
    assert "TLS" in said


def test_nobody_beside_the_scanner(service: ScanService, tmp_path: Path) -> None:
    """Without an operator a jam is nobody's failure; with --require-operator it fails; a part that is not wanted is quoted."""
    words = ("--only", "REST-42", "--only", "REST-102", "--no-legacy", "--scanner")
    name = next(item["name"] for item in service.control("GET", "/devices") if item["id"] == "virtual:feeder")
    status, report, said = check(service.url, *words, name, folder=tmp_path)
    assert verdicts(report) == {"REST-42": "needs-operator", "REST-102": "not-applicable"}, said
    assert status == Exit.OK
    assert "--no-legacy" in str(report["verdicts"])
    status, _, _ = check(service.url, *words, name, "--require-operator", folder=tmp_path)
    assert status == Exit.FAILED
