"""``python -m conformance.selftest.escl``: its exit status tells the truth, and its page is of this zoo."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from conformance.selftest.escl import DEFECTS, LEGAL, __main__
from conformance.selftest.escl.family import FAMILY
from conformance.selftest.escl.table import PAGE, unguarded

TEXT = (Path(__file__).parents[3] / PAGE).read_text()


def test_a_dead_defect_is_good(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 0 and a sentence."""
    assert __main__.main(["uuid-changes"]) == 0
    assert "1 of 1 defects" in capsys.readouterr().out


def test_a_survivor_and_an_alarm_are_not(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """A defect that is none survives, and a legal scanner that is none gets an alarm: exit status 1, each by its name."""
    defect = next(item for item in DEFECTS if item.name == "uuid-changes")
    monkeypatch.setattr(__main__, "DEFECTS", (replace(defect, build=LEGAL),))
    monkeypatch.setattr(__main__, "FAMILY", ())
    assert __main__.main(["uuid-changes"]) == 1
    assert "alive" in capsys.readouterr().out
    wrong = replace(FAMILY[0], name="wrong", build=replace(defect.build))
    monkeypatch.setattr(__main__, "DEFECTS", ())
    monkeypatch.setattr(__main__, "FAMILY", (wrong,))
    assert __main__.main(["wrong"]) == 1
    assert "alarm about wrong: ESCL-12" in capsys.readouterr().out


def test_an_unknown_name_is_a_mistake() -> None:
    """Exit status 2; --write is for the whole zoo."""
    for words in (["nobody"], ["uuid-changes", "--write"]):
        with pytest.raises(SystemExit) as ended:
            __main__.main(words)
        assert ended.value.code == 2


def test_a_requirement_without_a_dead_defect_is_named() -> None:
    """Where nothing died, every requirement is unguarded."""
    assert len(unguarded(())) == 75


def test_the_page_is_of_this_zoo() -> None:
    """Each defect and each legal scanner has its line, and none other; no alarm stands there."""
    rows = [line.split(" | ") for line in TEXT.splitlines() if line.startswith("| ")]
    assert [row[1] for row in rows if row[0].startswith(("| ESCL-", "| WIRE-"))] == [item.name for item in DEFECTS]
    assert [row[0][2:] for row in rows if row[-1] == "none |"] == [item.name for item in FAMILY]
    assert f"{len(DEFECTS)} of {len(DEFECTS)} defects of 75 requirements" in TEXT
