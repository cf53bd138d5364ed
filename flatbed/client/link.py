"""Carries out calls on trio: one HTTP client of httpx, and WebSockets."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, TypeAlias, TypeVar, cast
from urllib.parse import urlsplit

import httpx
import trio
from trio_websocket import ConnectionRejected, HandshakeError, WebSocketConnection, wrap_client_stream

from flatbed.client.access import Access, reply_of
from flatbed.client.calls import Call, Reply, refusal
from flatbed.client.errors import RestError, UnreachableError

T = TypeVar("T")
AnyStream: TypeAlias = trio.SocketStream | trio.SSLStream[trio.SocketStream]

MESSAGE_BYTES = 8 << 20
"""Of a WebSocket message; a snapshot names every job."""
CONNECT_SECONDS = 10.0


class Link:
    """A connection to one service.

    Args:
        access: where it is.
        http: carries the requests; it is closed by whoever made it.
    """

    def __init__(self, access: Access, http: httpx.AsyncClient) -> None:
        self.access = access
        self._http = http

    async def do(self, call: Call[T]) -> T:
        """What *call* gives.

        Raises:
            RestError: the service refused it, however often it was tried.
            UnreachableError: the service does not answer.
        """
        tries = 0
        while True:
            try:
                return call.result(reply_of(await self._http.request(**self.access.request(call))))
            except RestError as error:
                tries += 1
                pause = self.access.pause(call, error, tries)
                if pause is None:
                    raise
                await trio.sleep(pause)
            except httpx.TransportError as error:
                raise unreachable(self.access, error) from error

    async def stream(self, call: Call[Any]) -> AsyncGenerator[bytes, None]:
        """The content of an answer, piece by piece.

        Raises:
            RestError, UnreachableError: as :meth:`do`, without trying again.
        """
        request = self._http.build_request(**self.access.request(call))
        try:
            answer = await self._http.send(request, stream=True)
            try:
                if answer.status_code >= 300:
                    await answer.aread()
                    raise refusal(reply_of(answer))
                async for piece in answer.aiter_bytes():
                    yield piece
            finally:
                with trio.CancelScope(shield=True):
                    await answer.aclose()
        except httpx.TransportError as error:
            raise unreachable(self.access, error) from error

    @asynccontextmanager
    async def web_socket(self, path: str, protocol: str) -> AsyncIterator[WebSocketConnection]:
        """A WebSocket of the service; it is gone at the end of the block.

        Raises:
            RestError: the service refused it.
            UnreachableError: it does not answer.
        """
        stream = await self._connect()
        failures: list[Exception] = []
        try:
            async with trio.open_nursery() as nursery:
                try:
                    yield await self._shake_hands(nursery, stream, path, protocol)
                except Exception as error:  # noqa: BLE001  # raised again below, without the group that the nursery would make of it
                    failures.append(error)
                nursery.cancel_scope.cancel()
        except ExceptionGroup as group:  # trio-websocket raises a refusal with a body in its own task
            failures.append(group)
        finally:
            await trio.aclose_forcefully(stream)  # trio-websocket leaves it open when the other side has closed
        if failures:
            raise self._translated(failures[0])

    def _translated(self, error: Exception) -> Exception:
        """*error* in our words, if it says that the service refused or does not answer."""
        match error:
            case ConnectionRejected():
                return refusal(Reply(error.status_code, _texts(error.headers), error.body or b""))
            case HandshakeError() | trio.TooSlowError():
                return unreachable(self.access, error)
            case ExceptionGroup():
                return self._translated(_first(error))
            case _:
                return error

    async def _connect(self) -> AnyStream:
        parts = urlsplit(self.access.base_url)
        context = self.access.tls()
        host, port = parts.hostname or "", parts.port or (80 if context is None else 443)
        try:
            with trio.fail_after(CONNECT_SECONDS):
                if context is None:
                    return await trio.open_tcp_stream(host, port)
                secured = await trio.open_ssl_over_tcp_stream(host, port, ssl_context=context, https_compatible=True)
                try:
                    await secured.do_handshake()
                except BaseException:
                    await trio.aclose_forcefully(secured)
                    raise
                return secured
        except (OSError, trio.BrokenResourceError, trio.TooSlowError) as error:
            raise unreachable(self.access, error) from error

    async def _shake_hands(
        self, nursery: trio.Nursery, stream: AnyStream, path: str, protocol: str
    ) -> WebSocketConnection:
        headers = [(name.encode(), value.encode("latin-1")) for name, value in self.access.headers.items()]
        host = urlsplit(self.access.base_url).netloc
        line = _Line(stream)
        opened: list[WebSocketConnection] = []
        with trio.fail_after(CONNECT_SECONDS):
            async with trio.open_nursery() as attempt:
                attempt.start_soon(line.cancel_at_end, attempt.cancel_scope)
                opened.append(
                    await wrap_client_stream(
                        nursery,
                        cast("trio.SocketStream", line),
                        host,
                        path,
                        subprotocols=[protocol],
                        extra_headers=headers,
                        max_message_size=MESSAGE_BYTES,
                    )
                )
                attempt.cancel_scope.cancel()
        if not opened:
            raise unreachable(self.access, ConnectionError("the connection was closed"))
        return opened[0]


class _Line:
    """A stream that notices when its other end closes: trio-websocket would wait for ever for the answer to its handshake."""

    def __init__(self, stream: AnyStream) -> None:
        self._stream = stream
        self._ended = trio.Event()

    async def cancel_at_end(self, scope: trio.CancelScope) -> None:
        """Wait for the end, and cancel *scope*."""
        await self._ended.wait()
        scope.cancel()

    async def send_all(self, data: bytes) -> None:
        """As the stream does it."""
        await self._stream.send_all(data)

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        """As the stream does it."""
        try:
            data = bytes(await self._stream.receive_some(max_bytes))
        except (trio.BrokenResourceError, trio.ClosedResourceError):
            self._ended.set()
            raise
        if not data:
            self._ended.set()
        return data

    async def aclose(self) -> None:
        """As the stream does it."""
        await self._stream.aclose()


def unreachable(access: Access, error: BaseException) -> UnreachableError:
    """The error for a service that does not answer."""
    words = str(error) or type(error).__name__
    return UnreachableError(f"No answer from {access.base_url}: {words}. Is the service running there?")


def _first(group: ExceptionGroup[Exception]) -> Exception:
    """The first exception in a group, however deep."""
    first = group.exceptions[0]
    return _first(first) if isinstance(first, ExceptionGroup) else first


def _texts(headers: Any) -> dict[str, str]:
    return {name.decode().lower(): value.decode("latin-1") for name, value in headers or ()}
