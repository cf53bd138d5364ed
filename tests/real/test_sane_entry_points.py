"""The two entry points, each in a bare interpreter of its own: no site packages, real libsane."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import pytest

from device_drivers.sane.driver import sane, sanelab, unusable
from device_drivers.sane.labconfig import LabConfig, write_lab_config
from device_protocol.driver import ENTRY_POINT_GROUP, Form

pytestmark = pytest.mark.real
ROOT = Path(__file__).resolve().parents[2]


def _bare(code: str, *arguments: str, **environment: str) -> Any:
    """Run code in `python -I -S` and give the JSON it prints."""
    program = f"import sys, os, json; sys.path.insert(0, sys.argv[1]); {code}"
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-W", "error", "-c", program, str(ROOT), *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        env={"PATH": os.environ["PATH"], **environment},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_both_are_found_by_their_entry_points() -> None:
    """The names in the group lead to Drivers of the blocking form that are usable here."""
    found = {point.name: point for point in entry_points(group=ENTRY_POINT_GROUP)}
    assert found["sane"].load() is sane
    assert found["sanelab"].load() is sanelab
    assert {sane.form, sanelab.form} == {Form.BLOCKING}
    assert unusable() is None


def test_the_driver_needs_the_standard_library_only() -> None:
    """It imports under -I -S, and brings neither trio nor numpy: a worker starts fast."""
    loaded = _bare("import device_drivers.sane.driver; print(json.dumps(sorted(sys.modules)))")
    assert not {"trio", "numpy", "PIL", "pydantic"} & set(loaded)


def test_the_lab_is_private_and_leaves_nothing(tmp_path: Path) -> None:
    """Its own configuration whatever the user has, A4 at the start, and no file left once libsane runs."""
    result = _bare(
        "from device_drivers.sane.driver import sanelab;"
        "b = sanelab.factory({'devices': 2, 'data_dir': sys.argv[2]});"
        "ids = [d.id for d in b.devices()];"
        "left = os.listdir(sys.argv[2]);"
        "s = b.open('test:0');"
        "p = s.params();"
        "area = [s.get(n) for n in ('tl-x', 'tl-y', 'br-x', 'br-y')];"
        "b.close();"
        "print(json.dumps([ids, left, area, p.width, p.height, p.colour.value]))",
        str(tmp_path / "data"),
        SANE_CONFIG_DIR="/nonexistent",
    )
    assert result == [["test:0", "test:1"], [], [0.0, 0.0, 210.0, 297.0], 826, 1169, "color"]


def test_sane_uses_the_users_configuration(tmp_path: Path) -> None:
    """What SANE_CONFIG_DIR (or /etc/sane.d) says is what is shown."""
    folder = write_lab_config(tmp_path, LabConfig(number_of_devices=3, mode="Gray", resolution=75.0))
    result = _bare(
        "from device_drivers.sane.driver import sane;"
        "b = sane.factory({});"
        "s = b.open('test:2');"
        "value = [s.get('mode'), s.get('resolution')];"
        "n = len(b.devices());"
        "b.close();"
        "print(json.dumps([n, value]))",
        SANE_CONFIG_DIR=str(folder),
    )
    assert result == [3, ["Gray", 75.0]]


def test_what_ends_threads_is_loaded_with_libsane() -> None:
    """libgcc_s is in the process before any reader thread can be the first to load it, and be killed while it does."""
    code = (
        "from device_drivers.sane.native import load;"
        "from pathlib import Path;"
        "load(); print(json.dumps('libgcc_s' in Path('/proc/self/maps').read_text()))"
    )
    assert _bare(code) is True
