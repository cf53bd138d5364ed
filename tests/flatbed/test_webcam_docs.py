"""docs/webcams.md: its examples run as they stand; the verbs behind it refuse what makes no sense."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest

from device_protocol import FaultKind
from flatbed.cli import main
from simulators.devices_file import CAMERAS
from simulators.fixture_files import fixture_names
from simulators.scenarios.kinds import OF_CAMERAS

PAGE = (Path(__file__).parents[2] / "docs/webcams.md").read_text()


def commands(block: str) -> list[list[str]]:
    """The command lines of a block of the page, comments left out."""
    return [shlex.split(line, comments=True) for line in block.strip().splitlines()]


def test_the_card_of_the_page() -> None:
    """The Python example about the card holds what it asserts."""
    (block,) = [text for text in re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL) if "test_card" in text]
    exec(compile(block, "webcams.md", "exec"), {})  # our own page


def test_the_film_of_the_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The two commands about films, as they stand, make a film and find it clean."""
    monkeypatch.chdir(tmp_path)
    (block,) = [text for text in re.findall(r"```sh\n(.*?)```", PAGE, re.DOTALL) if "simulate y4m" in text]
    for line in commands(block):
        assert main(line[1:]) == 0, line
    told = capsys.readouterr().out
    assert "60 frames of 640x480" in told
    assert re.search(r"frames +60", told)
    assert main(["simulate", "watch", "film.y4m", "--json", "--frames", "10"]) == 0
    assert json.loads(capsys.readouterr().out)["frames"] == 10


def test_a_film_that_is_not_clean_is_exit_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Drops of a flaky camera make the verdict, for people and machines."""
    film = str(tmp_path / "film.y4m")
    assert main(["simulate", "y4m", "-o", film, "--seconds", "2", "--camera", "flaky-camera", "--size", "640x480"]) == 0
    capsys.readouterr()
    assert main(["simulate", "watch", film, "--json"]) == 1
    assert json.loads(capsys.readouterr().out)["clean"] is False


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (["y4m", "-o", "-"], "needs a file"),
        (["y4m", "-o", "film.y4m", "--size", "3x3"], "and nothing else"),
        (["y4m", "-o", "film.y4m", "--camera", "nobody"], "no device 'nobody'"),
        (["y4m", "-o", "film.y4m", "--camera", "refusing-camera"], "shutter is closed"),
        (["y4m", "-o", "none/film.y4m", "--seconds", "0.1"], "No such file"),
        (["watch", "none.y4m"], "No such file"),
        (["watch", "http://127.0.0.1:9/none"], "refused"),
        (["mjpeg", "--devices", "paper.toml", "--port", "0"], "has no camera"),
        (["mjpeg", "--bind", "192.0.2.1", "--port", "0"], "--bind"),
    ],
)
def test_what_makes_no_sense(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], line: list[str], says: str
) -> None:
    """Each is exit status 2 with a sentence about why, and leaves no file behind."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "paper.toml").write_text('schema = 1\n[[device]]\nid = "a"\nprofile = "flatbed"\n')
    try:
        status = main(["simulate", *line])
    except SystemExit as ended:
        status = int(ended.code or 0)
    assert status == 2
    assert says in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["paper.toml"]


def test_every_camera_and_fault_is_on_the_page() -> None:
    """The page names each shipped camera and each fault that only a camera has."""
    assert all(f"`{name}`" in PAGE for name in fixture_names(CAMERAS))
    assert {FaultKind.DROPPED, FaultKind.FROZEN} <= OF_CAMERAS
    assert all(f"`{kind.value}`" in PAGE for kind in OF_CAMERAS)
