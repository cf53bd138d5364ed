"""Which time a lab runs in: real, scaled or none at all."""

from __future__ import annotations

import math
from typing import TypeAlias

from device_protocol.aio import DeviceClock, RealClock, ScaledClock
from simulators.fields import Table

Time: TypeAlias = float
"""Times real speed: 1 is real time, infinity is no waiting."""

REAL, INSTANT = "real", "instant"
MAX_SPEED = 1e6


def read_time(table: Table, default: Time | None = None) -> Time | None:
    """The value of ``time``: "real", "instant" or how many times as fast as real time.

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
    if isinstance(value, str):
        raise table.error("time", f'must be "{REAL}", "{INSTANT}" or a number, not {value!r}')
    return float(table.number("time", low=1e-3, high=MAX_SPEED))


def clock_for(time: Time) -> DeviceClock:
    """A clock that runs like that."""
    return RealClock() if time == 1.0 else ScaledClock(time)
