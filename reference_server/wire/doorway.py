"""The accept loop of one listening socket. However many clients come, it answers at once: with a seat, or with 503 and ``Retry-After``.

Left to themselves, 1,024 descriptors and as many long polls froze Hypercorn for good: accepting failed, was tried again and again, and nobody who could have
ended a poll got in. So there is a reserve (:mod:`reference_server.wire.descriptors`): when all seats are taken, a look at the first bytes of a new
connection says whether it is a request that never waits, which is served, or one that would stay, which is sent away (:mod:`reference_server.wire.triage`).
"""

from __future__ import annotations

import errno
import math
import socket
from collections.abc import Awaitable, Callable

import structlog
import trio

from reference_server.wire.connections import Connection, Connections
from reference_server.wire.sockets import BACKLOG, not_listening
from reference_server.wire.triage import Verdict, judge, refuse

log = structlog.get_logger("doorway")

LET_IN = 8
SENT_AWAY = 64
"""Connections that are let in, or sent away, in a row before the requests under way have their turn: sending away is cheap, serving is not."""
IDLE_SECONDS = 5.0
"""A connection that has been idle for so long gives its seat to a new one."""
SWAMPED = 256
SWAMPED_SECONDS = 0.5
"""When the queue of new connections has not been empty for so long, and so many came out of it, more come than can be served, and who may be sent away is."""
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

ServeOne = Callable[[trio.SocketStream, Connection], Awaitable[None]]


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
        self._behind_since, self._behind = math.inf, 0
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
            if self._opened is not None:
                continue  # the same
            self._behind_since = min(self._behind_since, trio.current_time())
            try:
                let_in = 0
                for _ in range(SENT_AWAY):
                    sock, _ = self._sock.accept()
                    sock.setblocking(False)
                    self._behind += 1
                    let_in += self.greet(sock) and self._admit(sock)
                    if let_in == LET_IN:
                        break
            except BlockingIOError:
                self._behind_since, self._behind = math.inf, 0
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

    def _admit(self, sock: socket.socket) -> bool:
        """Give it a seat, or send it away; whether it was let in."""
        connections = self._connections
        if connections.full and not connections.make_room():
            self._refuse(sock)
            return False
        swamped = self._behind > SWAMPED and trio.current_time() - self._behind_since > SWAMPED_SECONDS
        seated = not swamped and (not connections.crowded or connections.make_room(IDLE_SECONDS))
        verdict = judge(sock, connections, seated=seated) if self._peek else Verdict.SERVE
        if verdict is Verdict.REFUSE:
            self._refuse(sock)
            return False
        connection = Connection(sock, trio.current_time(), crowded=not seated)
        connections.add(connection)
        self._nursery.start_soon(self._serve, connection, verdict)
        return True

    async def _serve(self, connection: Connection, verdict: Verdict) -> None:
        """One connection, to its end. What goes wrong in it stays in it."""
        try:
            with connection.scope:
                if verdict is Verdict.WAIT:
                    connection.received(trio.current_time())  # the sweep waits for its head, but not for long
                    await trio.lowlevel.wait_readable(connection.sock)
                    verdict = judge(connection.sock, self._connections, seated=False)
                if verdict is Verdict.SERVE:
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
        self._connections.refused += 1
        refuse(sock)
