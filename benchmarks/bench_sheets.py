"""Rendering a sheet, beside copying a page of that size: the least that any source of pages costs."""

from __future__ import annotations

from benchmarks.runner import Figure, interleaved
from benchmarks.sample_pages import clean_page
from sheets import RenderSettings, Sheet, Side, noisy_reference_sheet, render


def run() -> list[Figure]:
    """A clean and a noisy A4 sheet in colour at 300 dpi, a new sheet each time."""
    settings = RenderSettings()
    numbers = iter(range(2, 1_000_000))
    medians = interleaved(
        {
            "clean": lambda: render(Sheet(next(numbers)), Side.FRONT, settings),
            "noisy": lambda: render(noisy_reference_sheet(next(numbers)), Side.FRONT, settings),
            "copy": clean_page().pixels.copy,
        },
        11,
    )
    copy = medians["copy"] * 1e3
    return [
        Figure("clean sheet rendered", medians["clean"] * 1e3, "ms", "copy of a page", copy, "< 15 ms"),
        Figure("noisy sheet rendered", medians["noisy"] * 1e3, "ms", "copy of a page", copy),
    ]
