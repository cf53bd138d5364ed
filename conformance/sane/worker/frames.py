"""The line between runner and worker: JSON, each message behind its length in four bytes, big end first."""

from __future__ import annotations

import json
import os
import struct
from typing import Any

LENGTH = struct.Struct(">I")
MAX_FRAME = 16 << 20
"""Bytes; the largest answer is a whole small page in hexadecimal."""


MAX_ORDER = 1 << 16
"""Bytes of an order for a new worker, which is one packet."""


def plain(message: dict[str, Any]) -> bytes:
    """A message as the packet that it is by itself."""
    return json.dumps(message, separators=(",", ":")).encode("ascii")


def pack(message: dict[str, Any]) -> bytes:
    """A message as bytes."""
    data = plain(message)
    return LENGTH.pack(len(data)) + data


def bounded(size: int) -> int:
    """*size*, if a message can have it.

    Raises:
        ValueError: it cannot.
    """
    if size > MAX_FRAME:
        raise ValueError(f"a message of {size} bytes")
    return size


def unpack(data: bytes) -> dict[str, Any]:
    """The message in *data*, which follows its length.

    Raises:
        ValueError: it is no JSON object.
    """
    message = json.loads(data)
    if not isinstance(message, dict):
        raise ValueError("a message is an object")  # noqa: TRY004  # for readers, one error for what is no message
    return message


def receive(descriptor: int) -> dict[str, Any] | None:
    """The next message by blocking reads; None when the other side has gone."""
    head = _exactly(descriptor, LENGTH.size)
    if head is None:
        return None
    data = _exactly(descriptor, LENGTH.unpack(head)[0])
    return None if data is None else unpack(data)


def send(descriptor: int, message: dict[str, Any]) -> None:
    """Write a whole message."""
    rest = memoryview(pack(message))
    while rest:
        rest = rest[os.write(descriptor, rest) :]


def _exactly(descriptor: int, size: int) -> bytes | None:
    parts = []
    while size:
        part = os.read(descriptor, size)
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)
