"""``flatbed record`` and ``flatbed simulate replay``: from a device to a file and back to a device."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from conformance.runner.plan import make_plan
from flatbed.cli import main
from flatbed.exits import Exit
from simulators.recordings import load, load_head

SOME = ("--only", "LIFE", "--only", "DATA")


def spoken(capsys: pytest.CaptureFixture[str]) -> tuple[str, str]:
    """What was printed since the last look."""
    captured = capsys.readouterr()
    return captured.out, captured.err


def test_record_and_judge_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A recorded run of the suite gets the same verdicts when it is replayed, with generated programs."""
    file = tmp_path / "feeder.recording"
    assert main(["record", "virtual:feeder", "-o", str(file), "--json", "--programs", "3"]) == Exit.OK
    report = json.loads(spoken(capsys)[0])
    assert report["verdicts"]["pass"] > 80
    assert report["verdicts"]["fail"] == 0
    assert report["calls"] == len(load(file).entries)
    assert main(["simulate", "replay", str(file), "--check", "--json"]) == Exit.OK
    told = json.loads(spoken(capsys)[0])
    assert told["differences"] == []
    assert told["verdicts"]["pass"] == report["verdicts"]["pass"]
    assert (told["device"], told["complete"], told["private"]) == ("virtual:feeder", True, False)


def test_a_replay_is_a_device_of_every_verb(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`check device` judges it as it was recorded, and `scan` scans from it."""
    file, picture = tmp_path / "flatbed.recording", tmp_path / "page.png"
    assert main(["record", "virtual:flatbed", "-o", str(file), *SOME]) == Exit.OK
    spoken(capsys)
    assert main(["check", "device", f"replay:{file}", "--json", "-"]) == Exit.OK
    verdicts = {item["id"]: item["verdict"] for item in json.loads(spoken(capsys)[0])["verdicts"]}
    assert verdicts == load_head(file).suite["verdicts"]
    assert main(["scan", "--device", f"replay:{file}", "-o", str(picture), "--mode", "gray"]) == Exit.OK
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_other_requirements_than_were_recorded_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A recording answers in the order of its own run; asking for another one says how it was recorded."""
    file = tmp_path / "flatbed.recording"
    assert main(["record", "virtual:flatbed", "-o", str(file), *SOME]) == Exit.OK
    assert main_fails(["check", "device", f"replay:{file}", "--only", "CAPS"]) == Exit.USAGE
    assert "--only LIFE --only DATA" in spoken(capsys)[1]


def test_scans_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """--scans records one scan from each source in each mode; there are no verdicts to compare then, and that is said."""
    file = tmp_path / "scans.recording"
    assert main(["record", "virtual:feeder", "-o", str(file), "--scans", "-r", "75"]) == Exit.OK
    recording = load(file)
    starts = {json.dumps(entry.arguments) for entry in recording.entries if entry.verb == "start"}
    assert len(starts) == 6, "two sources in three modes"
    assert main(["simulate", "replay", str(file)]) == Exit.OK
    assert f"flatbed serve --recording {file}" in spoken(capsys)[0]
    assert main_fails(["simulate", "replay", str(file), "--check"]) == Exit.USAGE
    assert main_fails(["record", "virtual:feeder", "-o", str(file), "--scans", "--only", "LIFE"]) == Exit.USAGE


def test_private(tmp_path: Path) -> None:
    """--private keeps verdicts, and no pixel and no serial number."""
    file, private = tmp_path / "open.recording", tmp_path / "private.recording"
    for words in ([str(file)], [str(private), "--private"]):
        assert main(["record", "virtual:flatbed", "-o", *words, *SOME]) == Exit.OK
    shown, veiled = ({page.sha256 for page in load(path).pages if page.bytes} for path in (file, private))
    assert shown
    assert not shown & veiled
    assert load_head(private).suite["verdicts"] == load_head(file).suite["verdicts"]
    assert main(["simulate", "replay", str(private), "--check"]) == Exit.OK


def test_a_recording_can_be_recorded(tmp_path: Path) -> None:
    """A replayed device is a device like others: what is recorded of it gets the same verdicts."""
    file, again = tmp_path / "one.recording", tmp_path / "two.recording"
    assert main(["record", "virtual:flatbed", "-o", str(file), *SOME]) == Exit.OK
    assert main(["record", f"replay:{file}", "-o", str(again), *SOME]) == Exit.OK
    assert load_head(again).suite["verdicts"] == load_head(file).suite["verdicts"]


@pytest.mark.parametrize(
    ("words", "status", "says"),
    [
        (["record", "virtual:nobody", "-o", "x.recording"], Exit.UNREACHABLE, "nobody"),
        (["record", "nothing", "-o", "x.recording"], Exit.USAGE, "is not a device id"),
        (["record", "virtual:flatbed", "-o", "/nowhere/x.recording"], Exit.USAGE, "no folder"),
        (["record", "virtual:flatbed", "-o", "x.recording", "--only", "NONSENSE"], Exit.USAGE, "NONSENSE"),
        (["simulate", "replay", "missing.recording"], Exit.USAGE, "No such file"),
        (["check", "device", "replay:missing.recording"], Exit.FAILED, "No such file"),
        (["scan", "--device", "replay:missing.recording", "-o", "x.png"], Exit.FAILED, "missing.recording"),
    ],
)
def test_mistakes_are_told(
    words: list[str],
    status: Exit,
    says: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """What cannot be recorded or replayed is said in a sentence, with the documented exit status, and leaves no file."""
    monkeypatch.chdir(tmp_path)
    assert main_fails(words) == status
    assert says in spoken(capsys)[1]
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_recording_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever ends a recording, the file has what happened until then and says that its end is missing."""
    file = tmp_path / "cut.recording"

    def interrupted(*arguments: Any) -> Any:
        signal.raise_signal(signal.SIGINT)
        return make_plan(*arguments)

    monkeypatch.setattr("conformance.runner.check.make_plan", interrupted)
    assert main(["record", "virtual:flatbed", "-o", str(file), *SOME]) == Exit.INTERRUPTED
    assert not load_head(file).complete
    assert load(file).entries


def main_fails(words: list[str]) -> int:
    """Run the command line; gives the exit status, also of what ends by SystemExit."""
    try:
        return main(words)
    except SystemExit as end:
        return int(str(end.code))
