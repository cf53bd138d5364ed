"""Files of keys and certificates: written whole or not at all, private, and never by two processes at once."""

from __future__ import annotations

import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PRIVATE = 0o600
PUBLIC = 0o644
FOLDER = 0o700
LOCK_SECONDS = 5.0
_LOCK_POLL = 0.02


class BusyError(OSError):
    """Another process has had the folder locked for too long."""


def write_whole(path: Path, data: bytes, mode: int) -> None:
    """Put *data* at *path*: whoever reads it, now or after a crash, finds the old file or the new one, whole.

    Raises:
        OSError: it cannot be written; the old file is still there.
    """
    draft = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    _sync_folder(path.parent)


def read_or_none(path: Path) -> bytes | None:
    """What is in *path*; None if there is no such file.

    Raises:
        OSError: there is one, but it cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def make_private_folder(path: Path) -> None:
    """Have *path* as a folder that only its owner can enter.

    Raises:
        OSError: it cannot be had.
    """
    path.mkdir(mode=FOLDER, parents=True, exist_ok=True)
    if path.stat().st_mode & 0o077:
        path.chmod(FOLDER)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Nobody else is in such a block for *folder*. Blocks for as long as another process is, at most :data:`LOCK_SECONDS`.

    Where the system has no such lock (Windows), there is none: files are still whole, but two that start at once may make two authorities.

    Raises:
        BusyError: it took too long.
        OSError: the lock file cannot be made.
    """
    try:
        import fcntl  # noqa: PLC0415  # Unix only
    except ImportError:
        yield
        return
    with os.fdopen(os.open(folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, PRIVATE), "rb") as file:
        deadline = time.monotonic() + LOCK_SECONDS
        while True:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                if time.monotonic() > deadline:
                    raise BusyError(f"another process keeps {folder} locked") from None
                time.sleep(_LOCK_POLL)
        yield


def _sync_folder(folder: Path) -> None:
    """Make a rename in *folder* last, where folders can be opened for that."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    except OSError:
        return
    finally:
        os.close(handle)
