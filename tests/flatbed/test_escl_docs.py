"""docs/escl.md: its commands run as they stand, and its table says what the door answers."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from device_protocol import Code
from flatbed.testing import EsclScanners
from sheets import read_page
from simulators.escl.http_server import Limits
from simulators.escl.scanner import BROKEN, IDLE_LIMIT_S, REFUSALS
from tests.parts import need

PAGE = (Path(__file__).parents[2] / "docs/escl.md").read_text()


def test_a_scan_by_hand(tmp_path: Path) -> None:
    """Who copies the commands has two pages of the first machine, and its capabilities."""
    need("curl", "curl")
    (commands,) = re.findall(r"```sh\n(curl .*?)```", PAGE, re.DOTALL)
    devices = 'schema = 1\ntime = "instant"\n[[device]]\nid = "feeder"\nprofile = "office-duplex-feeder"\n'
    with EsclScanners.start(devices=devices) as scanners:
        commands = commands.replace("http://127.0.0.1:8290/eSCL", scanners.url)
        done = subprocess.run(
            ["sh", "-e", "-c", commands], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert "ScannerCapabilities" in done.stdout
        assert [read_page((tmp_path / f"page{number}.jpg").read_bytes()).number for number in (1, 2)] == [1, 2]
        assert scanners.report()["feeder"].clean


@pytest.mark.parametrize(
    ("row", "status"),
    [
        ("somebody else uses the device", REFUSALS[Code.BUSY]),
        ("feeder empty, jam, open cover", REFUSALS[Code.JAM]),
        ("switched off or unplugged", REFUSALS[Code.DEVICE_LOST]),
        ("in the middle", BROKEN.get(Code.JAM, 500)),
    ],
)
def test_statuses(row: str, status: int) -> None:
    """The table has the statuses of the code."""
    (line,) = [line for line in PAGE.splitlines() if line.startswith("|") and row in line]
    assert f"| {status}" in line


def test_limits() -> None:
    """So are its limits."""
    limits = Limits()
    assert f"body beyond {limits.body_bytes // 1024} kB, a head beyond {limits.head_bytes // 1024} kB" in PAGE
    assert f"more than {limits.connections} connections" in PAGE
    assert IDLE_LIMIT_S == 120
    assert "for two minutes" in PAGE
