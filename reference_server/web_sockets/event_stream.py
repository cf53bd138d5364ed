"""Our own event stream: everything that an origin may know, in order, resumable by number.

Without ``since`` the first message is a snapshot, then come the events as they happen. With ``since=SEQ`` come exactly the events after that number, or, when
some of them are gone, a gap and a snapshot. A reader that is slower than the ring is long is closed with 1013.
"""

from __future__ import annotations

from reference_server.endpoints.call import Service
from reference_server.errors import bad_parameter
from reference_server.events.hub import HubClosedError, LostError, Reader, of_origin
from reference_server.events.models import Event, Gap
from reference_server.events.snapshot import snapshot
from reference_server.web_sockets.closing import GOING_AWAY, TOO_SLOW, Close
from reference_server.web_sockets.conversation import Conversation
from reference_server.wire.exchange import Exchange

SUBPROTOCOL = "flatbed.events.v1"
_DIGITS = 18


def since(exchange: Exchange) -> int | None:
    """The number after which the client wants to go on; None when it begins.

    Raises:
        RestError: 400 for what is no number.
    """
    text = exchange.query.get("since")
    if not text:
        return None
    if not (text.isascii() and text.isdigit() and len(text) <= _DIGITS):
        raise bad_parameter("since: the seq of the last event that was received.")
    return int(text)


async def event_stream(conversation: Conversation, service: Service) -> Close:
    """Tell this origin what happens."""
    hub = service.registry.events
    sees = of_origin(conversation.origin)
    wanted = since(conversation.exchange)
    opening: list[Event] = []
    reader = Reader(hub, sees, wanted)
    if wanted is None or not hub.has_all_since(wanted):
        reader = Reader(hub, sees)
        if wanted is not None:
            opening.append(hub.now(Gap(since=wanted, oldest=hub.oldest)))
        opening.append(hub.now(snapshot(service, conversation.origin)))
    for event in opening:
        await conversation.say(event.model_dump_json())
    try:
        while True:
            await conversation.say((await reader.next()).text)
    except LostError:
        return TOO_SLOW
    except HubClosedError:
        return GOING_AWAY
