"""scanlib 1.3.2 from PyPI scans from the door: another spelling of the source, no region, no format (sane-escl 3.4)."""

from __future__ import annotations

from pathlib import Path

import pytest

from device_protocol.control import FAULT, UNLOAD
from sheets import ColourMode, Expectation, Side, read_page
from tests.real.escl.doors import door, feeder, flatbed
from tests.real.escl.pypi import scanlib

pytestmark = [pytest.mark.real, pytest.mark.slow]

FRONTS = [(1, Side.FRONT), (2, Side.FRONT), (3, Side.FRONT)]


@pytest.mark.parametrize(
    ("source", "mode", "dpi", "pages"),
    [("FLATBED", "COLOR", 150, FRONTS[:1]), ("FEEDER", "GRAY", 75, FRONTS), ("FEEDER", "COLOR", 100, FRONTS)],
)
async def test_pages_tell_the_truth(
    source: str, mode: str, dpi: int, pages: list[tuple[int, Side]], tmp_path: Path
) -> None:
    """Sheet, order, resolution and colour are those of the paper, and its job is deleted."""
    machine = flatbed() if source == "FLATBED" else feeder()
    async with door(tmp_path, machine) as opened:
        (url,) = opened.urls().values()
        ran = await scanlib(tmp_path / "pages", url, source=source, mode=mode, dpi=dpi)
        (scanner,) = opened.scanners.values()
        assert [job.over for job in scanner.jobs] == [True]
    assert ran.exit == 0, ran.words
    assert len(ran.pages) == len(pages)
    for (number, side), reading in zip(pages, ran.readings(dpi), strict=True):
        expected = Expectation(
            number=number, side=side, dpi=(dpi, dpi), mode=ColourMode(mode.lower()), edge_tolerance_mm=2.0
        )
        assert reading.differences(expected) == []


async def test_an_area(tmp_path: Path) -> None:
    """It names its offsets outside of any region, and means them."""
    async with door(tmp_path, flatbed()) as opened:
        ran = await scanlib(
            tmp_path / "pages", opened.urls()["flatbed"], mode="GRAY", dpi=150, area="100,200,1500,2000"
        )
    assert ran.exit == 0, ran.words
    (page,) = ran.pages
    expected = Expectation(number=1, dpi=(150, 150), area_mm=(10.0, 20.0, 160.0, 220.0))
    assert read_page(page, dpi=(150, 150), expected=expected).differences(expected) == []


async def test_an_empty_feeder(tmp_path: Path) -> None:
    """It asks for the state of the feeder first, and says FeederEmptyError."""
    async with door(tmp_path, feeder().replace("always", "never")) as opened:
        await (await opened.backend.control("feeder")).perform(UNLOAD)
        ran = await scanlib(tmp_path / "pages", opened.urls()["feeder"], source="FEEDER")
        assert opened.scanners["feeder"].jobs == []
    assert (ran.exit, ran.pages) == (1, ())
    assert "FeederEmptyError" in ran.words


async def test_a_jam_is_taken_for_the_end(tmp_path: Path) -> None:
    """A defect of scanlib 1.3.2 (docs/interop.md): an error after the first page is the end of the feeder, and the rest is lost without a word.

    What it has is true, and the device is free afterwards.
    """
    async with door(tmp_path, feeder()) as opened:
        await (await opened.backend.control("feeder")).perform(FAULT, {"kind": "jam", "sheet": 2})
        ran = await scanlib(tmp_path / "pages", opened.urls()["feeder"], source="FEEDER")
        assert [job.over for job in opened.scanners["feeder"].jobs] == [True]
    assert (ran.exit, [reading.number for reading in ran.readings(100)]) == (0, [1]), ran.words
