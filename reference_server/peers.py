"""Who has the other end of a local connection, and who listens on a port: what Linux tells in ``/proc``."""

from __future__ import annotations

import ipaddress
import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LISTEN = "0A"


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of ``/proc/net/tcp``."""

    local: tuple[str, int]
    remote: tuple[str, int]
    state: str
    uid: int
    inode: str


def same_user(client: tuple[str, int], server: tuple[str, int]) -> bool | None:
    """Whether the process that connected from *client* to *server* runs as our user or as root; None where that cannot be told."""
    for entry in _entries():
        if entry.local == _plain(client) and entry.remote == _plain(server):
            return entry.uid in {0, os.getuid()}
    return None


def holder(port: int) -> str:
    """Who listens on *port*, in words; empty where that cannot be told."""
    inodes = {entry.inode for entry in _entries() if entry.state == LISTEN and entry.local[1] == port}
    wanted = {f"socket:[{inode}]" for inode in inodes}
    for process in Path("/proc").glob("[0-9]*"):
        if wanted and _has_open(process, wanted):
            try:
                command = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace").strip()
            except OSError:
                command = "?"
            return f"process {process.name} ({command[:120]})"
    return "a process of another user" if inodes else ""


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


def _entries() -> Iterator[Entry]:
    for name in ("tcp", "tcp6"):
        try:
            lines = Path("/proc/net", name).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            words = line.split()
            yield Entry(_address(words[1]), _address(words[2]), words[3], int(words[7]), words[9])


def _address(text: str) -> tuple[str, int]:
    """``0100007F:48BE`` is 127.0.0.1:18622: words of 32 bits in the byte order of the machine."""
    digits, _, port = text.partition(":")
    words = [bytes.fromhex(digits[start : start + 8]) for start in range(0, len(digits), 8)]
    packed = b"".join(word[::-1] if sys.byteorder == "little" else word for word in words)
    return _plain((str(ipaddress.ip_address(packed)), int(port, 16)))


def _plain(address: tuple[str, int]) -> tuple[str, int]:
    parsed = ipaddress.ip_address(address[0])
    mapped = getattr(parsed, "ipv4_mapped", None)
    return str(mapped or parsed), address[1]
