"""Logs and dumps for the bundle: the end of each file, whole lines only; and how much of what there is in the data folder."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from flatbed.support.archive import Entry
from reference_server.access.audit import FILE as AUDIT
from reference_server.log import FILES
from reference_server.supervision.dumps import FOLDER as DUMPS
from reference_server.supervision.dumps import PATTERN

TAIL_BYTES = 4 << 20
"""Of each log file; the last lines are the ones that tell."""

_LOG = "server.log"


def log_entries(data_dir: Path, notices: list[str], *, with_audit: bool) -> list[Entry]:
    """The log of the service with the files that were rotated away, and the audit log if it was asked for.

    Args:
        data_dir: of the service.
        notices: takes what cannot be read.
        with_audit: who scanned what is for others only when the user says so.
    """
    kinds = [(_LOG, "log of the service, JSON lines with secrets hidden")]
    if with_audit:
        kinds.append((AUDIT, "audit log: who scanned what, and who was refused"))
    found = []
    for name, about in kinds:
        for path in _with_rotated(data_dir / "log" / name):
            try:
                data, whole = _tail(path)
            except FileNotFoundError:
                continue
            except OSError as error:
                notices.append(f"{path} cannot be read: {error.strerror}.")
                continue
            which = "" if path.name == name else "; older lines"
            cut = "" if whole else f"; the last {TAIL_BYTES >> 20} MB"
            found.append(Entry(f"log/{path.name}", f"{about}{which}{cut}.", data))
    if not any(entry.name.startswith(f"log/{Path(_LOG).stem}") for entry in found):
        notices.append(f"There is no log in {data_dir / 'log'}: no service has run with this data folder.")
    return found


def dump_entries(data_dir: Path, notices: list[str]) -> list[Entry]:
    """What the monitor wrote down of crashes of the service (S-008), oldest first; tokens were taken out when they were written.

    Args:
        data_dir: of the service.
        notices: takes what cannot be read.
    """
    found = []
    for path in sorted((data_dir / DUMPS).glob(PATTERN)):
        try:
            data, _ = _tail(path)
        except OSError as error:
            notices.append(f"{path} cannot be read: {error.strerror}.")
            continue
        found.append(
            Entry(f"{DUMPS}/{path.name}", "a crash of the service: how it ended, and what it printed last.", data)
        )
    return found


def _with_rotated(path: Path) -> list[Path]:
    return [path, *(path.with_suffix(f".{number}{path.suffix}") for number in range(1, FILES + 1))]


def _tail(path: Path) -> tuple[bytes, bool]:
    """The last lines of a file, and whether these are all of them.

    Raises:
        OSError: it is not there or cannot be read.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        if size <= TAIL_BYTES:
            return file.read(TAIL_BYTES), True
        file.seek(size - TAIL_BYTES)
        return file.read(TAIL_BYTES).partition(b"\n")[2], False


def contents(data_dir: Path) -> dict[str, Any]:
    """How many files of how many bytes each folder of the data folder has. No file is opened, and no name below those folders is told."""
    found: dict[str, Any] = {}
    for folder, _, names in os.walk(data_dir):
        parts = Path(folder).relative_to(data_dir).parts
        here = found.setdefault(parts[0] if parts else ".", {"files": 0, "bytes": 0})
        for name in names:
            try:
                here["bytes"] += os.lstat(os.path.join(folder, name)).st_size  # noqa: PTH118  # os.walk gives texts
            except OSError:
                continue  # gone meanwhile
            here["files"] += 1
    return found
