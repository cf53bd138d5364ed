"""The WebSocket client: refusals, messages in pieces, close codes, and peers that break the protocol, all in bounded time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest
import trio
import wsproto
from wsproto.events import AcceptConnection, CloseConnection, Event, Ping, RejectConnection, RejectData, TextMessage
from wsproto.events import Request as Upgrade

from conformance.bench import Log
from conformance.service.web_socket import Closed, Conversation, Refused, converse
from conformance.wire import FaultKind, WireFault
from device_protocol.testing import Jumper, run

Peer = Callable[[trio.abc.Stream, wsproto.WSConnection], Awaitable[None]]


def talk(peer: Peer, *, hear: int = 1, say: str = "", protocols: tuple[str, ...] = ()) -> list[object]:
    """What the client hears of a peer: the refusal, or so many messages."""

    async def main() -> list[object]:
        async with trio.open_nursery() as nursery:

            async def connect() -> trio.abc.Stream:
                ours, theirs = trio.testing.memory_stream_pair()
                nursery.start_soon(serve, theirs)
                return ours

            async def serve(stream: trio.abc.Stream) -> None:
                protocol = wsproto.WSConnection(wsproto.ConnectionType.SERVER)
                try:
                    while not any(isinstance(event, Upgrade) for event in protocol.events()):
                        protocol.receive_data(bytes(await stream.receive_some()))
                    await peer(stream, protocol)
                except trio.BrokenResourceError:
                    return

            async with converse(connect, "peer", "/x", Log(), protocols=protocols) as conversation:
                if isinstance(conversation, Refused):
                    found: list[object] = [conversation]
                else:
                    assert isinstance(conversation, Conversation)
                    if say:
                        await conversation.say(say)
                    found = [conversation.subprotocol, *[await conversation.hear() for _ in range(hear)]]
            nursery.cancel_scope.cancel()
        return found

    try:
        return run(main, clock=Jumper())
    except ExceptionGroup as group:
        raise group.exceptions[0] from None


def sends(*events: Event, accept: AcceptConnection | None = None) -> Peer:
    """A peer that accepts and sends these."""

    async def peer(stream: trio.abc.Stream, protocol: wsproto.WSConnection) -> None:
        await stream.send_all(protocol.send(accept or AcceptConnection()))
        for event in events:
            await stream.send_all(protocol.send(event))

    return peer


def test_messages_in_pieces() -> None:
    """Pieces of a message are one message, pings between them are answered, and the close code comes as it was."""
    peer = sends(
        TextMessage(data="one ", message_finished=False),
        Ping(),
        TextMessage(data="message"),
        CloseConnection(code=1008),
    )
    assert talk(peer, hear=3) == [None, "one message", Closed(1008), Closed(1008)]


def test_a_subprotocol_that_was_granted() -> None:
    """The subprotocol is what the peer says."""
    peer = sends(TextMessage(data="x"), accept=AcceptConnection(subprotocol="b"))
    assert talk(peer, protocols=("a", "b"))[0] == "b"


def test_an_unasked_subprotocol_is_a_fault() -> None:
    """What breaks the protocol is a typed fault."""

    async def peer(stream: trio.abc.Stream, _protocol: wsproto.WSConnection) -> None:
        await stream.send_all(
            b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n"
        )

    with pytest.raises(WireFault) as caught:
        talk(peer)
    assert caught.value.kind is FaultKind.NO_HTTP


def test_a_refusal() -> None:
    """A refusal is its status, with a body or without."""

    async def peer(stream: trio.abc.Stream, protocol: wsproto.WSConnection) -> None:
        head = RejectConnection(status_code=403, headers=[(b"content-length", b"2")], has_body=True)
        await stream.send_all(protocol.send(head) + protocol.send(RejectData(data=b"no")))

    assert talk(peer) == [Refused(403)]


def test_a_connection_that_ends() -> None:
    """An end without a close frame is abnormal, before the answer a fault."""

    async def accepts_and_goes(stream: trio.abc.Stream, protocol: wsproto.WSConnection) -> None:
        await stream.send_all(protocol.send(AcceptConnection()))
        await stream.aclose()

    async def goes(stream: trio.abc.Stream, _protocol: wsproto.WSConnection) -> None:
        await stream.aclose()

    assert talk(accepts_and_goes) == [None, Closed(1006)]
    with pytest.raises(WireFault) as caught:
        talk(goes)
    assert caught.value.kind is FaultKind.CLOSED


def test_silence_is_bounded() -> None:
    """A peer that says nothing is waited for, but not for ever."""

    async def peer(_stream: trio.abc.Stream, _protocol: wsproto.WSConnection) -> None:
        await trio.sleep_forever()

    for silent in (sends(), peer):
        with pytest.raises(WireFault) as caught:
            talk(silent)
        assert caught.value.kind is FaultKind.SILENT


def test_an_endless_message_is_bounded() -> None:
    """A message that never ends is given up at a mebibyte."""

    async def peer(stream: trio.abc.Stream, protocol: wsproto.WSConnection) -> None:
        await stream.send_all(protocol.send(AcceptConnection()))
        while True:
            await stream.send_all(protocol.send(TextMessage(data="x" * 65_536, message_finished=False)))

    with pytest.raises(WireFault) as caught:
        talk(peer)
    assert caught.value.kind is FaultKind.ENDLESS_BODY
