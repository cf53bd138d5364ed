"""The inks: red, green and blue as fractions of full scale, 1 = paper white."""

from sheets.sheet import Side

Ink = tuple[float, float, float]

BLACK: Ink = (0.0, 0.0, 0.0)
DARK: Ink = (0.2, 0.22, 0.26)
RED: Ink = (0.82, 0.12, 0.15)
GREEN: Ink = (0.10, 0.58, 0.26)
BLUE: Ink = (0.12, 0.26, 0.74)

# Below every mark. Enough to tell every order of channels, and colour from grey from two levels; none is near the
# middle of the scale, where a threshold would be a toss-up, and the 16-bit value of each differs when bytes are swapped.
STRIP_PATCHES: tuple[Ink, ...] = (RED, GREEN, BLUE, (0.22,) * 3, (0.43,) * 3, (0.68,) * 3)

FULL_PATCHES: tuple[Ink, ...] = (
    RED,
    (0.93, 0.52, 0.10),
    (0.98, 0.84, 0.12),
    GREEN,
    (0.10, 0.66, 0.80),
    BLUE,
    (0.45, 0.20, 0.62),
    (0.80, 0.14, 0.52),
    (0.48, 0.31, 0.20),
    (0.87, 0.71, 0.60),
)

LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601, what every scanner driver of ours uses for grey


def side_ink(side: Side) -> Ink:
    """The colour of a side's name: blue in front, red at the back."""
    return BLUE if side is Side.FRONT else RED


def luma(ink: Ink) -> float:
    """How light an ink is in grey."""
    return sum(weight * part for weight, part in zip(LUMA, ink, strict=True))
