"""``flatbed explain`` and ``flatbed check list``: all that is known of a requirement, for people and machines."""

from __future__ import annotations

import json

import pytest

from conformance.requirements import EVERY, REQUIREMENTS, Status, Subject, of
from conformance.selftest.catalogue import ZOOS, defects
from flatbed.cli import main


def test_a_requirement_is_told_in_full(capsys: pytest.CaptureFixture[str]) -> None:
    """Text, clause, reason, condition, seeded defects, and how one of them dies, with the steps."""
    assert main(["explain", "set-01"]) == 0
    said = capsys.readouterr().out
    row = REQUIREMENTS["SET-01"]
    for words in (
        row.text,
        row.sources[0],
        "Why        An application",
        "a target with a writable option",
        "off-by-one",
    ):
        assert words in said
    assert "How off-by-one dies: fail" in said
    assert "session 1.get('panel-light')" in said


def test_machines_get_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    """As one JSON document, with the whole trace."""
    assert main(["explain", "LIFE-05", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert (data["schema"], data["id"], data["level"], data["subjects"]) == (1, "LIFE-05", "MUST", ["device"])
    assert data["trace"]["verdict"] == "fail"
    assert data["trace"]["steps"]
    assert {item["name"] for item in data["defects"]} == set(REQUIREMENTS["LIFE-05"].kills)


def test_an_unknown_id_names_those_that_are_alike(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 2, and nothing on standard output."""
    with pytest.raises(SystemExit) as ended:
        main(["explain", "SET-91"])
    assert ended.value.code == 2
    said = capsys.readouterr()
    assert "did you mean SET-" in said.err
    assert not said.out


def test_the_list_has_every_requirement(capsys: pytest.CaptureFixture[str]) -> None:
    """All of them, those that words pick, and those on one subject."""
    assert main(["check", "list", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert [row["id"] for row in data["requirements"]] == list(EVERY)
    assert main(["check", "list", "CANC-0", "--subject", "device"]) == 0
    assert [line.split()[0] for line in capsys.readouterr().out.splitlines()] == [
        f"CANC-{number:02}" for number in range(1, 10)
    ]


@pytest.mark.parametrize("words", [["FOO"], ["SET", "--subject", "service"], ["--subject", "printer"]])
def test_a_list_of_nothing_is_a_mistake(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Exit status 2, saying what there is."""
    with pytest.raises(SystemExit) as ended:
        main(["check", "list", *words])
    assert ended.value.code == 2
    assert capsys.readouterr().err


def test_registry_and_zoos_have_no_orphan() -> None:
    """What a requirement names as its defects is what the zoos declare for it, both ways, each with its sentence."""
    declared = {(item.requirement, item.name) for subject in ZOOS for item in defects(subject)}
    judged = [row for row in EVERY.values() if row.status is not Status.PLANNED and row.subjects & set(ZOOS)]
    assert declared == {(row.id, name) for row in judged for name in row.kills}
    assert all(item.what.strip() for subject in ZOOS for item in defects(subject))


@pytest.mark.parametrize("subject", ZOOS)
def test_every_requirement_has_killed_something(subject: Subject) -> None:
    """For each subject that has to keep it: a check that never killed is not known to bite."""
    killing = {item.requirement for item in defects(subject)}
    active = {row.id for row in of(subject).values() if row.status is Status.ACTIVE}
    assert active == killing


def test_every_requirement_says_why() -> None:
    """Whom it hurts: a sentence that ends."""
    assert [row.id for row in EVERY.values() if not row.why.endswith(".")] == []
