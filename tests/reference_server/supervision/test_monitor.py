"""The monitor over services that crash, hang, do not start or do not end (service-behaviour.md S-003, S-008; design 6)."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from reference_server.supervision.watching import LATE_SECONDS
from tests.reference_server.supervision import program

pytestmark = pytest.mark.slow
LIMIT = 20.0


@contextmanager
def start(
    folder: Path, service: str, port: int = 0, hang: float = program.PATIENCE.hang
) -> Iterator[subprocess.Popen[str]]:
    """A monitor over *service*; both are ended, whatever becomes of the test."""
    command = [sys.executable, "-m", program.__name__, str(folder), service, str(port), str(hang)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.kill()


def to_its_end(folder: Path, service: str) -> tuple[int, str]:
    """Its exit code, and what it said."""
    with start(folder, service) as process:
        _, said = process.communicate(timeout=LIMIT)
        return process.returncode, said


def starts(folder: Path, count: int = 1) -> list[int]:
    """Process ids of the services so far, when there are at least *count*."""
    deadline = time.monotonic() + LIMIT
    while not (folder / "starts").exists() or len((folder / "starts").read_text().splitlines()) < count:
        assert time.monotonic() < deadline
        time.sleep(0.005)
    return [int(line) for line in (folder / "starts").read_text().splitlines()]


def dumps(folder: Path) -> list[str]:
    """The texts of all dumps."""
    return [path.read_text() for path in sorted((folder / "dump").glob("*"))]


def gone(pid: int, within: float = 2.0) -> bool:
    """Whether a process ends in time; a zombie that nobody has collected yet has ended."""
    deadline = time.monotonic() + within
    while time.monotonic() < deadline:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] == "Z":
                return True
        except OSError:
            return True
        time.sleep(0.01)
    return False


@pytest.mark.parametrize(("service", "words"), [("crash", "exit code 1"), ("exits", "exit code 3")])
def test_it_gives_up(service: str, words: str, tmp_path: Path) -> None:
    """A service that crashes each time is started so many times, each crash is told and has a dump; then the monitor ends with its own code."""
    code, said = to_its_end(tmp_path, service)
    assert code == 5
    assert len(starts(tmp_path)) == program.PATIENCE.crashes
    assert said.count(words) == program.PATIENCE.crashes
    assert "it is started again in 0.02 s" in said
    assert "4th time in a row; given up" in said
    assert len(dumps(tmp_path)) == program.PATIENCE.crashes
    assert all(("the reason of the crash" in text) is (service == "crash") for text in dumps(tmp_path))


def test_a_start_that_fails_is_no_crash(tmp_path: Path) -> None:
    """Exit code 2 before the service was ever ready is passed on, said once, without a restart and without a dump."""
    assert to_its_end(tmp_path, "start_error") == (2, "cannot start\n")
    assert len(starts(tmp_path)) == 1
    assert dumps(tmp_path) == []


def test_it_recovers(tmp_path: Path) -> None:
    """After two crashes the third service knows of them, and ends in order with 0; its secrets stay out of the dumps."""
    code, said = to_its_end(tmp_path, "recovers")
    assert code == 0
    assert "2 restarts, was ended by SIGKILL" in said
    assert len(dumps(tmp_path)) == 2


@pytest.mark.parametrize("service", ["hangs", "deaf"])
def test_a_hang(service: str, tmp_path: Path) -> None:
    """A service that gives no sign of life is ended, by force if it must be, and started again; the dump shows where it was."""
    code, said = to_its_end(tmp_path, service)
    assert (code, len(starts(tmp_path))) == (0, 2)
    assert "hung" in said
    (dump,) = dumps(tmp_path)
    assert ("blocked_here" in dump) is (service == "hangs")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_told_to_end_before_it_was_ready(number: signal.Signals, tmp_path: Path) -> None:
    """The exit code is that of the signal, nothing is started again, and that is no crash."""
    with start(tmp_path, "starts_slowly") as process:
        (pid,) = starts(tmp_path)
        process.send_signal(number)
        _, said = process.communicate(timeout=LIMIT)
        assert (process.returncode, said) == (128 + number, "")
    assert gone(pid)
    assert len(starts(tmp_path)) == 1
    assert dumps(tmp_path) == []


def test_one_that_does_not_end(tmp_path: Path) -> None:
    """A service that goes on although it was told to end is ended by force, and told as a failure."""
    with start(tmp_path, "stubborn") as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "ready\n"
        (pid,) = starts(tmp_path)
        process.terminate()
        _, said = process.communicate(timeout=LIMIT)
        assert (process.returncode, "hung" in said) == (1, True)
    assert gone(pid)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP, signal.SIGQUIT, signal.SIGSEGV])
def test_it_takes_the_service_with_it(number: signal.Signals, tmp_path: Path) -> None:
    """However the monitor ends, the service ends within two seconds."""
    with start(tmp_path, "beats") as process:
        (pid,) = starts(tmp_path)
        process.send_signal(number)
        assert process.wait(LIMIT) == -number
        assert gone(pid)


def test_both_were_stopped(tmp_path: Path) -> None:
    """When the monitor was stopped together with its service (Ctrl-Z) and goes on first, it does not take the silence meanwhile for a hang."""
    hang = 2.0  # so much time the service has to go on after the monitor, on a busy machine too
    with start(tmp_path, "beats", hang=hang) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "ready\n"
        (pid,) = starts(tmp_path)
        os.kill(pid, signal.SIGSTOP)
        process.send_signal(signal.SIGSTOP)
        time.sleep(hang + LATE_SECONDS + 0.5)
        process.send_signal(signal.SIGCONT)
        time.sleep(0.1)
        os.kill(pid, signal.SIGCONT)
        time.sleep(hang + 0.5)
        assert starts(tmp_path) == [pid]
        assert not gone(pid, within=0.05)


@pytest.mark.parametrize("service", ["answers_late", "shuts"])
def test_connections_wait_for_the_next_service(service: str, tmp_path: Path) -> None:
    """A connection that nobody has accepted survives the crash and is answered by the next service, on the same port; so it is where the socket was shut."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with start(tmp_path, service, port) as process:
        starts(tmp_path, 2 if service == "shuts" else 1)
        with socket.create_connection(("127.0.0.1", port), timeout=LIMIT) as client:
            assert client.recv(100) == b"answered"
        assert process.wait(LIMIT) == 0
    assert len(starts(tmp_path)) == 2


def test_nobody_reads_along(tmp_path: Path) -> None:
    """When whoever read standard error has gone, the service goes on and its end is still noticed."""
    with start(tmp_path, "exits") as process:
        assert process.stderr is not None
        process.stderr.close()
        process.stderr = None
        assert process.wait(LIMIT) == 5
