"""A driver of somebody else: the example package is installed into an environment of its own and tested there as its author would."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

import pytest

from conformance.requirements import REQUIREMENTS
from tests.parts import need

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples/driver-package"

pytestmark = [pytest.mark.slow, pytest.mark.real]


@pytest.fixture(scope="module")
def author(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the author: a copy of the example, and its environment in ``env``.

    What flatbed itself needs is not installed a second time: the environment sees it by a path file. The example is built and installed as from anywhere.
    """
    folder = tmp_path_factory.mktemp("author")
    shutil.copytree(EXAMPLE, folder, dirs_exist_ok=True)
    venv.create(folder / "env", with_pip=False)
    inside = folder / "env/lib" / f"python{sys.version_info.major}.{sys.version_info.minor}/site-packages"
    (inside / "flatbed-of-the-tests.pth").write_text(f"{ROOT}\n{sysconfig.get_paths()['purelib']}\n")
    command = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(folder / "env/bin/python"),
        "install",
        "-q",
        "--no-deps",
        ".",
    ]
    done = subprocess.run(command, cwd=folder, capture_output=True, encoding="utf-8", timeout=180, check=False)
    if done.returncode:
        need("pip can build examples/driver-package", done.stderr)
    return folder


def run(author: Path, *command: str, **more: str) -> tuple[int, str]:
    """Exit status and words of a command in the author's environment."""
    given = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST", "PYTHONPATH"))}
    done = subprocess.run(
        [str(author / "env/bin/python"), "-m", *command],
        cwd=author,
        env=given | more,
        capture_output=True,
        encoding="utf-8",
        timeout=180,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_ten_lines_are_enough(author: Path) -> None:
    """The test file has no more than ten lines, a test for each requirement, and passes on all cores."""
    lines = (author / "tests/test_slab.py").read_text().splitlines()
    assert len([line for line in lines if line.strip()]) <= 10
    status, said = run(author, "pytest", "-q", "-n", "auto", "tests")
    assert status == 0, said
    status, said = run(author, "pytest", "-q", "--collect-only", "tests")
    assert [name for name in REQUIREMENTS if f"::test_slab[{name}]" not in said] == []


def test_a_defect_is_found_and_found_again(author: Path) -> None:
    """One of its author's mistakes fails by its requirement alone, says how to see it again, and --lf runs nothing else."""
    (author / "tests/test_slab.py").rename(author / "kept.py")
    try:
        (author / "tests/test_slab.py").write_text(
            "from flatbed.testing import device_suite\n"
            "test_slab = device_suite('slab_scanner.driver:driver', 'slab', config={'defect': 'off-by-one'}, programs=0)\n"
        )
        status, said = run(author, "pytest", "-q", "-k", "SET-01 or LIFE", "tests")
        assert status == 1, said
        assert "SET-01 fail: resolution was set to" in said
        assert "flatbed explain SET-01" in said
        assert "1 failed" in said
        status, said = run(author, "pytest", "-q", "--lf", "tests")
        assert (status, "1 failed" in said, "passed" in said) == (1, True, False), said
        (replay,) = (author / "flatbed-replay").glob("SET-01-*.json")
        status, said = run(author, "flatbed.cli", "replay", str(replay))
        assert status == 1, said
    finally:
        (author / "tests/test_slab.py").unlink()
        (author / "kept.py").rename(author / "tests/test_slab.py")


def test_the_installed_driver_is_a_device_like_any_other(author: Path) -> None:
    """By its entry point: ``flatbed check`` and ``pytest --scan-device`` judge it without a line of test."""
    report = author / "report.json"
    status, said = run(
        author, "flatbed.cli", "check", "device", "slab:slab", "--only", "DISC", "--strict", "--json", str(report)
    )
    assert status == 0, said
    assert json.loads(report.read_text())["model"] == "Example Slab"
    status, said = run(
        author,
        "pytest",
        "-q",
        "--scan-device",
        "slab:slab",
        "--scan-only",
        "LIFE",
        "-m",
        "scan_device",
        "-k",
        "LIFE-01",
    )
    assert status == 0, said
    assert "1 passed" in said
