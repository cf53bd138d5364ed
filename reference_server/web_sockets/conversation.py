"""One accepted WebSocket over ASGI: text out, at most one text in that matters, and an end with a code.

Hypercorn's sends cannot be cancelled and do not fail when the client has gone, so a client that takes nothing is given up by cutting its connection.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial

import trio
from starlette.types import Message, Receive, Send

from reference_server.config import Limits
from reference_server.together import beside, unless
from reference_server.web_sockets.closing import BINARY, FAILED, TOO_BIG, Close
from reference_server.wire.exchange import ClientGoneError, Exchange

LOOKS = 4
"""How often in the time that a send may take somebody looks whether it takes too long."""
CLOSE_SECONDS = 1.0
"""How long the client may take to answer a close; then the connection ends without."""


class Conversation:
    """One connection.

    Args:
        exchange: the request that was upgraded.
        receive, send: of ASGI; the connect message was taken.
        limits: see there.
        cut: ends the connection by force.
        missed: told when the client asks for a job that is not there.

    Attributes:
        exchange: see above.
        frames: how many were sent.
        gone: the client has left, or was given up.
    """

    def __init__(
        self,
        exchange: Exchange,
        receive: Receive,
        send: Send,
        limits: Limits,
        cut: Callable[[], object],
        missed: Callable[[], None],
    ) -> None:
        self.exchange = exchange
        self.missed = missed
        self.frames = 0
        self.gone = False
        self._receive = receive
        self._asgi_send = send
        self._limits = limits
        self._cut = cut
        self._sending: trio.CancelScope | None = None
        self._send_began = 0.0
        self._first: str | None = None
        self._spoken = trio.Event()

    @property
    def origin(self) -> bytes | None:
        """Of the client; None when it sent none."""
        return self.exchange.origin

    async def run(self, subprotocol: str | None, talk: Callable[[], Awaitable[Close]]) -> Close | None:
        """Accept, let *talk* speak until it gives a close or the client ends it, and close.

        Returns:
            how it was closed; None when the client left.
        """
        return await beside(self._give_up_on_stall, partial(self._run, subprotocol, talk))

    async def _run(self, subprotocol: str | None, talk: Callable[[], Awaitable[Close]]) -> Close | None:
        try:
            await self._send({"type": "websocket.accept", "subprotocol": subprotocol, "headers": self._head()})
            close = await self._talk(talk)
        except ClientGoneError:
            return None
        except Exception:
            with suppress(ClientGoneError):
                await self._close(FAILED)
            raise
        if close is not None:
            with suppress(ClientGoneError):
                await self._close(close)
        return close

    async def say(self, text: str) -> None:
        """Send one text message.

        Raises:
            ClientGoneError: it left, or took nothing for too long.
        """
        await self._send({"type": "websocket.send", "text": text})
        self.frames += 1

    async def first_text(self) -> str | None:
        """The first message of the client; None when it does not come in time. What it says later is not looked at."""
        with trio.move_on_after(self._limits.first_frame_seconds):
            await self._spoken.wait()
        return self._first

    async def _talk(self, talk: Callable[[], Awaitable[Close]]) -> Close | None:
        closes: list[Close | None] = []

        async def listen() -> None:
            closes.append(await self._listen())

        done = await unless(listen, talk)
        return done.value if done is not None else closes[0]

    async def _listen(self) -> Close | None:
        """Take what the client sends until it leaves (None) or sends what cannot be."""
        while (message := await self._take()) is not None:
            text = message.get("text")
            if text is None:
                return BINARY
            if len(text) > self._limits.frame_bytes:
                return TOO_BIG
            if self._first is None:
                self._first = text
                self._spoken.set()
        return None

    async def _take(self) -> Message | None:
        """The next message; None when the client has left."""
        message = await self._receive()
        if message["type"] == "websocket.disconnect":
            self.gone = True
            return None
        return message

    async def _send(self, message: Message) -> None:
        if not self.gone:
            self._send_began = trio.current_time()
            self._sending = trio.CancelScope()
            try:
                with self._sending:
                    await self._asgi_send(message)
            finally:
                self._sending = None
        if self.gone:
            raise ClientGoneError

    async def _give_up_on_stall(self) -> None:
        """Runs beside the conversation: cut the connection when one message takes too long. A task of its own for each would cost more than the message."""
        limit = self._limits.stall_seconds
        while self._sending is None or trio.current_time() - self._send_began < limit:  # noqa: ASYNC110  # it is the passing of time that is waited for
            await trio.sleep(limit / LOOKS)
        self.gone = True
        self._cut()
        self._sending.cancel()

    async def _close(self, close: Close) -> None:
        await self._send({"type": "websocket.close", "code": close.code, "reason": close.short_reason})
        with trio.move_on_after(CLOSE_SECONDS):  # closing at once would destroy the close frame on its way
            while await self._take() is not None:
                pass

    def _head(self) -> list[tuple[bytes, bytes]]:
        return [(b"x-request-id", self.exchange.request_id.encode())]
