"""Defects of paper and glass as data: what they are, how large they may be, and how two lists of them add up."""

import math
from dataclasses import dataclass, fields, replace
from enum import StrEnum

from sheets.errors import SheetError

MAX_SKEW = 20.0
MAX_OFFSET_MM = 200.0
MIN_FOLD_MM, MAX_FOLD_MM = 3.0, 100.0
MAX_SPECKS = 2000
MAX_DUST = 4  # kinds of dust on one page
MIN_SPECK_MM, MAX_SPECK_MM = 0.1, 5.0
MAX_STREAKS = 50
MIN_STREAK_MM, MAX_STREAK_MM = 0.02, 10.0
MAX_X_MM = 1000.0
MAX_BLEED = 0.6
MAX_FADE = 0.8
MAX_LIGHT = 0.6
MIN_GAIN, MAX_GAIN = 0.2, 1.5
MAX_SEED = 2**32 - 1


def need(name: str, value: float, low: float, high: float) -> None:
    """Refuse a figure that is not from *low* to *high*.

    Raises:
        SheetError: naming the figure and its limits.
    """
    if not (math.isfinite(value) and low <= value <= high):
        raise SheetError(f"{name} must be from {low:g} to {high:g}, not {value:g}")


class Corner(StrEnum):
    """A corner of an upright page."""

    TOP_LEFT = "top-left"
    TOP_RIGHT = "top-right"
    BOTTOM_LEFT = "bottom-left"
    BOTTOM_RIGHT = "bottom-right"

    @property
    def left(self) -> bool:
        """Whether it is on the left."""
        return self in {Corner.TOP_LEFT, Corner.BOTTOM_LEFT}

    @property
    def top(self) -> bool:
        """Whether it is above."""
        return self in {Corner.TOP_LEFT, Corner.TOP_RIGHT}

    @property
    def mirrored(self) -> "Corner":
        """The same corner seen from the other side of the sheet."""
        return Corner(f"{'top' if self.top else 'bottom'}-{'right' if self.left else 'left'}")


@dataclass(frozen=True, slots=True)
class Fold:
    """A dog-ear: a corner that is folded to the back.

    Attributes:
        corner: Which one, as seen from the front.
        size_mm: Length of its two short sides, 3 to 100.

    Raises:
        SheetError: If the size is outside its range.
    """

    corner: Corner
    size_mm: float

    def __post_init__(self) -> None:
        object.__setattr__(self, "corner", Corner(self.corner))
        need("the size of a folded corner", self.size_mm, MIN_FOLD_MM, MAX_FOLD_MM)


@dataclass(frozen=True, slots=True)
class Dust:
    """Dark specks.

    Attributes:
        count: How many to a page, 1 to 2000.
        size_mm: Diameter of the largest, 0.1 to 5; the others are down to half of it.
        seed: ``None``: they lie on the sheet, each sheet and side with its own. A number: they lie on the glass, at the
            same places of every page.

    Raises:
        SheetError: If a value is outside its range.
    """

    count: int
    size_mm: float = 0.6
    seed: int | None = None

    def __post_init__(self) -> None:
        need("the number of specks", self.count, 1, MAX_SPECKS)
        need("the size of specks", self.size_mm, MIN_SPECK_MM, MAX_SPECK_MM)
        need("the seed of specks", self.seed or 0, 0, MAX_SEED)


@dataclass(frozen=True, slots=True)
class Streak:
    """A line along the way of the paper, from dirt on the glass of a feeder: the same columns of every page.

    Attributes:
        x_mm: Its middle, from the left edge of the scanner.
        width_mm: 0.02 to 10.
        shade: Light that comes through, 0 (black) to 1.

    Raises:
        SheetError: If a value is outside its range.
    """

    x_mm: float
    width_mm: float = 0.3
    shade: float = 0.3

    def __post_init__(self) -> None:
        need("the place of a streak", self.x_mm, 0.0, MAX_X_MM)
        need("the width of a streak", self.width_mm, MIN_STREAK_MM, MAX_STREAK_MM)
        need("the shade of a streak", self.shade, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Defects:
    """What is wrong with a page. The default is nothing.

    Attributes:
        skew: Degrees clockwise that the sheet is turned about its middle, -20 to 20.
        offset_mm: How far it lies to the right and down of where it should, -200 to 200 each.
        fold: A folded corner.
        bleed: Share of the other side's ink that shines through, 0 to 0.6.
        fade: Share of its own contrast that the ink has lost, 0 to 0.8.
        dust: Specks, on the sheet and on the glass.
        streaks: Lines along the way of the paper.
        cast: Gain of red, green and blue, 0.2 to 1.5 each; what would be lighter than paper white is paper white.
        light: Share of the light that is missing at the left and right edge of the scanner's picture, 0 to 0.6; it grows
            with the square of the distance from the middle.

    Raises:
        SheetError: If a value is outside its range.
    """

    skew: float = 0.0
    offset_mm: tuple[float, float] = (0.0, 0.0)
    fold: Fold | None = None
    bleed: float = 0.0
    fade: float = 0.0
    dust: tuple[Dust, ...] = ()
    streaks: tuple[Streak, ...] = ()
    cast: tuple[float, float, float] = (1.0, 1.0, 1.0)
    light: float = 0.0

    def __post_init__(self) -> None:
        need("the skew", self.skew, -MAX_SKEW, MAX_SKEW)
        for name, values, count, low, high in (
            ("the offset", self.offset_mm, 2, -MAX_OFFSET_MM, MAX_OFFSET_MM),
            ("the gain of a channel", self.cast, 3, MIN_GAIN, MAX_GAIN),
        ):
            if len(values) != count:
                raise SheetError(f"{name} must be given {count} times, not {len(values)}")
            for value in values:
                need(name, value, low, high)
        need("the bleed-through", self.bleed, 0.0, MAX_BLEED)
        need("the fading", self.fade, 0.0, MAX_FADE)
        need("the fall of light", self.light, 0.0, MAX_LIGHT)
        need("the number of streaks", len(self.streaks), 0, MAX_STREAKS)
        need("the number of kinds of dust", len(self.dust), 0, MAX_DUST)

    def __bool__(self) -> bool:
        """Whether anything is wrong."""
        return self != NO_DEFECTS

    def under(self, machine: "Defects") -> "Defects":
        """The defects of a sheet as *machine*, with defects of its own, delivers it.

        Skews and offsets add up, as do specks and streaks (the first 50 streaks and 4 kinds of dust count); gains and the
        light left are multiplied; of folds, bleeding and fading, which a machine does not have, the sheet's count.
        """
        if not machine:
            return self
        return replace(
            self,
            skew=_clamp(self.skew + machine.skew, MAX_SKEW),
            offset_mm=(
                _clamp(self.offset_mm[0] + machine.offset_mm[0], MAX_OFFSET_MM),
                _clamp(self.offset_mm[1] + machine.offset_mm[1], MAX_OFFSET_MM),
            ),
            dust=(*self.dust, *machine.dust)[:MAX_DUST],
            streaks=(*self.streaks, *machine.streaks)[:MAX_STREAKS],
            cast=(
                _gain(self.cast[0] * machine.cast[0]),
                _gain(self.cast[1] * machine.cast[1]),
                _gain(self.cast[2] * machine.cast[2]),
            ),
            light=min(MAX_LIGHT, 1 - (1 - self.light) * (1 - machine.light)),
        )


NO_DEFECTS = Defects()
NAMES = tuple(field.name for field in fields(Defects))


def _clamp(value: float, limit: float) -> float:
    return max(-limit, min(limit, value))


def _gain(value: float) -> float:
    return max(MIN_GAIN, min(MAX_GAIN, value))
