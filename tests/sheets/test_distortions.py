"""The oracle's own error: random combinations of known distortions from a printed seed."""

import os
from collections.abc import Iterator

import pytest

from sheets import read_page
from tests.sheets.distortions import Case, case

SEED = int(os.environ.get("FLATBED_ORACLE_SEED", "20261"))
CASES = int(os.environ.get("FLATBED_ORACLE_CASES", "200"))
BATCH = 10
DPI_SHARE, SKEW_DEGREES, CROP_PX = 0.005, 0.1, 2.0


@pytest.mark.parametrize("start", range(0, CASES, BATCH))
def test_known_distortions_are_measured(start: int) -> None:
    """Sheet and side are always right, dpi to 0.5 %, skew to 0.1 degrees, crop to 2 pixels, whatever is combined."""
    wrong = [line for number in range(start, min(CASES, start + BATCH)) for line in _errors(case(SEED, number))]
    assert not wrong, "\n".join(wrong)


def _errors(known: Case) -> Iterator[str]:
    reading = read_page(known.pixels)
    named = (reading.number, reading.side, reading.seed, reading.size and reading.size.tenths)
    sheet = known.sheet
    if named != (sheet.number, known.side, sheet.seed, sheet.size.tenths):
        yield f"{known.words}: read as {named}"
        return
    if (reading.turned, reading.mirrored) != (known.turned, known.mirrored):
        yield f"{known.words}: turned {reading.turned}, mirrored {reading.mirrored}"
    assert reading.dpi_x
    assert reading.dpi_y
    for axis, measured, true in zip("xy", (reading.dpi_x, reading.dpi_y), known.dpi, strict=True):
        if abs(measured / true - 1) > DPI_SHARE:
            yield f"{known.words}: {measured:.2f} dpi in {axis}, not {true:.2f}"
    if abs(reading.skew - known.skew) > SKEW_DEGREES:
        yield f"{known.words}: skew {reading.skew:.3f}, not {known.skew}"
    if not known.skew:
        measured_crop = [reading.crop_px.to_dict()[edge] for edge in ("left", "top", "right", "bottom")]
        if any(abs(seen - cut) > CROP_PX for seen, cut in zip(measured_crop, known.crop_px, strict=True)):
            yield f"{known.words}: crop {[round(cut, 1) for cut in measured_crop]}"
