"""Pages that are not what they claim, without a word: a band of wrong bytes, half of the resolution."""

from __future__ import annotations

import random
from dataclasses import replace

from simulators.imaging import Look, Picture

BAND = 20
"""The band is one part in so many of the page."""


class WrongBytes:
    """A band of wrong bytes in a page; the same in every run, however the page is read.

    Args:
        picture: the page.
        share: how far through the page the band begins, 0 to 1; there is one row at least.
        number: of the page.
    """

    def __init__(self, picture: Picture, share: float, number: int) -> None:
        self._stride = picture.params.stride
        self._number = number
        self._first = min(round(share * picture.rows), picture.rows - 1)
        self._end = min(picture.rows, self._first + max(1, picture.rows // BAND))

    def see(self, position: int, strip: bytes) -> bytes:
        """*strip*, which begins at byte *position* of the page, with what is wrong in it."""
        start = max(position, self._first * self._stride)
        end = min(position + len(strip), self._end * self._stride)
        if start >= end:
            return strip
        first = start // self._stride
        rows = b"".join(self._row(row) for row in range(first, (end - 1) // self._stride + 1))
        offset = first * self._stride
        return strip[: start - position] + rows[start - offset : end - offset] + strip[end - position :]

    def _row(self, row: int) -> bytes:
        return random.Random(f"{self._number}/{row}").randbytes(self._stride)  # noqa: S311  # reproducible, not secret


def halved(look: Look) -> Look:
    """*look* with half of the resolution that it claims."""
    return replace(look, dpi=max(1, look.dpi // 2), said_dpi=look.said_dpi or look.dpi)
