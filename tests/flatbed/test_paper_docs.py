"""docs/paper.md: its examples run as they stand, and its table has every key and measure."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest
from PIL import Image

from sheets.measures.results import Measures
from simulators.devices_file import load_lab
from simulators.stacks import stack
from simulators.stacks.wear import LIMITS, Wear

PAGE = (Path(__file__).parents[2] / "docs/paper.md").read_text()


def example(language: str, name: str) -> str:
    """The block of the page that begins with the file's name."""
    (text,) = re.findall(rf"```{language}\n# {name}\n(.*?)```", PAGE, re.DOTALL)
    return str(text)


def test_the_devices_file_is_accepted(tmp_path: Path) -> None:
    """Who copies the example, with a folder of letters beside it, gets these sheets."""
    (tmp_path / "letters").mkdir()
    for number in range(3):
        Image.new("L", (60, 80), 60 * number).save(tmp_path / "letters" / f"{number}.png")
    (tmp_path / "paper.toml").write_text(example("toml", "paper.toml"))
    (device,) = load_lab(tmp_path / "paper.toml").devices
    sheets = stack(device.batches, device.seed)
    assert len(sheets) == 22
    assert sheets[4].defects.skew == 1.5
    assert device.optics
    assert device.optics.dirty


def test_the_python_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """Who copies the example sees the defects named."""
    exec(compile(example("python", "paper.py"), "paper.py", "exec"), {})  # our own page
    assert "folded" in capsys.readouterr().out


def test_every_key_and_every_measure_is_on_the_page() -> None:
    """A key that is added to the model is explained."""
    names = {field.name for field in fields(Wear)} - {"fold_rate"} | set(LIMITS)
    for name in names:
        assert f"`{name}" in PAGE, name
    for name in Measures.__slots__:
        assert f"measures.{name}" in PAGE, name
