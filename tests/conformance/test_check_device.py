"""check_device from end to end: events, exit status, replay files, baselines, programs, bad input."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from conformance import Budget, Exit, Unreachable, Verdict
from conformance.reports import JsonReport
from conformance.runner.check import check_device
from conformance.runner.events import (
    CheckFinished,
    CheckStarted,
    CommandDone,
    PlanMade,
    ProgramsDone,
    RunEvent,
    RunFinished,
    RunStarted,
)
from conformance.runner.options import CheckOptions
from conformance.runner.replay import read_replay, replay_file
from conformance.runner.result import Result
from conformance.runner.targets import Target, UsageError, make_target, target_from_data
from device_host import Isolation

DRIVERS = "tests.conformance.zoo_drivers"
LEGAL = make_target("scanner", driver=f"{DRIVERS}:legal")
DEFECTIVE = make_target("scanner", driver=f"{DRIVERS}:off_by_one")


def verdict_of(result: Result, requirement: str) -> Verdict:
    """The verdict on one requirement."""
    return next(item.verdict for item in result.judgements if item.id == requirement)


def test_a_legal_device_is_clean(tmp_path: Path) -> None:
    """Exit 0, no replay file, and events in their order: run, plan, checks, programs, end."""
    events: list[RunEvent] = []
    options = CheckOptions(only={"SET-01", "CAM-01"}, programs=3, replay_dir=tmp_path / "replay")
    result = check_device(LEGAL, options, [events.append])
    assert result.exit is Exit.CLEAN
    assert result.programs == 3
    assert not (tmp_path / "replay").exists()
    kinds = [type(event) for event in events if not isinstance(event, CommandDone)]
    assert kinds == [RunStarted, PlanMade, CheckFinished, CheckStarted, CheckFinished, ProgramsDone, RunFinished]
    plan = next(event for event in events if isinstance(event, PlanMade))
    assert [(entry.id, entry.expected) for entry in plan.entries] == [
        ("SET-01", None),
        ("CAM-01", Verdict.NOT_APPLICABLE),
    ]
    assert any(isinstance(event, CommandDone) and event.command.check == "SET-01" for event in events)


def test_a_defective_device_fails_and_replays(tmp_path: Path) -> None:
    """Exit 1, and the replay file fails again the same way; on a device that was mended it does not."""
    result = check_device(DEFECTIVE, CheckOptions(only={"SET-01"}, replay_dir=tmp_path))
    assert result.exit is Exit.FAILURES
    judgement = result.judgements[0]
    assert judgement.verdict is Verdict.FAIL
    path = Path(judgement.replay)
    assert path.parent == tmp_path
    data = read_replay(path)
    assert data["steps"] == list(judgement.steps)
    assert (data["requirement"], data["clause"]) == ("SET-01", judgement.clause)
    again = replay_file(path)
    assert again.exit is Exit.FAILURES
    assert again.same
    assert again.judgement.evidence == judgement.evidence
    data["target"]["driver"] = f"{DRIVERS}:legal"
    path.write_text(json.dumps(data))
    assert replay_file(path).exit is Exit.CLEAN
    assert not replay_file(path).same


def test_programs_find_what_no_check_looked_for(tmp_path: Path) -> None:
    """A failure of a generated program is a verdict on its requirement, with a short program that replays."""
    options = CheckOptions(only={"LIFE-05"}, programs=300, replay_dir=tmp_path, budget=Budget(seconds=60.0))
    result = check_device(DEFECTIVE, options)
    assert result.exit is Exit.FAILURES
    found = [item for item in result.judgements if item.verdict is Verdict.FAIL]
    assert found
    assert all(item.signature.startswith(f"program/{item.id}/") for item in found)
    assert len(found[0].steps) <= 6
    again = replay_file(Path(found[0].replay))
    assert again.same
    assert again.exit is Exit.FAILURES
    data = read_replay(Path(found[0].replay))
    data["target"]["driver"] = f"{DRIVERS}:legal"
    Path(found[0].replay).write_text(json.dumps(data))
    assert replay_file(Path(found[0].replay)).exit is Exit.CLEAN


BASELINE = """
schema = 1
drivers = ["tests.conformance.zoo_drivers:off_by_one"]
models = ["flatbed Zoo scanner"]
[[known]]
requirement = "{requirement}"
reason = "counts from one"
evidence = "reads back"
trace = "set, get"
"""


def test_baseline_known_and_stale(tmp_path: Path) -> None:
    """A known failure is exit 0 and writes no replay file; an entry that passes is stale and exit 1; without baseline it fails."""
    folder = tmp_path / "baselines"
    folder.mkdir()
    (folder / "zoo-1.toml").write_text(BASELINE.format(requirement="SET-01"))
    known = check_device(DEFECTIVE, CheckOptions(only={"SET-01"}, baselines=folder, replay_dir=tmp_path / "r"))
    assert (known.exit, verdict_of(known, "SET-01")) == (Exit.CLEAN, Verdict.KNOWN)
    assert not (tmp_path / "r").exists()
    (folder / "zoo-1.toml").write_text(BASELINE.format(requirement="LIFE-05"))
    stale = check_device(DEFECTIVE, CheckOptions(only={"LIFE-05"}, baseline=folder / "zoo-1.toml", replay_dir=None))
    assert (stale.exit, verdict_of(stale, "LIFE-05")) == (Exit.FAILURES, Verdict.STALE)
    bare = check_device(DEFECTIVE, CheckOptions(only={"SET-01"}, replay_dir=None))
    assert bare.exit is Exit.FAILURES


def test_unreachable() -> None:
    """A device that does not open, one that is not there, and a driver that is none: exit 4, said in a sentence."""
    for target, words in (
        (make_target("scanner", driver=f"{DRIVERS}:refusing"), "Not for you"),
        (make_target("nowhere", driver=f"{DRIVERS}:legal"), "nowhere"),
        (make_target("scanner", driver=f"{DRIVERS}:nothing"), "nothing"),
        (make_target("scanner", driver="no.such.module:thing"), "no.such"),
    ):
        with pytest.raises(Unreachable, match=words):
            check_device(target, CheckOptions(only={"SET-01"}))


@pytest.mark.parametrize(
    ("attempt", "words"),
    [
        (lambda: make_target("virtual"), "not a device id"),
        (lambda: make_target("", driver="a:b"), "native id"),
        (lambda: check_device(LEGAL, CheckOptions(only={"SET-77"})), "SET-77"),
        (lambda: check_device(LEGAL, CheckOptions(only={"FOO"})), "families are DISC"),
        (lambda: check_device(LEGAL, CheckOptions(only={"SET-01"}, baseline=Path("/no/such.toml"))), "such.toml"),
    ],
)
def test_usage_errors(attempt: Callable[[], object], words: str) -> None:
    """Asked for what does not exist: a ValueError that says what to write, before anything is opened."""
    with pytest.raises(ValueError, match=words):
        attempt()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{" * 3000,
        '{"schema": 1}',
        '{"schema": 2, "kind": "flatbed-replay"}',
        '{"schema": 1, "kind": "flatbed-replay", "requirement": "SET-99", "seed": 0, "signature": "x"}',
        '{"schema": 1, "kind": "flatbed-replay", "requirement": "SET-01", "seed": "0", "signature": "x"}',
        '{"schema": 1, "kind": "flatbed-replay", "requirement": "SET-01", "seed": 0, "signature": "x"}',
        '{"schema": 1, "kind": "flatbed-replay", "requirement": "SET-01", "seed": 0, "signature": "x", "target": {}}',
        (
            '{"schema": 1, "kind": "flatbed-replay", "requirement": "SET-01", "seed": 0, "signature": "x", '
            '"program": [], "target": {"driver": "a:b", "device": "x"}}'
        ),
    ],
)
def test_a_bad_replay_file_is_a_usage_error(text: str, tmp_path: Path) -> None:
    """Whatever is in it."""
    path = tmp_path / "r.json"
    path.write_text(text)
    with pytest.raises(UsageError):
        replay_file(path)
    with pytest.raises(UsageError):
        replay_file(tmp_path / "none.json")


def test_targets_survive_a_replay_file() -> None:
    """Driver, device, configuration, isolation and guard come back as they were."""
    target = Target("virtual", "feeder", {"time": "instant"}, Isolation.HOSTED, guarded=True)
    assert target_from_data(json.loads(json.dumps(target.as_data()))) == target
    with pytest.raises(UsageError, match="sideways"):
        target_from_data({"driver": "a", "device": "b", "isolation": "sideways"})


def test_virtual_machines_do_not_take_their_time() -> None:
    """Under check they run at once, unless the caller wants something else."""
    assert make_target("virtual:feeder").config == {"time": "instant"}
    assert make_target("virtual:feeder", config={"time": "real"}).config == {"time": "real"}
    assert make_target("sanelab:test:0").device == "test:0"


def test_behind_the_guard_the_same_verdicts() -> None:
    """--guarded judges driver and guard together, and the guard adds no failure to a legal device."""
    guarded = make_target("scanner", driver=f"{DRIVERS}:legal", guarded=True)
    only = {"LIFE", "SET-09", "SCAN-01", "CANC", "DATA-03"}
    plain, behind = (check_device(target, CheckOptions(only=only, replay_dir=None)) for target in (LEGAL, guarded))
    assert [(item.id, item.verdict) for item in plain.judgements] == [
        (item.id, item.verdict) for item in behind.judgements
    ]
    assert behind.exit is Exit.CLEAN


def test_require_operator() -> None:
    """What needs a person is its own column, and fails only if asked."""
    target = make_target("scanner", driver=f"{DRIVERS}:alone")
    easy, strict = (
        check_device(target, CheckOptions(only={"DATA-11"}, require_operator=flag, replay_dir=None))
        for flag in (False, True)
    )
    assert verdict_of(easy, "DATA-11") is Verdict.NEEDS_OPERATOR
    assert (easy.exit, strict.exit) == (Exit.CLEAN, Exit.FAILURES)


def test_time_budget_ends_the_run() -> None:
    """Without time nothing is checked, and that is said; it is no failure."""
    report = JsonReport()
    result = check_device(LEGAL, CheckOptions(budget=Budget(seconds=0.0), replay_dir=None), [report])
    assert result.exit is Exit.CLEAN
    assert result.programs == 0
    skipped = [item for item in result.judgements if item.verdict is Verdict.NOT_CHECKED]
    assert len(skipped) > 90
    assert report.data["summary"]["not-checked"] == len(skipped)
    assert any("time budget of 0 s is spent" in item.evidence for item in skipped)


def test_harness_errors_are_exit_3(monkeypatch: pytest.MonkeyPatch) -> None:
    """A check of ours that breaks never looks like the device's failure."""
    from conformance.checks import CHECKS, Check  # noqa: PLC0415  # the registry that is patched

    async def breaks(bench: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setitem(CHECKS, "SET-01", Check("SET-01", breaks))
    result = check_device(LEGAL, CheckOptions(only={"SET-01"}, replay_dir=None))
    assert result.exit is Exit.HARNESS
    assert "ZeroDivisionError" in result.judgements[0].evidence


def test_a_cancelled_caller_fails_the_same_way_whatever_ran_before() -> None:
    """CANC-08 may fail after another turn when checks ran before it; the replay, which runs it alone, is the same failure."""
    target = make_target("scanner", driver=f"{DRIVERS}:close_once")
    (judgement,) = check_device(target, CheckOptions(only={"CANC-08"}, replay_dir=None)).judgements
    assert judgement.verdict is Verdict.FAIL
    assert judgement.signature == "CANC-08/close when open was cancelled"
    assert "turns" in judgement.evidence
