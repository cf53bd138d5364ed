"""Sheets and render settings."""

from typing import Any

import pytest

from sheets import A4, LETTER, ColourMode, RenderSettings, Sheet, SheetError, Side, noisy_reference_sheet, pixel_size


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": -1},
        {"number": 2**24},
        {"seed": -1},
        {"seed": 2**32},
        {"noise": -0.1},
        {"noise": 17.0},
        {"noise": float("nan")},
    ],
)
def test_a_sheet_outside_the_payload_is_refused(wrong: dict[str, Any]) -> None:
    """A number or seed that does not fit a mark would name another sheet."""
    with pytest.raises(SheetError):
        Sheet(**{"number": 1, **wrong})


def test_only_the_back_of_a_blank_back_is_blank() -> None:
    """blank_back models single-sided originals: the front must stay."""
    sheet = Sheet(1, blank_back=True)
    assert sheet.is_blank(Side.BACK)
    assert not sheet.is_blank(Side.FRONT)
    assert not Sheet(1).is_blank(Side.BACK)


def test_the_noisy_reference_sheet_is_noisy() -> None:
    """Benchmarks compress this preset; a clean one would flatter them."""
    assert noisy_reference_sheet(4).noise > 0
    assert noisy_reference_sheet(4).number == 4


@pytest.mark.parametrize(
    "wrong",
    [
        {"dpi_x": 0},
        {"dpi_y": 9601},
        {"mode": ColourMode.LINEART, "depth": 8},
        {"mode": ColourMode.COLOR, "depth": 1},
        {"mode": ColourMode.GRAY, "depth": 12},
        {"area_mm": (10.0, 0.0, 10.0, 5.0)},
        {"area_mm": (0.0, 5.0, 10.0, 4.0)},
        {"area_mm": (0.0, 0.0, float("inf"), 4.0)},
        {"area_mm": (0.0, 0.0, 1e6, 4.0)},
    ],
)
def test_settings_that_no_scan_can_have_are_refused(wrong: dict[str, Any]) -> None:
    """An impossible setting fails where it is made, not as an odd picture later."""
    with pytest.raises(SheetError):
        RenderSettings(**{"dpi_x": 300, "dpi_y": 300, **wrong})


@pytest.mark.parametrize(
    ("settings", "size", "expected"),
    [
        (RenderSettings(300, 300), A4, (2480, 3508)),
        (RenderSettings(75, 75), A4, (620, 877)),
        (RenderSettings(300, 150), LETTER, (2550, 1650)),
        (RenderSettings(254, 254, area_mm=(-1.0, -2.0, 9.04, 8.06)), A4, (100, 101)),
        (RenderSettings(1, 1, area_mm=(0.0, 0.0, 1.0, 1.0)), A4, (1, 1)),
    ],
)
def test_the_rounding_rule(settings: RenderSettings, size: Any, expected: tuple[int, int]) -> None:
    """Drivers predict the size with the documented rule, so it must be the one used."""
    assert pixel_size(settings, Sheet(1, size)) == expected
