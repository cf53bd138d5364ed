"""Changes on disk that have happened when the call returns, whatever crashes next. Everything here blocks, and every change of the store goes through here.

A file is written under a name that nobody reads, synced, and renamed; a folder is synced after each change of what it lists. So there is either the old
state or the new one, after ``kill -9`` as after a power cut.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

_FOLDER_FLAGS = getattr(os, "O_DIRECTORY", 0) | os.O_RDONLY


def write_new(path: Path, parts: Iterable[bytes]) -> None:
    """A new file with *parts* in it, synced; readable by its owner only. Its folder is not synced.

    Raises:
        OSError: there is none then.
    """
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_CLOEXEC", 0), 0o600)
    try:
        try:
            for part in parts:
                rest = memoryview(part)
                while rest:
                    rest = rest[os.write(fd, rest) :]
            os.fsync(fd)
        finally:
            os.close(fd)
    except OSError:
        with suppress(OSError):
            path.unlink()
        raise


def rename(source: Path, target: Path) -> None:
    """Give *source* its final name; the folder is synced.

    Raises:
        OSError: the name may have changed or not.
    """
    source.rename(target)
    sync_folder(target.parent)


def sync_folder(path: Path) -> None:
    """Make the names in *path* durable. Nothing on systems where a folder cannot be opened."""
    if os.name == "nt":  # pragma: no cover  # NTFS journals its names
        return
    fd = os.open(path, _FOLDER_FLAGS)
    try:
        os.fsync(fd)
    finally:
        os.close(fd)


def make_folder(path: Path) -> None:
    """A new folder, for its owner only."""
    path.mkdir(0o700)


def remove(path: Path) -> None:
    """No such file, then; whether that is durable does not matter, since leftovers are swept at the next start."""
    path.unlink(missing_ok=True)


def remove_folder(path: Path) -> None:
    """No such folder, then; it must be empty."""
    with suppress(FileNotFoundError):
        path.rmdir()
