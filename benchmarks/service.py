"""A service of our own for the length of a benchmark: started by its documented command line, ended with everything below it."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from benchmarks.catalogue import CannotRunError

READY_WITHIN = 60.0  # seconds; more is a failure, not a figure
POLL = 0.002
DATA = Path(__file__).parent / "data"


@dataclass(frozen=True)
class Service:
    """A service that answers.

    Attributes:
        url: of HTTP, without a slash at the end.
        pid: of the process that answers; its monitor is above it, and is not counted.
        seconds: from the start of the process to the ready file.
        folder: where its files and its log are.
    """

    url: str
    pid: int
    seconds: float
    folder: Path

    def memory(self) -> float:
        """Resident memory of the process that answers, MB."""
        return resident(self.pid)

    def processor(self) -> tuple[float, float]:
        """Processor time so far, seconds: of the process that answers, and of all below it that live."""
        return processor_time(self.pid), sum(map(processor_time, descendants(self.pid)))

    def memory_with_workers(self) -> float:
        """Resident memory of all its processes together, MB; pages that they share count several times."""
        return sum(resident(pid) for pid in [self.pid, *descendants(self.pid)])


def flatbed_command() -> list[str]:
    """The command line's first words: the installed script, or the module where nothing is installed."""
    script = Path(sys.executable).with_name("flatbed")
    if script.exists():
        return [str(script)]
    return [sys.executable, "-c", "import sys; from flatbed.cli import main; sys.exit(main())"]


@contextlib.contextmanager
def service(*options: str) -> Iterator[Service]:
    """``flatbed serve`` on free ports with its own data folder.

    Args:
        options: further ones of the command line.

    Raises:
        RuntimeError: it ended, or did not get ready; with what it said.
    """
    folder = Path(tempfile.mkdtemp(prefix="flatbed-bench-"))
    ready, log = folder / "ready.json", folder / "log.txt"
    words = [*flatbed_command(), "serve", "--port", "0", "--ready-file", str(ready), "--data-dir", str(folder / "data")]
    words += ["--config", os.devnull]  # not what this machine's user has set
    with log.open("wb") as output:
        start = time.perf_counter()
        process = subprocess.Popen([*words, *options], stdout=output, stderr=output)  # its log is read when it fails
        try:
            while not ready.exists():
                if process.poll() is not None or time.perf_counter() - start > READY_WITHIN:
                    raise RuntimeError(f"flatbed serve did not get ready:\n{log.read_text(errors='replace')[-2000:]}")
                time.sleep(POLL)
            seconds = time.perf_counter() - start
            facts = json.loads(ready.read_text())
            with urllib.request.urlopen(f"{facts['status']}/status.json") as answer:
                pid = json.load(answer)["pid"]  # the ready file has the top process, which is a monitor
            yield Service(facts["http"].rstrip("/"), pid, seconds, folder)
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            shutil.rmtree(folder, ignore_errors=True)


def resident(pid: int) -> float:
    """Resident memory of a process, MB; 0 if it has gone.

    Raises:
        CannotRunError: the system does not tell.
    """
    if not Path("/proc/self/status").exists():
        raise CannotRunError("resident memory is read from /proc, which is not there")
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024 / 1e6
    return 0.0


def processor_time(pid: int) -> float:
    """Seconds of processor time that a process has used; 0 if it has gone or the system does not tell."""
    with contextlib.suppress(OSError):
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


class Spent:
    """Who spends how much processor time on a page; use as a context manager around runs of it, then ask :meth:`told`."""

    def __init__(self, running: Service) -> None:
        self._running = running
        self._before = (0.0, 0.0, 0.0)
        self._spent = (0.0, 0.0, 0.0)
        self.pages = 0

    def __enter__(self) -> Self:
        self._before = (*self._running.processor(), time.process_time())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        after = (*self._running.processor(), time.process_time())
        parts = zip(self._spent, self._before, after, strict=True)
        self._spent = tuple(spent + now - before for spent, before, now in parts)  # type: ignore[assignment]  # still three

    def told(self) -> str:
        """A sentence for the table."""
        server, workers, client = (seconds * 1e3 / max(1, self.pages) for seconds in self._spent)
        return (
            f"processor time a page: server {server:.0f} ms, its workers {workers:.0f} ms, the client {client:.0f} ms"
        )


def descendants(pid: int) -> list[int]:
    """The processes below *pid*."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in map(int, task.read_text().split()):
                found += [child, *descendants(child)]
    return found


def run_words(words: Sequence[str]) -> float:
    """Seconds that a command takes, whatever its exit code."""
    start = time.perf_counter()
    subprocess.run(words, check=False, capture_output=True)
    return time.perf_counter() - start
