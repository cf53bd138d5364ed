"""Every seeded defect is one, and dies by the requirement it breaks."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from conformance import Level, Verdict
from conformance.requirements import REQUIREMENTS, Status
from conformance.selftest.__main__ import main, text
from conformance.selftest.defects import DEFECTS, Defect
from conformance.selftest.judge import check_base, check_defect, differs
from conformance.selftest.matrix import Peace, Row, Scope, judge_defect, scope_of

each = pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
MAX_PROOF = 12


@each
def test_defect_shows(defect: Defect) -> None:
    """Its proof, a short program, shows something else on it than on the legal device it was made from: it is no equivalent."""
    assert differs(defect)
    assert len(defect.proof) <= MAX_PROOF or defect.name == "slot-leak"  # which needs 64 sessions


@each
def test_defect_dies_by_its_own_id(defect: Defect) -> None:
    """The check of its requirement passes on the original and fails on the defect (a SHOULD warns)."""
    verdict, _ = check_defect(defect)
    must = REQUIREMENTS[defect.requirement].level is Level.MUST
    assert verdict is (Verdict.FAIL if must else Verdict.WARN)
    assert check_base(defect) is Verdict.PASS


def test_names_are_unique() -> None:
    """A defect is called by its name in reports."""
    assert [name for name, count in Counter(item.name for item in DEFECTS).items() if count > 1] == []


def test_each_active_requirement_has_a_defect() -> None:
    """Removing any one check leaves a defect alive: each active requirement has one that must die by that very id."""
    covered = {item.requirement for item in DEFECTS}
    active = {row.id for row in REQUIREMENTS.values() if row.status is Status.ACTIVE}
    assert active - covered == set()
    assert covered <= set(REQUIREMENTS)


ROW = Row("one", "LIFE-05", "what it does", "pass", "fail", "evidence", (), None, "", differs=True)


def test_survivors_and_unguarded_are_told() -> None:
    """A defect that no check kills, one that is none, an alarm, and a requirement that nothing dies by are all named."""
    rows = [ROW, replace(ROW, name="two", verdict="pass"), replace(ROW, name="three", differs=False)]
    peace = [Peace("plain", 1, 0, 1, 2, 3, ("SET-01 fail: why",))]
    said = text(rows, peace, whole=True)
    assert "two    LIFE-05      SURVIVES (pass, was pass)" in said
    assert "three  LIFE-05      fail      -  IS NO DEFECT" in said
    assert "false alarm on plain: SET-01 fail: why" in said
    assert "nothing dies by LIFE-06" in said
    assert "nothing dies by LIFE-05" not in said
    assert said.endswith("2 of 3 defects killed, 1 false alarms")


def test_a_check_that_fails_on_the_original_kills_nothing() -> None:
    """A check that complains about everybody does not count."""
    assert ROW.killed
    assert not replace(ROW, base="fail").killed


def test_command_prints_the_matrix(capsys: pytest.CaptureFixture[str]) -> None:
    """``python -m conformance.selftest`` prints a line for each defect and ends with 0 when all is well."""
    assert main(["second-close", "flatbed-only", "--programs", "5", "--scope", "all", "--jobs", "2"]) == 0
    out = capsys.readouterr().out
    assert "second-close  LIFE-05" in out
    assert "1 of 1 defects killed, 0 false alarms" in out


def test_command_refuses_unknown_names(capsys: pytest.CaptureFixture[str]) -> None:
    """A name that is nobody's is an error of usage, exit status 2."""
    with pytest.raises(SystemExit) as caught:
        main(["unicorn"])
    assert caught.value.code == 2
    assert "unicorn" in capsys.readouterr().err


def test_scopes_say_what_runs() -> None:
    """The check of the requirement alone, that and all before it in the plan, or everything."""
    assert scope_of("DISC-02", Scope.OWN) == ["DISC-02"]
    assert scope_of("DISC-02", Scope.BEFORE) == ["DISC-01", "DISC-02"]
    assert scope_of("DISC-02", Scope.ALL) == list(REQUIREMENTS)


def test_a_row_end_to_end() -> None:
    """A defect is judged with all that comes before it, and random programs find it too."""
    row = judge_defect("second-close", Scope.BEFORE, 20)
    assert (row.killed, row.others, row.blames, row.differs) == (True, (), "LIFE-05", True)
    assert row.program is not None
    assert len(row.program) <= 5


def test_the_zoo_is_large_enough() -> None:
    """There are at least 150 devices with one defect each."""
    assert len(DEFECTS) >= 150
