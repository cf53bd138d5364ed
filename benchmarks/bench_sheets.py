"""Rendering a sheet, beside copying a page of that size: the least that any source of pages costs; and reading one."""

from __future__ import annotations

from dataclasses import replace

from benchmarks.runner import Figure, interleaved
from benchmarks.sample_pages import clean_page
from sheets import (
    Corner,
    Defects,
    Dust,
    Fold,
    RenderSettings,
    Sheet,
    Side,
    Streak,
    noisy_reference_sheet,
    read_page,
    render,
)

WORN = Defects(
    skew=1.0,
    fold=Fold(Corner.TOP_RIGHT, 20),
    bleed=0.1,
    dust=(Dust(100),),
    streaks=(Streak(50),),
    cast=(1.0, 0.95, 0.9),
)


def run() -> list[Figure]:
    """An A4 sheet in colour at 300 dpi, a new sheet and a new angle each time."""
    settings = RenderSettings()
    numbers = iter(range(2, 1_000_000))

    def draw(defects: Defects) -> object:
        number = next(numbers)
        skew = defects.skew * (1 + number % 100 / 100)
        return render(Sheet(number, defects=replace(defects, skew=skew)), Side.FRONT, settings)

    page = clean_page().pixels
    medians = interleaved(
        {
            "clean": lambda: draw(Defects()),
            "skewed": lambda: draw(Defects(skew=1.0)),
            "worn": lambda: draw(WORN),
            "noisy": lambda: render(noisy_reference_sheet(next(numbers)), Side.FRONT, settings),
            "read": lambda: read_page(page),
            "copy": page.copy,
        },
        11,
    )
    copy = medians["copy"] * 1e3
    return [
        Figure("clean sheet rendered", medians["clean"] * 1e3, "ms", "copy of a page", copy, "< 15 ms"),
        Figure(
            "skewed sheet rendered, 1 to 2 degrees", medians["skewed"] * 1e3, "ms", "copy of a page", copy, "< 50 ms"
        ),
        Figure("sheet with six defects rendered", medians["worn"] * 1e3, "ms", "copy of a page", copy),
        Figure("noisy sheet rendered", medians["noisy"] * 1e3, "ms", "copy of a page", copy),
        Figure("clean page read by the oracle", medians["read"] * 1e3, "ms", "copy of a page", copy),
    ]
