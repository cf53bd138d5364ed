"""``flatbed scan`` and ``flatbed devices`` as a user runs them: real processes, real files, Ctrl-C."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from PIL import Image

from flatbed.exits import Exit
from sheets import Side, read_page

pytestmark = pytest.mark.real

SLOW = """
schema = 1
time = "real"

[[device]]
id = "feeder"
profile = "office-duplex-feeder"
sheets = 100
"""


def flatbed(*words: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    """Run the command."""
    return subprocess.run(
        [sys.executable, "-m", "flatbed.cli", *words], cwd=cwd, capture_output=True, text=True, check=False, timeout=120
    )


def test_devices_as_json(tmp_path: Path) -> None:
    """`flatbed devices --json` lists the virtual devices and SANE's test device with their full ids."""
    done = flatbed("devices", "--json", cwd=tmp_path)
    assert done.returncode == Exit.OK, done.stderr
    listed = {item["id"]: item for item in json.loads(done.stdout)["devices"]}
    assert {"virtual:feeder", "virtual:flatbed", "sanelab:test:0"} <= set(listed)
    assert listed["virtual:feeder"]["virtual"] is True


def test_scan_to_images_that_tell_the_truth(tmp_path: Path) -> None:
    """Duplex grey pages at 150 dpi arrive as numbered PNG files, in order, lossless and at that resolution."""
    words = ["scan", "-o", "page.png", "--source", "duplex", "--mode", "gray", "-r", "150", "--pages", "3", "--json"]
    done = flatbed(*words, cwd=tmp_path)
    assert done.returncode == Exit.OK, done.stderr
    report = json.loads(done.stdout)
    assert report["files"] == ["page-1.png", "page-2.png", "page-3.png"]
    readings = [read_page((tmp_path / name).read_bytes()) for name in report["files"]]
    assert [(reading.number, reading.side) for reading in readings] == [
        (1, Side.FRONT),
        (1, Side.BACK),
        (2, Side.FRONT),
    ]
    assert all(reading.dpi_x == pytest.approx(150, rel=0.005) for reading in readings)
    with Image.open(tmp_path / "page-1.png") as image:
        assert image.mode == "L"


@pytest.mark.parametrize("name", ["out.pdf", "out.tiff", "out.jpg"])
def test_scan_from_sane(name: str, tmp_path: Path) -> None:
    """SANE's test device scans to each kind of file."""
    done = flatbed("scan", "-o", name, "-d", "sanelab:test:0", "--source", "flatbed", "-r", "75", cwd=tmp_path)
    assert done.returncode == Exit.OK, done.stderr
    assert (tmp_path / name).stat().st_size > 1000


def test_a_jam_keeps_what_came_before(tmp_path: Path) -> None:
    """A jam at sheet 3 ends with 1 and says so; the four pages before it are in the file."""
    (tmp_path / "lab.toml").write_text(
        SLOW.replace('time = "real"', 'time = "instant"').replace(
            "sheets = 100", 'sheets = 10\nscenario = "jam-at-sheet-3"'
        )
    )
    words = ["scan", "-o", "out.tiff", "-r", "75", "--source", "duplex", "--devices", "lab.toml"]
    done = flatbed(*words, cwd=tmp_path)
    assert done.returncode == Exit.FAILED
    assert "(JAM)" in done.stderr
    with Image.open(tmp_path / "out.tiff") as tiff:
        tiff.seek(3)
        with pytest.raises(EOFError):
            tiff.seek(4)


def test_a_bad_devices_file_names_its_line(tmp_path: Path) -> None:
    """A mistake in the devices file ends the verb with the file, the line and the key."""
    (tmp_path / "lab.toml").write_text(SLOW.replace("sheets = 100", "sheats = 100"))
    done = flatbed("scan", "-o", "out.pdf", "--devices", "lab.toml", cwd=tmp_path)
    assert done.returncode != Exit.OK
    assert "lab.toml:8" in done.stderr
    assert "sheats" in done.stderr
    assert "Traceback" not in done.stderr


def test_control_c_gives_the_device_back(tmp_path: Path) -> None:
    """Ctrl-C in mid-scan ends with 130 within seconds, keeps the pages that came, leaves no process, and the next scan works."""
    (tmp_path / "lab.toml").write_text(SLOW)
    command = [sys.executable, "-m", "flatbed.cli", "scan", "-o", "out.tiff", "-r", "75", "--devices", "lab.toml"]
    command = ["env", "--default-signal=INT", *command]  # a shell's background job, and so a CI's, ignores Ctrl-C
    process = subprocess.Popen(command, cwd=tmp_path, stderr=subprocess.PIPE, text=True)
    children = _wait_for_children(process)
    process.send_signal(signal.SIGINT)
    _, words = process.communicate(timeout=30)
    assert process.returncode == Exit.INTERRUPTED, words
    assert "given back" in words
    assert "Traceback" not in words
    deadline = time.monotonic() + 15
    while any(Path(f"/proc/{pid}").exists() for pid in children):
        assert time.monotonic() < deadline, "a worker outlived the command"
        time.sleep(0.01)
    done = flatbed("scan", "-o", "next.png", "--pages", "1", "-r", "75", cwd=tmp_path)
    assert done.returncode == Exit.OK, done.stderr


def _wait_for_children(process: subprocess.Popen[str]) -> list[str]:
    """The command's workers, once there are some."""
    deadline = time.monotonic() + 20
    while True:
        text = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text()
        if len(text.split()) >= 2:
            return text.split()
        assert process.poll() is None, "the command ended by itself"
        assert time.monotonic() < deadline
        time.sleep(0.01)
