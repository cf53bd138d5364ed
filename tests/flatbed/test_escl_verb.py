"""``flatbed simulate escl`` as a process: ready file, ends, and mistakes."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import pytest

from flatbed.cli import main

LIMIT_S = 60.0


def _start(ready: Path, *words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "flatbed.cli", "simulate", "escl", "--port", "0", "--no-mdns"]
    process = subprocess.Popen(
        [*command, "--ready-file", str(ready), *words],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    deadline = time.monotonic() + LIMIT_S
    while not ready.exists():
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)  # another process's work
    return process


def _told(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGTERM)


def _interrupted(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGINT)


def _closed(process: subprocess.Popen[str]) -> None:
    assert process.stdin is not None
    process.stdin.close()
    process.stdin = None


@pytest.mark.parametrize("end", [_told, _interrupted, _closed])
def test_it_says_where_it_is_and_ends_cleanly(end: Callable[[subprocess.Popen[str]], None], tmp_path: Path) -> None:
    """The ready file and --json say the same, the addresses answer; SIGTERM, Ctrl-C and closed standard input end it with 0, and the file is gone."""
    ready = tmp_path / "ready.json"
    process = _start(ready, "--json", "--exit-with-stdin")
    try:
        facts = json.loads(ready.read_text())
        assert (facts["schema"], facts["pid"]) == (1, process.pid)
        assert ready.stat().st_mode & 0o077 == 0, "it has the token of the control"
        for url in [facts["escl"], *(device["url"] for device in facts["devices"])]:
            with urllib.request.urlopen(f"{url}/ScannerStatus", timeout=LIMIT_S) as answer:
                assert b"<pwg:State>Idle</pwg:State>" in answer.read()
        end(process)
        said, errors = process.communicate(timeout=LIMIT_S)
    finally:
        process.kill()
        process.wait()
    assert (process.returncode, errors) == (0, "")
    assert json.loads(said) == facts
    assert not ready.exists()


def test_a_port_that_is_taken(capsys: pytest.CaptureFixture[str]) -> None:
    """Exit 2 and a sentence that names the holder where the system tells."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SystemExit) as ended:
            main(["simulate", "escl", "--no-mdns", "--port", str(port)])
    told = capsys.readouterr()
    assert (ended.value.code, told.out) == (2, "")
    assert f"port {port} of 127.0.0.1 is taken" in told.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--bind", "localhost"], "takes an IP address"),
        (["--bind", "::1"], "cannot be announced"),
        (["--interface", "lo"], "takes an IP address"),
        (["--cert", "x.pem"], "are for --tls"),
        (["--tls", "--key", "x.pem"], "is the key of --cert"),
        (["--no-mdns", "--tls", "--cert", "nowhere.pem"], "the certificate cannot be used"),
        (["--devices", "nowhere.toml"], "nowhere.toml"),
    ],
)
def test_mistakes_on_the_command_line(words: list[str], says: str, capsys: pytest.CaptureFixture[str]) -> None:
    """They are exit status 2 with a sentence, before anything is opened."""
    try:
        code = main(["simulate", "escl", "--port", "0", *words])
    except SystemExit as ended:
        code = int(ended.code or 0)
    told = capsys.readouterr()
    assert (code, told.out) == (2, "")
    assert says in told.err
