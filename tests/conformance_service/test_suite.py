"""The suite of services: addresses, what goes into a replay file and what does not, and a verdict from end to end."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from conformance.requirements import Subject
from conformance.runner.suite import SuiteOptions, judge_suite
from conformance.runner.suites import suite_from_data
from conformance.runner.targets import UsageError
from conformance.service.desk import Place
from conformance.service.suite import ServiceSuite, control_at, service_at
from conformance.verdicts import Verdict
from device_protocol.testing import Jumper, run
from tests.conformance_service.scripted import HOST, Asked, Said, scripted
from tests.conformance_service.test_contact import Service


@pytest.mark.parametrize(
    ("url", "scheme", "host", "root"),
    [
        ("http://127.0.0.1:18622", "http", "127.0.0.1:18622", ""),
        ("http://127.0.0.1:18622/", "http", "127.0.0.1:18622", ""),
        ("https://scans.example/base/api/", "https", "scans.example", "/base"),
        ("http://[::1]:18622/api", "http", "[::1]:18622", ""),
    ],
)
def test_addresses(url: str, scheme: str, host: str, root: str) -> None:
    """A path is what stands before /api, and /api itself may be typed."""
    suite = service_at(url)
    assert (suite.place.scheme, suite.place.host, suite.root) == (scheme, host, root)


@pytest.mark.parametrize(
    "url", ["", "127.0.0.1:18622", "ftp://x", "http://", "http://x:y", "http://u:p@x", "http://[::1"]
)
def test_what_is_no_address(url: str) -> None:
    """Nonsense is a usage error that shows what to write."""
    with pytest.raises(UsageError):
        service_at(url)


def test_a_replay_file_makes_the_same_suite_and_has_no_secrets() -> None:
    """What was chosen is kept; tokens and keys have to be given anew."""
    suite = service_at(
        "https://127.0.0.1:18623",
        scanner="One",
        origins=("http://a.example",),
        legacy=False,
        insecure=True,
        product_key="key-word",
        token="token-word",  # no secret
        patience=2.0,
    )
    data = suite.as_data()
    assert "word" not in repr(data)
    again = suite_from_data({"subject": "service", **data})
    assert isinstance(again, ServiceSuite)
    assert again.as_data() == data
    assert again.place.patience == 2.0


@pytest.mark.parametrize(
    "change",
    [
        {"url": 3},
        {"scanner": None},
        {"origins": "x"},
        {"origins": [1]},
        {"legacy": "yes"},
        {"patience": "long"},
        {"patience": 0},
        {"patience": 1e9},
        {"url": "x"},
    ],
)
def test_bad_replay_targets(change: dict[str, Any]) -> None:
    """A file that somebody edited is refused, and nothing is asked of anybody."""
    with pytest.raises(UsageError):
        suite_from_data({"subject": "service", **service_at("http://127.0.0.1:1").as_data(), **change})


def test_a_control_api_needs_its_token(tmp_path: Path) -> None:
    """The token stands behind # or is given; a file that holds no certificates is no authority."""
    control_at("http://127.0.0.1:18625/control#token", "")
    control_at("https://127.0.0.1:18626", "token", insecure=True)
    with pytest.raises(UsageError, match="--token"):
        control_at("http://127.0.0.1:18625/control", "")
    broken = tmp_path / "ca.pem"
    broken.write_text("nothing")
    with pytest.raises(UsageError, match="--ca"):
        service_at("https://127.0.0.1:1", ca=broken)


def judged(answer: Callable[[Asked], Said], only: str) -> tuple[Verdict, str, str]:
    """The verdict on one requirement of a scripted service, with its evidence and signature."""

    async def main() -> tuple[Verdict, str, str]:
        async with scripted(answer) as service:
            suite = ServiceSuite("scripted", Place(service.connect, "http", HOST))
            result = await judge_suite(suite, SuiteOptions(only=(only,), replay_dir=None))
            (judgement,) = result.judgements
            return judgement.verdict, judgement.evidence, judgement.signature

    return run(main, clock=Jumper())


def test_a_verdict_from_end_to_end() -> None:
    """A good version passes; one that is a number fails at that point; a part that is missing is quoted."""
    whole = Service()

    def broken(asked: Asked) -> Said:
        said = whole(asked)
        return Said(200, {"version": 7, "compatible": True}) if asked.target.endswith("/version") else said

    assert judged(Service(), "REST-01")[0] is Verdict.PASS
    verdict, evidence, signature = judged(broken, "REST-01")
    assert (verdict, signature) == (Verdict.FAIL, "REST-01/version")
    assert evidence == "GET /api/server/version: 200: version is 7"
    verdict, evidence, _ = judged(Service(lacks=("/DWTAPI",)), "REST-102")
    assert verdict is Verdict.NOT_APPLICABLE
    assert evidence.endswith("the target declares GET /DWTAPI/Scanners: 404 with code -2113")


def test_subject_and_checks() -> None:
    """It is for services, and a desk is what its checks get."""
    suite = service_at("http://127.0.0.1:1")
    assert suite.subject is Subject.SERVICE
    assert suite.baseline_for == "service"
    assert set(suite.checks) > {"REST-01", "WIRE-10"}
