"""Sensor noise: the same bytes for the same sheet, side and settings, whether a page is drawn whole or in strips.

A sheet of noise is drawn once per seed from the raw stream of PCG64, which numpy keeps stable (NEP 19), and laid over the page from a place
that depends on the sheet and side. It repeats after three million samples, far beyond the 32 KiB that deflate looks back.
"""

import hashlib
import math

import numpy as np

from sheets.arrays import AnyArray
from sheets.cache import CACHE
from sheets.sheet import Sheet, Side

_SAMPLES = 3 * 2**20
_SUM_OF_FOUR_SD = math.sqrt(4 * (256**2 - 1) / 12)
_SHARED, _OWN = 0.8, 0.6  # most noise of a pixel is common to its channels; squares add to one
_BOUND_SD = 3.5


def margin(noise: float) -> int:
    """How far the noise reaches, in levels of 256."""
    return math.ceil(_BOUND_SD * noise)


def add_noise(samples: AnyArray, first_sample: int, sheet: Sheet, side: Side, channels: int) -> None:
    """Adds noise in place to C-contiguous samples that start at that sample of the page.

    The samples must stay ``margin(noise)`` levels away from the ends of their range: nothing is clipped here.
    """
    sixteen = samples.dtype == np.uint16
    key = ("noise", sheet.seed, sheet.noise, channels, sixteen)
    noise = CACHE.get(key, lambda: _draw(sheet.seed, sheet.noise, channels, sixteen=sixteen))
    name = f"{sheet.seed}/{sheet.number}/{side.value}".encode()
    start = int.from_bytes(hashlib.blake2b(name, digest_size=4).digest(), "big") * 3 + first_sample
    flat = samples.reshape(-1)
    done = 0
    while done < flat.size:
        at = (start + done) % _SAMPLES
        count = min(_SAMPLES - at, flat.size - done)
        # Two's complement: adding a negative step to an unsigned sample wraps to the right value.
        np.add(flat[done : done + count], noise[at : at + count], out=flat[done : done + count])
        done += count


def _draw(seed: int, noise: float, channels: int, *, sixteen: bool) -> AnyArray:
    stream = np.random.PCG64(seed)
    sums = _sums_of_four(stream, _SAMPLES)
    if channels == 3:
        sums = _OWN * sums + _SHARED * np.repeat(_sums_of_four(stream, _SAMPLES // 3), 3)
    bound = margin(noise)
    levels = np.clip(sums * np.float32(noise / _SUM_OF_FOUR_SD), -bound, bound)
    if sixteen:
        return np.rint(levels * 257).astype(np.int16).view(np.uint16)
    return np.rint(levels).astype(np.int8).view(np.uint8)


def _sums_of_four(stream: np.random.PCG64, count: int) -> AnyArray:
    """Sums of four bytes about zero: near enough to a normal distribution, and never more than 3.5 deviations."""
    words = stream.random_raw(count // 2).astype("<u8").view("<u4")
    pairs = (words & 0x00FF00FF) + (words >> 8 & 0x00FF00FF)
    return ((pairs & 0xFFFF) + (pairs >> 16)).astype(np.float32) - 510
