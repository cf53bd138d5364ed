"""Hypercorn's connection, with three things of ours: HTTP/1.1 only, no timer per request, and an eye of :mod:`reference_server.wire.connections` on it.

HTTP/2 is not spoken, neither by prior knowledge nor by upgrade nor by ALPN (docs/decisions/0028): no client of the contract does, and each stream of it would
be a way around the limits of connections. A preface is answered like any request of an unknown version, ``Upgrade: h2c`` is ignored.
"""

from __future__ import annotations

import json
from typing import Any, cast

import h11
import trio
from hypercorn.config import Config
from hypercorn.events import Closed, Event, RawData, Updated
from hypercorn.protocol.events import Request
from hypercorn.protocol.h11 import STREAM_ID, H11Protocol, H11WSConnection
from hypercorn.trio.tcp_server import MAX_RECV, TCPServer
from hypercorn.trio.worker_context import WorkerContext
from hypercorn.typing import AppWrapper, ConnectionState, H11SendableEvent

from device_protocol.vocabularies.rest import RestCode
from reference_server.web_sockets.stream import WebSocketStream, asks_for_websocket
from reference_server.wire.connections import CONNECTION, Connection, Connections

_TOO_LARGE = 431
_REASONS = {_TOO_LARGE: "The head of this request is too large."}


class _Http11(H11Protocol):
    _held = b""
    """The head of an answer of which nothing else has come yet."""

    async def _create_stream(self, request: h11.Request) -> None:
        """As Hypercorn does, with a WebSocket of ours."""
        if not asks_for_websocket(request):
            await super()._create_stream(request)
            return
        self.stream = WebSocketStream(
            self.app,
            self.config,
            self.context,
            self.task_group,
            self.ssl,
            self.client,
            self.server,
            self.stream_send,
            STREAM_ID,
        )
        self.connection = H11WSConnection(cast("h11.Connection", self.connection))
        await self.stream.handle(
            Request(
                stream_id=STREAM_ID,
                headers=list(request.headers),
                http_version=request.http_version.decode(),
                method="GET",
                raw_path=request.target,
                state=self.connection_state,
            )
        )

    async def _send_h11_event(self, event: H11SendableEvent) -> None:
        """Send it; the head of an answer waits for what comes next, so that a small answer is one packet and one system call."""
        try:
            data = self.connection.send(event)
        except h11.LocalProtocolError:
            if self.connection.their_state != h11.ERROR:
                raise
            return
        held, self._held = self._held, b""
        if isinstance(event, h11.Response):
            self._held = held + data
        elif held or data:
            await self.send(RawData(held + data))

    async def _check_protocol(self, event: h11.Request) -> None:
        """No protocol but this one."""

    async def _send_error_response(self, status_code: int) -> None:
        """What h11 refuses; with an error body as everything that we refuse, and never as an error of ours (it has 501 for codings that it does not know)."""
        status = status_code if status_code == _TOO_LARGE else 400
        message = _REASONS.get(status, "This is no proper HTTP request.")
        body = json.dumps({"code": int(RestCode.PARAMETER), "message": message, "statusCode": status}).encode()
        headers = [
            (b"content-length", str(len(body)).encode()),
            (b"content-type", b"application/json"),
            (b"connection", b"close"),
        ]
        await self._send_h11_event(h11.Response(status_code=status, headers=headers))
        await self._send_h11_event(h11.Data(data=body))
        await self._send_h11_event(h11.EndOfMessage())


class _NoTimer:
    """Hypercorn's timer of an idle connection, which costs a task for each: left to the sweep of all connections."""

    async def restart(self, *_arguments: Any) -> None:
        """Nothing."""

    async def stop(self) -> None:
        """Nothing."""


class Http11Server(TCPServer):
    """Serves one connection.

    Args:
        app: see Hypercorn.
        config: see Hypercorn.
        context: see Hypercorn.
        stream: to the client, with TLS or without.
        connection: what we know of it.
        connections: all of them.
    """

    def __init__(
        self,
        app: AppWrapper,
        config: Config,
        context: WorkerContext,
        stream: Any,
        connection: Connection,
        connections: Connections,
    ) -> None:
        super().__init__(app, config, context, ConnectionState({CONNECTION: connection}), stream)
        self.idle_task = _NoTimer()  # type: ignore[assignment]  # what Hypercorn asks of it
        self._connection = connection
        self._connections = connections

    async def protocol_send(self, event: Event) -> None:
        """Note when requests begin and end; send everything else."""
        if isinstance(event, Updated):
            self._connections.turned(self._connection, idle=event.idle)
        else:
            await super().protocol_send(event)

    async def _read_data(self) -> None:
        old = self.protocol
        http = _Http11(
            old.app, old.config, old.context, old.task_group, old.state, old.ssl, old.client, old.server, old.send
        )
        old.protocol = http
        while True:
            try:
                data = bytes(await self.stream.receive_some(MAX_RECV))
            except (trio.ClosedResourceError, trio.BrokenResourceError):
                data = b""
            self._connection.received(trio.current_time())
            await http.handle(RawData(data))
            if not data:
                break
        await http.handle(Closed())
