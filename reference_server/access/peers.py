"""Who has the other end of a local connection, and who listens on a port, as far as the system tells (service-behaviour.md S-075)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from reference_server.access import socket_table
from reference_server.access.socket_table import LISTEN, Address

NAME_CHARS = 200
"""Characters of a program's path or command that are kept."""


@dataclass(frozen=True, slots=True)
class Process:
    """The process behind a connection.

    Attributes:
        user: its name, or its number where it has none.
        pid, executable: None where we may not look (another user's, or gone already).
    """

    user: str
    pid: int | None = None
    executable: str | None = None


def same_user(client: Address, server: Address) -> bool | None:
    """Whether the process that connected from *client* to *server* runs as our user or as root; None where that cannot be told."""
    entry = socket_table.find(client, server)
    return None if entry is None else entry.uid in {0, os.getuid()}


def process_of(client: Address, server: Address) -> Process | None:
    """The process that connected from *client* to *server*; None where that cannot be told. Takes milliseconds: it looks at open files."""
    entry = socket_table.find(client, server)
    if entry is None:
        return None
    user = _user_name(entry.uid)
    for process in _processes(entry.uid):
        if _has_open(process, {f"socket:[{entry.inode}]"}):
            return Process(user, int(process.name), _executable(process))
    return Process(user)


def holder(port: int) -> str:
    """Who listens on *port*, in words; empty where that cannot be told."""
    inodes = {entry.inode for entry in socket_table.entries() if entry.state == LISTEN and entry.local[1] == port}
    wanted = {f"socket:[{inode}]" for inode in inodes}
    for process in _processes() if wanted else ():
        if _has_open(process, wanted):
            try:
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            except OSError:
                command = "?"
            return f"process {process.name} ({command[:120]})"
    return "a process of another user" if inodes else ""


def _processes(uid: int | None = None) -> Iterator[Path]:
    """The folders of all processes, or of those of one user; the newest first, since a client is younger than its service."""
    for process in sorted(Path("/proc").glob("[0-9]*"), key=lambda path: -int(path.name)):
        try:
            if uid is None or process.stat().st_uid == uid:
                yield process
        except OSError:
            continue  # it ended meanwhile


def _executable(process: Path) -> str | None:
    try:
        return os.readlink(process / "exe")[:NAME_CHARS]  # noqa: PTH115  # it is a text to show
    except OSError:
        return None


def _user_name(uid: int) -> str:
    try:
        import pwd  # noqa: PLC0415  # Unix only

        return pwd.getpwuid(uid).pw_name
    except (ImportError, KeyError):
        return str(uid)


def _has_open(process: Path, wanted: set[str]) -> bool:
    """Whether one of the open files of *process*, as far as we may look, is *wanted*."""
    try:
        links = list((process / "fd").iterdir())
    except OSError:
        return False  # it ended, or belongs to somebody else
    for link in links:
        try:
            if os.readlink(link) in wanted:  # noqa: PTH115  # Path.readlink would make a path of "socket:[...]"
                return True
        except OSError:
            continue
    return False
