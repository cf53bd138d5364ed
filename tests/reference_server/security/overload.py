"""What a service does for its other clients while a crowd polls it, and afterwards."""

from __future__ import annotations

import json
import os
import socket
import time
from dataclasses import dataclass
from pathlib import Path

from tests.reference_server.client import JOBS
from tests.reference_server.security.crowd import crowd
from tests.reference_server.security.fake_service import fake_service

PAUSE_SECONDS = 0.01
REFUSED = 503


@dataclass(frozen=True)
class Outcome:
    """What was seen.

    Attributes:
        times: seconds of each ``GET job`` during the crowd, each on a connection of its own, in order of size.
        told: how often the crowd was told what, and how many of it were there at most.
        recovered: seconds from the end of the crowd until a client could wait for a page again.
        descriptors_before, descriptors_after: open files of the service.
    """

    times: list[float]
    told: dict[str, int]
    recovered: float
    descriptors_before: int
    descriptors_after: int

    def percentile(self, percent: float) -> float:
        """Seconds within which so many of the requests were answered."""
        return self.times[min(len(self.times) - 1, int(len(self.times) * percent / 100))]


def ask(sock: socket.socket, method: str, path: str, body: bytes = b"") -> tuple[int, bytes]:
    """One request on an open connection."""
    head = f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n"
    sock.sendall(head.encode() + body)
    data = b""
    while b"\r\n\r\n" not in data:
        part = sock.recv(1 << 16)
        assert part, "the service closed the connection"
        data += part
    lines, _, rest = data.partition(b"\r\n\r\n")
    size = next((int(line[15:]) for line in lines.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    while len(rest) < size:
        rest += sock.recv(1 << 16)
    return int(data[9:12]), rest


def overload(folder: Path, clients: int, seconds: float, descriptors: int = 0) -> Outcome:
    """Let *clients* poll a service for *seconds*.

    Args:
        folder: for the service.
        clients: how many.
        seconds: for which they do.
        descriptors: limit of open files of the service; 0: whatever it can have.
    """
    with fake_service(folder, descriptors) as (port, pid):
        with _connect(port) as first:
            body = b'{"scannerFailureTimeout": 0}'  # it waits for its page as long as the crowd
            job = f"{JOBS}/{json.loads(ask(first, 'POST', JOBS, body)[1])['jobuid']}"
        before = _descriptors(pid)
        times: list[float] = []
        with crowd(port, f"{job}/next-page", clients, seconds) as told:
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                begun = time.monotonic()
                with _connect(port) as fresh:
                    assert ask(fresh, "GET", job)[0] == 200
                times.append(time.monotonic() - begun)
                time.sleep(PAUSE_SECONDS)
        left = time.monotonic()
        while not _may_wait(port, f"{job}/next-page"):
            time.sleep(0.1)
        recovered = time.monotonic() - left
        with _connect(port) as fresh:
            assert ask(fresh, "DELETE", job)[0] == 204
        return Outcome(sorted(times), told[0], recovered, before, _descriptors(pid))


def _connect(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=30)


def _may_wait(port: int, path: str) -> bool:
    """Whether a poll waits, instead of being refused."""
    with _connect(port) as sock:
        sock.settimeout(0.5)
        try:
            return ask(sock, "GET", path)[0] != REFUSED
        except TimeoutError:
            return True


def _descriptors(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208  # only how many
