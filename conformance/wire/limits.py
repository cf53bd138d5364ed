"""How much of an answer is taken before it counts as endless, and how long is waited for it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class WireLimits:
    """Bounds of one exchange.

    Attributes:
        head: bytes of a status line and its header fields.
        interim: answers of the 100 class before the final one.
        body: bytes.
        connect: seconds for a connection to stand.
        answer: seconds from the last byte of the request to the end of the head. A caller that asks for a page says its own.
        silence: seconds between two pieces of a body.
        transfer: seconds for a whole body.
    """

    head: int = 64 << 10
    interim: int = 16
    body: int = 256 << 20
    connect: float = 10.0
    answer: float = 30.0
    silence: float = 30.0
    transfer: float = 300.0
