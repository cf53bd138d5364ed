"""The suite and the shipped cameras: those whose frames are whole and new pass, the flaky one fails by what it does."""

from __future__ import annotations

from pathlib import Path

import pytest

from conformance import Verdict, run_checks
from conformance.selftest.judge import ALARMS
from device_protocol.testing import Jumper, run
from simulators.driver import factory
from simulators.fixture_files import fixture
from simulators.profile import load_profile

CAMERA = ("CAM-01", "CAM-02", "CAM-03", "CAM-04", "CAM-05")
DEVICE = """
schema = 1
[[device]]
id = "camera"
profile = "{name}"
seed = 5
"""


@pytest.mark.parametrize("name", ["webcam-720p", "webcam-1080p", "slow-camera", "flaky-camera"])
def test_cameras_are_judged(name: str, tmp_path: Path) -> None:
    """No alarm about a camera that is as it should be; repeated pictures are CAM-03, and nothing else is broken by them."""
    file = tmp_path / "devices.toml"
    file.write_text(DEVICE.format(name=name))
    verdicts = run(lambda: run_checks(lambda: factory({"devices_file": str(file)}), "camera", CAMERA), clock=Jumper())
    broken = {row for row, verdict in verdicts.items() if verdict in ALARMS}
    lawful = load_profile(fixture(f"profiles/cameras/{name}.toml")).lawful
    assert lawful is (name != "flaky-camera")
    assert broken == (set() if lawful else {"CAM-03"})
    assert verdicts["CAM-01"] is Verdict.PASS
