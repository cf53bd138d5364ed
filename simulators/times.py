"""Which time a lab runs in: real, scaled, none at all, or by hand."""

from __future__ import annotations

import math
from typing import TypeAlias

from device_protocol.aio import DeviceClock, ManualClock, RealClock, ScaledClock
from simulators.fields import Table

Time: TypeAlias = float
"""Times real speed: 1 is real time, infinity is no waiting, 0 is time that moves only when somebody advances it."""

REAL, INSTANT, MANUAL = "real", "instant", "manual"
MAX_SPEED = 1e6


def read_time(table: Table, default: Time | None = None, *, manual: bool = False) -> Time | None:
    """The value of ``time``: "real", "instant", "manual" where that is possible, or how many times as fast as real time.

    Raises:
        Exception: as the table makes it.
    """
    if not table.has("time"):
        return default
    value = table.raw("time")
    if value == REAL:
        return 1.0
    if value == INSTANT:
        return math.inf
    if value == MANUAL and manual:
        return 0.0
    if isinstance(value, str):
        words = ", ".join(f'"{word}"' for word in (REAL, INSTANT, *([MANUAL] if manual else [])))
        raise table.error("time", f"must be {words} or a number, not {value!r}")
    return float(table.number("time", low=1e-3, high=MAX_SPEED))


def clock_for(time: Time) -> DeviceClock:
    """A clock that runs like that."""
    if time == 0:
        return ManualClock()
    return RealClock() if time == 1.0 else ScaledClock(time)
