"""A back end as a target: levels, what its checks show of a failure, first contact, replay files, and the command."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from conformance.runner.facts import Unreachable
from conformance.runner.replay import replay_file
from conformance.runner.suite import SuiteOptions, judge_suite
from conformance.runner.targets import UsageError
from conformance.sane.nest import WorkerSettings
from conformance.sane.registry import LEVELS
from conformance.sane.suite import SaneSuite, from_data
from conformance.selftest.c_backend.build import library
from conformance.selftest.c_backend.judge import judgements, nest, settings
from conformance.verdicts import Verdict
from flatbed.cli import main
from tests.parts import need


@pytest.fixture(autouse=True)
def _compiler() -> None:
    need("cc", "gcc libc6-dev")


async def test_a_level_leaves_out_what_is_deeper() -> None:
    """At level 0 options and scans are not checked, and the reason names the level; the count is in tstbackend's form."""
    suite = SaneSuite("zoo:0", settings(), 0, nest())
    result = await judge_suite(suite, SuiteOptions(replay_dir=None))
    for judgement in result.judgements:
        expected = Verdict.PASS if LEVELS[judgement.id] == 0 else Verdict.NOT_CHECKED
        assert judgement.verdict in {expected, Verdict.NOT_APPLICABLE}, judgement
    left = next(item for item in result.judgements if item.id == "SANE-49")
    assert "--level 2" in left.evidence
    assert suite.tally.checks > 50
    assert suite.tally.line() == f"{suite.tally.checks} checks, 0 infos, 0 warnings, 0 errors"


async def test_a_failure_shows_the_calls_before_it() -> None:
    """The last native calls, not later than the first thing that was wrong."""
    (broken,) = await judgements("bool-two", only=["SANE-34"])
    assert broken.steps[-1].startswith("native.sane_control_option(handle, 6, SET, {2}, &info)")
    assert broken.signature == "SANE-34/accepted"


async def test_a_crash_is_a_verdict_and_the_run_goes_on() -> None:
    """Every other requirement still gets its own verdict."""
    found = {item.id: item for item in await judgements("crash-on-null-info", only=["SANE-31", "SANE-32", "SANE-33"])}
    assert found["SANE-32"].verdict is Verdict.FAIL
    assert "native stack" in found["SANE-32"].evidence
    assert found["SANE-32"].signature == "SANE-32/crash"
    assert found["SANE-33"].verdict is Verdict.PASS


async def test_what_cannot_be_opened_is_unreachable() -> None:
    """The names that there are, or why the library cannot be loaded."""
    for device, way, words in (
        ("zoo:7", settings(), "zoo:0, zoo:1"),
        ("zoo:0", WorkerSettings("/nonexistent.so"), "cannot be loaded"),
    ):
        with pytest.raises(Unreachable, match=words):
            await judge_suite(SaneSuite(device, way, nest=nest()), SuiteOptions(replay_dir=None))


@pytest.mark.parametrize("level", [-1, 4])
def test_levels_and_folders_that_are_none_are_refused(level: int, tmp_path: Path) -> None:
    """Before any process is started."""
    with pytest.raises(UsageError, match="level"):
        SaneSuite("zoo:0", WorkerSettings(), level)
    with pytest.raises(UsageError, match="folder"):
        SaneSuite("zoo:0", WorkerSettings(config=tmp_path / "nothing"))
    colon = tmp_path / "a:b"
    colon.mkdir()
    with pytest.raises(UsageError, match="colon"):
        SaneSuite("zoo:0", WorkerSettings(config=colon))
    with pytest.raises(UsageError, match="scale"):
        SaneSuite("zoo:0", WorkerSettings(deadline_scale=0))


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"device": 1, "library": "x"},
        {"device": "x", "library": "x", "level": True},
        {"device": "x", "library": "x", "level": 9},
        {"device": "x", "library": "x", "config": ["x"]},
        {"device": "x", "library": "x", "deadline_scale": "long"},
        {"device": "x", "library": "x", "config": "/nonexistent"},
    ],
)
def test_a_replay_file_with_a_bad_target_is_refused(data: dict[str, object]) -> None:
    """By its words, before anything is started."""
    with pytest.raises(UsageError):
        from_data(data)


def test_a_replay_file_starts_no_program_of_its_own() -> None:
    """A file that somebody sent must not choose a command line or an environment."""
    suite = SaneSuite("zoo:0", WorkerSettings("x.so", wrap="valgrind -q", environment={"LD_PRELOAD": "y.so"}))
    assert set(suite.as_data()) == {"device", "library", "config", "deadline_scale", "level"}
    again = from_data({**suite.as_data(), "wrap": "sh -c false", "environment": {"LD_PRELOAD": "y.so"}})
    assert again.settings.wrap == ""
    assert again.settings.environment == {}


def test_the_command_judges_reports_and_replays(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit status 1, the verdicts as JSON, the count, and a replay file that fails again in the same way."""
    monkeypatch.setenv("ZOO_DEFECT", "bool-two")
    words = ["check", "sane", "zoo:0", "--library", str(library()), "--only", "SANE-3"]
    report, replays = tmp_path / "report.json", tmp_path / "replays"
    assert main([*words, "--json", str(report), "--replay-dir", str(replays)]) == 1
    said = capsys.readouterr()
    assert "as tstbackend counts: " in said.err
    assert "0 infos, 0 warnings, 6 errors" in said.err  # three switches, two values each
    verdicts = {item["id"]: item["verdict"] for item in json.loads(report.read_text())["verdicts"]}
    assert verdicts["SANE-34"] == "fail"
    assert verdicts["SANE-33"] == "pass"
    (file,) = replays.glob("SANE-34*.json")
    assert replay_file(file).same
    monkeypatch.delenv("ZOO_DEFECT")
    assert not replay_file(file).same
    assert main([*words, "--replay-dir", str(replays)]) == 0
    for status, bad in ((4, ["zoo:9", "--library", str(library())]), (2, ["zoo:0", "--sane-config", "/nonexistent"])):
        with pytest.raises(SystemExit) as ended:
            main(["check", "sane", *bad])
        assert ended.value.code == status
