"""Verdicts and exit statuses."""

from __future__ import annotations

import pytest

from conformance.runner.result import summary
from conformance.verdicts import Exit, Judgement, Level, Verdict, exit_of


@pytest.mark.parametrize(
    ("verdicts", "operator", "expected"),
    [
        ([], False, Exit.CLEAN),
        ([Verdict.PASS, Verdict.WARN, Verdict.NOT_APPLICABLE, Verdict.KNOWN, Verdict.NOT_CHECKED], False, Exit.CLEAN),
        ([Verdict.PASS, Verdict.FAIL], False, Exit.FAILURES),
        ([Verdict.UNTESTABLE], False, Exit.FAILURES),
        ([Verdict.STALE], False, Exit.FAILURES),
        ([Verdict.NEEDS_OPERATOR], False, Exit.CLEAN),
        ([Verdict.NEEDS_OPERATOR], True, Exit.FAILURES),
        ([Verdict.FAIL, Verdict.HARNESS_ERROR], False, Exit.HARNESS),
    ],
)
def test_exit_status(verdicts: list[Verdict], operator: bool, expected: Exit) -> None:
    """Each verdict counts as section 7b says; a harness error outweighs what it may have caused."""
    assert expected is exit_of(verdicts, require_operator=operator)


def test_summary_has_all_verdicts_and_adds_nothing() -> None:
    """Not applicable is counted by itself, never as a pass."""
    judgements = [Judgement("A-01", Level.MUST, verdict) for verdict in (Verdict.PASS, Verdict.NOT_APPLICABLE)]
    counts = summary(judgements)
    assert list(counts) == [verdict.value for verdict in Verdict]
    assert (counts["pass"], counts["not-applicable"], sum(counts.values())) == (1, 1, 2)
