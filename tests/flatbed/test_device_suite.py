"""The suite under pytest: what each verdict becomes, and what the options do."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from conformance.requirements import REQUIREMENTS
from conformance.runner.targets import make_target
from conformance.selftest import DEFECTS, legal_backend
from conformance.verdicts import Judgement, Level, Verdict
from device_protocol import Driver, Form
from flatbed.device_suite import DeviceSuite, DeviceWarning, HarnessError, _tell, run_case
from flatbed.testing import device_suite

legal = Driver("legal", Form.TRIO, lambda _: legal_backend())
broken = Driver("broken", Form.TRIO, lambda _: next(item for item in DEFECTS if item.name == "off-by-one").build())

LEGAL = DeviceSuite(make_target("scanner", driver=f"{__name__}:legal"), replay_dir=None)
BROKEN = replace(LEGAL, target=make_target("scanner", driver=f"{__name__}:broken"))


def judged(verdict: Verdict, level: Level = Level.MUST) -> Judgement:
    """A verdict."""
    return Judgement("SET-01", level, verdict, "what was seen", "The text.", "The clause", ("a step",))


def test_there_is_a_test_for_each_requirement() -> None:
    """In the order of the registry, then the programs, ten a test."""
    assert LEGAL.cases() == [*REQUIREMENTS, "programs-1", "programs-2", "programs-3", "programs-4"]
    assert replace(LEGAL, only=("LIFE-0",), skip=("LIFE-02",), programs=11).cases()[-3:] == [
        "LIFE-09",
        "programs-1",
        "programs-2",
    ]


def test_a_requirement_that_holds_passes_alone() -> None:
    """Without what another test would have left behind."""
    for case in ("SET-01", "LIFE-08", "programs-2"):
        run_case(LEGAL, case)


def test_what_does_not_apply_is_skipped() -> None:
    """With the declaration that excludes it."""
    with pytest.raises(pytest.skip.Exception, match="not-applicable: needs a camera"):
        run_case(LEGAL, "CAM-01")


def test_a_failure_tells_everything(tmp_path: Path) -> None:
    """Evidence, text, clause, the last steps, and the line that shows it again."""
    suite = replace(BROKEN, replay_dir=tmp_path)
    with pytest.raises(pytest.fail.Exception) as failed:
        run_case(suite, "SET-01")
    said = str(failed.value)
    for words in ("SET-01 fail: ", "reads back", "clause: TWAIN 13", "session 1.get(", "flatbed explain SET-01"):
        assert words in said
    (replay,) = tmp_path.glob("*.json")
    assert f"flatbed replay {replay}" in said


def test_programs_fail_by_requirement() -> None:
    """A program that disagrees with the model fails as the requirement that it names, made short."""
    with pytest.raises(pytest.fail.Exception, match=r"SET-0\d fail: a generated program expected"):
        run_case(BROKEN, "programs-1")


def test_known_failures_are_expected(tmp_path: Path) -> None:
    """A baseline makes them xfail, and one that is not there any more fails."""
    file = tmp_path / "known.toml"
    file.write_text(
        'schema = 1\n[[known]]\nrequirement = "SET-01"\nreason = "since ever"\nevidence = "reads back"\ntrace = "set, get"\n'
    )
    with pytest.raises(pytest.xfail.Exception, match="known: since ever"):
        run_case(replace(BROKEN, baseline=file), "SET-01")
    with pytest.raises(pytest.fail.Exception, match="remove the entry"):
        run_case(replace(LEGAL, baseline=file), "SET-01")


def test_a_warning_warns_and_fails_only_if_strict() -> None:
    """A broken SHOULD."""
    with pytest.warns(DeviceWarning, match="what was seen"):
        _tell(judged(Verdict.WARN, Level.SHOULD), strict=False)
    with pytest.raises(pytest.fail.Exception):
        _tell(judged(Verdict.WARN, Level.SHOULD), strict=True)


def test_our_own_defect_is_an_error_of_ours() -> None:
    """No failure of the device."""
    with pytest.raises(HarnessError, match="says nothing of the device"):
        _tell(judged(Verdict.HARNESS_ERROR), strict=False)


@pytest.mark.parametrize("words", [{"only": ["FOO"]}, {"skip": ["SET-99"]}, {"device": "", "driver": "x:y"}])
def test_what_does_not_exist_is_refused_at_collection(words: dict[str, object]) -> None:
    """Before anything is opened."""
    arguments: dict[str, object] = {"driver": "x:y", "device": "scanner", **words}
    with pytest.raises(ValueError, match=r"no such requirement|which device"):
        device_suite(**arguments)  # type: ignore[arg-type]  # words of the parameters above
