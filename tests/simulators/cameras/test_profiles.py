"""Profiles of cameras: what is shipped, every key, and every mistake."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from device_protocol import SourceKind
from simulators.cameras.controls import KINDS
from simulators.cameras.model import Camera, Control, Habits
from simulators.cameras.tables import CONTROL, HABITS
from simulators.devices_file import CAMERAS, load_lab
from simulators.files import Sort, check, find_file
from simulators.fixture_files import fixture, fixture_names
from simulators.profile import load_profile, profile_from_data
from simulators.profiles.describe import facts, lines
from simulators.toml_files import ConfigError
from tests.simulators.cameras.eyes import SMALL, camera_profile

SHIPPED = fixture_names(CAMERAS)


def test_six_cameras_are_shipped() -> None:
    """Each is in the devices file, has no mistake, describes itself and comes through a socket as it is."""
    assert len(SHIPPED) >= 6
    lab = load_lab(fixture("devices/webcams.toml"))
    assert {device.profile.model for device in lab.devices} == {
        load_profile(fixture(f"{CAMERAS}/{name}.toml")).model for name in SHIPPED
    }
    for name in SHIPPED:
        file, sort = find_file(name)
        assert (sort, check(file)) == (Sort.PROFILE, (Sort.PROFILE, []))
        profile = load_profile(file)
        assert profile_from_data(profile.data) == profile
        assert facts(profile)["kind"] == "camera"
        assert profile.description in "\n".join(lines(profile))
        source = profile.caps().sources[0]
        assert source.kind is SourceKind.CAMERA
        assert source.frames


def test_every_key_is_documented() -> None:
    """The tables of the documentation have every key of the model, and no other."""
    assert {key.name for key in HABITS} == {item.name for item in fields(Habits)}
    assert {key.name for key in CONTROL} == {item.name for item in fields(Control)}
    camera = camera_profile().camera
    assert isinstance(camera, Camera)
    assert set(camera.controls) == set(KINDS)


@pytest.mark.parametrize(
    ("tables", "says"),
    [
        ({"mode": []}, "at least one"),
        ({"mode": [{**SMALL, "width": 100}]}, "from 320 to 4096"),
        ({"mode": [{**SMALL, "format": "H264"}]}, "must be one of RGB3, YUYV, MJPG"),
        ({"mode": [{**SMALL, "rates": [0]}]}, "rates must be"),
        ({"mode": [{**SMALL, "rates": []}]}, "rates must be"),
        ({"mode": [{**SMALL, "colour": "gray"}]}, "colour is not known here"),
        ({"mode": [SMALL, SMALL]}, "is there already"),
        ({"controls": {"sharpness": {}}}, "sharpness is not known here"),
        ({"controls": {"zoom": {"maximum": 9}}}, "must lie within 1 to 4"),
        ({"controls": {"focus": {"minimum": 5, "maximum": 5}}}, "the one below the other"),
        ({"controls": {"focus": {"default": 500}}}, "default must lie within 0 to 100"),
        ({"camera": {"lost": 1.5}}, "from 0 to 0.9"),
        ({"camera": {"buffers": 0}}, "from 1 to 32"),
        ({"camera": {"shutter": "stuck"}}, "must be one of black, refuses"),
        ({"kind": "camcorder"}, "must be one of scanner, camera"),
        ({"feeder": {}}, "feeder is not known here"),
        ({"source": []}, "source is not known here"),
    ],
)
def test_mistakes_are_named(tables: dict[str, Any], says: str) -> None:
    """A wrong value, a key of a scanner and a contradiction are an error that says what may stand there."""
    with pytest.raises(ConfigError, match=says):
        camera_profile(**tables)


def test_a_scenario_of_a_camera_does_not_fit_a_scanner(tmp_path: Path) -> None:
    """A scanner has no frames to tear, and a camera no paper to jam; the error names the machine."""
    torn, jam = tmp_path / "torn.toml", tmp_path / "jam.toml"
    torn.write_text('schema = 1\n[[fault]]\nkind = "torn"\npage = 2\n')
    jam.write_text('schema = 1\n[[fault]]\nkind = "jam"\n')
    camera = fixture(f"{CAMERAS}/webcam-720p.toml")
    assert "is no camera" in str(check(torn)[1][0])
    assert check(torn, trial=camera)[1] == []
    assert "has no feeder" in str(check(jam, trial=camera)[1][0])
