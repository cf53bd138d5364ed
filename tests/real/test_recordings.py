"""Recordings where users need them: of SANE's own test device, and as a device of a running service."""

from __future__ import annotations

from pathlib import Path

import pytest

from flatbed.cli import main
from flatbed.exits import Exit
from flatbed.testing import ScanService
from sheets import read_page
from simulators.recordings import load_head

FEEDER = """
schema = 1

[[device]]
id = "feeder"
profile = "office-duplex-feeder"
"""

pytestmark = pytest.mark.real


def test_a_real_driver_is_replayed_with_its_defects(tmp_path: Path) -> None:
    """SANE's `test` accepts a second start in Gray (SCAN-05 fails on it); its recording fails in the same way, without SANE."""
    file = tmp_path / "sane.recording"
    assert main(["record", "sanelab:test:0", "-o", str(file), "--only", "SCAN"]) == Exit.OK
    assert load_head(file).suite["verdicts"]["SCAN-05"] == "fail"
    assert main(["simulate", "replay", str(file), "--check"]) == Exit.OK


def test_a_service_lists_and_scans_a_recording(tmp_path: Path) -> None:
    """`flatbed serve --recording FILE` has the recorded device under the file's name, and a REST client gets its page."""
    file = tmp_path / "office.recording"
    assert main(["record", "virtual:flatbed", "-o", str(file), "--scans", "-r", "75"]) == Exit.OK
    with ScanService.start("--recording", str(file), devices=FEEDER) as service, service.client() as client:
        (scanner,) = [item for item in client.scanners() if "Virtual Flatbed" in item.name]
        with client.create_job(scanner, resolution=75) as job:
            (page,) = job.pages()
    reading = read_page(page.data)
    assert reading.found
    assert reading.dpi_x == pytest.approx(75, rel=0.01)
