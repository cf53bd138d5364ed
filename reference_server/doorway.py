"""The accept loop of one listening socket. However many clients come, it answers at once: with a seat, or with 503 and ``Retry-After``.

Left to themselves, 1,024 descriptors and as many long polls froze Hypercorn for good: accepting failed, was tried again and again, and nobody who could have
ended a poll got in. So there is a reserve (:mod:`reference_server.descriptors`): when all seats are taken, a look at the first bytes of a new connection says
whether it is a request that never waits (:data:`RESERVED`), which is served, or one that would stay, which is refused by a write of a few prepared bytes.
"""

from __future__ import annotations

import errno
import json
import re
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from enum import Enum, auto

import structlog
import trio

from reference_server.connections import Connection, Connections
from reference_server.errors import overloaded
from reference_server.sockets import BACKLOG, not_listening

log = structlog.get_logger("doorway")

BATCH = 16
"""Connections that are accepted in a row before the requests under way have their turn."""
LOOK_BYTES = 512
DISCARD_BYTES = 1 << 16
IDLE_SECONDS = 1.0
"""A connection that has been idle for so long gives its seat to a new one."""
NO_DESCRIPTOR_SECONDS = 0.1
_NO_DESCRIPTOR = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_CONNECTION_LOST = {
    errno.ECONNABORTED,
    errno.EPROTO,
    errno.EPERM,
    errno.ENETDOWN,
    errno.EHOSTUNREACH,
    errno.ENETUNREACH,
}

_JOB = rb"/+api/+device/+scanners/+jobs/+[^/ ?]+"
RESERVED = re.compile(rb"GET /+api/+server/+version[ ?]|(GET|DELETE) " + _JOB + rb"[ ?]|OPTIONS /")
"""Requests that never wait and by which a client finds out what is the matter, or makes room: their first bytes."""

ServeOne = Callable[[trio.SocketStream, Connection], Awaitable[None]]


class Look(Enum):
    """What the first bytes of somebody who found no seat say."""

    RESERVED = auto()
    OTHER = auto()
    NOTHING_YET = auto()


class Doorway:
    """See the module.

    Args:
        sock: listens already, or waits for :meth:`reopen`.
        connections: all of the service.
        serve_one: serves a connection.
        nursery: for those that serve.
        peek: whether first bytes can be read, which TLS prevents. Behind TLS a connection without a seat is served as long as there is room, and the
            application refuses its request.

    Attributes:
        port: it listens on.
        greet: looks at a new connection first; False when it has closed it (a fault, in lab mode).
    """

    def __init__(
        self, sock: socket.socket, connections: Connections, serve_one: ServeOne, nursery: trio.Nursery, *, peek: bool
    ) -> None:
        self._sock = sock
        self._connections = connections
        self._serve_one = serve_one
        self._nursery = nursery
        self._peek = peek
        self._refusal = _refusal()
        self._opened = None if sock.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN) else trio.Event()
        self.port = int(sock.getsockname()[1])
        self.greet: Callable[[socket.socket], bool] = lambda _sock: True

    async def run(self) -> None:
        """Accept for ever."""
        while True:
            if self._opened is not None:
                await self._opened.wait()
            try:
                await trio.lowlevel.wait_readable(self._sock)
            except trio.ClosedResourceError:
                continue  # it was shut
            try:
                for _ in range(BATCH):
                    sock, _ = self._sock.accept()
                    sock.setblocking(False)
                    if self.greet(sock):
                        self._admit(sock)
            except BlockingIOError:
                continue
            except OSError as error:
                if error.errno in _NO_DESCRIPTOR:
                    await self._without_descriptors(error)
                elif error.errno not in _CONNECTION_LOST:
                    raise

    def shut(self) -> None:
        """Stop listening: new connections are refused, those that nobody has accepted yet are reset. The port stays ours."""
        if self._opened is None:
            self._opened = trio.Event()
            trio.lowlevel.notify_closing(self._sock)
            self._sock = not_listening(self._sock)

    def reopen(self) -> None:
        """Listen again."""
        if self._opened is not None:
            self._sock.listen(BACKLOG)
            self._opened.set()
            self._opened = None

    def close(self) -> None:
        """Close the listening socket."""
        self._sock.close()

    async def _without_descriptors(self, error: OSError) -> None:
        """Something else has used up the reserve: an idle connection gives its descriptor back, or else there is nothing to do but wait."""
        if not self._connections.make_room():
            log.error("no descriptors left", error=error.strerror, connections=len(self._connections))
            await trio.sleep(NO_DESCRIPTOR_SECONDS)

    def _admit(self, sock: socket.socket) -> None:
        connections = self._connections
        if connections.full and not connections.make_room():
            self._refuse(sock)
            return
        crowded = connections.crowded and not connections.make_room(IDLE_SECONDS)
        look = _look(sock) if crowded and self._peek else Look.RESERVED
        if look is Look.OTHER:
            self._refuse(sock)
            return
        connection = Connection(sock, trio.current_time(), crowded)
        connections.add(connection)
        self._nursery.start_soon(self._serve, connection, look)

    async def _serve(self, connection: Connection, look: Look) -> None:
        """One connection, to its end. What goes wrong in it stays in it."""
        try:
            with connection.scope:
                if look is Look.NOTHING_YET:
                    connection.received(trio.current_time())  # the sweep waits for its head, but not for long
                    await trio.lowlevel.wait_readable(connection.sock)
                    look = _look(connection.sock)
                if look is Look.RESERVED:
                    stream = trio.SocketStream(trio.socket.from_stdlib_socket(connection.sock))
                    await self._serve_one(stream, connection)
                else:
                    self._refuse(connection.sock)
        except (OSError, trio.ClosedResourceError):
            return  # it went away meanwhile
        except Exception:
            log.exception("connection failed")
        finally:
            self._connections.remove(connection)
            connection.close()

    def _refuse(self, sock: socket.socket) -> None:
        """Say that there is no seat, and close; what was received is taken first, since closing over it would destroy the answer on its way."""
        self._connections.refused += 1
        with sock, suppress(OSError):
            with suppress(BlockingIOError):
                sock.recv(DISCARD_BYTES)
            sock.send(self._refusal)
            sock.shutdown(socket.SHUT_WR)


def _look(sock: socket.socket) -> Look:
    try:
        data = sock.recv(LOOK_BYTES, socket.MSG_PEEK)
    except BlockingIOError:
        return Look.NOTHING_YET
    except OSError:
        return Look.OTHER
    return Look.RESERVED if RESERVED.match(data) else Look.OTHER


def _refusal() -> bytes:
    """The answer to whoever finds no seat, with its head, as bytes."""
    error = overloaded("The service has too many connections.")
    body = json.dumps(error.body()).encode()
    head = [
        f"HTTP/1.1 {error.status} Service Unavailable",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        "Connection: close",
        *(f"{name}: {value}" for name, value in error.headers.items()),
    ]
    return "\r\n".join([*head, "", ""]).encode() + body
