"""Where things stand on the card, in shares of its width and height."""

from __future__ import annotations

STRIP_HEIGHT = 1 / 18
"""Of the strips at the top and at the bottom; they are as wide as the picture."""
BANDS = 8
"""At each side, one above the other between the strips, so that a tear is found to an eighth of the picture."""
BAND_WIDTH = 1 / 16

BARS = 48
"""Black and white bars in the width of the picture, at zoom 1."""
BARS_HALF = 0.03
"""They lie around the middle, from this share of the height above it to as much below."""
PATCH = (0.035, 0.095)
"""The grey patch lies above the bars, from the one distance to the other; a white and a black one below."""
PATCH_HALF_WIDTH = 0.11

HAND_TOP, HAND_HEIGHT = 0.80, 0.06
"""A block that moves from left to right."""
HAND_STEPS = 60
TEXT_TOP, TEXT_HEIGHT = 0.065, 0.04

LEAST_WIDTH, LEAST_HEIGHT = 320, 180
"""Below that the marks do not survive JPEG and chroma subsampling."""

GREY, WHITE, BLACK = 128, 235, 16


def cuts(start: float, end: float, count: int) -> list[int]:
    """The *count* + 1 pixels at which cells between *start* and *end* (in pixels) begin and end."""
    return [round(start + (end - start) * index / count) for index in range(count + 1)]
