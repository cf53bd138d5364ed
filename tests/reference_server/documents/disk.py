"""A disk that fails or a machine that dies at a chosen change, for the document store."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

CHANGES = ("open", "write", "fsync", "rename", "unlink", "mkdir", "rmdir", "link")
PORTION = 700
"""Bytes that a write takes at most."""

NEEDS_ROOM = ("open", "write", "fsync", "mkdir", "link")
"""Changes that a full disk refuses; it still lets names go."""


class Crash(BaseException):
    """The machine died: nobody cleans up after this."""


@dataclass
class Disk:
    """Counts changes, and makes one of them fail.

    Attributes:
        at: number of the change that fails; 0: none.
        fails: what happens then.
        for_good: all later ones fail, too.
        kinds: which changes count.
        seen: how many there were.
        unsynced: files (their inodes) of which something was written and not synced.
    """

    at: int = 0
    fails: Callable[[], BaseException] = Crash
    for_good: bool = True
    kinds: tuple[str, ...] = CHANGES
    seen: int = 0
    unsynced: set[int] = field(default_factory=set)

    def change(self, kind: str) -> None:
        """One change is about to be made."""
        if kind in self.kinds:
            self.seen += 1
            if self.at and (self.seen == self.at or (self.for_good and self.seen > self.at)):
                raise self.fails()

    def cut_power(self, folder: Path) -> None:
        """What was not synced is lost."""
        for path in folder.rglob("*"):
            if path.stat().st_ino in self.unsynced:
                os.truncate(path, 0)


def full() -> OSError:
    """What a full disk says."""
    return OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@contextmanager
def watched(disk: Disk, folder: Path) -> Iterator[None]:
    """Every change below *folder* goes through *disk*."""
    ours: set[int] = set()

    def below(path: Any) -> bool:
        return isinstance(path, str | os.PathLike) and str(path).startswith(str(folder))

    with pytest.MonkeyPatch.context() as patch:
        for kind in CHANGES:
            real = getattr(os, kind)

            def change(*given: Any, kind: str = kind, real: Any = real, **more: Any) -> Any:
                if kind == "open":
                    counts = below(given[0]) and bool(given[1] & os.O_CREAT)
                else:
                    counts = given[0] in ours if kind in {"write", "fsync"} else below(given[0])
                if counts:
                    disk.change(kind)
                    if kind == "write":
                        disk.unsynced.add(os.fstat(given[0]).st_ino)
                        return real(given[0], bytes(given[1])[:PORTION])  # a disk takes what it likes
                    if kind == "fsync":
                        disk.unsynced.discard(os.fstat(given[0]).st_ino)
                        return None  # the machine does not really die, and waiting for the disk would only cost time
                made = real(*given, **more)
                if kind == "open" and below(given[0]):
                    ours.add(made)
                return made

            patch.setattr(os, kind, change)
        yield
