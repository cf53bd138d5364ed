"""Replaying a saved failure: the same bytes each time, and four words that are not mistaken for each other."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from conformance.programs import Command, Do, Program, execute, save, saved_from
from conformance.runner.replay import Outcome, replay_file
from conformance.runner.targets import Target
from conformance.runner.versions import differences, versions_of
from conformance.selftest import SCANNER
from conformance.selftest.defects import DEFECTS
from conformance.verdicts import Exit
from device_protocol.testing import Jumper, run
from flatbed.cli import main

SECOND_CLOSE = next(item for item in DEFECTS if item.name == "second-close")
OPEN, CLOSE = Command(Do.OPEN), Command(Do.CLOSE)
BROKEN = "tests.conformance.zoo_drivers:close_once"
LEGAL_DRIVER = "tests.conformance.zoo_drivers:legal"


def saved(tmp_path: Path, driver: str, program: Program = (OPEN, CLOSE, CLOSE), **changes: Any) -> Path:
    """A replay file of a program that failed on the zoo's scanner whose second close raises."""
    failure = run(lambda: execute((OPEN, CLOSE, CLOSE), SECOND_CLOSE.build, SCANNER), clock=Jumper())
    path = tmp_path / "program.json"
    save(path, saved_from(program, failure, SCANNER, driver=driver, seed=3, versions=versions_of(driver)))
    path.write_text(json.dumps(json.loads(path.read_text()) | changes))
    return path


def test_the_same_failure(tmp_path: Path) -> None:
    """On the device that is broken still it failed, in the same way; exit status 1."""
    result = replay_file(saved(tmp_path, BROKEN))
    assert (result.outcome, result.exit, result.same) == (Outcome.SAME, Exit.FAILURES, True)


def test_fixed(tmp_path: Path) -> None:
    """On a device that is mended it is fixed; exit status 0."""
    result = replay_file(saved(tmp_path, LEGAL_DRIVER))
    assert (result.outcome, result.exit) == (Outcome.FIXED, Exit.CLEAN)


def test_failed_otherwise(tmp_path: Path) -> None:
    """A failure by another requirement or phase is told apart, and is exit status 1 all the same."""
    result = replay_file(saved(tmp_path, BROKEN, signature={"requirement": "LIFE-04", "phase": "close"}))
    assert (result.outcome, result.exit, result.same) == (Outcome.OTHER, Exit.FAILURES, False)


@pytest.mark.parametrize(
    "program",
    [(OPEN, Command(Do.NEXT_PAGE)), (Command(Do.END),)],
    ids=["no job any more", "no page any more"],
)
def test_what_is_not_reached_is_not_fixed(program: Program, tmp_path: Path) -> None:
    """If the command that failed has nothing to act on any more, nobody knows whether the failure is gone: it could not run, exit status 4."""
    result = replay_file(saved(tmp_path, LEGAL_DRIVER, program))
    assert (result.outcome, result.exit) == (Outcome.NOT_RUN, Exit.UNREACHABLE)
    assert "nothing to act on" in result.judgement.evidence


def test_a_device_that_is_not_there_could_not_run(tmp_path: Path) -> None:
    """A device that is gone is not a failure of another kind."""
    result = replay_file(saved(tmp_path, LEGAL_DRIVER, device="nobody"))
    assert (result.outcome, result.exit) == (Outcome.NOT_RUN, Exit.UNREACHABLE)
    assert "NOT_FOUND" in result.judgement.evidence


def test_words_and_status_of_the_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """``flatbed replay`` says it in words, and with --json in a field; the status is the same both ways."""
    for driver, status, outcome, words in (
        (BROKEN, 1, "failed", "It failed again in the same way."),
        (LEGAL_DRIVER, 0, "fixed", "It is fixed: nothing failed."),
        ("tests.conformance.zoo_drivers:nobody_made_this", 4, "could not run", "It could not run: "),
    ):
        path = str(saved(tmp_path, driver))
        assert command(["replay", path]) == status
        captured = capsys.readouterr()
        assert words in captured.out + captured.err
        assert command(["replay", path, "--json"]) == status
        assert json.loads(capsys.readouterr().out)["outcome"] == outcome


def command(words: list[str]) -> int:
    """The exit status of a command line."""
    try:
        return main(words)
    except SystemExit as end:
        return int(str(end.code))


def test_other_versions_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What has another version than when the failure was saved is named: it may be why."""
    path = saved(tmp_path, BROKEN, versions={"trio": "0.1", "flatbed": versions_of(BROKEN)["flatbed"]})
    assert command(["replay", str(path)]) == 1
    assert "trio was 0.1 when this was saved" in capsys.readouterr().out
    assert differences({"a": "1", "b": "2"}, {"a": "1", "b": "3"}) == {"b": ("2", "3")}


def test_versions_name_what_a_failure_depends_on() -> None:
    """Ours, the registry's and the contract's revisions, the interpreter, trio, and the distribution of an installed driver."""
    found = versions_of("virtual")
    assert {"flatbed", "revision", "contract", "python", "trio", "driver flatbed"} == set(found)
    assert all(found.values())
    assert "driver flatbed" not in versions_of("module:factory")


@pytest.mark.parametrize("versions", [[], {"a": 1}, {str(number): "1" for number in range(30)}, "x"])
def test_bad_versions_are_refused(versions: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file whose versions are no small mapping of texts is no replay file: exit status 2."""
    assert command(["replay", str(saved(tmp_path, LEGAL_DRIVER, versions=versions))]) == 2
    assert "versions" in capsys.readouterr().err


LONG: Program = (
    Command(Do.CONTROL, "load", {"count": 2}),
    OPEN,
    Command(Do.LISTEN),
    Command(Do.CAPS),
    Command(Do.OPTIONS),
    Command(Do.CONTROL, "open-cover"),
    Command(Do.STATUS),
    Command(Do.CONTROL, "close-cover"),
    Command(Do.START, value={"settings": {"source": "Duplex"}}),
    Command(Do.NEXT_PAGE),
    Command(Do.READ_TO_END, value=[333, 4096]),
    Command(Do.END),
    Command(Do.CANCEL_DURING, "next-page"),
    Command(Do.HEAR),
    CLOSE,
)
"""With pictures, events, sets and a race in it."""


def test_trace_is_the_same_bytes_in_this_process(tmp_path: Path) -> None:
    """A program shows the same text on every run: commands, what came of them, and what was read after each."""
    path = saved(tmp_path, LEGAL_DRIVER, LONG)
    traces = {replay_file(path).trace for _ in range(5)}
    assert len(traces) == 1
    (lines,) = traces
    assert len(lines) > len(LONG) + 10
    assert not any(" at 0x" in line for line in lines)


def test_replay_is_the_same_bytes_in_other_processes(tmp_path: Path) -> None:
    """Nothing depends on the process or on the order of its sets: ``flatbed replay --json`` writes the same bytes under any hash seed."""
    path = saved(tmp_path, LEGAL_DRIVER, LONG)
    texts = set()
    for hash_seed in ("0", "1", "4242"):
        done = subprocess.run(  # our own command
            [sys.executable, "-m", "flatbed.cli", "replay", str(path), "--json"],
            env=os.environ | {"PYTHONHASHSEED": hash_seed},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stderr.decode()
        texts.add(done.stdout)
    assert len(texts) == 1
    assert len(json.loads(texts.pop())["trace"]) > len(LONG) + 10


def test_a_target_is_made_of_a_program_alone(tmp_path: Path) -> None:
    """A program that was saved alone says its driver and device, and replays without a file around it."""
    data = json.loads(saved(tmp_path, BROKEN).read_text())
    assert (data["kind"], data["driver"], data["device"]) == ("flatbed-program", BROKEN, SCANNER)
    assert Target(BROKEN, SCANNER).in_process()
