"""The condition of a batch: defects that all its sheets have, or that are drawn by lot for each of them."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TypeAlias

from sheets import Defects, Dust, Fold, Streak
from sheets.defects.model import MAX_BLEED, MAX_FADE, MAX_LIGHT, MAX_OFFSET_MM, MAX_SKEW
from sheets.sheet import MAX_LAP_MM

BOUND_SD = 3.0


@dataclass(frozen=True, slots=True)
class Spread:
    """A figure that is drawn by lot for each sheet.

    Attributes:
        low: the least.
        high: the most.
        sd: 0: evenly from *low* to *high*; else normally about their middle, with that standard deviation, and never
            beyond them.
    """

    low: float
    high: float
    sd: float = 0.0

    def draw(self, dice: random.Random) -> float:
        """One such figure."""
        if not self.sd:
            return self.low + (self.high - self.low) * dice.random()
        return max(self.low, min(self.high, dice.gauss((self.low + self.high) / 2, self.sd)))


Amount: TypeAlias = "float | Spread"
"""A figure that is the same for each sheet, or drawn by lot."""


@dataclass(frozen=True, slots=True)
class Wear:
    """The condition of the sheets of a batch; the figures are those of :class:`sheets.Defects`.

    Attributes:
        fold_rate: of how many sheets the corner is folded, 0 to 1.
        lap_mm: how far behind a sheet the next one comes if both are picked together.
    """

    skew: Amount = 0.0
    offset_x_mm: Amount = 0.0
    offset_y_mm: Amount = 0.0
    fold: Fold | None = None
    fold_rate: float = 1.0
    bleed: Amount = 0.0
    fade: Amount = 0.0
    dust: tuple[Dust, ...] = ()
    streaks: tuple[Streak, ...] = ()
    cast: tuple[float, float, float] = (1.0, 1.0, 1.0)
    light: Amount = 0.0
    lap_mm: Amount = 0.0

    def defects(self, seed: int, number: int) -> Defects:
        """What is wrong with sheet *number*. Each figure has dice of its own, so that a new one changes no other."""
        folded = self.fold_rate == 1 or _dice(seed, number, "fold").random() < self.fold_rate
        return Defects(
            skew=self._drawn("skew", seed, number),
            offset_mm=(self._drawn("offset_x_mm", seed, number), self._drawn("offset_y_mm", seed, number)),
            fold=self.fold if folded else None,
            bleed=self._drawn("bleed", seed, number),
            fade=self._drawn("fade", seed, number),
            dust=self.dust,
            streaks=self.streaks,
            cast=self.cast,
            light=self._drawn("light", seed, number),
        )

    def lap(self, seed: int, number: int) -> float:
        """How far behind sheet *number* the next one comes, in mm."""
        return self._drawn("lap_mm", seed, number)

    def _drawn(self, name: str, seed: int, number: int) -> float:
        amount: Amount = getattr(self, name)
        return amount.draw(_dice(seed, number, name)) if isinstance(amount, Spread) else amount


NEW = Wear()
"""Sheets as they come from the ream."""

LIMITS: dict[str, tuple[float, float]] = {
    "skew": (-MAX_SKEW, MAX_SKEW),
    "offset_x_mm": (-MAX_OFFSET_MM, MAX_OFFSET_MM),
    "offset_y_mm": (-MAX_OFFSET_MM, MAX_OFFSET_MM),
    "bleed": (0.0, MAX_BLEED),
    "fade": (0.0, MAX_FADE),
    "light": (0.0, MAX_LIGHT),
    "lap_mm": (0.0, MAX_LAP_MM),
}
"""Between what each figure lies, drawn or not."""


def _dice(seed: int, number: int, name: str) -> random.Random:
    return random.Random(f"{name}/{seed}/{number}")  # noqa: S311  # reproducible, not secret
