"""The service's door in memory: each connection is served by the very code that serves sockets."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any, cast

import trio
from hypercorn.trio.worker_context import WorkerContext
from hypercorn.typing import ASGIFramework
from hypercorn.utils import wrap_app
from starlette.types import ASGIApp

from conformance.selftest.services.network import Network
from conformance.selftest.services.pipe import PipeStream, pipe
from reference_server.config import Limits
from reference_server.wire.connections import Connection, Connections
from reference_server.wire.descriptors import UNKNOWN, budget
from reference_server.wire.http11 import Http11Server
from reference_server.wire.web_server import hypercorn_config

if TYPE_CHECKING:
    import socket

    from conformance.selftest.services.build import Build

PORT = 18622
FIRST_CLIENT_PORT = 40_000
HERE, ON_THE_NETWORK, ANOTHER_MACHINE = "127.0.0.1", "192.0.2.1", "192.0.2.7"
"""Addresses of the service, and of a client on another machine (RFC 5737)."""


class MemoryConnection(Connection):
    """A connection without a socket.

    Attributes:
        stream: the service's end.
        network: that the service is on.
    """

    __slots__ = ("network", "stream")

    def __init__(self, stream: PipeStream, since: float, network: Network, *, crowded: bool) -> None:
        super().__init__(cast("socket.socket", stream.socket), since, crowded=crowded)
        self.stream = stream
        self.network = network

    @property
    def closed(self) -> bool:
        """See :class:`Connection`."""
        return self.stream.closed

    def close(self) -> None:
        """See :class:`Connection`."""
        self.stream.close()

    def left(self) -> bool:
        """See :class:`Connection`."""
        return self.stream.left


class Listener:
    """See the module.

    Args:
        application: of the ASGI kind.
        limits: of the service.
        polls_full: see :class:`Connections`.
        nursery: for the connections.
        build: what is put around the service's end of each, the address that clients have, and that by which they know the service.
    """

    def __init__(
        self,
        application: ASGIApp,
        limits: Limits,
        polls_full: Callable[[str], bool],
        nursery: trio.Nursery,
        build: Build,
    ) -> None:
        self.connections = Connections(budget(UNKNOWN, limits), limits.head_seconds, polls_full)
        self.authority = build.authority
        self.network = Network()
        self._app = wrap_app(cast("ASGIFramework", application), 0, "asgi")
        self._config = hypercorn_config()
        self._context = WorkerContext(None)
        self._nursery = nursery
        self._build = build
        self._ports: Iterator[int] = iter(range(FIRST_CLIENT_PORT, 1 << 30))
        self._closed = False

    async def connect(self) -> trio.abc.Stream:
        """A new connection.

        Raises:
            OSError: the service has ended, or has no room.
        """
        return await self._connect(self._build.peer)

    async def connect_from_beyond(self) -> trio.abc.Stream:
        """A new connection from another machine.

        Raises:
            OSError: the service is bound to loopback, or see :meth:`connect`.
        """
        if not self._build.beyond:
            raise ConnectionRefusedError("nobody listens at this address")
        return await self._connect(ANOTHER_MACHINE)

    async def _connect(self, peer: str) -> trio.abc.Stream:
        await trio.lowlevel.checkpoint()
        if self._closed or (self.connections.full and not self.connections.make_room()):
            raise ConnectionRefusedError("the service takes no connection")
        ours, theirs = pipe((peer, next(self._ports)), (HERE if peer != ANOTHER_MACHINE else ON_THE_NETWORK, PORT))
        connection = MemoryConnection(theirs, trio.current_time(), self.network, crowded=self.connections.crowded)
        self.connections.add(connection)
        self._nursery.start_soon(self._serve, theirs, connection)
        return ours

    def close(self) -> None:
        """Take no more, and end those that are there."""
        self._closed = True
        self.connections.cut()

    async def _serve(self, stream: PipeStream, connection: MemoryConnection) -> None:
        wire = self._build.wire
        outer: Any = stream if wire is None else wire(stream)
        try:
            with connection.scope:
                await Http11Server(self._app, self._config, self._context, outer, connection, self.connections).run()
        finally:
            self.connections.remove(connection)
            connection.close()
