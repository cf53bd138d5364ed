"""One service for one data folder: a second one would wipe the pages and write over the documents of the first (S-046: a lock of our own)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from reference_server.errors import StartError

LOCK = "service.lock"
RUNNING = "service.json"
"""Where the service with this folder answers, for as long as it runs: a ready file without secrets (:mod:`reference_server.ready`)."""


@contextmanager
def data_folder(folder: Path, pid: int) -> Iterator[None]:
    """Have *folder*, made if it is not there, for the length of the block. The system gives it up when the process ends, however it ends.

    Args:
        folder: see there.
        pid: of the process that has to be ended so that the folder is free.

    Where the system has no such lock (Windows) there is none.

    Raises:
        StartError: another service has it.
        OSError: it cannot be made or written.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with os.fdopen(os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), "r+") as file:
        try:
            import fcntl  # noqa: PLC0415  # Unix only
        except ImportError:
            yield
            return
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = file.read(20).strip()
            who = f"the service with process id {holder}" if holder.isdigit() else "another service"
            raise StartError(
                f"{folder} is in use by {who}; give this one a folder of its own with --data-dir."
            ) from None
        file.truncate(0)
        file.write(str(pid))
        file.flush()
        try:
            yield
        finally:
            with suppress(OSError):
                file.truncate(0)
