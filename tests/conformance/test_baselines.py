"""Baselines: what is known does not fail, what is new does, and what is gone is stale."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance.requirements import EVERY
from conformance.runner.baselines import Baseline, Known, load_baseline, pick_baseline
from conformance.runner.targets import UsageError
from conformance.verdicts import Judgement, Level, Verdict
from simulators.fixture_files import fixture

ENTRY = Known("SET-01", "it always did that", r"reads back \d+", "set, get")
BASELINE = Baseline("zoo-1", (ENTRY,))


def judgement(verdict: Verdict, evidence: str = "x reads back 9", requirement: str = "SET-01") -> Judgement:
    """A verdict on SET-01."""
    return Judgement(requirement, Level.MUST, verdict, evidence)


@pytest.mark.parametrize("verdict", [Verdict.FAIL, Verdict.WARN, Verdict.UNTESTABLE])
def test_a_known_failure_is_known(verdict: Verdict) -> None:
    """With its reason beside the evidence."""
    known = BASELINE.apply(judgement(verdict))
    assert known.verdict is Verdict.KNOWN
    assert known.evidence == "x reads back 9 (known: it always did that)"


def test_another_failure_of_the_same_requirement_fails() -> None:
    """A baseline excuses what it describes and nothing else."""
    other = judgement(Verdict.FAIL, "x was cleared")
    assert BASELINE.apply(other) is other


def test_a_listed_failure_that_passes_is_stale() -> None:
    """So that baselines shrink when devices get better."""
    stale = BASELINE.apply(judgement(Verdict.PASS, ""))
    assert stale.verdict is Verdict.STALE
    assert stale.verdict.broken
    assert "remove the entry" in stale.evidence


@pytest.mark.parametrize(
    "verdict", [Verdict.NOT_APPLICABLE, Verdict.NOT_CHECKED, Verdict.NEEDS_OPERATOR, Verdict.HARNESS_ERROR]
)
def test_what_was_not_judged_says_nothing_about_the_baseline(verdict: Verdict) -> None:
    """Neither known nor stale."""
    before = judgement(verdict, "")
    assert BASELINE.apply(before) is before


def test_other_requirements_are_left_alone() -> None:
    """Whatever their evidence."""
    before = judgement(Verdict.FAIL, requirement="SET-02")
    assert BASELINE.apply(before) is before


GOOD = """
schema = 1
drivers = ["zoo"]
models = ["flatbed Zoo*"]
[[known]]
requirement = "SET-01"
reason = "why"
evidence = "reads back"
trace = "set, get"
"""


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("schema = 2", "schema 2"),
        ("schema = ", "r.toml"),
        ("schema = 1\nknown = 3", "known must be a list"),
        (GOOD.replace("SET-01", "SET-99"), "no requirement 'SET-99'"),
        (GOOD.replace('reason = "why"', ""), "needs reason"),
        (GOOD.replace('trace = "set, get"', 'trace = " "'), "needs trace"),
        (GOOD.replace('"reads back"', '"("'), "no regular expression"),
        (GOOD + 'colour = "red"', "unknown key 'colour'"),
        (GOOD.replace('reason = "why"', "reason = 3"), "all values are texts"),
        (GOOD.replace('["zoo"]', '"zoo"'), "drivers must be a list"),
        ("\xff", "r.toml"),
    ],
)
def test_a_bad_file_is_a_usage_error(text: str, words: str, tmp_path: Path) -> None:
    """And says which file and entry, and what is wrong."""
    path = tmp_path / "r.toml"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(UsageError, match=words):
        load_baseline(path)


def test_a_missing_file_is_a_usage_error(tmp_path: Path) -> None:
    """Not a traceback."""
    with pytest.raises(UsageError, match=r"none.toml"):
        load_baseline(tmp_path / "none.toml")


def test_the_baseline_is_picked_by_driver_and_model(tmp_path: Path) -> None:
    """The one that fits, none if none does, and two are an error rather than a guess."""
    (tmp_path / "zoo-1.toml").write_text(GOOD)
    mine = "flatbed Zoo scanner"
    assert pick_baseline(tmp_path, "zoo", mine) == tmp_path / "zoo-1.toml"
    assert pick_baseline(tmp_path, "other", mine) is None
    assert pick_baseline(tmp_path, "zoo", "Other") is None
    (tmp_path / "zoo-2.toml").write_text(GOOD)
    with pytest.raises(UsageError, match=r"two baselines .* zoo-1.toml, zoo-2.toml"):
        pick_baseline(tmp_path, "zoo", mine)


def test_shipped_baselines_are_good() -> None:
    """Each names requirements that exist, with reason and trace, and says which device it is for."""
    paths = sorted(fixture("baselines").glob("*.toml"))
    for path in paths:
        baseline = load_baseline(path)
        assert baseline.drivers
        assert baseline.models
        assert all(entry.requirement in EVERY for entry in baseline.entries)
