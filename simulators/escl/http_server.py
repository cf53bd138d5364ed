"""HTTP of the door: one connection after the other's bytes, h11 for the grammar, limits for everything.

A connection that says nothing is closed, a head has a size, a body has a size, an answer has as long as its reader keeps reading; beyond a number of
connections new ones are answered 503. One client's trouble is nobody else's.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import h11
import trio

from simulators.escl.hosts import Hosts
from simulators.escl.markup import MAX_BYTES
from simulators.escl.points import Answer, told
from simulators.escl.routes import Request

logger = logging.getLogger("flatbed.escl")

STRIP = 64 * 1024
MISNAMED = 403
MAX_CLIENT = 200


@dataclass(frozen=True, slots=True)
class Limits:
    """What a client may take.

    Attributes:
        connections: at a time.
        head_bytes: of a request's head.
        body_bytes: of its body; what is larger is answered 413 without being read.
        idle_s: between requests, and before the first.
        request_s: from the first byte of a request to its last.
        stall_s: a reader that takes nothing of an answer for so long is gone.
    """

    connections: int = 512
    head_bytes: int = 16 * 1024
    body_bytes: int = MAX_BYTES
    idle_s: float = 30.0
    request_s: float = 20.0
    stall_s: float = 60.0


class Gone(Exception):  # noqa: N818  # no defect of ours
    """The client has left, or was too slow."""


class HttpServer:
    """Serves connections.

    Args:
        answer: gives the answer to a request.
        hosts: which names a client may call us by.
        limits: see there.
        scheme: ``http`` or ``https``, for addresses that are given away.
        misnamed: told of a request that called us by a wrong name, and was refused for it.
    """

    def __init__(
        self,
        answer: Callable[[Request], Awaitable[Answer]],
        hosts: Hosts,
        limits: Limits = Limits(),
        *,
        scheme: str = "http",
        misnamed: Callable[[Request], Awaitable[None]] | None = None,
    ) -> None:
        self._answer = answer
        self._hosts = hosts
        self._limits = limits
        self._scheme = scheme
        self._misnamed = misnamed
        self._open = 0

    async def serve(self, stream: trio.abc.Stream) -> None:
        """Serve one connection until it ends."""
        self._open += 1
        try:
            connection = _Connection(stream, self._limits)
            address = _address(stream)
            if self._open > self._limits.connections:
                await connection.send(told(503, "Too many connections.", ("Retry-After", "1")), close=True)
            else:
                await self._requests(connection, address)
        except (Gone, trio.BrokenResourceError, trio.ClosedResourceError) as error:
            logger.debug("connection ended: %s", error)
        finally:
            self._open -= 1
            with trio.move_on_after(1, shield=True):
                await stream.aclose()

    async def _requests(self, connection: _Connection, address: str) -> None:
        while True:
            try:
                head = await connection.head()
                if head is None:
                    return
                refusal = self._refusal(head)
                body = b"" if refusal is not None else await connection.body(head)
            except h11.RemoteProtocolError as error:
                await connection.send(told(error.error_status_hint, f"Bad request: {error}."), close=True)
                return
            host = _header(head, b"host") or "localhost"
            client = f"{_header(head, b'user-agent') or 'unnamed'} at {address}"[:MAX_CLIENT]
            if refusal is not None:
                await connection.send(refusal, close=True)
                if refusal.status == MISNAMED and self._misnamed is not None:
                    target, base = head.target.decode("ascii"), f"{self._scheme}://{host[:100]}"
                    await self._misnamed(Request(head.method.decode("ascii"), target, base, client=client))
                return
            request = Request(
                head.method.decode("ascii"),
                head.target.decode("ascii"),
                f"{self._scheme}://{host}",
                body,
                _header(head, b"authorization") or "",
                client=client,
            )
            answer = await self._safely(request)
            if not await connection.send(answer):
                return

    async def _safely(self, request: Request) -> Answer:
        try:
            return await self._answer(request)
        except Exception:
            logger.exception("%s %s", request.method, request.target)
            return told(500, "A defect of ours; the log has it.")

    def _refusal(self, head: h11.Request) -> Answer | None:
        if head.http_version not in {b"1.0", b"1.1"}:
            return told(505, "This door speaks HTTP/1.1.")
        if len(head.target) + sum(len(name) + len(value) for name, value in head.headers) > self._limits.head_bytes:
            return told(431, f"A head has at most {self._limits.head_bytes} bytes.")
        host = _header(head, b"host")
        if not self._hosts.accepts(host, required=head.http_version != b"1.0"):
            return told(
                MISNAMED, f"{(host or 'No Host')[:100]}: this name is not known here; --allow-host makes it known."
            )
        length = _header(head, b"content-length")
        if length is not None and int(length) > self._limits.body_bytes:
            return told(413, f"A body has at most {self._limits.body_bytes} bytes.")
        return None


class _Connection:
    """One connection as messages."""

    def __init__(self, stream: trio.abc.Stream, limits: Limits) -> None:
        self._stream = stream
        self._limits = limits
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=limits.head_bytes)

    async def head(self) -> h11.Request | None:
        """The head of the next request; None when there is none."""
        with trio.move_on_after(self._limits.idle_s):
            first = await self._event()
            if isinstance(first, h11.Request):
                return first
        return None

    async def body(self, head: h11.Request) -> bytes:
        """The body of the request."""
        if (_header(head, b"expect") or "").lower() == "100-continue":
            await self._write(self._http.send(h11.InformationalResponse(status_code=100, headers=[])) or b"")
        data = bytearray()
        with trio.move_on_after(self._limits.request_s):
            while True:
                event = await self._event()
                if isinstance(event, h11.Data):
                    data += event.data
                    if len(data) > self._limits.body_bytes:
                        raise h11.RemoteProtocolError(
                            f"a body has at most {self._limits.body_bytes} bytes", error_status_hint=413
                        )
                elif isinstance(event, h11.EndOfMessage):
                    return bytes(data)
                else:
                    raise Gone("left in the middle of a request")
        raise h11.RemoteProtocolError("the body did not come", error_status_hint=408)

    async def send(self, answer: Answer, *, close: bool = False) -> bool:
        """Send an answer; says whether the connection can go on."""
        whole = False
        try:
            if answer.delay_s:
                await trio.sleep(answer.delay_s)
            whole = await self._send(answer, close=close)
        finally:
            if answer.done is not None:
                answer.done(whole)
        if not whole or self._http.our_state is not h11.DONE or self._http.their_state is not h11.DONE:
            return False
        self._http.start_next_cycle()
        return True

    async def _send(self, answer: Answer, *, close: bool) -> bool:
        headers = [*answer.headers]
        if answer.media:
            headers.append(("Content-Type", answer.media))
        if answer.chunked and not answer.odd:
            headers.append(("Transfer-Encoding", "chunked"))
        elif answer.length != -1:
            headers.append(("Content-Length", str(len(answer.body) if answer.length is None else answer.length)))
        if close or answer.odd:
            headers.append(("Connection", "close"))
        if answer.odd:
            return await self._send_oddly(answer, headers)
        response = h11.Response(status_code=answer.status, headers=headers, reason=_REASONS.get(answer.status, b""))
        await self._write(self._http.send(response) or b"")
        bare = self._http.our_state is not h11.SEND_BODY or self._request_was_head
        for start in range(0, 0 if bare else len(answer.body), STRIP):
            await self._write(self._http.send(h11.Data(answer.body[start : start + STRIP])) or b"")
        await self._write(self._http.send(h11.EndOfMessage()) or b"")
        return True

    async def _send_oddly(self, answer: Answer, headers: list[tuple[str, str]]) -> bool:
        """Send what h11 would mend: another version, no length or a false one, half a body, nothing at all. The connection ends with it."""
        if answer.cut == -1:
            return False
        lines = [f"HTTP/{answer.version} {answer.status} {_REASONS.get(answer.status, b'').decode()}"]
        lines += [f"{name}: {value}" for name, value in headers]
        await self._write("\r\n".join([*lines, "", ""]).encode("latin-1"))
        body = b"" if self._request_was_head else answer.body[: answer.cut]
        for start in range(0, len(body), STRIP):
            await self._write(body[start : start + STRIP])
        return answer.cut is None and answer.length in {None, -1}

    async def _event(self) -> object:
        while True:
            event = self._http.next_event()
            if event is h11.PAUSED:
                raise Gone("nothing more can be read")
            if event is not h11.NEED_DATA:
                if isinstance(event, h11.Request):
                    self._request_was_head = event.method == b"HEAD"
                return event
            try:
                data = await self._stream.receive_some(STRIP)
            except trio.BrokenResourceError:
                raise Gone("reset") from None
            self._http.receive_data(bytes(data))

    _request_was_head = False

    async def _write(self, data: bytes) -> None:
        if not data:  # the end of a message that has said its length: whoever has all of it may have left
            return
        with trio.move_on_after(self._limits.stall_s) as scope:
            await self._stream.send_all(data)
        if scope.cancelled_caught:
            raise Gone("reads nothing")


_REASONS = {
    200: b"OK",
    201: b"Created",
    400: b"Bad Request",
    401: b"Unauthorized",
    403: b"Forbidden",
    404: b"Not Found",
    405: b"Method Not Allowed",
    408: b"Request Timeout",
    409: b"Conflict",
    410: b"Gone",
    413: b"Content Too Large",
    431: b"Request Header Fields Too Large",
    500: b"Internal Server Error",
    503: b"Service Unavailable",
    505: b"HTTP Version Not Supported",
}


def _address(stream: trio.abc.Stream) -> str:
    """Where the client is; ``memory`` for a stream without a socket."""
    inner = stream.transport_stream if isinstance(stream, trio.SSLStream) else stream
    if not isinstance(inner, trio.SocketStream):
        return "memory"
    try:
        return str(inner.socket.getpeername()[0])
    except OSError:  # it has left already
        return "nowhere"


def _header(head: h11.Request, name: bytes) -> str | None:
    found = [value for key, value in head.headers if key == name]
    return found[0].decode("latin-1") if found else None
