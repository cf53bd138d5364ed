"""Buffers between two rows of guard words, so that a write before or behind one is seen (sane-escl 1.5)."""

from __future__ import annotations

import ctypes

GUARD = 64
"""Bytes on each side."""
_ROW = bytes((0x5C, 0xA3, 0x3C, 0xC5)) * (GUARD // 4)


class Guarded:
    """A buffer of *size* bytes, filled with *fill*, that a library may write to and nothing beside it."""

    def __init__(self, size: int, fill: int = 0xA5) -> None:
        self.size = size
        self._raw = ctypes.create_string_buffer(size + 2 * GUARD)
        self._view = memoryview(self._raw).cast("B")
        self._view[:GUARD] = _ROW
        self._view[GUARD + size :] = _ROW
        self.value = self._view[GUARD : GUARD + size]
        """The bytes between the guards."""
        self.value[:] = bytes((fill,)) * size
        self.address = ctypes.addressof(self._raw) + GUARD

    def hurt(self) -> str:
        """Which guard was written to: ``before``, ``behind``, both, or nothing; it is repaired."""
        words = []
        if self._view[:GUARD] != _ROW:
            words.append(f"{_nearest(self._view[:GUARD], from_end=True)} bytes before")
            self._view[:GUARD] = _ROW
        if self._view[GUARD + self.size :] != _ROW:
            words.append(f"{_nearest(self._view[GUARD + self.size :], from_end=False)} bytes behind")
            self._view[GUARD + self.size :] = _ROW
        return " and ".join(words)


def _nearest(row: memoryview, *, from_end: bool) -> int:
    """How far the damage reaches from the buffer, bytes."""
    wrong = [index for index, (seen, wanted) in enumerate(zip(row, _ROW, strict=True)) if seen != wanted]
    return GUARD - wrong[0] if from_end else wrong[-1] + 1
