"""A frame of the moving test card, drawn and encoded, beside encoding alone: the least that any MJPEG camera costs; and reading one."""

from __future__ import annotations

from benchmarks.runner import Figure, interleaved
from sheets.test_card import Card, View, draw_scene, read_frame
from simulators.cameras.frames import jpeg

QUALITY = 85


def run() -> list[Figure]:
    """720p in colour, another frame each time."""
    card = Card(draw_scene(View(1280, 720)))
    numbers = iter(range(1_000_000))
    still = card.frame(0, 0)

    def frame() -> object:
        number = next(numbers)
        return card.frame(number, number * 33)

    medians = interleaved(
        {
            "drawn": frame,
            "both": lambda: jpeg(card.frame(next(numbers), 0), QUALITY),
            "encoded": lambda: jpeg(still, QUALITY),
            "read": lambda: read_frame(still),
        },
        31,
    )
    encoded = medians["encoded"] * 1e3
    return [
        Figure("720p frame drawn", medians["drawn"] * 1e3, "ms", "its JPEG", encoded, "below 1"),
        Figure(
            "720p frame drawn and encoded",
            medians["both"] * 1e3,
            "ms",
            "its JPEG",
            encoded,
            "< 11 ms: 30/s take a third of a core",
        ),
        Figure("720p frame read by the oracle", medians["read"] * 1e3, "ms", "its JPEG", encoded, "report"),
    ]
