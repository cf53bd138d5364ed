"""Files that a verb is to write: whether that can be is said before any paper moves, and they appear whole or not at all."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import NoReturn

from flatbed.exits import Exit
from flatbed.say import fail


def need_writable(path: Path) -> None:
    """Say that *path* cannot be written, before the work is done that would be lost. An existing file stays as it is.

    Raises:
        SystemExit: with USAGE; it cannot.
    """
    folder = path.resolve().parent
    if not folder.is_dir():
        fail(Exit.USAGE, f"{path}: there is no folder {folder}.")
    try:
        if path.is_file():
            path.open("ab").close()
        elif not path.exists():  # what is neither, a pipe or a terminal, might wait for its reader
            tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        fail(Exit.USAGE, f"{path}: cannot be written: {error.strerror}.", "Choose another file or folder.")


def failed_writing(path: Path, error: OSError) -> NoReturn:
    """Say that writing *path* failed after all, for example because the disk is full.

    Raises:
        SystemExit: always, with FAILED.
    """
    fail(
        Exit.FAILED,
        f"{path}: cannot be written: {error.strerror or error}.",
        "Make room, or choose another file or folder.",
    )


def replace_file(path: Path, data: bytes, *, private: bool = False) -> None:
    """Write *data* to *path* so that a reader sees the old file or the whole new one; a *private* one nobody else may read at any moment.

    Raises:
        OSError: it cannot be written; *path* is as it was.
    """
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        if private:
            partial.touch(mode=0o600)
        partial.write_bytes(data)
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
