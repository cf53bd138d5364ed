"""How an eSCL scanner is reached, who stands before it, and what a run without them says."""

from __future__ import annotations

from dataclasses import replace

import pytest
import trio

from conformance import UsageError
from conformance.bench import Log
from conformance.escl.operator import ControlAddress
from conformance.escl.suite import Address, EsclSuite, EsclTarget, from_data
from conformance.runner.facts import Unreachable
from conformance.runner.options import RunOptions
from conformance.runner.result import Result
from conformance.runner.suite import judge_suite
from conformance.runner.suites import suite_from_data
from conformance.selftest.escl.build import LEGAL, Build, machine
from conformance.selftest.escl.family import FEEDER, FLATBED
from conformance.selftest.escl.hostile import HOSTILE
from conformance.verdicts import Verdict
from device_protocol.testing import Jumper, run

OPERATED = ("ESCL-58", "ESCL-59", "ESCL-60", "ESCL-61", "ESCL-49", "ESCL-50")


@pytest.mark.parametrize(
    ("url", "root", "expected"),
    [
        ("http://127.0.0.1:8290/eSCL", None, "http://127.0.0.1:8290/eSCL"),
        ("http://127.0.0.1:8290", None, "http://127.0.0.1:8290/eSCL"),
        ("http://127.0.0.1:8290/", "scan/one/", "http://127.0.0.1:8290/scan/one"),
        ("https://printer.local/feeder/eSCL/", None, "https://printer.local/feeder/eSCL"),
        ("http://[::1]:80/eSCL", None, "http://[::1]/eSCL"),
    ],
)
def test_addresses(url: str, root: str | None, expected: str) -> None:
    """Scheme, host, port and path; the port that goes without saying is not said."""
    assert Address.parse(url, root).url == expected


@pytest.mark.parametrize(
    "url", ["127.0.0.1:8290", "ftp://a/eSCL", "http://", "http://a:b/eSCL", "http://a:99999/", "http://[/"]
)
def test_what_is_no_address(url: str) -> None:
    """A usage error that says what to write."""
    with pytest.raises(UsageError):
        Address.parse(url)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8290/control", "control#token", "ftp://a/control#token"])
def test_what_is_no_control(url: str) -> None:
    """Told before anything is judged."""
    with pytest.raises(ValueError, match="control API"):
        EsclSuite(EsclTarget(Address.parse("http://127.0.0.1:8290"), control=url))


def test_a_replay_file_makes_the_suite_again() -> None:
    """With everything but the control's token, which is another one in each run."""
    target = EsclTarget(
        Address.parse("https://printer.local/eSCL"),
        ("printer:443",),
        insecure=True,
        control="https://a/control#secret",
        quick=True,
    )
    data = EsclSuite(target).as_data()
    assert "secret" not in str(data)
    again = suite_from_data({"subject": "escl", **data})
    assert isinstance(again, EsclSuite)
    assert again.target == replace(target, control="")


@pytest.mark.parametrize(
    "data", [{}, {"url": 7}, {"url": "http://a", "names": "b"}, {"url": "http://a", "names": [7]}, {"url": "a"}]
)
def test_a_replay_file_of_nothing(data: dict[str, object]) -> None:
    """A usage error, whatever stands in it."""
    with pytest.raises(UsageError):
        from_data(data)


def test_the_machine_is_named_by_the_path() -> None:
    """`/feeder/eSCL` is the machine `feeder`; `/eSCL` is the first one."""
    url = "http://127.0.0.1:8290/control#secret"
    assert ControlAddress.parse(url, "/feeder/eSCL").device == "feeder"
    assert ControlAddress.parse(url, "/eSCL").device == ""


def judge(build: Build, *only: str, target: dict[str, object] | None = None) -> Result:
    """Judge a scanner of the zoo with some fields of its target changed."""

    async def main() -> Result:
        async with build() as running:
            suite = EsclSuite(replace(running.suite.target, **(target or {})))  # type: ignore[arg-type]  # fields by name
            return await judge_suite(suite, RunOptions(only=only or None, replay_dir=None))

    return run(main, clock=Jumper())


def test_without_an_operator_nothing_is_green_that_needs_one() -> None:
    """What a person would have to do is said, and no paper is counted on that may not be there."""
    found = judge(LEGAL, *OPERATED, target={"control": ""})
    assert {item.verdict for item in found.judgements} == {Verdict.NEEDS_OPERATOR}
    assert all("somebody has to" in item.evidence for item in found.judgements)


def test_without_an_operator_the_glass_is_enough() -> None:
    """Everything that the glass can show is judged, and nothing fails."""
    found = judge(replace(LEGAL, profile=machine(source=[FLATBED], feeder={})), target={"control": ""})
    assert {item.verdict for item in found.judgements} == {Verdict.PASS, Verdict.NOT_APPLICABLE}


def test_an_empty_feeder_and_nobody_there() -> None:
    """A scanner with a feeder alone that is empty: somebody has to put paper in."""
    build = replace(LEGAL, profile=machine(source=[FEEDER], default_source="feeder"))

    async def main() -> Result:
        async with build() as running:
            operator = running.suite.target.operator(Log())
            await operator.load(0)
            suite = EsclSuite(replace(running.suite.target, control=""))
            return await judge_suite(suite, RunOptions(only=["ESCL-44"], replay_dir=None))

    (judgement,) = run(main, clock=Jumper()).judgements
    assert judgement.verdict is Verdict.NEEDS_OPERATOR


@pytest.mark.parametrize(("answer", "verdict"), [(True, Verdict.PASS), (False, Verdict.NEEDS_OPERATOR)])
def test_a_person_is_asked(answer: bool, verdict: Verdict) -> None:  # what they say
    """In words that say what to do; who cannot do it says so, and nothing is green."""
    asked: list[str] = []

    async def main() -> Result:
        async with LEGAL() as running:
            robot = running.suite.target.operator(Log())

            async def ask(what: str) -> bool:
                asked.append(what)
                if "Take all paper out" in what:
                    await robot.load(0)
                return answer

            suite = EsclSuite(replace(running.suite.target, control="", ask=ask))
            return await judge_suite(suite, RunOptions(only=["ESCL-58"], replay_dir=None))

    (judgement,) = run(main, clock=Jumper()).judgements
    assert judgement.verdict is verdict
    assert asked == ["Take all paper out of the feeder"]


def test_quick_leaves_out_what_takes_minutes() -> None:
    """It is not checked, which is not the same as a pass."""
    (judgement,) = judge(LEGAL, "WIRE-15", target={"quick": True}).judgements
    assert (judgement.verdict, judgement.evidence[:7]) == (Verdict.NOT_CHECKED, "--quick")


def test_a_wrong_path_is_no_scanner() -> None:
    """Unreachable, with the option that says the path."""
    with pytest.raises(Unreachable, match="--root"):
        judge(LEGAL, target={"address": Address.parse("http://127.0.0.1:8290/airscan")})


def test_nobody_there() -> None:
    """Unreachable, not a verdict."""

    async def connect() -> trio.abc.Stream:
        raise ConnectionRefusedError(111, "Connection refused")

    with pytest.raises(Unreachable, match="refused"):
        judge(LEGAL, target={"connect": connect})


def test_a_peer_that_is_no_scanner_is_judged_all_the_same() -> None:
    """Its capabilities cannot be read: what needs them says so, and HTTP is judged."""
    silent = next(item for item in HOSTILE if item.name == "silence")
    found = {item.id: item for item in judge(silent.build, "ESCL-01", "ESCL-45").judgements}
    assert found["ESCL-01"].verdict is Verdict.FAIL
    assert found["ESCL-45"].verdict is Verdict.UNTESTABLE
    assert "ScannerCapabilities" in found["ESCL-45"].evidence
