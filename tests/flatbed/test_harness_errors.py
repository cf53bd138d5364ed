"""The tester's own crash is no failure of the target: exit status 3, with the traceback for whoever mends it."""

from __future__ import annotations

from typing import Any

import pytest

from conformance.bench import Bench
from conformance.checks import CHECKS, Check
from conformance.outcomes import HarnessError
from conformance.runner import check as running
from conformance.runner.check import check_device
from conformance.runner.events import CheckFinished, CheckStarted, CommandDone, RunEvent, RunFinished
from conformance.runner.options import CheckOptions
from conformance.runner.targets import make_target
from conformance.verdicts import Verdict
from flatbed import judging
from flatbed.cli import main
from flatbed.exits import Exit

OPTIONS = CheckOptions(only={"LIFE-01", "LIFE-05"}, replay_dir=None)
ARGUMENTS = ["check", "device", "virtual:flatbed", "--only", "LIFE-01"]


def ends(capsys: pytest.CaptureFixture[str]) -> tuple[int, str]:
    """The exit status of a check, and what it said on standard error."""
    try:
        status = main(ARGUMENTS)
    except SystemExit as end:
        status = int(str(end.code))
    return status, capsys.readouterr().err


def test_a_check_that_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    """It gives a verdict of its own, the other checks run, and the run ends with 3."""

    async def broken(bench: Bench) -> None:
        del bench
        raise ZeroDivisionError("ours")

    monkeypatch.setitem(CHECKS, "LIFE-01", Check("LIFE-01", broken))
    result = check_device(make_target("virtual:flatbed"), OPTIONS)
    assert int(result.exit) == Exit.HARNESS
    verdicts = {item.id: item.verdict for item in result.judgements}
    assert verdicts == {"LIFE-01": Verdict.HARNESS_ERROR, "LIFE-05": Verdict.PASS}


@pytest.mark.parametrize("kind", [CheckStarted, CommandDone, CheckFinished, RunFinished])
def test_a_report_that_raises(kind: type[RunEvent]) -> None:
    """Whenever it does, it is named, and the device is not blamed."""

    def report(event: RunEvent) -> None:
        if isinstance(event, kind):
            raise KeyError("no such column")

    with pytest.raises(HarnessError, match=f"the report report broke at {kind.__name__}: KeyError"):
        check_device(make_target("virtual:flatbed"), OPTIONS, [report])


def test_the_runner_that_raises(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Also with what would be an error of usage elsewhere; the command says so and ends with 3."""

    class Broken:
        def __init__(self, *arguments: Any, **more: Any) -> None:
            raise ValueError("the engine does not start")

    monkeypatch.setattr(running, "Engine", Broken)
    status, said = ends(capsys)
    assert status == Exit.HARNESS
    assert "the tester itself has broken" in said
    assert "the engine does not start" in said
    assert "Traceback" in said


def test_the_command_that_raises(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """What breaks around the run is ours too."""

    def broken(*arguments: Any) -> None:
        raise RuntimeError("no options today")

    monkeypatch.setattr(judging, "_options", broken)
    status, said = ends(capsys)
    assert (status, "no options today" in said) == (Exit.HARNESS, True)
