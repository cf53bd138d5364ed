"""The keep-alive of an application that has started the service for itself (S-016): while the connection is open, the service is not idle."""

from __future__ import annotations

from reference_server.endpoints.call import Service
from reference_server.web_sockets.closing import GOING_AWAY, Close
from reference_server.web_sockets.conversation import Conversation

SUBPROTOCOL = "dwt_command"


async def keep_alive(_conversation: Conversation, service: Service) -> Close:
    """Say nothing, for as long as the service runs."""
    hub = service.registry.events
    while not hub.closed:
        await hub.news.wait()
    return GOING_AWAY
