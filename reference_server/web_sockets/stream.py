"""Hypercorn's WebSocket, with what it does not do (seen on 0.18): limits that hold, ends that end, and pings that want an answer.

* Compression is not offered: 64 kB of it unpack to 64 MB before any limit is looked at.
* After a message that is too long, or no WebSocket at all, nothing more of the client is kept, and the connection ends; Hypercorn keeps adding.
* A refused upgrade ends the connection; Hypercorn leaves it open for as long as the client likes.
* A client that answers no ping is given up.
* What the client sends after the application has ended does not block the connection for ever.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import h11
import trio
from hypercorn.protocol.events import Data, Event, Request, StreamClosed
from hypercorn.protocol.ws_stream import FrameTooLargeError, WSStream
from hypercorn.typing import ASGISendEvent
from wsproto.connection import ConnectionState
from wsproto.events import CloseConnection, Message, Ping, Pong

from reference_server.together import unless
from reference_server.web_sockets.closing import TOO_BIG, Close

PING_SECONDS = 20.0
LAST_SECONDS = 1.0
"""How long a client that is being closed may take to take its close frame."""
NO_PONG = Close(1011, "No answer to a ping.")
_EXTENSIONS = b"sec-websocket-extensions"


def asks_for_websocket(request: h11.Request) -> bool:
    """Whether *request* wants to be upgraded."""
    headers = {name: value.lower() for name, value in request.headers}
    tokens = {token.strip() for token in headers.get(b"connection", b"").split(b",")}
    return request.method == b"GET" and b"upgrade" in tokens and headers.get(b"upgrade", b"").strip() == b"websocket"


class WebSocketStream(WSStream):
    """See the module."""

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._over = trio.Event()
        self._deaf = False
        self._pong_due = False
        self._put: Any = None

    async def handle(self, event: Event) -> None:
        """Something came from the client."""
        if self._deaf and isinstance(event, Data):
            return
        if isinstance(event, Request):
            headers = [(name, value) for name, value in event.headers if name.lower() != _EXTENSIONS]
            event = replace(event, headers=headers)
        was_closed = self.closed
        await super().handle(event)
        if self.closed and not was_closed:
            self._over.set()
            if not isinstance(event, StreamClosed):
                await self.send(StreamClosed(stream_id=self.stream_id))
        if self.app_put is not None and self._put is None:
            self._put, self.app_put = self.app_put, self._put_unless_over

    async def app_send(self, message: ASGISendEvent | None) -> None:
        """Something comes from the application; None: it has ended."""
        if message is None:
            self._deaf = True
            self._over.set()
        await super().app_send(message)

    async def _put_unless_over(self, message: Any) -> None:
        await unless(self._over.wait, partial(self._put, message))

    async def _handle_events(self) -> None:
        for event in self.connection.events():
            match event:
                case Message():
                    try:
                        self.buffer.extend(event)
                    except FrameTooLargeError:
                        await self._fail(TOO_BIG)
                        return
                    if event.message_finished:
                        message = self.buffer.to_message()
                        self.buffer.clear()
                        await self._put_unless_over(message)
                case Ping():
                    await self._send_wsproto_event(event.response())
                case Pong():
                    self._pong_due = False
                case CloseConnection() if self.connection.state is ConnectionState.OPEN:
                    await self._fail(Close(int(event.code), event.reason or ""))  # wsproto's way to say what is wrong
                    return
                case CloseConnection():
                    if self.connection.state is ConnectionState.REMOTE_CLOSING:
                        await self._send_wsproto_event(event.response())
                    await self.send(StreamClosed(stream_id=self.stream_id))
                    return

    async def _send_pings(self) -> None:
        while True:
            with trio.move_on_after(PING_SECONDS):
                await self._over.wait()
            if self._over.is_set():
                return
            if self._pong_due:
                await self._fail(NO_PONG)
                return
            self._pong_due = True
            await self._send_wsproto_event(Ping())

    async def _fail(self, close: Close) -> None:
        """Close, take nothing more, and end the connection soon."""
        self._deaf = True
        self.buffer.clear()
        self.task_group.spawn(self._end_soon)
        await self._send_wsproto_event(CloseConnection(code=close.code, reason=close.short_reason))

    async def _end_soon(self) -> None:
        with trio.move_on_after(LAST_SECONDS):
            await self._over.wait()
        if not self.closed:
            await self.send(StreamClosed(stream_id=self.stream_id))
