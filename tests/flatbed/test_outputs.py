"""What the verbs write: said before the work if it cannot be, whole or not at all, and never a traceback."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import pytest

from flatbed.cli import main
from flatbed.exits import Exit
from flatbed.say import as_json, out

LAB = 'schema = 1\ntime = "instant"\n[[device]]\nid = "feeder"\nprofile = "office-duplex-feeder"\nsheets = 5\n'


def refuse(_path: Path, _data: bytes) -> int:
    """A full disk."""
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize(
    "words",
    [
        ["scan", "-o", "{}.pdf"],
        ["sheets", "-o", "{}.pdf"],
        ["check", "device", "virtual:feeder", "-k", "LIFE-01", "--json", "{}.json"],
        ["check", "device", "virtual:feeder", "-k", "LIFE-01", "--junit", "{}.xml"],
        ["check", "device", "virtual:feeder", "-k", "LIFE-01", "--trace", "{}.ndjson"],
    ],
)
@pytest.mark.parametrize("folder", ["/proc", "nowhere"])
def test_a_file_that_cannot_be_written_is_said_first(
    words: list[str], folder: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Neither paper nor minutes are spent on a report or a scan that then has no place."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        raise SystemExit(main([word.format(f"{folder}/x") for word in words]))
    captured = capsys.readouterr()
    assert ended.value.code == Exit.USAGE
    assert captured.err.startswith(f"flatbed: {folder}/x.")
    assert captured.out == ""  # `check` prints its plan as soon as it starts


def test_an_existing_file_outlives_the_question(tmp_path: Path) -> None:
    """Asking whether a file can be written changes neither it nor its folder, if nothing is then done."""
    there = tmp_path / "there.pdf"
    there.write_bytes(b"old")
    with pytest.raises(SystemExit):
        main(["scan", "-d", "virtual:feeder", "--devices", str(bad_lab(tmp_path)), "-o", str(there)])
    assert there.read_bytes() == b"old"
    assert {path.name for path in tmp_path.iterdir()} == {"there.pdf", "bad.toml"}


@pytest.mark.parametrize("verb", ["scan", "sheets"])
def test_a_full_disk_is_an_error_with_words(
    verb: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that is full when the pages are there ends in exit 1 and words, and what was there before is kept."""
    path = tmp_path / "out.pdf"
    path.write_bytes(b"old")
    monkeypatch.setattr(Path, "write_bytes", refuse)
    count = ["--count", "1", "--dpi", "75"] if verb == "sheets" else ["--pages", "1", "-r", "75"]
    with pytest.raises(SystemExit) as ended:
        main([verb, "-o", str(path), *count])
    assert ended.value.code == Exit.FAILED
    assert "No space left on device" in capsys.readouterr().err
    assert path.read_bytes() == b"old"


def test_a_scan_that_fails_says_what_it_wrote(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A jam at sheet 3 leaves four pages in the file; both forms of the report say so, and name the failure."""
    lab, path = tmp_path / "jam.toml", tmp_path / "out.pdf"
    lab.write_text(LAB + 'scenario = "jam-at-sheet-3"\n', encoding="utf-8")
    words = ["scan", "--devices", str(lab), "-r", "75", "-o", str(path), "--source", "duplex"]
    assert main([*words, "--json"]) == Exit.FAILED
    report = json.loads(capsys.readouterr().out)
    assert (report["pages"], report["files"], report["error"]["code"]) == (4, [str(path)], "JAM")
    assert main(words) == Exit.FAILED
    assert f"4 pages that came before -> {path}" in capsys.readouterr().err


def bad_lab(folder: Path) -> Path:
    """A devices file with a mistake in line 2."""
    path = folder / "bad.toml"
    path.write_text("schema = 1\nfoo = 3\n", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    "words", [["devices"], ["scan", "-o", "out.pdf"], ["check", "device", "virtual:feeder", "-k", "LIFE-01"]]
)
def test_a_mistake_in_the_devices_file_is_a_usage_error(
    words: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every verb names file, line and key, once, and starts nothing."""
    monkeypatch.chdir(tmp_path)
    path = bad_lab(tmp_path)
    with pytest.raises(SystemExit) as ended:
        main([*words, "--devices", str(path)])
    captured = capsys.readouterr()
    assert ended.value.code == Exit.USAGE
    assert captured.err.count(f"{path}:2: foo is not known here") == 1
    assert captured.out == ""


def test_a_locale_without_the_letters_gets_escapes(monkeypatch: pytest.MonkeyPatch) -> None:
    """A device called Gerät must not end a verb where the locale is ASCII, and JSON stays JSON."""
    buffer = io.BytesIO()
    stream = io.TextIOWrapper(buffer, encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    out("Gerät")
    as_json({"name": "Gerät"})
    first, rest = buffer.getvalue().split(b"\n", 1)
    assert first == b"Ger\\xe4t"
    assert json.loads(rest) == {"name": "Gerät"}


def test_ctrl_c_while_a_verb_is_imported(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Ctrl-C in the first tenth of a second is no traceback either."""

    def interrupted(_name: str) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("importlib.import_module", interrupted)
    assert main(["devices"]) == Exit.INTERRUPTED
    assert "interrupted" in capsys.readouterr().err
