"""``/api/flatbed``: what is ours and not of the contract, as far as it is HTTP. The streams themselves are in :mod:`reference_server.web_sockets`."""

from __future__ import annotations

import functools
import json

from device_protocol.vocabularies.rest import RestCode
from reference_server.endpoints.call import JSON, Call
from reference_server.errors import RestError
from reference_server.events.models import event_schema
from reference_server.wire.delivery import Answer


async def get_socket(call: Call) -> Answer:  # noqa: ARG001  # every handler is given its call
    """GET of a WebSocket's path by a client that does not ask for one.

    Raises:
        RestError: 426, always.
    """
    message = "This is a WebSocket: connect to it with ws:// or wss://."
    raise RestError(426, RestCode.PARAMETER, message, {"Upgrade": "websocket"})


async def get_schema(call: Call) -> Answer:  # noqa: ARG001  # every handler is given its call
    """GET the JSON Schema of the event stream's messages."""
    return Answer(200, _schema(), media_type=JSON)


@functools.cache
def _schema() -> bytes:
    return json.dumps(event_schema()).encode()
