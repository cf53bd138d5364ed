"""The pages of the zoo: their form, and that they are there and of the zoo as it is."""

from __future__ import annotations

import datetime as dt

import pytest

from conformance.selftest.__main__ import main
from conformance.selftest.defects import DEFECTS
from conformance.selftest.family import EVERYBODY
from conformance.selftest.matrix import Peace, Row, Scope, lonely
from conformance.selftest.pages import REFERENCE, page, table
from conformance.selftest.tables import ALARMS, MATRIX, false_alarms, kill_matrix

DAY = dt.date(2026, 11, 25)
ROWS = [
    Row(
        "one", "LIFE-05", "closes | twice", "pass", "fail", "", (), ("open", "close", "close"), "LIFE-05", differs=True
    ),
    Row("two", "LIFE-06", "lives", "pass", "pass", "", ("LIFE-05",), None, "", differs=False),
]


def test_a_table_survives_what_stands_in_it() -> None:
    """A bar or a new line in a cell breaks no row."""
    assert table(("a",), [("x|y\nz",)]).splitlines()[-1] == "| x\\|y z |"


def test_a_page_says_where_it_comes_from() -> None:
    """Command, day and time stand on it."""
    made = page("Title", "About.", "make it", ["Body."], took_s=90, day=DAY)
    assert made.startswith("# Title\n\nAbout.\n\nMade by `make it` on 2026-11-25, in 1.5 minutes")
    assert made.endswith("\n\nBody.\n")


def test_the_matrix_names_survivors() -> None:
    """A defect that lives, and one that is none, are told before the table and in it."""
    made = kill_matrix(ROWS, Scope.ALL, 60, 60.0, DAY)
    assert "* Survivors: two." in made
    assert "no difference): two." in made
    assert "| `one` | closes \\| twice | LIFE-05 | fail |  | open; close; close (LIFE-05) |" in made
    assert "**survives**: pass, was pass" in made


def test_alarms_are_named() -> None:
    """A false alarm is told with its device."""
    made = false_alarms([Peace("odd", 90, 3, 5, 100, 900, ("SET-01 fail: why",))], 60.0, DAY)
    assert "* False alarms: 1." in made
    assert "* odd: SET-01 fail: why" in made


def test_who_stands_alone() -> None:
    """A requirement whose defect another check sees too is not alone with it."""
    assert lonely(ROWS)["LIFE-05"] == ["one"]
    assert lonely(ROWS)["LIFE-06"] == []


@pytest.mark.parametrize(("name", "wanted"), [(MATRIX, [item.name for item in DEFECTS]), (ALARMS, list(EVERYBODY))])
def test_the_pages_are_of_this_zoo(name: str, wanted: list[str]) -> None:
    """Every defect and every legal device has its line in the page that the last run has written, and none survives or raises an alarm."""
    written = (REFERENCE / name).read_text(encoding="utf-8")
    listed = [line.split("`")[1] for line in written.splitlines() if line.startswith("| `")]
    assert sorted(listed) == sorted(wanted), "run `make zoo`"
    assert "survives**" not in written
    assert "Survivors: none." in written or "False alarms: none." in written


def test_pages_are_of_the_whole_zoo(capsys: pytest.CaptureFixture[str]) -> None:
    """A part of it cannot be written."""
    with pytest.raises(SystemExit) as caught:
        main(["plain", "--write"])
    assert caught.value.code == 2
    assert "whole zoo" in capsys.readouterr().err
