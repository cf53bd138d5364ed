"""A whole run of a real service: no secret is in anything that it wrote (S-115), and it speaks to nobody outside this machine (design 6)."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from flatbed.cli import main
from tests.parts import need
from tests.reference_server.security.full_run import SECRET

RUN_SECONDS = 150
CALL = re.compile(r"(connect|sendto|sendmsg|sendmmsg)\(")
ADDRESS = re.compile(r'(?:sin_addr=inet_addr\("|inet_pton\(AF_INET6, ")([^"]+)"')
LOOPBACK = re.compile(r"127\.|::1$|::ffff:127\.")


@dataclass(frozen=True)
class Run:
    """What is left of a run.

    Attributes:
        folder: of everything that was written.
        alone: empty when it had a network with nothing but loopback; else why it had not.
        trace: of the system calls.
    """

    folder: Path
    alone: str
    trace: Path


@pytest.fixture(scope="module")
def full_run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One run for all tests; in a network of its own and under strace where the system allows it."""
    folder = tmp_path_factory.mktemp("run")
    words = [sys.executable, "-m", "tests.reference_server.security.full_run", str(folder)]
    trace = folder.with_suffix(".trace")
    calls = "trace=connect,sendto,sendmsg,sendmmsg"
    words += [need("strace", "strace"), "-f", "--seccomp-bpf", "-qq", "-e", calls, "-o", str(trace)]
    namespace = ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--map-root-user", "--net"]
    alone = ""
    need("ip", "iproute2")
    if subprocess.run([*namespace, "true"], check=False, capture_output=True).returncode:
        alone = "this user may make no network of its own"
    else:
        words = [*namespace, "sh", "-c", 'ip link set lo up && exec "$@"', "sh", *words]
    subprocess.run(words, check=True, timeout=RUN_SECONDS)
    return Run(folder, alone, trace)


@pytest.mark.slow
def test_no_secret_in_anything_written(full_run: Run) -> None:
    """Licences, passwords and tokens in headers, bodies good and bad, forms, URLs and first frames of WebSockets: no file and no output has one of them."""
    files = [path for path in full_run.folder.rglob("*") if path.is_file()]
    log = (full_run.folder / "data/log/server.log").read_text()
    assert "[redacted]" in log, "it was verbose"
    assert '"status": 403' in log
    found = [str(path.relative_to(full_run.folder)) for path in files if SECRET.encode() in path.read_bytes()]
    lines = [line for line in log.splitlines() if SECRET in line]
    assert not found, (found, lines[:3])


@pytest.mark.slow
def test_no_secret_in_a_support_bundle(full_run: Run, tmp_path: Path) -> None:
    """What a user sends to a maintainer after that run has the verbose log and the audit log, and none of the secrets, page or document either (S-117)."""
    bundle = tmp_path / "bundle.zip"
    words = ["support-bundle", "-o", str(bundle), "--data-dir", str(full_run.folder / "data"), "--with-audit"]
    assert main(words) == 0
    with zipfile.ZipFile(bundle) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    assert {"log/server.log", "log/audit.log"} < set(parts)
    assert b"[redacted]" in parts["log/server.log"]
    assert not [name for name, data in parts.items() if SECRET.encode() in data]
    assert not [name for name, data in parts.items() if b"PNG\r\n" in data or b"\xff\xd8\xff" in data]


@pytest.mark.slow
def test_no_network_is_needed(full_run: Run) -> None:
    """With nothing but loopback everything works: the run itself is the proof."""
    if full_run.alone:
        pytest.skip(f"NOT PROVED that a service needs no network: {full_run.alone}")
    assert (full_run.folder / "data/log/server.log").exists()


@pytest.mark.slow
def test_no_packet_leaves_the_machine(full_run: Run) -> None:
    """No process of the service even tries to reach an address that is not loopback, as strace tells of all of them."""
    calls = [line for line in full_run.trace.read_text(errors="replace").splitlines() if CALL.search(line)]
    assert calls, "the trace has nothing, so it proves nothing"
    strangers = [line for line in calls for address in ADDRESS.findall(line) if not LOOPBACK.match(address)]
    assert not strangers, strangers[:5]
