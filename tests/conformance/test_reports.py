"""The reports: golden terminal output, JSON by its schema, JUnit that parses, a trace line by line."""

from __future__ import annotations

import io
import json
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from rich.console import Console

from conformance.bench import Command
from conformance.reports import JsonReport, JUnitReport, TerminalReport, TraceFile
from conformance.runner.events import (
    CheckFinished,
    CheckStarted,
    CommandDone,
    Evidence,
    PlanMade,
    Planned,
    ProgramsDone,
    RunEvent,
    RunFinished,
    RunStarted,
)
from conformance.verdicts import Exit, Judgement, Level, Verdict

FAILED = Judgement(
    "SET-01",
    Level.MUST,
    Verdict.FAIL,
    "panel-light was set to 10 and reads back 9",
    "A value that was accepted as exact reads back equal.",
    "TWAIN 13 (set and get); SANE 4.3.7",
    ("backend.open('scanner')  -> ZooSession", "session 1.get('panel-light')  -> 9"),
    "SET-01/read back",
    "flatbed-replay/SET-01.json",
    0.25,
)
JUDGEMENTS = (
    Judgement("LIFE-01", Level.MUST, Verdict.PASS, seconds=0.1),
    Judgement(
        "CAPS-11",
        Level.MUST,
        Verdict.NOT_APPLICABLE,
        "needs an inactive option; the device declares options: all are active",
    ),
    FAILED,
    Judgement("SET-13", Level.SHOULD, Verdict.WARN, "drifts\x00", "Setting twice is once.", "CSI"),
    Judgement("SCAN-01", Level.MUST, Verdict.KNOWN, "accepted (known: since 1.0)", "Start while busy.", "TWAIN Direct"),
    Judgement("DATA-11", Level.MUST, Verdict.NEEDS_OPERATOR, "pull the cable"),
    Judgement(
        "DATA-12",
        Level.MUST,
        Verdict.HARNESS_ERROR,
        "ZeroDivisionError: [ours]",
        "Waiting is not the end.",
        "SANE 4.3.12",
    ),
)
EVENTS: tuple[RunEvent, ...] = (
    RunStarted("zoo:scanner", "flatbed Zoo scanner", 1, 7, guarded=False, baseline="zoo-1"),
    PlanMade(
        (Planned("LIFE-01", None, sheets=2), Planned("CAPS-11", Verdict.NOT_APPLICABLE, "no"), Planned("SET-01", None)),
        "50 sheets, any time",
        programs=20,
    ),
    CheckStarted("LIFE-01", "open_leaves_idle"),
    CommandDone(Command(1, 0.5, "LIFE-01", "backend", "open", "'scanner'", "ZooSession", took=0.001)),
    Evidence("LIFE-01", "by the way"),
    CheckFinished(JUDGEMENTS[0]),
    CheckFinished(FAILED),
    ProgramsDone(20, 300, 1),
    RunFinished(JUDGEMENTS, Exit.HARNESS, 1.5, 3),
)

GOLDEN = """\
zoo:scanner (flatbed Zoo scanner)
requirements revision 1, seed 7, baseline zoo-1
plan: 2 of 3 requirements to check, about 2 sheets, then up to 20 generated programs; budget: 50 sheets, any time
20 generated programs, 300 commands: 1 failures

HARNESS-ERROR DATA-12 (MUST)
  Waiting is not the end.
  source: SANE 4.3.12
  ZeroDivisionError: [ours]

FAIL SET-01 (MUST)
  A value that was accepted as exact reads back equal.
  source: TWAIN 13 (set and get); SANE 4.3.7
  panel-light was set to 10 and reads back 9
    backend.open('scanner')  -> ZooSession
    session 1.get('panel-light')  -> 9
  flatbed replay flatbed-replay/SET-01.json

WARN SET-13 (SHOULD)
  Setting twice is once.
  source: CSI
  drifts\N{REPLACEMENT CHARACTER}

KNOWN SCAN-01 (MUST)
  Start while busy.
  source: TWAIN Direct
  accepted (known: since 1.0)

1 pass, 1 fail, 1 warn, 1 not applicable, 1 needs operator, 1 known, 1 harness error
a check of ours broke; that says nothing about the target (exit 3); 3 sheets
"""


def printed(events: tuple[RunEvent, ...], **options: bool) -> str:
    """What the terminal report prints, 120 columns wide and without colour."""
    out = io.StringIO()
    report = TerminalReport(Console(file=out, width=120, color_system=None, highlight=False), **options)
    for event in events:
        report(event)
    return out.getvalue()


def test_terminal_output() -> None:
    """The plan first, then what is not green, four numbers always, and the way to replay."""
    assert printed(EVENTS) == GOLDEN


def test_terminal_shows_the_last_steps_of_a_long_sequence() -> None:
    """A reproducer of many commands does not bury its failure."""
    steps = tuple(f"step {number}" for number in range(1, 31))
    judgement = Judgement("SET-01", Level.MUST, Verdict.FAIL, "bad", steps=steps)
    text = printed((EVENTS[0], RunFinished((judgement,), Exit.FAILURES, 1, 0)))
    assert "... 18 commands before, in the replay file" in text
    assert "step 18\n" not in text
    assert "step 19\n" in text
    assert "1 fail, 0 not applicable, 0 needs operator" in text


def test_verbose_lists_every_requirement() -> None:
    """Also those that passed."""
    text = printed(EVENTS, verbose=True)
    assert "LIFE-01  pass" in text
    assert "CAPS-11  not-applicable   needs an inactive option" in text


def test_on_a_terminal_a_bar_comes_and_goes() -> None:
    """The bar leaves the report as it is without one."""
    out = io.StringIO()
    console = Console(file=out, width=120, force_terminal=True, color_system=None, highlight=False, _environ={})
    report = TerminalReport(console)
    for event in EVENTS:
        report(event)
    report.stop()
    assert "a check of ours broke" in out.getvalue()


def test_json_report(tmp_path: Path) -> None:
    """Schema 1: target, revision, summary and one entry a verdict."""
    path = tmp_path / "r.json"
    report = JsonReport(path)
    for event in EVENTS:
        report(event)
    data = json.loads(path.read_text())
    assert data == report.data
    assert (data["schema"], data["target"], data["revision"], data["seed"], data["exit"]) == (1, "zoo:scanner", 1, 7, 3)
    assert (data["summary"]["pass"], data["summary"]["fail"], data["summary"]["stale"]) == (1, 1, 0)
    assert data["programs"] == 20
    assert len(data["verdicts"]) == len(JUDGEMENTS)
    verdict = data["verdicts"][2]
    assert {key: verdict[key] for key in ("id", "verdict", "level", "evidence", "replay")} == {
        "id": "SET-01",
        "verdict": "fail",
        "level": "MUST",
        "evidence": "panel-light was set to 10 and reads back 9",
        "replay": "flatbed-replay/SET-01.json",
    }
    assert data["verdicts"][0]["replay"] is None


def test_junit_report(tmp_path: Path) -> None:
    """It parses whatever evidence says, and its counts are those of its cases."""
    path = tmp_path / "r.xml"
    report = JUnitReport(path)
    for event in EVENTS:
        report(event)
    suite = ET.fromstring(path.read_text()).find("testsuite")
    assert suite is not None
    counts = {name: int(suite.attrib[name]) for name in ("tests", "failures", "errors", "skipped")}
    assert counts == {"tests": 7, "failures": 1, "errors": 1, "skipped": 3}
    assert [len(suite.findall(f"testcase/{name}")) for name in ("failure", "error", "skipped")] == [1, 1, 3]
    failure = suite.find("testcase/failure")
    assert failure is not None
    assert "flatbed replay flatbed-replay/SET-01.json" in str(failure.text)
    warned = [case for case in suite.findall("testcase") if case.attrib["name"].startswith("SET-13")]
    assert "drifts" in str(warned[0].findtext("system-out"))


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_has_its_place_in_junit(verdict: Verdict, tmp_path: Path) -> None:
    """A failure is a failure for CI exactly when it is one for the exit status."""
    report = JUnitReport(tmp_path / "r.xml")
    report(EVENTS[0])
    report(RunFinished((Judgement("SET-01", Level.MUST, verdict, "x"),), Exit.CLEAN, 0, 0))
    suite = ET.fromstring((tmp_path / "r.xml").read_text()).find("testsuite")
    assert suite is not None
    assert (suite.attrib["failures"] == "1") is verdict.broken
    assert (suite.attrib["errors"] == "1") is (verdict is Verdict.HARNESS_ERROR)


def test_trace_file(tmp_path: Path) -> None:
    """One JSON object a line, verbs with their times."""
    path = tmp_path / "t.ndjson"
    with TraceFile(path) as trace:
        for event in EVENTS:
            trace(event)
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert [line["event"] for line in lines] == ["run", "check", "command", "evidence", "verdict", "verdict", "end"]
    command = lines[2]
    assert (command["verb"], command["arguments"], command["result"], command["took"]) == (
        "open",
        "'scanner'",
        "ZooSession",
        0.001,
    )
