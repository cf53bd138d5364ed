"""The house rules that a machine can hold."""

from __future__ import annotations

import re
import statistics
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ROOMS = (
    "flatbed",
    "device_protocol",
    "device_host",
    "device_drivers",
    "simulators",
    "sheets",
    "reference_server",
    "conformance",
)


def modules(room: str) -> list[Path]:
    """The modules of a room."""
    return [path for path in (ROOT / room).rglob("*.py") if "__pycache__" not in path.parts]


@pytest.mark.parametrize("room", ROOMS)
def test_modules_stay_small(room: str) -> None:
    """Design 1: no module has over 500 lines, and half of them have 150 or less."""
    sizes = {path: len(path.read_text().splitlines()) for path in modules(room)}
    assert {path: size for path, size in sizes.items() if size > 500} == {}
    assert statistics.median(sizes.values()) <= 150


@pytest.mark.parametrize("room", ROOMS)
def test_each_room_says_what_it_is_for(room: str) -> None:
    """Design 1: a room's __init__ says what may come in and what may not, and the room is typed."""
    text = (ROOT / room / "__init__.py").read_text().lower()
    assert "may come in" in text, "say what may come in and what may not"
    assert (ROOT / room / "py.typed").exists()


def test_tracked_files_name_no_index() -> None:
    """Versions are pinned without any index address, so that everybody's own index is used."""
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.fail("this test needs the checkout's git")
    pattern = re.compile(r"index-url|https?://[^\s]*(pypi|pythonhosted|npmjs)")
    for name in filter(None, listed.stdout.decode().split("\0")):
        path = ROOT / name
        if path.is_file() and path != Path(__file__):
            assert not pattern.search(path.read_text(errors="replace")), name
