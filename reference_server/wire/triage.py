"""What becomes of a new connection while there is little room, judged by its first bytes; and the answer to those for whom there is none.

This stands before HTTP and costs a few system calls, so that a crowd which is sent away does not take the time of those who are served.
"""

from __future__ import annotations

import json
import re
import socket
from contextlib import suppress
from enum import Enum, auto

from reference_server.errors import overloaded
from reference_server.wire.connections import Connections

LOOK_BYTES = 512
DISCARD_BYTES = 1 << 16

_JOB = rb"/+(?:api/+device/+scanners/+jobs|DWTAPI/+ScanJobs)/+([^/ ?]+)"
RESERVED = re.compile(rb"GET /+api/+server/+version[ ?]|(?:GET|DELETE) " + _JOB + rb"[ ?]|OPTIONS /")
"""Requests that never wait and by which a client finds out what is the matter, or makes room: their first bytes."""
POLL = re.compile(rb"GET " + _JOB + rb"/+(?:next-page(?:-info)? |NextDocument)")
"""Requests that wait for a page, and the job that they wait for."""


class Verdict(Enum):
    """What becomes of it."""

    SERVE = auto()
    REFUSE = auto()
    WAIT = auto()
    """It has said nothing yet."""


def judge(sock: socket.socket, connections: Connections, *, seated: bool) -> Verdict:
    """Look at what has come, without taking it.

    Args:
        sock: not blocking.
        connections: all of the service.
        seated: whether there is a seat.
    """
    try:
        data = sock.recv(LOOK_BYTES, socket.MSG_PEEK)
    except BlockingIOError:
        return Verdict.SERVE if seated else Verdict.WAIT
    except OSError:
        return Verdict.REFUSE
    poll = POLL.match(data)
    if poll is not None and connections.polls_full(poll[1].decode("latin-1")):
        return Verdict.REFUSE
    return Verdict.SERVE if seated or RESERVED.match(data) else Verdict.REFUSE


def _refusal() -> bytes:
    error = overloaded("The service has too many clients.")
    body = json.dumps(error.body()).encode()
    head = [
        f"HTTP/1.1 {error.status} Service Unavailable",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *(f"{name}: {value}" for name, value in error.headers.items()),
    ]
    return "\r\n".join([*head, "", ""]).encode() + body


REFUSAL = _refusal()


def refuse(sock: socket.socket) -> None:
    """Say so, and close; what was received is taken first, since closing over it would destroy the answer on its way."""
    with sock, suppress(OSError):
        with suppress(BlockingIOError):
            sock.recv(DISCARD_BYTES)
        sock.send(REFUSAL)
        sock.shutdown(socket.SHUT_WR)
