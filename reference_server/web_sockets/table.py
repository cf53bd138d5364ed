"""Every WebSocket as data: the path, the subprotocol, and what is said there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from device_protocol.vocabularies.rest import RestCode
from reference_server.endpoints.call import Service
from reference_server.errors import RestError, bad_parameter
from reference_server.protocol_block import EVENTS_PATH
from reference_server.protocol_block import PATH as JOB_PATH
from reference_server.protocol_block import SUBPROTOCOL as JOB_SUBPROTOCOL
from reference_server.web_sockets.closing import Close
from reference_server.web_sockets.conversation import Conversation
from reference_server.web_sockets.event_stream import SUBPROTOCOL as EVENTS_SUBPROTOCOL
from reference_server.web_sockets.event_stream import event_stream, since
from reference_server.web_sockets.job_notices import job_notices
from reference_server.web_sockets.keep_alive import SUBPROTOCOL as KEEP_ALIVE_SUBPROTOCOL
from reference_server.web_sockets.keep_alive import keep_alive
from reference_server.wire.exchange import Exchange

Talk: TypeAlias = Callable[[Conversation, Service], Awaitable[Close]]


@dataclass(frozen=True, slots=True)
class SocketEndpoint:
    """One kind of WebSocket.

    Attributes:
        path: where it is; None: anywhere, the subprotocol alone says what it is.
        subprotocol: that the client must offer.
        talk: what is said.
        optional: a client that offers no subprotocol at all is welcome too.
        check: looks at the request before it is accepted.
    """

    path: str | None
    subprotocol: str
    talk: Talk
    optional: bool = False
    check: Callable[[Exchange], object] = lambda _exchange: None


SOCKETS: tuple[SocketEndpoint, ...] = (
    SocketEndpoint(EVENTS_PATH, EVENTS_SUBPROTOCOL, event_stream, optional=True, check=since),
    SocketEndpoint(JOB_PATH, JOB_SUBPROTOCOL, job_notices),
    SocketEndpoint(None, KEEP_ALIVE_SUBPROTOCOL, keep_alive),
)
"""All of them; the first that fits is taken."""


def choose(path: str, offered: Sequence[str]) -> tuple[SocketEndpoint, str | None]:
    """The WebSocket that a client wants, and the subprotocol to answer.

    Raises:
        RestError: 404 when there is none at *path*, 400 when there is one for another subprotocol.
    """
    here = [endpoint for endpoint in SOCKETS if endpoint.path in {path, None}]
    for endpoint in here:
        if endpoint.subprotocol in offered:
            return endpoint, endpoint.subprotocol
        if endpoint.optional and not offered:
            return endpoint, None
    named = [endpoint.subprotocol for endpoint in here if endpoint.path is not None]
    if named:
        raise bad_parameter(f"Sec-WebSocket-Protocol: one of {', '.join(named)}.")
    raise RestError(404, RestCode.PARAMETER, f"There is no WebSocket at {path[:200]}.")
