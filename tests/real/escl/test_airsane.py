"""AirSane, another eSCL server, judged on the wire: what is known of it is found, and nothing else.

It is in no Debian 12; whoever has built it names its program: FLATBED_AIRSANE=/path/to/airsaned.
It serves nothing without avahi, so it gets a network of its own.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from device_drivers.sane.labconfig import write_lab_config
from tests.real.escl.network import Network, network

pytestmark = [pytest.mark.real, pytest.mark.slow]

PROGRAM = os.environ.get("FLATBED_AIRSANE", "")
URL = "http://127.0.0.1:8090/eSCL"
START_S = 30.0
RUN_S = 300.0


@pytest.fixture
def lab() -> Iterator[Network]:
    """A network with AirSane in it, which serves SANE's test device."""
    if not PROGRAM:
        pytest.skip("NOT TESTED: AirSane is no Debian package; FLATBED_AIRSANE=/path/to/airsaned tests it.")
    with tempfile.TemporaryDirectory(prefix="airsane-") as name, network(Path(name)) as made:
        made.environment["SANE_CONFIG_DIR"] = str(write_lab_config(Path(name) / "sane.d"))
        made.start(PROGRAM, "--interface=lo", "--network-hotplug=false", "--hotplug=false")
        deadline = time.monotonic() + START_S
        while made.run("ip", "-V").returncode or _answers(made) != "200":
            assert time.monotonic() < deadline, "AirSane does not answer"
            time.sleep(0.2)
        yield made


def _answers(made: Network) -> str:
    script = f"import urllib.request; print(urllib.request.urlopen('{URL}/ScannerCapabilities', timeout=5).status)"
    return made.run(sys.executable, "-c", script).stdout.strip()


def test_what_is_known_is_found_and_nothing_else(lab: Network) -> None:
    """Exit status 0 with its baseline: no new failure, no stale entry."""
    done: subprocess.CompletedProcess[str] = lab.run(
        sys.executable, "-m", "flatbed.cli", "check", "escl", URL, "--replay-dir", str(lab.folder), limit=RUN_S
    )
    assert done.returncode == 0, done.stdout
