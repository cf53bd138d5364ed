"""The last native calls, in a file that the runner can read when the worker no longer speaks.

A slot is written before a call goes to the library and again when it comes back, through a shared mapping: whatever the library does to the process, the page
cache keeps what was written. The two counters in front let the runner tell a slow scan from a hang.
"""

from __future__ import annotations

import itertools
import mmap
import struct
from pathlib import Path

SLOTS = 64
"""Native calls that are kept."""
SLOT_BYTES = 256
_COUNTERS = struct.Struct("<QQ")
_LENGTH = struct.Struct("<H")
_HEADER = 64
SIZE = _HEADER + SLOTS * SLOT_BYTES


class Ring:
    """The worker's end.

    Args:
        path: a file of :data:`SIZE` bytes.
    """

    def __init__(self, path: Path) -> None:
        with path.open("r+b") as file:
            self._map = mmap.mmap(file.fileno(), SIZE)
        self._numbers = itertools.count()
        self._finished = 0
        self._merging: int | None = None

    def begin(self, text: str, *, merge: bool = False) -> tuple[int, str]:
        """A call goes to the library; the result is for :meth:`end`. Calls that are to *merge* and follow each other are one entry, the last of them."""
        number = self._merging if merge and self._merging is not None else next(self._numbers)
        self._merging = number if merge else None
        self._write(number, text)
        _COUNTERS.pack_into(self._map, 0, number + 1, self._finished)
        return number, text

    def end(self, begun: tuple[int, str], result: str) -> None:
        """It has come back."""
        number, text = begun
        self._write(number, f"{text} -> {result}")
        self._finished += 1
        struct.pack_into("<Q", self._map, 8, self._finished)

    def _write(self, number: int, text: str) -> None:
        data = text.encode("ascii", "backslashreplace")[: SLOT_BYTES - _LENGTH.size]
        at = _HEADER + number % SLOTS * SLOT_BYTES
        _LENGTH.pack_into(self._map, at, len(data))
        self._map[at + _LENGTH.size : at + _LENGTH.size + len(data)] = data


def make_ring(path: Path) -> None:
    """Make the file of an empty ring."""
    path.write_bytes(bytes(SIZE))


def progress(path: Path) -> tuple[int, int]:
    """How many calls have begun, and how many have come back."""
    with path.open("rb") as file:
        begun, finished = _COUNTERS.unpack(file.read(_COUNTERS.size))
    return begun, finished


def last_calls(path: Path, most: int = 20) -> tuple[str, ...]:
    """The last calls, oldest first; one that never came back has no arrow.

    Args:
        path: the file.
        most: at most so many, and never more than :data:`SLOTS`.
    """
    data = path.read_bytes()
    begun, _ = _COUNTERS.unpack_from(data)
    found = []
    for number in range(max(0, begun - min(most, SLOTS)), begun):
        at = _HEADER + number % SLOTS * SLOT_BYTES
        (length,) = _LENGTH.unpack_from(data, at)
        text = data[at + _LENGTH.size : at + _LENGTH.size + min(length, SLOT_BYTES - _LENGTH.size)]
        found.append(text.decode("ascii", "replace"))
    return tuple(found)
