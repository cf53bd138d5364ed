"""Comparing a page with what was expected."""

import json
from typing import Any

import numpy as np
import pytest

from sheets import (
    A5,
    BUSINESS_CARD,
    LETTER,
    ColourMode,
    Expectation,
    RenderSettings,
    Sheet,
    Side,
    noisy_reference_sheet,
    read_page,
    render,
)
from tests.sheets.pages import encode, page

SHEET = Sheet(21, A5, seed=4)
WANTED = RenderSettings(100, 100)
PAGE = page(SHEET)
EXPECTED = Expectation.of(SHEET, Side.FRONT, WANTED)


@pytest.mark.parametrize("sheet", [SHEET, Sheet(5, BUSINESS_CARD), Sheet(6, LETTER), noisy_reference_sheet(7, A5)])
@pytest.mark.parametrize("side", Side)
@pytest.mark.parametrize("mode", ColourMode)
def test_a_faithful_page_has_no_differences(sheet: Sheet, side: Side, mode: ColourMode) -> None:
    """The oracle must be silent on a correct device, or its word is worth nothing."""
    expected = Expectation.of(sheet, side, RenderSettings(150, 150, mode))
    reading = read_page(page(sheet, side, 150, mode), expected=expected)
    assert reading.differences(expected) == []


@pytest.mark.parametrize(
    ("other", "word"),
    [
        (page(Sheet(22, A5, seed=4)), "expected sheet 21, found 22"),
        (page(SHEET, Side.BACK), "expected side front, found back"),
        (page(Sheet(21, A5, seed=5)), "expected seed 4, found 5"),
        (page(Sheet(21, LETTER, seed=4)), "expected size"),
        (page(SHEET, dpi=150), "expected 100 dpi in x, measured 150"),
        (page(SHEET, mode=ColourMode.GRAY), "expected mode color, found gray"),
        (PAGE[::-1, ::-1], "turned by 180"),
        (PAGE[:, ::-1], "mirrored"),
        (255 - PAGE, "inverted"),
        (PAGE[:, :, ::-1], "bgr"),
        (PAGE[:, 40:], "cut off at the left"),
        (PAGE[:-100], "missing or empty at the end"),
        (np.full_like(PAGE, 255), "the page is blank"),
        (encode(PAGE, "PNG", dpi=(72, 72)), "declared 72 dpi"),
        (b"garbage", "cannot be read"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_lie_is_named(other: Any, word: str) -> None:
    """Every way a page can be wrong is a difference that says which."""
    differences = read_page(other, expected=EXPECTED).differences(EXPECTED)
    assert any(word in difference for difference in differences), differences


def test_nothing_expected_still_means_an_upright_page() -> None:
    """An empty expectation accepts any sheet, but not a mirrored one."""
    assert read_page(PAGE).differences(Expectation()) == []
    assert read_page(PAGE[:, ::-1]).differences(Expectation()) == ["mirrored"]


def test_a_blank_side_is_expected_blank() -> None:
    """The blank back of a sheet must be blank, and a printed one is no substitute."""
    expected = Expectation.of(Sheet(1, A5, blank_back=True), Side.BACK, WANTED)
    assert read_page(np.full((100, 100), 255, np.uint8)).differences(expected) == []
    assert read_page(PAGE).differences(expected) == ["expected a blank page, found sheet 21 front"]
    assert "cannot be read" in read_page(b"").differences(expected)[0]


@pytest.mark.parametrize("shift", [0.0, 5.0])
def test_an_area_is_compared_edge_by_edge(shift: float) -> None:
    """A scanner that ignores or moves the area is found out; one that keeps it is not accused."""
    area = (2.0, 12.0, 140.0, 160.0)
    expected = Expectation.of(SHEET, Side.FRONT, RenderSettings(100, 100, area_mm=area))
    delivered = RenderSettings(100, 100, area_mm=(area[0] + shift, area[1], area[2] + shift, area[3]))
    differences = read_page(render(SHEET, Side.FRONT, delivered), expected=expected).differences(expected)
    assert [difference.split()[1] for difference in differences] == (["left", "right"] if shift else [])


def test_the_tolerances_are_the_callers() -> None:
    """A printed deck on a real scanner needs more room than a virtual one."""
    reading = read_page(page(SHEET, dpi=103))
    assert reading.differences(Expectation(dpi=(100, 100)))
    assert reading.differences(Expectation(dpi=(100, 100), dpi_tolerance=0.05)) == []


@pytest.mark.parametrize(
    "image", [PAGE, PAGE[::-1], np.zeros((5, 5), np.uint8), b"?"], ids=["page", "flip", "tiny", "bad"]
)
def test_a_reading_is_plain_data(image: Any) -> None:
    """Reports store readings as JSON."""
    reading = read_page(image)
    stored = json.loads(json.dumps(reading.to_dict()))
    assert stored["found"] is reading.found
    assert stored["problems"] == reading.problems()
    assert stored["size"] == (reading.size.name if reading.size else None)
