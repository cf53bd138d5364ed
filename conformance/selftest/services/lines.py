"""What is put around the service's end of a connection, and what is between the application and HTTP: other bytes for the same answers."""

from __future__ import annotations

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from conformance.selftest.services.pipe import PipeStream

STATUS_LINE, UPGRADED = b"HTTP/1.1 ", b"HTTP/1.1 101"
PIECE = 1000


class AroundStream:
    """The service's end of a connection; a subclass changes what goes out."""

    def __init__(self, inner: PipeStream) -> None:
        self._inner = inner
        self.socket = inner.socket

    async def send_all(self, data: bytes) -> None:
        """See trio."""
        await self._inner.send_all(data)

    async def send_eof(self) -> None:
        """See trio."""
        await self._inner.send_eof()

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        """See trio."""
        return await self._inner.receive_some(max_bytes)

    async def aclose(self) -> None:
        """See trio."""
        await self._inner.aclose()


class Http10(AroundStream):
    """Speaks HTTP/1.0, except where it speaks WebSocket."""

    async def send_all(self, data: bytes) -> None:
        """See trio."""
        old = data.startswith(STATUS_LINE) and not data.startswith(UPGRADED)
        await super().send_all(b"HTTP/1.0 " + data[len(STATUS_LINE) :] if old else data)


class EarlyHints(AroundStream):
    """Sends an answer of the 100 class before each good one (RFC 8297)."""

    async def send_all(self, data: bytes) -> None:
        """See trio."""
        good = data.startswith(STATUS_LINE + b"2")
        await super().send_all(b"HTTP/1.1 103 Early Hints\r\nX-Zoo: soon\r\n\r\n" + data if good else data)


class InPieces(AroundStream):
    """Sends everything in small pieces."""

    async def send_all(self, data: bytes) -> None:
        """See trio."""
        for start in range(0, len(data), PIECE):
            await super().send_all(data[start : start + PIECE])


def without_lengths(app: ASGIApp) -> ASGIApp:
    """*app* with chunked bodies, since it does not say how long they are."""

    async def chunked(scope: Scope, receive: Receive, send: Send) -> None:
        async def say(message: Message) -> None:
            if message["type"] == "http.response.start":
                lines = [(name, value) for name, value in message["headers"] if name != b"content-length"]
                message = {**message, "headers": lines}
            await send(message)

        await app(scope, receive, say)

    return chunked
