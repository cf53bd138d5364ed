"""The controls that a camera can have, and what they do to the picture."""

from __future__ import annotations

from dataclasses import dataclass

from device_protocol import Unit, ValueType
from simulators.cameras.model import Control

EXPOSURE, BRIGHTNESS, FOCUS, ZOOM, WHITE_BALANCE = "exposure", "brightness", "focus", "zoom", "white-balance"


@dataclass(frozen=True, slots=True)
class Kind:
    """What sort of control it is.

    Attributes:
        type: of its value.
        title, words: for people.
        low, high: what a profile may set its limits to.
        usual: limits and default where a profile says nothing.
    """

    type: ValueType
    title: str
    words: str
    low: float
    high: float
    usual: Control
    unit: Unit = Unit.NONE


KINDS: dict[str, Kind] = {
    EXPOSURE: Kind(
        ValueType.FIXED,
        "Exposure",
        "In stops; 0 is right, one more is twice the light.",
        -8,
        8,
        Control(-3, 3, 0.5, 0, True),
    ),
    BRIGHTNESS: Kind(ValueType.INT, "Brightness", "Added to every sample, of 255.", -128, 128, Control(-64, 64, 1, 0)),
    FOCUS: Kind(
        ValueType.INT,
        "Focus",
        "Sharp at its default; blurred by the distance from it.",
        0,
        1023,
        Control(0, 100, 1, 50, True),
    ),
    ZOOM: Kind(ValueType.FIXED, "Zoom", "How many times as large the middle is seen.", 1, 4, Control(1, 4, 0.25, 1)),
    WHITE_BALANCE: Kind(
        ValueType.INT,
        "White balance",
        "Colour temperature of the light in kelvin; higher than the real one makes the picture warmer.",
        1000,
        12_000,
        Control(2800, 9300, 100, 5500, True),
    ),
}
"""By name; the V4L2 controls of the same names."""
