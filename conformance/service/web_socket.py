"""A WebSocket client over any stream: an upgrade, bounded messages, and the close code as it came."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import trio
import wsproto
from wsproto.events import (
    AcceptConnection,
    BytesMessage,
    CloseConnection,
    Event,
    Message,
    Ping,
    RejectConnection,
    RejectData,
    Request,
    TextMessage,
)
from wsproto.utilities import ProtocolError

from conformance.bench import Log
from conformance.wire import Connect, FaultKind, WireFault

PIECE = 64 << 10
MESSAGE_LIMIT = 1 << 20
"""A frame must fit into one message below 1 MiB (rest-api.md 5.10)."""
ANSWER_S = 20.0
ABNORMAL = 1006
"""What a connection that ended without a close frame is called (RFC 6455 7.4.1)."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The upgrade was refused with this status."""

    status: int


@dataclass(frozen=True, slots=True)
class Closed:
    """The conversation ended.

    Attributes:
        code: of the close frame; 1005 if it had none, 1006 if there was no frame.
    """

    code: int


class Conversation:
    """An open WebSocket.

    Attributes:
        subprotocol: that was granted.
    """

    def __init__(self, stream: trio.abc.Stream, protocol: wsproto.WSConnection, log: Log) -> None:
        self._stream = stream
        self._protocol = protocol
        self._log = log
        self._parts: list[str] = []
        self._size = 0
        self._events: list[Event] = []
        self.subprotocol: str | None = None
        self.closed: Closed | None = None

    async def say(self, message: object) -> None:
        """Send a text, or something that becomes JSON."""
        text = message if isinstance(message, str) else json.dumps(message)
        command = self._log.begin("socket", "say", text[:120])
        try:
            await self._stream.send_all(self._protocol.send(TextMessage(data=text)))
        except (trio.BrokenResourceError, trio.ClosedResourceError, wsproto.utilities.LocalProtocolError):
            self._log.finish(command, error="closed")
            return  # hearing finds out how it ended
        self._log.finish(command)

    async def hear(self, wait: float = ANSWER_S) -> str | Closed:
        """The next message, or the end.

        Raises:
            WireFault: nothing came in time, what came breaks RFC 6455, or it is too long.
        """
        command = self._log.begin("socket", "hear", "")
        found: str | Closed | None = None
        try:
            with trio.move_on_after(wait):
                found = await self._next()
        except WireFault as fault:
            self._log.finish(command, error=fault.evidence)
            raise
        self._log.finish(command, "nothing" if found is None else str(found)[:120])
        if found is None:
            raise WireFault(FaultKind.SILENT, f"no message within {wait:g} s")
        return found

    async def hear_json(self, wait: float = ANSWER_S) -> Any:
        """The next message as JSON; a text that is none as it is; :class:`Closed` at the end."""
        found = await self.hear(wait)
        if isinstance(found, Closed):
            return found
        try:
            return json.loads(found)
        except (ValueError, RecursionError):
            return found

    async def _next(self) -> str | Closed:
        while self.closed is None:
            for event in iter(self._take, None):
                found = await self._see(event)
                if found is not None:
                    return found
            if self.closed is None:
                await self._receive()
        return self.closed

    def _take(self) -> Event | None:
        return self._events.pop(0) if self._events else None

    async def _see(self, event: Event) -> str | Closed | None:
        match event:
            case Ping():
                await self._stream.send_all(self._protocol.send(event.response()))
            case TextMessage() | BytesMessage():
                return self._collect(event)
            case CloseConnection():
                self.closed = Closed(int(event.code))
                return self.closed
        return None

    def _collect(self, event: Message[Any]) -> str | None:
        data = event.data if isinstance(event.data, str) else bytes(event.data).decode("utf-8", "replace")
        self._parts.append(data)
        self._size += len(data)
        if self._size > MESSAGE_LIMIT:
            raise WireFault(FaultKind.ENDLESS_BODY, f"a message of more than {MESSAGE_LIMIT} bytes")
        if not event.message_finished:
            return None
        text, self._parts, self._size = "".join(self._parts), [], 0
        return text

    async def _receive(self) -> None:
        try:
            data = await self._stream.receive_some(PIECE)
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            data = b""
        if not data:
            self.closed = Closed(ABNORMAL)
            return
        try:
            self._protocol.receive_data(bytes(data))
            self._events.extend(self._protocol.events())
        except ProtocolError as error:
            raise WireFault(FaultKind.NO_HTTP, f"what came breaks RFC 6455: {error}") from error

    async def upgrade(self) -> Refused | None:
        """Wait for the answer to the request."""
        status: int | None = None
        with trio.move_on_after(ANSWER_S):
            while True:
                for event in iter(self._take, None):
                    match event:
                        case AcceptConnection():
                            self.subprotocol = event.subprotocol
                            return None
                        case RejectConnection():
                            status = event.status_code
                            if not event.has_body:
                                return Refused(status)
                        case RejectData() if event.body_finished and status is not None:
                            return Refused(status)
                if self.closed is not None:
                    if status is not None:
                        return Refused(status)
                    raise WireFault(FaultKind.CLOSED, "the connection closed instead of an upgrade")
                await self._receive()
        raise WireFault(FaultKind.SILENT, f"no answer to the upgrade within {ANSWER_S:g} s")


@asynccontextmanager
async def converse(
    connect: Connect,
    host: str,
    target: str,
    log: Log,
    *,
    protocols: Sequence[str] = (),
    fields: Sequence[tuple[str, str]] = (),
) -> AsyncIterator[Conversation | Refused]:
    """Ask for an upgrade; leaves without ceremony at the end.

    Raises:
        WireFault: nobody is there, or the answer is none.
    """
    command = log.begin("socket", "open", ", ".join([target, *(f"{name}: {value}" for name, value in fields)]))
    try:
        stream = await connect()
    except OSError as error:
        log.finish(command, error=str(error))
        raise WireFault(FaultKind.NO_CONNECTION, f"no connection to {host}") from error
    try:
        protocol = wsproto.WSConnection(wsproto.ConnectionType.CLIENT)
        conversation = Conversation(stream, protocol, log)
        extra = [(name.encode(), value.encode("latin-1")) for name, value in fields]
        request = Request(host=host, target=target, subprotocols=list(protocols), extra_headers=extra)
        try:
            await stream.send_all(protocol.send(request))
            refused = await conversation.upgrade()
        except trio.BrokenResourceError as error:
            log.finish(command, error="closed")
            raise WireFault(FaultKind.CLOSED, "the connection closed instead of an upgrade") from error
        except WireFault as fault:
            log.finish(command, error=fault.evidence)
            raise
        log.finish(command, f"refused with {refused.status}" if refused else "open")
        yield refused or conversation
    finally:
        await trio.aclose_forcefully(stream)
