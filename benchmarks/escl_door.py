"""``flatbed simulate escl`` for the length of a benchmark, and a client that reads a whole job."""

from __future__ import annotations

import contextlib
import http.client
import json
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.service import POLL, READY_WITHIN, flatbed_command, resident

SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<scan:ScanSettings xmlns:scan="http://schemas.hp.com/imaging/escl/2011/05/03" xmlns:pwg="http://www.pwg.org/schemas/2010/12/sm">
<pwg:Version>2.0</pwg:Version><pwg:InputSource>Feeder</pwg:InputSource><scan:ColorMode>RGB24</scan:ColorMode>
<pwg:ScanRegions><pwg:ScanRegion><pwg:ContentRegionUnits>escl:ThreeHundredthsOfInches</pwg:ContentRegionUnits>
<pwg:XOffset>0</pwg:XOffset><pwg:YOffset>0</pwg:YOffset><pwg:Width>2480</pwg:Width><pwg:Height>3507</pwg:Height>
</pwg:ScanRegion></pwg:ScanRegions><pwg:DocumentFormat>image/jpeg</pwg:DocumentFormat>
<scan:XResolution>300</scan:XResolution><scan:YResolution>300</scan:YResolution><scan:Duplex>false</scan:Duplex>
</scan:ScanSettings>"""


@dataclass(frozen=True)
class RunningDoor:
    """A door that answers.

    Attributes:
        urls: of its scanners.
        pid: of its process.
        seconds: from the start of the process until it was ready.
    """

    urls: tuple[str, ...]
    pid: int
    seconds: float

    def memory(self) -> float:
        """Resident memory, MB."""
        return resident(self.pid)


@contextlib.contextmanager
def escl_door(devices: Path, *options: str) -> Iterator[RunningDoor]:
    """The door on a free port.

    Raises:
        RuntimeError: it did not get ready; with what it said.
    """
    with tempfile.TemporaryDirectory(prefix="flatbed-bench-") as name:
        ready, log = Path(name) / "ready.json", Path(name) / "log.txt"
        words = [*flatbed_command(), "simulate", "escl", "--devices", str(devices), "--port", "0"]
        with log.open("wb") as output:
            start = time.perf_counter()
            process = subprocess.Popen(
                [*words, "--ready-file", str(ready), *options], stdout=output, stderr=output
            )  # its log is read when it fails
            try:
                while not ready.exists():
                    if process.poll() is not None or time.perf_counter() - start > READY_WITHIN:
                        raise RuntimeError(f"the door did not get ready:\n{log.read_text(errors='replace')[-2000:]}")
                    time.sleep(POLL)
                seconds = time.perf_counter() - start
                facts = json.loads(ready.read_text())
                yield RunningDoor(tuple(device["url"] for device in facts["devices"]), process.pid, seconds)
            finally:
                process.send_signal(signal.SIGTERM)
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


def read_job(url: str) -> tuple[bytes, list[bytes]]:
    """The capabilities of a scanner, and the pages of a job of A4 at 300 dpi in colour from its feeder."""
    where = urlsplit(url)
    connection = http.client.HTTPConnection(where.netloc, timeout=60)
    with contextlib.closing(connection):
        capabilities = _asked(connection, "GET", f"{where.path}/ScannerCapabilities")[1]
        status, _, location = _asked(connection, "POST", f"{where.path}/ScanJobs", SETTINGS.encode())
        if status != 201:
            raise RuntimeError(f"POST: {status}")
        pages: list[bytes] = []
        while True:
            status, body, _ = _asked(connection, "GET", f"{urlsplit(location).path}/NextDocument")
            if status != 200:
                return capabilities, pages
            pages.append(body)


def _asked(connection: http.client.HTTPConnection, method: str, path: str, body: bytes = b"") -> tuple[int, bytes, str]:
    connection.request(method, path, body or None)
    answer = connection.getresponse()
    return answer.status, answer.read(), answer.headers.get("Location", "")
