"""The README's first screen works as it stands: every block of it is run."""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

import pytest

pytestmark = [pytest.mark.real, pytest.mark.slow]

ROOT = Path(__file__).parents[2]
BLOCKS: list[tuple[str, str]] = re.findall(r"```(\w+)\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)


def block(kind: str, containing: str) -> str:
    """The one block of the README of that kind that contains the words."""
    (found,) = [text for language, text in BLOCKS if language == kind and containing in text]
    return found


@pytest.fixture(scope="module")
def user(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new user's virtual environment, after the README's install line; dependencies are borrowed from the one that runs the tests."""
    folder = tmp_path_factory.mktemp("user")
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
    (site,) = (folder / "venv" / "lib").glob("python*/site-packages")
    (site / "borrowed.pth").write_text(f"{sysconfig.get_path('purelib')}\n")
    run(folder, block("sh", "pip install"), cwd=ROOT)
    return folder


def run(user: Path, command: str, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run a block of shell as the user would."""
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", command],
        cwd=cwd or user,
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": f"{user / 'venv' / 'bin'}:/usr/bin:/bin", "HOME": str(user)},
        timeout=300,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done


def test_every_block_is_known() -> None:
    """A new block in the README needs a test here."""
    assert len(BLOCKS) == 5


def test_the_wheel_has_everything(user: Path) -> None:
    """What was installed is the wheel and not the checkout: rooms, data and entry points."""
    code = (
        "import json, simulators, device_protocol, importlib.metadata as m\n"
        "from simulators.fixture_files import fixture\n"
        "from reference_server.status.pages import ROOTS, load\n"
        "pages = [str(ROOTS[0]), *load(ROOTS[0])]\n"
        "print(json.dumps([simulators.__file__, str(fixture('devices/lab.toml')), pages, [e.name for e in m.entry_points(group='flatbed.drivers')]]))"
    )
    where, data, pages, drivers = json.loads(run(user, f"cd / && python -c {shlex.quote(code)}").stdout)
    assert str(user) in where
    assert str(user) in data
    assert str(user) in pages[0]
    assert {path.name for path in (ROOT / "browser_client" / "status").iterdir()} == set(pages[1:])
    assert {"virtual", "sane", "sanelab"} <= set(drivers)


def test_serve_and_curl(user: Path) -> None:
    """The service starts as written, and the one curl line saves page 1 as a PNG."""
    serve = block("sh", "flatbed serve").strip()
    command = f"{user}/venv/bin/{serve} --port 0 --data-dir {user}/data --ready-file {user}/ready.json"
    process = subprocess.Popen(command.split(), cwd=user, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 30
        while not (user / "ready.json").exists():
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.01)
        port = json.loads((user / "ready.json").read_text())["http"].rpartition(":")[2]
        run(user, block("sh", "curl").replace("18622", port))
    finally:
        process.terminate()
        process.wait(10)
    assert (user / "page1.png").read_bytes().startswith(b"\x89PNG")


def test_the_pytest_block(user: Path) -> None:
    """The README's test passes in a folder of its own with nothing but flatbed and pytest installed."""
    folder = user / "application"
    folder.mkdir()
    (folder / "test_application.py").write_text(block("python", "scan_service"))
    assert "1 passed" in run(user, "python -m pytest -q -p no:cacheprovider", cwd=folder).stdout


def test_the_check_block(user: Path) -> None:
    """The README's check is clean."""
    run(user, block("sh", "flatbed check"))
