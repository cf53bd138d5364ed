"""SANE's own ``escl`` back end 1.2.1 scans from the door; its quirks of sane-escl 3.4 are met, and what is left is in docs/interop.md."""

from __future__ import annotations

import signal
from pathlib import Path

import pytest

from sheets import ColourMode, Expectation, Side, read_page
from simulators.profiles.quirks import Sane
from tests.real.escl.doors import door, feeder, flatbed
from tests.real.escl.sane_escl import sane_escl

pytestmark = [pytest.mark.real, pytest.mark.slow]

COMBI = feeder(profile="office-combi")
FRONTS = [(1, Side.FRONT), (2, Side.FRONT), (3, Side.FRONT)]
BOTH = [(number, side) for number in (1, 2, 3) for side in (Side.FRONT, Side.BACK)]


@pytest.mark.parametrize(
    ("machine", "source", "mode", "dpi", "pages"),
    [
        (flatbed(), None, "Color", 100, FRONTS[:1]),
        (flatbed(), None, "Gray", 300, FRONTS[:1]),
        (feeder(), None, "Color", 100, FRONTS),
        (COMBI, "Flatbed", "Gray", 75, FRONTS[:1]),
        (COMBI, "ADF", "Gray", 150, FRONTS),
        (COMBI, "ADF Duplex", "Color", 75, BOTH),
    ],
)
async def test_pages_tell_the_truth(
    machine: str, source: str | None, mode: str, dpi: int, pages: list[tuple[int, Side]], tmp_path: Path
) -> None:
    """Sheet, side, order, resolution and colour of every page that arrives are those of the paper; a job that is never deleted frees the device."""
    words = [f"--mode={mode}", f"--resolution={dpi}", *([f"--source={source}"] if source else [])]
    async with door(tmp_path, machine) as opened:
        scan = await sane_escl(tmp_path, opened.url, *words, batch=len(pages) > 1)
        (scanner,) = opened.scanners.values()
        assert [job.over for job in scanner.jobs] == [True]
    assert scan.exit == Sane.GOOD, scan.said
    assert len(scan.pages) == len(pages), scan.said
    for (number, side), reading in zip(pages, scan.readings, strict=True):
        expected = Expectation(
            number=number, side=side, dpi=(dpi, dpi), mode=ColourMode(mode.lower()), edge_tolerance_mm=2.0
        )
        assert reading.differences(expected) == []


async def test_an_area(tmp_path: Path) -> None:
    """The part of the sheet that was asked for, to a millimetre."""
    async with door(tmp_path, flatbed()) as opened:
        words = ["-l", "10", "-t", "20", "-x", "150", "-y", "200", "--resolution=150", "--mode=Gray"]
        scan = await sane_escl(tmp_path, opened.url, *words)
    (page,) = scan.pages
    expected = Expectation(number=1, dpi=(150, 150), area_mm=(10.0, 20.0, 160.0, 220.0))
    assert read_page(page, expected=expected).differences(expected) == []


async def test_a_driver_that_crashes_is_nobodys_trouble(tmp_path: Path) -> None:
    """Told the source of a machine without a glass, libsane 1.2.1 dies of a segmentation fault (docs/interop.md); the next client scans."""
    async with door(tmp_path, feeder()) as opened:
        crashed = await sane_escl(tmp_path / "first", opened.url, "--source=ADF", "--resolution=75", batch=True)
        assert crashed.pages == () or crashed.exit != -signal.SIGSEGV
        assert not any(job.over is False for job in opened.scanners["feeder"].jobs)
        again = await sane_escl(tmp_path / "second", opened.url, "--resolution=75", batch=True)
    assert [reading.number for reading in again.readings] == [1, 2, 3]
