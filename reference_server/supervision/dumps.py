"""Dumps: what is known about a crash of the service, in ``dump`` of the data folder (service-behaviour.md S-008)."""

from __future__ import annotations

import os
import platform
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from reference_server.log import REDACTED

FOLDER = "dump"
PATTERN = "service-*.txt"
KEPT = 10
TAIL_BYTES = 64 << 10
"""Of what the service printed last; a stack of faulthandler has some kilobytes."""


def write_dump(data_dir: Path, now: datetime, facts: Iterable[str], output: bytes, secrets: Iterable[str]) -> Path:
    """Write a dump, and remove the oldest beyond :data:`KEPT`; the path.

    Args:
        data_dir: of the service.
        now: in UTC.
        facts: lines for people.
        output: what the service printed on standard error.
        secrets: words that must not stand in it.

    Raises:
        OSError: it cannot be written.
    """
    folder = data_dir / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    words = output[-TAIL_BYTES:].decode(errors="backslashreplace")
    for secret in secrets:
        words = words.replace(secret, REDACTED)
    about = [f"time: {now.isoformat(timespec='milliseconds')}", *facts]
    about += [f"python: {platform.python_version()} on {platform.platform()}", "", "printed last:", words]
    path = folder / f"service-{now:%Y%m%dT%H%M%S.%f}.txt"
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        file.write("\n".join(about))
    for old in sorted(folder.glob(PATTERN))[:-KEPT]:
        old.unlink(missing_ok=True)
    return path
