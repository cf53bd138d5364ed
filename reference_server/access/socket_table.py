"""The kernel's table of TCP sockets on Linux: one question over netlink, or the text in ``/proc`` where that is not to be had.

The text grows with every connection of the machine (10 ms at ten thousand); the question costs some microseconds however many there are.
"""

from __future__ import annotations

import errno
import ipaddress
import socket
import struct
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LISTEN = "0A"

Address = tuple[str, int]

# linux/netlink.h, linux/sock_diag.h, linux/inet_diag.h
_NETLINK_SOCK_DIAG = 4
_SOCK_DIAG_BY_FAMILY = 20
_NLM_F_REQUEST = 1
_NLMSG_ERROR = 2
_NO_COOKIE = 0xFFFFFFFF
_ALL_STATES = 0xFFFFFFFF
_HEADER = struct.Struct("=IHHII")
_REQUEST = struct.Struct("=BBBBI")
_PORTS = struct.Struct("!HH")
_REST_OF_ID = struct.Struct("=III")
_ANSWER_ID_AT = 4
_ANSWER_TAIL = struct.Struct("=IIIII")
_ANSWER_TAIL_AT = 52
_ANSWER_BYTES = 4096


@dataclass(frozen=True, slots=True)
class Entry:
    """A socket of this machine.

    Attributes:
        local, remote: its two addresses.
        state: as ``/proc/net/tcp`` writes it.
        uid: its owner.
        inode: its number among the open files of the process that has it.
    """

    local: Address
    remote: Address
    state: str
    uid: int
    inode: str


def find(local: Address, remote: Address) -> Entry | None:
    """The socket that has *local* and talks to *remote*; None if there is none, or where that cannot be told."""
    local, remote = plain(local), plain(remote)
    try:
        return _ask(local, remote)
    except (OSError, AttributeError, struct.error, ValueError):  # another system, or netlink is forbidden here
        return next((entry for entry in entries() if entry.local == local and entry.remote == remote), None)


def entries() -> Iterator[Entry]:
    """All of them; nothing on other systems."""
    for name in ("tcp", "tcp6"):
        try:
            lines = Path("/proc/net", name).read_text().splitlines()[1:]
        except OSError:
            continue
        for line in lines:
            words = line.split()
            yield Entry(_address(words[1]), _address(words[2]), words[3], int(words[7]), words[9])


def plain(address: Address) -> Address:
    """An IPv4 address that was written as IPv6 in its plain form."""
    parsed = ipaddress.ip_address(address[0].partition("%")[0])
    mapped = getattr(parsed, "ipv4_mapped", None)
    return str(mapped or parsed), address[1]


def _ask(local: Address, remote: Address) -> Entry | None:
    """One question to the kernel.

    Raises:
        OSError, AttributeError, struct.error: it cannot be asked.
    """
    family = socket.AF_INET6 if ":" in local[0] else socket.AF_INET
    ends = b"".join(ipaddress.ip_address(host).packed.ljust(16, b"\0") for host, _ in (local, remote))
    socket_id = _PORTS.pack(local[1], remote[1]) + ends + _REST_OF_ID.pack(0, _NO_COOKIE, _NO_COOKIE)
    body = _REQUEST.pack(family, socket.IPPROTO_TCP, 0, 0, _ALL_STATES) + socket_id
    head = _HEADER.pack(_HEADER.size + len(body), _SOCK_DIAG_BY_FAMILY, _NLM_F_REQUEST, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW | socket.SOCK_CLOEXEC, _NETLINK_SOCK_DIAG) as kernel:
        kernel.settimeout(1)
        kernel.send(head + body)
        answer = kernel.recv(_ANSWER_BYTES)
    _, kind, _, _, _ = _HEADER.unpack_from(answer)
    payload = answer[_HEADER.size :]
    if kind == _NLMSG_ERROR:
        (code,) = struct.unpack_from("=i", payload)
        if -code == errno.ENOENT:
            return None
        raise OSError(-code, "the kernel does not say")
    if payload[_ANSWER_ID_AT : _ANSWER_ID_AT + len(socket_id) - _REST_OF_ID.size] != socket_id[: -_REST_OF_ID.size]:
        return None  # a listening socket, which the kernel gives when there is no connection
    *_, uid, inode = _ANSWER_TAIL.unpack_from(payload, _ANSWER_TAIL_AT)
    return Entry(local, remote, f"{payload[1]:02X}", uid, str(inode))


def _address(text: str) -> Address:
    """``0100007F:48BE`` is 127.0.0.1:18622: words of 32 bits in the byte order of the machine."""
    digits, _, port = text.partition(":")
    words = [bytes.fromhex(digits[start : start + 8]) for start in range(0, len(digits), 8)]
    packed = b"".join(word[::-1] if sys.byteorder == "little" else word for word in words)
    return plain((str(ipaddress.ip_address(packed)), int(port, 16)))
