"""Every seeded defect is one, and dies by the requirement it breaks."""

from __future__ import annotations

from collections import Counter

import pytest

from conformance import Level, Verdict
from conformance.requirements import REQUIREMENTS, Status
from conformance.selftest.__main__ import main
from conformance.selftest.defects import DEFECTS, Defect
from conformance.selftest.judge import Judged, Kill, check_base, check_defect, differs, judge

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


def test_judge_tells_survivors_and_unguarded() -> None:
    """A defect that no check kills, and a requirement that nothing dies by, are both named in the judge's table."""
    first, second = DEFECTS[0], DEFECTS[3]
    judged = Judged((Kill(first, Verdict.FAIL), Kill(second, Verdict.PASS)))
    assert judged.survivors == (second,)
    assert first.requirement not in judged.unguarded
    assert second.requirement in judged.unguarded
    assert f"{second.name:<13}" in judged.table()
    assert "SURVIVES" in judged.table()
    assert "1 of 2 defects killed" in judged.table()


def test_a_check_that_fails_on_the_original_kills_nothing() -> None:
    """A check that complains about everybody does not count."""
    assert not Kill(DEFECTS[0], Verdict.FAIL, Verdict.FAIL).killed


def test_command_prints_the_matrix(capsys: pytest.CaptureFixture[str]) -> None:
    """``python -m conformance.selftest`` prints a line for each defect and ends with 0 when all is well."""
    assert main(["second-close", "flatbed-only", "--programs", "5", "--everything"]) == 0
    out = capsys.readouterr().out
    assert "second-close  LIFE-05" in out
    assert "1 of 1 defects killed, 0 false alarms" in out


def test_command_refuses_unknown_names(capsys: pytest.CaptureFixture[str]) -> None:
    """A name that is nobody's is an error of usage, exit status 2."""
    with pytest.raises(SystemExit) as caught:
        main(["unicorn"])
    assert caught.value.code == 2
    assert "unicorn" in capsys.readouterr().err


def test_judge_end_to_end() -> None:
    """The judge runs checks and programs on defects and legal devices and finds what it has to find."""
    chosen = tuple(item for item in DEFECTS if item.name in {"second-close", "stride-too-small"})
    judged = judge(chosen, ["plain"], programs=8)
    assert judged.survivors == ()
    assert judged.alarms == ()
    assert [kill.found is not None for kill in judged.kills] == [True, True]
