"""Which requirements a run is about, and what several runs come to."""

from __future__ import annotations

from functools import partial

import pytest

from conformance.requirements import EVERY, REVISION, Subject, of
from conformance.runner.events import Handler, PlanMade, RunEvent, RunFinished, RunRepeated, RunStarted
from conformance.runner.options import CheckOptions, RunOptions
from conformance.runner.plan import select
from conformance.runner.repeating import merge, repeatedly
from conformance.runner.result import Result
from conformance.verdicts import Exit, Judgement, Level, Verdict, exit_of
from device_protocol.testing import run


@pytest.mark.parametrize(
    ("words", "picked"),
    [
        (["SET-01"], ["SET-01"]),
        (["set"], [f"SET-{number:02}" for number in range(1, 14)]),
        (["SET-1"], ["SET-10", "SET-11", "SET-12", "SET-13"]),
        (["*-09", "CANC"], [name for name in of(Subject.DEVICE) if name.endswith("-09") or name.startswith("CANC")]),
        (["LIFE-0[12]"], ["LIFE-01", "LIFE-02"]),
    ],
)
def test_words_pick_requirements(words: list[str], picked: list[str]) -> None:
    """An id, a family, the beginning of an id and a pattern, in the order of the registry."""
    assert [row.id for row in select(words)] == picked


def test_words_leave_out() -> None:
    """--skip takes away from what --only picks, or from everything."""
    assert [row.id for row in select(["SCAN"], skip=["SCAN-0"])] == ["SCAN-10"]
    assert not any(row.family == "CAM" for row in select(None, skip=["CAM"]))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (partial(select, ["FOO"]), "families are DISC"),
        (partial(select, [""]), "no such requirement"),
        (partial(select, ["SET-01"], skip=["SET"]), "exclude each other"),
        (partial(select, ["SET-01"], Subject.SERVICE), "no such requirement"),
        (partial(select, None, revision=0), "no revision 0"),
        (partial(select, None, revision=REVISION + 1), "no revision"),
        (partial(CheckOptions, repeat=0), "1 to 1000"),
    ],
)
def test_what_picks_nothing_is_refused(call: partial[object], words: str) -> None:
    """A run that checks nothing must not look clean."""
    with pytest.raises(ValueError, match=words):
        call()


def test_an_older_revision_has_fewer_requirements() -> None:
    """What came later is left out, so that a certificate of last year can be repeated."""
    assert all(row.since == 1 for row in select(None, revision=1))
    with pytest.raises(ValueError, match="exclude each other"):
        select(None, Subject.SERVICE, revision=1)


def test_ids_mean_one_thing() -> None:
    """An id is in the registry once, whoever is judged, and each subject has its own in order."""
    assert all(name == row.id for name, row in EVERY.items())
    assert sum(len(of(subject)) for subject in Subject) >= len(EVERY)


def test_strict_runs_fail_by_warnings() -> None:
    """And only strict ones."""
    assert exit_of([Verdict.PASS, Verdict.WARN]) is Exit.CLEAN
    assert exit_of([Verdict.PASS, Verdict.WARN], strict=True) is Exit.FAILURES
    assert exit_of([Verdict.PASS, Verdict.NOT_APPLICABLE, Verdict.KNOWN], strict=True) is Exit.CLEAN


def judged(verdict: Verdict, name: str = "SET-01") -> Judgement:
    """A verdict."""
    return Judgement(name, Level.MUST, verdict, "seen", seconds=0.5)


def test_a_verdict_that_wavers_is_a_failure() -> None:
    """Even where no single run was broken; a steady one stays what it is."""
    steady, wavering = merge(
        [
            [judged(Verdict.WARN), judged(Verdict.PASS, "SET-02")],
            [judged(Verdict.WARN), judged(Verdict.NOT_APPLICABLE, "SET-02")],
        ]
    )
    assert (steady.verdict, steady.seconds) == (Verdict.WARN, 1.0)
    assert wavering.verdict is Verdict.FAIL
    assert "not the same in 2 runs (not-applicable 1, pass 1)" in wavering.evidence
    assert merge([[judged(Verdict.HARNESS_ERROR)], [judged(Verdict.FAIL)]])[0].verdict is Verdict.HARNESS_ERROR


def test_several_runs_are_told_as_one() -> None:
    """One start, one plan, one end with the merged verdicts; each further run is announced."""
    verdicts = iter([Verdict.PASS, Verdict.FAIL, Verdict.PASS])
    seen: list[RunEvent] = []

    async def once(handlers: tuple[Handler, ...]) -> Result:
        judgement = judged(next(verdicts))
        for handler in handlers:
            handler(RunStarted("x", "y", 1, 0, False))
            handler(PlanMade((), ""))
            handler(RunFinished((judgement,), Exit.CLEAN, 1.0, 2))
        return Result("x", (judgement,), Exit.CLEAN, 0, 1.0, 2, 3)

    result = run(lambda: repeatedly(RunOptions(repeat=3), [seen.append], once))
    assert [type(event) for event in seen] == [RunStarted, PlanMade, RunRepeated, RunRepeated, RunFinished]
    assert (result.exit, result.sheets, result.programs, result.seconds) == (Exit.FAILURES, 6, 9, 3.0)
    assert result.judgements[0].evidence.startswith("not the same in 3 runs (fail 1, pass 2)")
