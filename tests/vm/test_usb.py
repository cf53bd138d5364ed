"""The virtual scanner at a USB port: taken by the real ipp-usb and sane-airscan of a Debian guest, unplugged and plugged in again."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sheets import Side, read_page
from tests.vm.image import image
from tests.vm.machine import GUEST_PORT, HOST, Guest, booted

pytestmark = pytest.mark.vm

NAME, SERIAL = "flatbed Virtual Feeder", "FBUSB001"
UDC = "/sys/kernel/config/usb_gadget/flatbed/UDC"
LOCAL = "http://localhost:60000/eSCL"
"""Where ipp-usb serves the first device that it finds."""

PATIENCE_S = 120.0
"""For what takes a guest some seconds; it runs without hardware virtualisation, on a machine that others use too."""


@pytest.fixture(scope="module")
def scanners(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """`flatbed simulate escl` on this host; gives its port."""
    ready = tmp_path_factory.mktemp("escl") / "ready.json"
    words = ["simulate", "escl", "--port", "0", "--no-mdns", "--ready-file", str(ready), "--exit-with-stdin"]
    with subprocess.Popen(
        [sys.executable, "-m", "flatbed.cli", *words], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL
    ) as process:
        deadline = time.monotonic() + 60
        while not ready.exists():
            assert process.poll() is None, "the door did not open"
            assert time.monotonic() < deadline, "the door did not open in time"
            time.sleep(0.05)
        yield int(json.loads(ready.read_text())["escl"].rpartition(":")[2].partition("/")[0])
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(20) == 0


@pytest.fixture(scope="module")
def guest(scanners: int) -> Iterator[Guest]:
    """A guest with the scanner plugged in."""
    with booted(image(), scanners) as running:
        running.check("ip addr add 10.0.2.15/24 dev eth0; ip link set eth0 up")
        running.put(Path(__file__).parent / "guest" / "gadget.py", "/root/gadget.py")
        running.check(f"systemd-run --unit=gadget python3 /root/gadget.py {HOST} {GUEST_PORT} '{NAME}' {SERIAL}")
        running.wait("lsusb | grep -i 1d6b:0104", PATIENCE_S)
        yield running


def test_the_system_takes_it_for_a_scanner(guest: Guest) -> None:
    """Udev starts ipp-usb by itself, which serves the very device: its capabilities come through USB as they come by the network."""
    guest.wait("systemctl is-active ipp-usb", PATIENCE_S)
    there = guest.wait(f"curl -sf {LOCAL}/ScannerCapabilities", PATIENCE_S)
    assert f"<pwg:MakeAndModel>{NAME}</pwg:MakeAndModel>" in there
    assert "ScannerAdfLoaded" in guest.check(f"curl -sf {LOCAL}/ScannerStatus")


def test_sane_airscan_scans_from_it(guest: Guest) -> None:
    """Scanimage finds it by itself and gets both sides of the first two sheets, which the oracle reads."""
    listed = guest.wait(f"scanimage -L | grep '{NAME}'", PATIENCE_S)
    device = listed.split("`")[1].split("'")[0]
    assert device.startswith("airscan:")
    words = "--source 'ADF Duplex' --resolution 75 --format=png --batch=/tmp/page%d.png --batch-count=4"
    guest.check(f"scanimage -d '{device}' {words}", PATIENCE_S)
    readings = [read_page(guest.get(f"/tmp/page{number}.png")) for number in range(1, 5)]
    assert [(reading.number, reading.side) for reading in readings] == [
        (1, Side.FRONT),
        (1, Side.BACK),
        (2, Side.FRONT),
        (2, Side.BACK),
    ]
    assert all(reading.dpi_x == pytest.approx(75, rel=0.01) for reading in readings)


def test_unplugged_and_plugged_in_again(guest: Guest) -> None:
    """Without the plug it is gone from the bus and ipp-usb ends; with it, both are back and it scans."""
    port = guest.check(f"cat {UDC}").strip()
    guest.check(f"echo > {UDC}")
    guest.wait("! lsusb | grep -qi 1d6b:0104", PATIENCE_S)
    guest.wait("! systemctl is-active --quiet ipp-usb", PATIENCE_S)
    assert guest.run(f"curl -sf -m 5 {LOCAL}/ScannerStatus").status != 0
    guest.check(f"echo {port} > {UDC}")
    guest.wait(f"curl -sf {LOCAL}/ScannerStatus", PATIENCE_S)
    device = guest.wait(f"scanimage -L | grep '{NAME}'", PATIENCE_S).split("`")[1].split("'")[0]
    guest.check(f"scanimage -d '{device}' --resolution 75 --format=png -o /tmp/again.png", PATIENCE_S)
    assert read_page(guest.get("/tmp/again.png")).number == 1
