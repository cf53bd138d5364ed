"""QR symbols of version 1, level M, mask 0, with exactly 34 digits: the only kind that a mark is (ISO/IEC 18004).

34 digits fill the 16 data bytes to the last bit, so there is no padding; the mask is fixed, so the symbol is the same whatever
library is installed. Error correction is linear over bits, so a symbol is one product with a matrix made once.
"""

from functools import lru_cache

import numpy as np

from sheets.arrays import Bools, Bytes, Ints
from sheets.payload import DIGITS

SIZE = 21
_DATA_BYTES, _CHECK_BYTES = 16, 10
_FORMAT = 0b101010000010010  # level M, mask 0
_FIELD = 0x11D  # the field of 256 elements that QR codes use


def symbol(digits: str) -> Bytes:
    """The symbol of 34 decimal digits: (21, 21) uint8, 1 = dark."""
    groups = [digits[at : at + 3] for at in range(0, DIGITS, 3)]
    stream = f"{1:04b}{DIGITS:010b}" + "".join(f"{int(group):0{(0, 4, 7, 10)[len(group)]}b}" for group in groups)
    data = np.frombuffer(stream.encode(), np.uint8) & 1
    check = (data.astype(np.int64)[:, None] & _check_matrix()).sum(axis=0).astype(np.uint8) & 1
    pattern, _ = _fixed()
    rows, columns = _places()
    drawn = pattern.copy()
    masked = (rows + columns) % 2 == 0
    drawn[rows, columns] = np.concatenate((data, check)) ^ masked
    return drawn


def _multiply(one: int, other: int) -> int:
    product = 0
    for bit in reversed(range(8)):
        product = (product << 1) ^ ((product >> 7) * _FIELD)
        product ^= (other >> bit & 1) * one
    return product


def _generator() -> list[int]:
    """Coefficients of the product of (x - 2**k), highest first, without the leading one."""
    result, root = [0] * (_CHECK_BYTES - 1) + [1], 1
    for _ in range(_CHECK_BYTES):
        for index in range(_CHECK_BYTES):
            result[index] = _multiply(result[index], root)
            if index + 1 < _CHECK_BYTES:
                result[index] ^= result[index + 1]
        root = _multiply(root, 2)
    return result


@lru_cache(maxsize=1)
def _check_matrix() -> Ints:
    """(128, 80): which check bits each data bit turns."""
    generator = _generator()
    rows = []
    for bit in range(8 * _DATA_BYTES):
        data = bytearray(_DATA_BYTES)
        data[bit // 8] = 0x80 >> bit % 8
        check = [0] * _CHECK_BYTES
        for byte in data:
            factor = byte ^ check.pop(0)
            check.append(0)
            check = [old ^ _multiply(coefficient, factor) for old, coefficient in zip(check, generator, strict=True)]
        rows.append(np.unpackbits(np.array(check, np.uint8)))
    return np.array(rows, np.int64)


@lru_cache(maxsize=1)
def _fixed() -> tuple[Bytes, Bools]:
    """The modules that every symbol has, and which modules those are."""
    pattern, taken = np.zeros((SIZE, SIZE), np.uint8), np.zeros((SIZE, SIZE), np.bool_)
    pattern[6], taken[6] = pattern[:, 6], taken[:, 6] = np.arange(SIZE) % 2 == 0, True
    finder = np.ones((7, 7), np.uint8)
    finder[1:6, 1:6], finder[2:5, 2:5] = 0, 1
    taken[:9, :9] = taken[:9, -8:] = taken[-8:, :9] = True
    pattern[:8, :8] = pattern[:8, -8:] = pattern[-8:, :8] = 0
    pattern[:7, :7] = pattern[:7, -7:] = pattern[-7:, :7] = finder
    bits = [_FORMAT >> bit & 1 for bit in range(15)]
    pattern[[0, 1, 2, 3, 4, 5, 7, 8], 8] = bits[:8]
    pattern[8, [7, 5, 4, 3, 2, 1, 0]] = bits[8:]
    pattern[8, SIZE - 1 - np.arange(8)] = bits[:8]
    pattern[SIZE - 7 :, 8] = bits[8:]
    pattern[SIZE - 8, 8] = 1
    return pattern, taken


@lru_cache(maxsize=1)
def _places() -> tuple[Ints, Ints]:
    """Rows and columns of the 208 free modules in the order of their bits: up and down in pairs of columns."""
    _, taken = _fixed()
    places = []
    upwards = True
    for right in (20, 18, 16, 14, 12, 10, 8, 5, 3, 1):
        rows = range(SIZE - 1, -1, -1) if upwards else range(SIZE)
        places += [(row, column) for row in rows for column in (right, right - 1) if not taken[row, column]]
        upwards = not upwards
    rows_, columns = np.array(places, np.int64).T
    return rows_, columns
