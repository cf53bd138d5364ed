"""The command line: help, wrong words, and errors that say what to do."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from device_protocol import Code, DeviceError
from flatbed.cli import VERBS, main
from flatbed.exits import Exit
from flatbed.running import find_device_error


def test_help_names_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    """`flatbed --help` lists all verbs on standard output and succeeds."""
    assert main(["--help"]) == Exit.OK
    text = capsys.readouterr().out
    assert all(f"  {name}" in text for name in VERBS)


def test_no_words_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing to do is not success."""
    assert main([]) == Exit.USAGE


def test_an_unknown_verb_says_which_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    """A typing error costs nobody a look into the manual."""
    assert main(["scann"]) == Exit.USAGE
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "'scann'" in captured.err
    assert "scan, sheets" in captured.err


@pytest.mark.parametrize("verb", list(VERBS))
def test_each_verb_has_help(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Every verb of the table exists and explains itself."""
    assert main([verb, "--help"]) == Exit.OK
    assert "Usage: flatbed" in capsys.readouterr().out


def test_the_faults_of_the_service_are_listed(capsys: pytest.CaptureFixture[str]) -> None:
    """`flatbed serve --fault list` names each fault with what it takes, and starts nothing."""
    assert main(["serve", "--fault", "list"]) == Exit.OK
    text = capsys.readouterr().out
    assert all(f"\n{name} " in f"\n{text}" for name in ("down", "late-start", "bad-tls", "slow"))
    assert "takes delay, count, duration" in text


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["scan"], "--output"),
        (["serve", "--fault", "fire"], "there are down, refuse"),
        (["serve", "--fault", "slow:after=1"], "slow has no after"),
        (["serve", "--fault", "down", "--access", "locked"], "lab mode only"),
        (["serve", "--consent", "perhaps"], "consent is allow, deny, ask"),
        (["serve", "--consent-for", "http://x=ask", "--access", "locked"], "lab mode only"),
        (["scan", "-o", "page.bmp"], "cannot write .bmp"),
        (["scan", "-o", "nowhere/page.png"], "there is no folder"),
        (["scan", "-o", "page.png", "--pages", "0"], "--pages"),
        (["scan", "-o", "page.png", "--devices", "missing.toml"], "missing.toml"),
        (["sheets", "-o", "deck.pdf", "--size", "A99"], "A99"),
        (["devices", "--nonsense"], "--nonsense"),
    ],
)
def test_wrong_words_are_usage_errors(
    words: list[str],
    complaint: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """A wrong option, file or value ends with 2, says which on standard error, and writes nothing."""
    monkeypatch.chdir(tmp_path)
    try:
        code = main(words)
    except SystemExit as end:
        code = int(str(end.code))
    assert code == Exit.USAGE
    assert complaint in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_finding_a_verb_imports_nothing_heavy() -> None:
    """`flatbed --help` and the way to a verb cost no imports of typer, trio or numpy (design 6)."""
    code = (
        "import sys, flatbed.cli\n"
        "flatbed.cli.main(['--help'])\n"
        "print(sorted({'typer', 'trio', 'numpy', 'rich', 'starlette'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"


def test_a_device_error_is_found_in_its_group() -> None:
    """Nurseries wrap errors; the user sees the error and not the group."""
    error = DeviceError(Code.JAM)
    assert find_device_error(ExceptionGroup("", [ExceptionGroup("", [error])])) is error
    assert find_device_error(ExceptionGroup("", [error, ValueError()])) is None
    assert find_device_error(ValueError()) is None
