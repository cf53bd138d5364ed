"""Reading defects from a table: the keys that batches and machines share."""

from __future__ import annotations

from typing import TypedDict

from sheets import Corner, Dust, Fold, Streak
from sheets.defects.model import (
    MAX_FOLD_MM,
    MAX_GAIN,
    MAX_SEED,
    MAX_SPECK_MM,
    MAX_SPECKS,
    MAX_STREAK_MM,
    MAX_STREAKS,
    MAX_X_MM,
    MIN_FOLD_MM,
    MIN_GAIN,
    MIN_SPECK_MM,
    MIN_STREAK_MM,
)
from simulators.fields import Table
from simulators.stacks.wear import BOUND_SD, LIMITS, Amount, Spread, Wear


class Shared(TypedDict):
    """The defects that sheets and machines can have."""

    dust: tuple[Dust, ...]
    streaks: tuple[Streak, ...]
    cast: tuple[float, float, float]


def read_wear(table: Table) -> Wear:
    """The condition of sheets, from the keys of a batch.

    Raises:
        Exception: as the table makes it.
    """
    fold, rate = _fold(table.table("fold")) if table.has("fold") else (None, 1.0)
    return Wear(
        **{name: read_amount(table, name) for name in LIMITS},
        fold=fold,
        fold_rate=rate,
        **read_shared(table, glass=False),
    )


def read_amount(table: Table, key: str) -> Amount:
    """A figure, ``{ low, high }`` or ``{ mean, sd }`` under *key*; 0 if it is absent."""
    low, high = LIMITS[key]
    if not isinstance(table.raw(key), dict):
        return table.number(key, 0.0, low=low, high=high)
    spread = table.table(key)
    if spread.has("sd") or spread.has("mean"):
        mean = spread.number("mean", 0.0, low=low, high=high)
        sd = spread.number("sd", low=0, high=high - low)
        spread.done()
        bound = BOUND_SD * sd
        return Spread(max(low, mean - bound), min(high, mean + bound), sd) if sd else mean
    least = spread.number("low", low=low, high=high)
    most = spread.number("high", low=least, high=high)
    spread.done()
    return Spread(least, most)


def read_shared(table: Table, *, glass: bool) -> Shared:
    """``dust``, ``streaks`` and ``cast``.

    Args:
        table: the table.
        glass: whether specks lie on the glass of a machine, at the same places of every page.
    """
    return {
        "dust": (_dust(table.table("dust"), glass=glass),) if table.has("dust") else (),
        "streaks": tuple(_streak(entry) for entry in table.tables("streaks", most=MAX_STREAKS)),
        "cast": _cast(table),
    }


def _fold(table: Table) -> tuple[Fold, float]:
    corner = Corner(table.choice("corner", Corner))
    fold = Fold(corner, table.number("size_mm", low=MIN_FOLD_MM, high=MAX_FOLD_MM))
    rate = table.number("rate", 1.0, low=0, high=1)
    table.done()
    return fold, rate


def _dust(table: Table, *, glass: bool) -> Dust:
    dust = Dust(
        table.integer("count", low=1, high=MAX_SPECKS),
        table.number("size_mm", 0.6, low=MIN_SPECK_MM, high=MAX_SPECK_MM),
        table.integer("seed", 0, low=0, high=MAX_SEED) if glass else None,
    )
    table.done()
    return dust


def _streak(table: Table) -> Streak:
    streak = Streak(
        table.number("x_mm", low=0, high=MAX_X_MM),
        table.number("width_mm", 0.3, low=MIN_STREAK_MM, high=MAX_STREAK_MM),
        table.number("shade", 0.3, low=0, high=1),
    )
    table.done()
    return streak


def _cast(table: Table) -> tuple[float, float, float]:
    if not table.has("cast"):
        return 1.0, 1.0, 1.0
    gains = table.raw("cast")
    wrong = not isinstance(gains, list) or len(gains) != 3
    if wrong or not all(_is_number(gain) and MIN_GAIN <= gain <= MAX_GAIN for gain in gains):
        raise table.error(
            "cast", f"must be three numbers from {MIN_GAIN} to {MAX_GAIN}: the gain of red, green and blue"
        )
    red, green, blue = gains
    return float(red), float(green), float(blue)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
