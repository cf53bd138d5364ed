"""Real programs find the door's scanners by mDNS, in a network of their own, and scan from what they have found."""

from __future__ import annotations

import json
import re
import socket
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from sheets import ColourMode, Expectation, read_page
from tests.parts import need
from tests.real.escl.airscan import private
from tests.real.escl.documents import pictures
from tests.real.escl.doors import feeder, flatbed
from tests.real.escl.network import Network, network
from tests.real.escl.pypi import DEPENDENCIES, ESCL_SCANNER_CLI, SCANLIB, python_with

pytestmark = [pytest.mark.real, pytest.mark.slow]

HOST = f"flatbed-{socket.gethostname().partition('.')[0]}.local"
GONE_S = 20.0
"""Records that were not taken back live for minutes; those that were, for a second (RFC 6762 10.1)."""

SERVICE = """\
<?xml version="1.0"?><!DOCTYPE service-group SYSTEM "avahi-service.dtd">
<service-group>
  <name>Published by avahi</name>
  <service><type>_uscan._tcp</type><port>{port}</port><txt-record>rs=flatbed/eSCL</txt-record><txt-record>ty=Published by avahi</txt-record></service>
</service-group>
"""
LISTING = """
import scanlib

for scanner in scanlib.list_scanners(timeout=8):
    print(scanner.backend, "|", scanner.name, "|", scanner.uuid)
"""

LISTED = re.compile(r"`airscan:(e\d+):([^']+)'")
"""A number and a name. sane-airscan numbers scanners as they answer, in each process anew."""

TRIES = 5
"""How often a list and the scan after it may number the scanners differently."""


@dataclass
class Lab:
    """A network with a door in it.

    Attributes:
        ready: what the door's ready file says.
    """

    network: Network
    ready: dict[str, object]
    folder: Path

    @property
    def port(self) -> int:
        """The door's."""
        return int(str(self.ready["escl"]).split(":")[2].split("/")[0])

    def scanimage(self, *words: str) -> str:
        """What scanimage says over sane-airscan that discovers."""
        need("airscan-discover", "sane-airscan")
        quiet = {"airscan.conf": "[options]\nws-discovery = off\n"}
        environment = private(self.folder / "sane.d", "airscan", quiet)
        done = self.network.run(need("scanimage", "sane-utils"), *words, environment=environment)
        return done.stdout


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder whose path is short enough for sockets."""
    with tempfile.TemporaryDirectory(prefix="lab") as name:
        yield Path(name)


def opened(net: Network, folder: Path, *words: str, machines: str = feeder() + flatbed()) -> Lab:
    """A door with these machines, by the command that users have."""
    (folder / "devices.toml").write_text(f'schema = 1\ntime = "instant"\n{machines}')
    ready = folder / "ready.json"
    command = [sys.executable, "-m", "flatbed.cli", "simulate", "escl", "--devices", str(folder / "devices.toml")]
    net.start(*command, "--port", "0", "--ready-file", str(ready), *words, until=ready)
    return Lab(net, json.loads(ready.read_text()), folder)


def test_airscan_finds_what_the_door_announces(folder: Path) -> None:
    """Both scanners are in the list of a driver that asks a real avahi-daemon; one found by its name delivers its sheet; when the door closes they are gone."""
    with network(folder) as net:
        lab = opened(net, folder)
        target = folder / "page.png"
        for _ in range(TRIES):
            named = {name: number for number, name in LISTED.findall(lab.scanimage("-L"))}
            assert named.keys() == {"flatbed Flatbed", "flatbed Office Duplex Feeder"}
            device = f"airscan:{named['flatbed Flatbed']}:flatbed Flatbed"
            said = lab.scanimage("-d", device, "--resolution=100", "--format=png", f"--output-file={target}")
            if target.exists():
                break
        assert target.exists(), said
        assert read_page(target.read_bytes()).differences(Expectation(number=1, dpi=(100, 100))) == []
        net.end_last()
        deadline = time.monotonic() + GONE_S
        while "No scanners were identified" not in lab.scanimage("-L"):
            assert time.monotonic() < deadline, "the door has not said good-bye"


def test_airscan_finds_what_avahi_publishes(folder: Path) -> None:
    """A door that announces nothing can be published by the system's own responder, by the least record that works (sane-escl 3.7)."""
    with network(folder) as net:
        lab = opened(net, folder, "--no-mdns")
        assert "No scanners were identified" in lab.scanimage("-L")
        (folder / "services" / "flatbed.service").write_text(SERVICE.format(port=lab.port))
        net.run(need("avahi-daemon", "avahi-daemon"), "--reload")
        assert "`airscan:e0:Published by avahi'" in lab.scanimage("-L")


def test_scanlib_finds_what_the_door_announces(folder: Path) -> None:
    """By mDNS of its own, without any daemon; names and UUIDs are those of the announcement."""
    with network(folder, avahi=False) as net:
        opened(net, folder)
        python, environment = python_with(SCANLIB)
        sane = private(folder / "nothing.d", "", {})
        done = net.run(*python, "-c", LISTING, environment={**sane, **environment})
    names = {line.split(" | ")[1] for line in done.stdout.splitlines() if line.startswith("escl |")}
    assert "flatbed Flatbed" in names or "flatbed Office Duplex Feeder" in names, done.stdout


def test_escl_scanner_cli_gets_a_document(folder: Path) -> None:
    """It takes the first scanner that it hears of, by the name of its host, and wants all pages as one PDF with state Processing until the end."""
    with network(folder, HOST, f"{HOST}.", avahi=False) as net:
        opened(net, folder, machines=feeder())
        python, environment = python_with(ESCL_SCANNER_CLI, *DEPENDENCIES)
        target = folder / "pages.pdf"
        words = ["-m", "scanner", "--no-open", "--source", "feeder", "--grayscale", "--resolution", "100", "--duplex"]
        done = net.run(*python, *words, str(target), environment=environment)
    assert done.returncode == 0, done.stdout
    readings = [read_page(page, dpi=(100, 100)) for page in pictures(target.read_bytes())]
    sides = [(reading.number, reading.side.value if reading.side else "") for reading in readings]
    assert sides == [(number, side) for number in (1, 2, 3) for side in ("front", "back")]
    wanted = Expectation(dpi=(100, 100), mode=ColourMode.GRAY, edge_tolerance_mm=2.0)
    assert [reading.differences(wanted) for reading in readings] == [[]] * 6
