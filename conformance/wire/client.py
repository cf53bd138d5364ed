"""The client: one request, one answer, within bounds, each exchange in the log."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import h11
import trio

from conformance.bench import Encoded, Log
from conformance.wire.connecting import Connect
from conformance.wire.exchange import Answer, Fields, Head, Request
from conformance.wire.faults import FaultKind, WireFault
from conformance.wire.limits import WireLimits

OK = 200
PICTURES = frozenset({"image/jpeg", "image/png", "image/tiff"})
"""What reports can show."""
PIECE = 64 << 10
"""Bytes asked of the stream at once."""

SECRETS = frozenset({"authorization", "cookie", "dwt-product-key", "x-dics-license-key"})
"""Header fields whose values belong into no report."""


class Connection:
    """One connection, for as many exchanges as the peer allows, or for half of one.

    Attributes:
        stream: for checks that write something that is no request.
        reusable: whether another exchange may follow.
    """

    def __init__(self, stream: trio.abc.Stream, host: str, limits: WireLimits) -> None:
        self.stream = stream
        self._host = host
        self._limits = limits
        self._http = h11.Connection(h11.CLIENT, max_incomplete_event_size=limits.head)
        self._body_began = 0.0

    @property
    def reusable(self) -> bool:
        """Whether the peer keeps the connection for another exchange: it has answered the last one whole, and not said that it closes."""
        states = set(self._http.states.values())
        return states in ({h11.IDLE}, {h11.DONE})

    async def send(self, request: Request) -> None:
        """Send *request* whole.

        A peer that closes while it is being sent may have answered already (413): that is for :meth:`head` to find out.

        Raises:
            WireFault: the peer does not take it in time.
        """
        fields = list(request.fields)
        names = {name.lower() for name, _ in fields}
        if "host" not in names:
            fields.insert(0, ("Host", self._host))
        if request.body and not names & {"content-length", "transfer-encoding"}:
            fields.append(("Content-Length", str(len(request.body))))
        pieces = [
            self._http.send(h11.Request(method=request.method, target=request.target, headers=fields)),
            self._http.send(h11.Data(data=request.body)) if request.body else b"",
            self._http.send(h11.EndOfMessage()),
        ]
        with trio.move_on_after(self._limits.transfer) as scope:
            try:
                await self.stream.send_all(b"".join(piece for piece in pieces if piece))
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                return
        if scope.cancelled_caught:
            raise WireFault(
                FaultKind.SILENT, f"{request}: the peer took no more of it within {self._limits.transfer:g} s"
            )

    async def head(self, wait: float | None = None) -> Head:
        """The head of the answer; those of the 100 class before it are counted.

        Args:
            wait: seconds for it; default: the limit for answers.

        Raises:
            WireFault: none came in time or whole, or too much came.
        """
        seconds = self._limits.answer if wait is None else wait
        interim: list[int] = []
        with trio.move_on_after(seconds):
            while True:
                event = await self._next("before the answer began", FaultKind.CLOSED, FaultKind.ENDLESS_HEAD)
                if isinstance(event, h11.InformationalResponse):
                    interim.append(event.status_code)
                    if len(interim) > self._limits.interim:
                        raise WireFault(
                            FaultKind.ENDLESS_INTERIM,
                            f"more than {self._limits.interim} answers of the 100 class and no final one",
                        )
                    continue
                if not isinstance(event, h11.Response):
                    raise WireFault(FaultKind.CLOSED, "the connection closed and there was no answer")
                self._body_began = trio.current_time()
                return Head(
                    event.status_code,
                    bytes(event.reason).decode("latin-1"),
                    tuple(
                        (bytes(key).decode("latin-1"), bytes(value).decode("latin-1")) for key, value in event.headers
                    ),
                    bytes(event.http_version).decode("latin-1"),
                    tuple(interim),
                )
        raise WireFault(FaultKind.SILENT, f"no answer within {seconds:g} s")

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """The body, as it comes.

        Raises:
            WireFault: it was cut, broke its own framing, stopped coming, or went beyond the bounds.
        """
        limits, taken = self._limits, 0
        while True:
            left = self._body_began + limits.transfer - trio.current_time()
            event: Any = None
            with trio.move_on_after(min(limits.silence, max(left, 0.0))):
                event = await self._next(f"after {taken} bytes of the body", FaultKind.CUT, FaultKind.NO_HTTP)
            if event is None:
                if left <= limits.silence:
                    raise WireFault(FaultKind.ENDLESS_BODY, f"the body did not end within {limits.transfer:g} s")
                raise WireFault(
                    FaultKind.SILENT, f"after {taken} bytes of the body nothing came for {limits.silence:g} s"
                )
            if not isinstance(event, h11.Data):
                return
            taken += len(event.data)
            if taken > limits.body:
                raise WireFault(FaultKind.ENDLESS_BODY, f"the body goes on after {limits.body} bytes")
            yield bytes(event.data)

    async def body(self) -> bytes:
        """The whole body; see :meth:`pieces`."""
        return b"".join([piece async for piece in self.pieces()])

    async def leftover(self, wait: float) -> bytes:
        """What came after the end of the answer: nothing, if the peer keeps to its framing. After this the connection is of no more use.

        Args:
            wait: seconds for it to come.
        """
        found = bytes(self._http.trailing_data[0])
        with trio.move_on_after(wait):
            try:
                found += bytes(await self.stream.receive_some(PIECE))
            except (trio.BrokenResourceError, trio.ClosedResourceError):
                return found
        return found

    def next_exchange(self) -> None:
        """Make ready for another request.

        Raises:
            WireFault: the peer has said that this was the last.
        """
        try:
            self._http.start_next_cycle()
        except h11.ProtocolError as error:
            raise WireFault(FaultKind.CLOSED, "the connection is not kept for another request") from error

    async def _next(self, where: str, ended: FaultKind, overrun: FaultKind) -> Any:
        """The next event of the peer."""
        while True:
            try:
                event = self._http.next_event()
            except h11.RemoteProtocolError as error:
                raise self._broken(error, where, ended, overrun) from error
            if event is not h11.NEED_DATA:
                return event
            try:
                data = await self.stream.receive_some(PIECE)
            except (trio.BrokenResourceError, trio.ClosedResourceError) as error:
                raise WireFault(self._how(ended), f"the connection broke {where}") from error
            self._http.receive_data(bytes(data))

    def _how(self, ended: FaultKind) -> FaultKind:
        return FaultKind.CUT if self._http.trailing_data[0] else ended

    def _broken(self, error: h11.RemoteProtocolError, where: str, ended: FaultKind, overrun: FaultKind) -> WireFault:
        said = str(error)
        if self._http.trailing_data[1] or "peer closed connection" in said or "peer unexpectedly closed" in said:
            return WireFault(self._how(ended), f"the connection closed {where}: {said}")
        if error.error_status_hint == 431:
            return WireFault(overrun, f"more than {self._limits.head} bytes and no end of the head")
        return WireFault(FaultKind.NO_HTTP, f"what came {where} is no HTTP/1: {said}")


class WireClient:
    """Exchanges with one peer.

    Args:
        connect: gives connections.
        host: what goes into ``Host`` unless a request says otherwise.
        log: gets each exchange as a command.
        limits: bounds.
    """

    def __init__(self, connect: Connect, host: str, log: Log, limits: WireLimits | None = None) -> None:
        self._connect = connect
        self.host = host
        self.log = log
        self.limits = limits or WireLimits()

    @asynccontextmanager
    async def connection(self) -> AsyncIterator[Connection]:
        """A connection of its own; closed without ceremony at the end.

        Raises:
            WireFault: nobody is there.
        """
        async with AsyncExitStack() as stack:
            stream: trio.abc.Stream | None = None
            try:
                with trio.move_on_after(self.limits.connect):
                    stream = await self._connect()
            except OSError as error:
                raise WireFault(FaultKind.NO_CONNECTION, f"no connection to {self.host}: {_leaf(error)}") from error
            if stream is None:
                raise WireFault(
                    FaultKind.NO_CONNECTION, f"no connection to {self.host} within {self.limits.connect:g} s"
                )
            stack.push_async_callback(trio.aclose_forcefully, stream)
            yield Connection(stream, self.host, self.limits)

    async def request(
        self, method: str, target: str, fields: Fields = (), body: bytes = b"", *, wait: float | None = None
    ) -> Answer:
        """One request on a connection of its own, and its whole answer.

        Args:
            method: of the request line.
            target: of the request line, as it goes out.
            fields: header fields, see :class:`Request`.
            body: of the request.
            wait: seconds for the head of the answer; default: the limit.

        Raises:
            WireFault: the exchange broke off.
        """
        async with self.connection() as connection:
            return await self.exchange(connection, Request(method, target, fields, body), wait=wait)

    async def exchange(self, connection: Connection, request: Request, *, wait: float | None = None) -> Answer:
        """The same on a connection that is there already.

        Raises:
            WireFault: the exchange broke off.
        """
        command = self.log.begin("http", request.method, _arguments(request))
        try:
            await connection.send(request)
            head = await connection.head(wait)
            answer = Answer(head, await connection.body())
        except WireFault as fault:
            self.log.finish(command, error=f"{fault.kind.value}: {fault.evidence}")
            raise
        except BaseException:
            self.log.finish(command, error="given up")
            raise
        self.log.finish(command, str(answer))
        if answer.status == OK and head.content_type in PICTURES:
            self.log.see(str(request), Encoded(head.content_type, answer.body))
        return answer


def _arguments(request: Request) -> str:
    words = [request.target]
    words += [f"{name}: {'...' if name.lower() in SECRETS else value}" for name, value in request.fields]
    return ", ".join(words) + (f", {len(request.body)} bytes" if request.body else "")


def _leaf(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error.__cause__ if isinstance(error.__cause__, OSError) else error
