"""What the marks say, as bits: frame number and time, with a check in each."""

from __future__ import annotations

NUMBER_BITS, STAMP_BITS, CHECK_BITS = 24, 32, 8
NUMBERS = 1 << NUMBER_BITS
"""Frame numbers begin again at 0 after so many: 6 days at 30 a second."""
STAMPS = 1 << STAMP_BITS
"""Time stamps, in ms, begin again after so many: 49 days."""

STRIP_BITS = NUMBER_BITS + STAMP_BITS + CHECK_BITS
GUARD = (1, 0, 1, 0)
"""Before the bits of a strip; after them it stands reversed, so that both ends are told apart and black and white are known."""
STRIP_CELLS = STRIP_BITS + 2 * len(GUARD)

BAND_NUMBERS = 1 << 12
BAND_SIDE = 4
"""A band has so many rows of so many cells: 12 bits of the number and 4 of a check."""

_POLYNOMIAL = 0x07  # CRC-8/SMBUS, begun with all bits set so that a picture all black is no mark


def strip_bits(number: int, stamp_ms: int) -> list[int]:
    """The cells of a strip, from left to right; 1 is white."""
    word = (number % NUMBERS) << STAMP_BITS | stamp_ms % STAMPS
    check = _crc8(word, NUMBER_BITS + STAMP_BITS)
    return [*GUARD, *_bits(word << CHECK_BITS | check, STRIP_BITS), *reversed(GUARD)]


def read_strip(cells: list[int]) -> tuple[int, int] | None:
    """Number and stamp of a strip; None if its guards or its check are wrong."""
    ends = len(GUARD)
    if tuple(cells[:ends]) != GUARD or tuple(cells[-ends:]) != GUARD[::-1]:
        return None
    value = _value(cells[ends:-ends])
    word, check = value >> CHECK_BITS, value & (1 << CHECK_BITS) - 1
    if _crc8(word, NUMBER_BITS + STAMP_BITS) != check:
        return None
    return word >> STAMP_BITS, word & STAMPS - 1


def band_bits(number: int) -> list[int]:
    """The cells of a band, row by row."""
    low = number % BAND_NUMBERS
    return _bits(low << 4 | _crc4(low), BAND_SIDE * BAND_SIDE)


def read_band(cells: list[int]) -> int | None:
    """The number of a band modulo :data:`BAND_NUMBERS`; None if its check is wrong."""
    value = _value(cells)
    return value >> 4 if _crc4(value >> 4) == value & 15 else None


def _crc4(low: int) -> int:
    return _crc8(low, 12) & 15


def _crc8(word: int, bits: int) -> int:
    crc = 0xFF
    for bit in _bits(word, bits):
        crc = (crc << 1 ^ (_POLYNOMIAL if (crc >> 7) ^ bit else 0)) & 0xFF
    return crc


def _bits(value: int, count: int) -> list[int]:
    return [value >> place & 1 for place in reversed(range(count))]


def _value(cells: list[int]) -> int:
    value = 0
    for cell in cells:
        value = value << 1 | cell
    return value
