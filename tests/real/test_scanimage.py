"""What scanimage 1.2.1 makes of pages that SANE allows and few back ends send (sane-escl 1.3, docs/findings.md)."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from device_drivers.sane.labconfig import LabConfig, write_lab_config
from tests.parts import need

pytestmark = [pytest.mark.real, pytest.mark.slow]

AREA = ["-l", "0", "-t", "0", "-x", "40", "-y", "40", "--resolution", "50"]


def scanimage(folder: Path, *options: str) -> subprocess.CompletedProcess[bytes]:
    """Scan from SANE's `test`, to standard output."""
    config = write_lab_config(folder / "sane.d", LabConfig())
    return subprocess.run(
        [need("scanimage", "sane-utils"), "-d", "test:0", *options],
        env={**os.environ, "SANE_CONFIG_DIR": str(config), "LC_ALL": "C"},
        capture_output=True,
        timeout=60,
        check=False,
    )


def test_padding_goes_into_the_file(tmp_path: Path) -> None:
    """Rows with padding: the header has the pixels, the data all bytes of each row, so that the picture is sheared; exit status 0."""
    done = scanimage(tmp_path, *AREA, "--mode=Gray", "--ppl-loss=30", "--format=pnm")
    header, size, _, data = done.stdout.split(b"\n", 4)[:1] + done.stdout.split(b"\n", 4)[2:]
    width, height = (int(word) for word in size.split())
    assert (done.returncode, header) == (0, b"P5")
    assert len(data) == (width + 30) * height


def test_a_page_of_unknown_height_aborts_as_png(tmp_path: Path) -> None:
    """A hand-scanner does not know its height; written as PNG, that is an abort."""
    done = scanimage(tmp_path, "--hand-scanner=yes", "--mode=Gray", "--format=png")
    assert done.returncode == -signal.SIGABRT, done.stderr


def test_a_page_without_a_byte_is_a_success(tmp_path: Path) -> None:
    """A page whose first read says EOF is a file with a header and nothing else, and exit status 0."""
    done = scanimage(tmp_path, *AREA, "--mode=Gray", "--read-return-value=SANE_STATUS_EOF", "--format=pnm")
    assert done.returncode == 0
    assert len(done.stdout) < 60
