"""SANE_Fixed, exactly: 16.16 two's complement (SANE 4.2.2.3).

`unfix` is exact for every word. `fix` cuts toward zero as the standard's SANE_FIX macro does, and not to the nearest
word: back ends build their lists with that macro, so 12.1 from a person must become the same word as 12.1 in the list
(792985, where rounding would give 792986 and the back end would call it inexact).

`shortest` is the number to show for a word: the shortest decimal that makes the same word, 215.9 and not
215.899993896484375. So what a person sets reads back equal, and nothing is lost: `fix(shortest(word)) == word`.
"""

from __future__ import annotations

import math

from device_drivers.sane.errors import SaneValueError
from device_protocol.vocabularies.sane_abi import FIXED_ONE, WORD_MAX, WORD_MIN


def fix(value: float) -> int:
    """The word for `value`, as SANE_FIX gives it.

    Args:
        value: Any finite number from -32768 up to, but not including, 32768.

    Raises:
        SaneValueError: Not finite, or outside a word. Nothing wraps.
    """
    if not math.isfinite(value):
        raise SaneValueError(f"{value!r} is not a number that SANE_Fixed can hold")
    word = math.trunc(value * FIXED_ONE)  # a power of two: the product is exact
    if not WORD_MIN <= word <= WORD_MAX:
        raise SaneValueError(f"{value!r} is outside SANE_Fixed (-32768 to 32767.99998)")
    return word


def unfix(word: int) -> float:
    """The number a word stands for; `fix(unfix(word)) == word` for every word."""
    return word / FIXED_ONE


def shortest(word: int) -> float:
    """The decimal with the fewest digits after the point for which `fix` gives this word."""
    magnitude = abs(word)
    for digits in range(6):
        # The smallest decimal of that many digits which is not below the word, in whole numbers.
        scaled = -(-magnitude * 10**digits // FIXED_ONE)
        candidate = scaled / 10**digits
        if math.trunc(candidate * FIXED_ONE) == magnitude:
            return math.copysign(candidate, word) if word else 0.0
    return unfix(word)
