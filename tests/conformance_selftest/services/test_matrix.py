"""The command that judges ``check service`` by the zoo, and the page that it writes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from conformance.selftest.services.__main__ import main
from conformance.selftest.services.matrix import Peace, Row
from conformance.selftest.services.table import Matrix, lines, page, unguarded

DEAD = Row("busy-is-409", "REST-26", "Answers 409.", "pass", "fail")
QUIET = Peace("plain", "As it is.", 120, 0, ())


def test_command_prints_the_matrix(capsys: pytest.CaptureFixture[str]) -> None:
    """A line for each defect, and exit status 0 when all is well."""
    assert main(["busy-is-409", "plain"]) == 0
    out = capsys.readouterr().out
    assert "busy-is-409  REST-26  fail" in out
    assert "1 of 1 defects killed by their own id, 0 of 1 legal services with a false alarm" in out


@pytest.mark.parametrize("arguments", [["unicorn"], ["plain", "--write"]])
def test_command_refuses_nonsense(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Unknown names, and a page of a part, are errors of usage (2)."""
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2
    assert capsys.readouterr().err


@pytest.mark.parametrize(
    ("matrix", "said"),
    [
        (Matrix((replace(DEAD, verdict="pass"),), ()), "SURVIVES (pass, was pass)"),
        (Matrix((replace(DEAD, base="fail"),), ()), "SURVIVES (fail, was fail)"),
        (Matrix((replace(DEAD, differs=False),), ()), "SHOWS NOTHING"),
        (Matrix((DEAD,), (replace(QUIET, alarms=("REST-01 fail: odd",)),)), "false alarm on plain: REST-01 fail: odd"),
        (Matrix((DEAD,), (QUIET,), ("REST-99",)), "nothing dies by REST-99"),
    ],
)
def test_what_is_not_as_it_must_be_is_named(matrix: Matrix, said: str) -> None:
    """A survivor, a check that fails on the original too, an equivalent, a false alarm, and a check that could be taken away."""
    assert not matrix.good
    assert any(said in line for line in lines(matrix))


def test_a_good_matrix_is_good() -> None:
    """And what is checked and kills nothing is found."""
    assert Matrix((DEAD,), (QUIET,)).good
    assert unguarded([DEAD, replace(DEAD, requirement="REST-01", verdict="pass")], ["REST-26", "REST-01"]) == (
        "REST-01",
    )


def test_page_says_when_and_what() -> None:
    """The page is dated, and has a line for each defect and each legal service."""
    text = page(Matrix((replace(DEAD, others=("WIRE-11",)),), (QUIET,)), "2026-11-25", everything=True)
    assert "Made on 2026-11-25 by `python -m conformance.selftest.services --write --everything`" in text
    assert "| busy-is-409 | Answers 409. | REST-26 | fail | WIRE-11 |" in text
    assert "| plain | As it is. | 120 | 0 | none |  |" in text
