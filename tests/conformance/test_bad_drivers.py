"""Bad drivers get a verdict in bounded time and memory, by checks, at first contact, here and in a worker; what blocks the process ends it with one."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from pathlib import Path

import pytest
import trio
from hypothesis import given, settings
from hypothesis import strategies as st

from conformance import Unreachable, Verdict, judge
from conformance.bench import Limits
from conformance.programs import find_failure
from conformance.requirements import REQUIREMENTS
from conformance.runner import check as running
from conformance.runner.check import check_device
from conformance.runner.options import CheckOptions
from conformance.runner.targets import make_target
from conformance.selftest import SCANNER
from conformance.verdicts import Exit, Judgement
from device_protocol.testing import Jumper, run
from tests.conformance.bad_drivers import BAD, FLOOD, STUCK
from tests.conformance_programs.liars import Lie, lies, lying

ROOT = Path(__file__).parents[2]

SOME = {"LIFE-01", "LIFE-04", "LIFE-10", "CAPS-04", "SET-08", "SCAN-06", "DATA-04", "STAT-03", "ERR-01"}
"""They touch every verb."""

UNREACHABLE = {
    "background": "SystemExit",
    "babel": "1000000",
    "epic": "without end",
    "nothing": "session",
    "liar": "sources",
    "wide_open": "inf",
}
"""What is seen at first contact of those that say nothing of themselves that could be judged."""

SILENT = {"floods"}
"""The stream of events is bounded, so that a flood is no more than an overflow."""


def judged(name: str) -> dict[str, Judgement]:
    """What some checks make of a bad driver."""
    only = {"DATA-04"} if name == "trickles" else SOME  # byte by byte to the limit, for each check that reads
    return run(lambda: judge(BAD[name], SCANNER, only), clock=Jumper())


@pytest.mark.parametrize("name", sorted(set(BAD) - set(UNREACHABLE)))
def test_checks_give_verdicts(name: str) -> None:
    """Whatever a driver does, it is the driver's fault, and said to be."""
    verdicts = judged(name)
    assert not [item for item in verdicts.values() if item.verdict is Verdict.HARNESS_ERROR]
    broken = [item for item in verdicts.values() if item.verdict.broken]
    assert bool(broken) is (name not in SILENT)
    assert all(len(item.evidence) < 10_000 for item in broken)


@pytest.mark.parametrize("name", UNREACHABLE)
def test_first_contact_says_what_is_wrong(name: str) -> None:
    """A driver that gives no device, or declarations that are none, is unreachable and told why."""
    with pytest.raises(Unreachable, match=UNREACHABLE[name]):
        judged(name)


@pytest.mark.parametrize("name", sorted(set(BAD) - {"background", "trickles"}))
def test_programs_give_verdicts(name: str) -> None:
    """Generated programs come to their end on each of them."""
    found = run(lambda: find_failure(BAD[name], SCANNER, count=6, time_budget=20.0), clock=Jumper())
    assert found is None or found.failure.requirement in REQUIREMENTS


@given(lies, st.lists(st.sampled_from(sorted(REQUIREMENTS)), min_size=2, max_size=2))
@settings(max_examples=20, deadline=None)
def test_checks_survive_lies(lie: Lie, only: list[str]) -> None:
    """Whatever any verb gives or raises from some call on, no check takes it for an error of ours."""
    try:
        verdicts = run(lambda: judge(lying(lie), SCANNER, set(only)), clock=Jumper())
    except Unreachable:
        return
    assert not [item for item in verdicts.values() if item.verdict is Verdict.HARNESS_ERROR]


def test_a_backend_that_breaks_down_among_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """What its own tasks raise, when generated programs run, is a failure of the driver."""

    async def hunt(*arguments: object, **more: object) -> None:
        raise BaseExceptionGroup("in the backend", [SystemExit(7)])

    monkeypatch.setattr(running, "hunt", hunt)
    target = make_target(SCANNER, driver="tests.conformance.zoo_drivers:legal")
    result = check_device(target, CheckOptions(only={"LIFE-01"}, programs=5, replay_dir=None))
    verdicts = {item.id: item for item in result.judgements}
    assert verdicts["ERR-08"].verdict is Verdict.FAIL
    assert "SystemExit: 7" in verdicts["ERR-08"].evidence


def test_a_flood_of_events_is_bounded() -> None:
    """A hundred thousand events are no more than the stream holds."""

    async def main() -> int:
        async with BAD["floods"]() as backend:
            stream = (await backend.open(SCANNER)).events()
            heard = 0
            with contextlib.suppress(trio.WouldBlock):
                while stream.receive_nowait():
                    heard += 1
            return heard

    assert run(main) < FLOOD / 10


def test_a_hang_is_told_with_its_stack() -> None:
    """The evidence says in which lines of the driver the verb waits, and nothing of ours."""
    verdict = judged("deaf")["CAPS-04"]
    assert verdict.verdict is Verdict.FAIL
    assert "did not return within" in verdict.evidence
    assert "in _ask_the_firmware: await trio.sleep_forever() < " in verdict.evidence
    assert "bench/" not in verdict.evidence
    assert verdict.signature == "CAPS-04/hang"


@pytest.mark.slow
@pytest.mark.parametrize("name", ["system_exit", "eternal", "sleeps"])
def test_in_a_worker_too(name: str) -> None:
    """A hosted driver takes its worker with it at most: the run ends with failures, and no error of ours."""
    target = make_target(SCANNER, driver=f"tests.conformance.bad_drivers:{name}", hosted=True)
    options = CheckOptions(only={"SCAN-06", "SET-08"}, programs=0, replay_dir=None, limits=Limits(2.0, 3.0, 3.0))
    result = check_device(target, options)
    assert result.exit is Exit.FAILURES
    assert Verdict.HARNESS_ERROR not in {item.verdict for item in result.judgements}


SCRIPT = """
import os, sys
from conformance.reports import JsonReport
from conformance.runner.check import check_device
from conformance.runner.options import CheckOptions
from conformance.runner.targets import make_target
from pathlib import Path

target = make_target("scanner", driver="tests.conformance.bad_drivers:" + sys.argv[1])
options = CheckOptions(
    only={"LIFE-10", "SCAN-06"}, replay_dir=None, blocked_s=1.0, end=lambda result: os._exit(int(result.exit))
)
check_device(target, options, [JsonReport(Path(sys.argv[2]))])
"""


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "requirement", "words"),
    [
        ("sleeps", "SCAN-06", "blocked the whole process for 1 s; it stands in conformance/bad_drivers.py"),
        ("spins", "LIFE-10", "in get: while True:"),
        ("spins_at_open", "ERR-08", "in open: while True:"),
        ("shielded", "SCAN-06", "a call cannot be cancelled: nothing has moved for 3 s"),
    ],
)
def test_what_blocks_the_process_ends_it(name: str, requirement: str, words: str, tmp_path: Path) -> None:
    """A watchdog writes the reports, with the stack in the verdict, and ends the run with exit status 1."""
    assert name in STUCK
    report = tmp_path / "report.json"
    done = subprocess.run(  # our own interpreter
        [sys.executable, "-c", SCRIPT, name, str(report)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == Exit.FAILURES, done.stderr
    verdicts = {item["id"]: item for item in json.loads(report.read_text())["verdicts"]}
    assert verdicts[requirement]["verdict"] == "fail"
    assert words in verdicts[requirement]["evidence"]
    assert {item["verdict"] for item in verdicts.values()} <= {"pass", "fail", "not-checked"}
