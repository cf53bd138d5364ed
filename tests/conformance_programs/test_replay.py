"""Programs on disk: written, read, limited, run again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from conformance.programs import Command, Do, Failure, ProgramError, load, run_saved, save, saved_from
from conformance.programs.replay import MAX_BYTES, dumps, loads
from conformance.selftest import SCANNER, legal_backend
from conformance.selftest.defects import DEFECTS
from device_protocol.testing import Jumper, run

PROGRAM = (Command(Do.OPEN), Command(Do.CLOSE), Command(Do.CLOSE))
FAILURE = Failure("LIFE-05", "close", 2, "close to return", "CLOSED")
SECOND_CLOSE = next(item.build for item in DEFECTS if item.name == "second-close")


def test_written_and_read(tmp_path: Path) -> None:
    """What was saved comes back, with its signature; the same program gives the same bytes."""
    saved = saved_from(PROGRAM, FAILURE, SCANNER, driver="zoo", seed=7)
    save(tmp_path / "p.json", saved)
    assert load(tmp_path / "p.json") == saved
    assert saved.signature == ("LIFE-05", "close")
    assert dumps(saved) == dumps(loads(dumps(saved)))


def test_runs_again_and_fails_the_same_way(tmp_path: Path) -> None:
    """A replay reproduces the signature on the defect, and says that nothing failed on a device that is mended."""
    path = tmp_path / "p.json"
    save(path, saved_from(PROGRAM, FAILURE, SCANNER))
    again = run(lambda: run_saved(path, SECOND_CLOSE), clock=Jumper())
    assert again.same
    mended = run(lambda: run_saved(path, legal_backend), clock=Jumper())
    assert mended.failure is None
    assert not mended.same


def test_another_failure_is_not_the_same(tmp_path: Path) -> None:
    """A replay that fails by another requirement does not count as reproduced."""
    path = tmp_path / "p.json"
    save(path, saved_from(PROGRAM, Failure("LIFE-04", "close", 2, "", ""), SCANNER))
    again = run(lambda: run_saved(path, SECOND_CLOSE, SCANNER), clock=Jumper())
    assert again.failure is not None
    assert not again.same


def good() -> dict[str, Any]:
    """A file's content."""
    data: dict[str, Any] = json.loads(dumps(saved_from(PROGRAM, FAILURE, SCANNER)))
    return data


@pytest.mark.parametrize(
    "change",
    [
        {"schema": 2},
        {"schema": None},
        {"kind": "recipe"},
        {"commands": None},
        {"commands": [{"do": "dance"}]},
        {"device": 7},
        {"seed": "1"},
        {"seed": True},
        {"signature": []},
        {"signature": {"requirement": 5}},
        {"expected": {}},
        {"versions": []},
        {"versions": {"trio": 1}},
    ],
)
def test_bad_files(change: dict[str, Any]) -> None:
    """A field of the wrong kind, or another schema, is refused with a typed error."""
    with pytest.raises(ProgramError):
        loads(json.dumps(good() | change))


@pytest.mark.parametrize(
    "text", ["", "nonsense", "[]", "[" * 100_000, '{"a": NaN}', b"\xff\xfe", "x" * (MAX_BYTES + 1)]
)
def test_no_programs(text: str | bytes) -> None:
    """What is no JSON, nested without end, or too large is refused with a typed error."""
    with pytest.raises(ProgramError):
        loads(text)


def test_missing_file(tmp_path: Path) -> None:
    """A file that cannot be read is refused with the path."""
    with pytest.raises(ProgramError, match=r"nothing\.json"):
        load(tmp_path / "nothing.json")
