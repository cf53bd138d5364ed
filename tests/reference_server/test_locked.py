"""Real processes: what a locked one has not imported, other users of the machine, other machines (design 6; S-020, S-074)."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

PROGRAM = """
import signal, sys
from pathlib import Path
from typing import Any
from reference_server.app import run
from reference_server.config import ServerConfig
folder, keys = Path(sys.argv[1]), eval(sys.argv[2])
signal.signal(signal.SIGUSR1, lambda *_: (folder / "modules").write_text(" ".join(sorted(sys.modules)) + " END"))
sys.exit(run(ServerConfig(folder, port=0, ready_file=folder / "ready.json", **keys)))
"""
NOBODY = 65534
TABLE_FLAG = "--access lab"


@contextmanager
def service(folder: Path, **keys: object) -> Iterator[tuple[int, dict[str, Any]]]:
    """A real service with the drivers of a plain start; its process id, and what its ready file says."""
    command = [sys.executable, "-c", PROGRAM, str(folder), repr(keys)]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        try:
            wait_for(folder / "ready.json", process)
            yield process.pid, json.loads((folder / "ready.json").read_text())
        finally:
            process.kill()


def wait_for(path: Path, process: subprocess.Popen[bytes] | None = None) -> str:
    """What stands in *path*, once it is there and not empty."""
    deadline = time.monotonic() + 30
    while not path.exists() or not path.read_text():
        assert time.monotonic() < deadline
        assert process is None or process.poll() is None, process.stderr and process.stderr.read()
        time.sleep(0.005)
    return path.read_text()


def ask(url: str, path: str, host: str | None = None, *lines: str) -> tuple[int, str]:
    """A GET; status and body."""
    parts = urlsplit(url)
    address = (host or parts.hostname or "", parts.port or 0)
    head = [f"GET {path} HTTP/1.1", f"Host: {address[0]}:{address[1]}", "Connection: close", *lines, "", ""]
    with socket.create_connection(address, timeout=10) as sock:
        sock.sendall("\r\n".join(head).encode())
        answer = b"".join(iter(lambda: sock.recv(1 << 16), b""))
    return int(answer.split()[1]), answer.decode().partition("\r\n\r\n")[2]


@pytest.mark.slow
def test_what_a_locked_process_has_not_imported(tmp_path: Path) -> None:
    """After a few requests to both ports a locked process has loaded no simulator, no fault, no control route, and its status port has no control."""
    with service(tmp_path, access="locked") as (pid, ready):
        assert ready["control"] is None
        assert ask(ready["http"], "/api/device/scanners")[0] == 200
        assert ask(ready["status"], "/status.json")[0] == 200
        for path in ("/control", "/control/faults", "/control/devices"):
            assert ask(ready["status"], path)[0] == 404
        os.kill(pid, signal.SIGUSR1)
        modules = set(wait_for(tmp_path / "modules").split())
        assert "reference_server.status.application" in modules
    never = ("simulators", "sheets", "conformance", "hypothesis", "numpy", "PIL")
    rooms = ("reference_server.faults", "reference_server.control", "reference_server.tls.broken")
    assert [name for name in sorted(modules) if name.startswith((*never, *rooms))] == []


@pytest.mark.slow
def test_a_lab_process_has_them(tmp_path: Path) -> None:
    """The same look at a lab process finds the faults and the control, so that the look sees something; its control URL brings its token."""
    with service(tmp_path, drivers=(), https_port="off", status_https_port="off") as (pid, ready):
        url, _, token = ready["control"].partition("#")
        assert url == f"{ready['status']}/control"
        assert ask(ready["status"], "/control/faults", None, f"Authorization: Bearer {token}")[0] == 200
        os.kill(pid, signal.SIGUSR1)
        modules = set(wait_for(tmp_path / "modules").split())
    assert {"reference_server.faults.switchboard", "reference_server.control.api"} <= modules
    logs = "".join(path.read_text() for path in (tmp_path / "log").iterdir())
    assert token
    assert token not in logs


@pytest.mark.slow
@pytest.mark.skipif(
    os.getuid() != 0 or not shutil.which("setpriv"), reason="becoming another user takes root and setpriv"
)
@pytest.mark.parametrize("access", ["locked", "lab"])
def test_another_user_of_this_machine(access: str, tmp_path: Path) -> None:
    """Locked, another user's program is refused on every port, and the audit log names that user; in lab mode it is let in."""
    with service(tmp_path, drivers=(), access=access, https_port="off", status_https_port="off") as (_, ready):
        assert ask(ready["http"], "/api/server")[0] == 200
        for url, path in ((ready["http"], "/api/server"), (ready["status"], "/status.json")):
            answer = as_nobody(urlsplit(url).port or 0, path)
            assert answer.split()[1] == ("403" if access == "locked" else "200"), answer
            assert (TABLE_FLAG in answer) is (access == "locked")
        log = (tmp_path / "log/audit.log").read_text()
        lines = [json.loads(line) for line in log.splitlines()]
        assert [line["outcome"] for line in lines] == (["refused", "refused"] if access == "locked" else [])
        assert all(line["user"] == "nobody" and line["peer"] == "127.0.0.1" for line in lines)


def as_nobody(port: int, path: str) -> str:
    """What a GET by another user is answered."""
    talk = (
        f"exec 3<>/dev/tcp/127.0.0.1/{port}; "
        f"printf 'GET {path} HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n' >&3; cat <&3"
    )
    command = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "bash", "-c", talk]
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=20, cwd="/").stdout


def own_address() -> str:
    """An address of this machine that others could reach; empty if it has none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        try:
            sock.connect(("192.0.2.1", 9))  # no packet goes out: it only chooses a way
        except OSError:
            return ""
        return str(sock.getsockname()[0])


@pytest.mark.slow
@pytest.mark.skipif(own_address() in {"", "127.0.0.1"}, reason="this machine has no address but loopback")
@pytest.mark.parametrize("access", ["locked", "lab"])
def test_another_machine(access: str, tmp_path: Path) -> None:
    """Bound to every address, the service makes a token; whoever comes from elsewhere needs it, on both ports, and loopback does not."""
    keys = {"drivers": (), "access": access, "host": "0.0.0.0", "https_port": "off", "status_https_port": "off"}
    with service(tmp_path, **keys) as (_, ready):
        token, lan = f"Authorization: Bearer {ready['token']}", own_address()
        assert len(ready["token"]) >= 16
        for url, path in ((ready["http"], "/api/server"), (ready["status"], "/status.json")):
            assert ask(url, path)[0] == 200
            status, body = ask(url, path, lan)
            assert (status, "needs the token" in body or "need the token" in body) == (403, True)
            assert ask(url, path, lan, token)[0] == 200
            assert ask(url, path, lan, f"{token}x")[0] == 403
        assert ask(ready["status"], "/control", lan, token)[0] == (403 if access == "lab" else 404)
        assert ready["token"] not in (tmp_path / "log/server.log").read_text()
