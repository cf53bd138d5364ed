"""All connections of the service, whatever door they came through: how many there are, which of them are idle, and which have to go.

Rules, looked at by one sweep a second instead of by a timer each:

* an idle connection is closed after :data:`KEEP_ALIVE_SECONDS`, and before that when its place is needed, the longest idle first;
* a head that has begun must be complete within ``head_seconds`` (slowloris, S-073);
* a client that has left is noticed even when nothing of it is being read: while pipelined requests or an over-long body wait, Hypercorn reads nothing.
"""

from __future__ import annotations

import socket
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import structlog
import trio

from reference_server.wire.descriptors import Budget

log = structlog.get_logger("connections")

KEEP_ALIVE_SECONDS = 75.0
SWEEP_SECONDS = 1.0
CONNECTION = "flatbed.connection"
"""Where the scope of a request has its :class:`Connection`, in ``scope["state"]``."""
_TCP_INFO = getattr(socket, "TCP_INFO", None)
_TCP_CLOSE, _TCP_CLOSE_WAIT = 7, 8
"""States of a connection that its other end has reset, or will send nothing on any more (Linux ``tcp_states.h``; the first byte of ``TCP_INFO``)."""


@dataclass(eq=False, slots=True)
class Connection:
    """One connection.

    Attributes:
        sock: of it.
        since: when it became idle, or its request began.
        crowded: there were no seats left when it came: it is for one request that never waits.
        busy: whether a request is under way.
        head_since: when the first byte of an incomplete head came.
        client_left: tells the request under way that its client has gone; None while there is none.
        doomed: the last sweep found it closed, with nothing that could be told so.
        scope: of everything that serves it.
        same_user: whether our user has its other end, as far as the system tells; empty until somebody asked.
    """

    sock: socket.socket
    since: float
    crowded: bool = False
    busy: bool = False
    head_since: float | None = None
    client_left: Callable[[], None] | None = None
    doomed: bool = False
    scope: trio.CancelScope = field(default_factory=trio.CancelScope)
    same_user: tuple[bool | None] | None = None

    @property
    def closed(self) -> bool:
        """Whether it was closed by us."""
        return self.sock.fileno() < 0

    def close(self) -> None:
        """Close it; whoever reads or writes it is told."""
        if not self.closed:
            trio.lowlevel.notify_closing(self.sock)
            self.sock.close()

    def left(self) -> bool:
        """Whether its client has closed or reset it, where the system tells without reading."""
        if _TCP_INFO is None:
            return False
        try:
            return self.sock.getsockopt(socket.IPPROTO_TCP, _TCP_INFO, 1)[0] in {_TCP_CLOSE, _TCP_CLOSE_WAIT}
        except OSError:
            return True

    def received(self, now: float) -> None:
        """Bytes came; between requests they begin a head."""
        if not self.busy and self.head_since is None:
            self.head_since = now


def connection_of(scope: Mapping[str, Any]) -> Connection | None:
    """The connection of an ASGI request; None for a request that came over none."""
    connection: Connection | None = scope.get("state", {}).get(CONNECTION)
    return connection


class Connections:
    """See the module.

    Args:
        budget: what may be open.
        head_seconds: within which a head must be complete.
        polls_full: says whether as many requests wait for a page of the job with this UID as may.

    Attributes:
        refused, evicted: how many, since the start.
    """

    def __init__(
        self, budget: Budget, head_seconds: float, polls_full: Callable[[str], bool] = lambda _uid: False
    ) -> None:
        self.budget = budget
        self.polls_full = polls_full
        self.refused = 0
        self.evicted = 0
        self._head_seconds = head_seconds
        self._idle: OrderedDict[Connection, None] = OrderedDict()
        self._busy: set[Connection] = set()

    def __len__(self) -> int:
        return len(self._idle) + len(self._busy)

    @property
    def crowded(self) -> bool:
        """Whether all seats are taken."""
        return len(self) >= self.budget.seats

    @property
    def full(self) -> bool:
        """Whether there is no room for another one at all."""
        return len(self) >= self.budget.connections

    def add(self, connection: Connection) -> None:
        """A new one."""
        self._idle[connection] = None

    def remove(self, connection: Connection) -> None:
        """It has come to its end."""
        self._idle.pop(connection, None)
        self._busy.discard(connection)

    def turned(self, connection: Connection, *, idle: bool) -> None:
        """A request has begun on it, or ended."""
        connection.since = trio.current_time()
        connection.head_since = None
        connection.busy = not idle
        if idle:
            self._busy.discard(connection)
            self._idle[connection] = None
        else:
            self._idle.pop(connection, None)
            self._busy.add(connection)

    def make_room(self, seconds: float = 0.0) -> bool:
        """Close the connection that has been idle longest; False if none has been for *seconds*."""
        connection = next(iter(self._idle), None)
        if connection is None or trio.current_time() - connection.since < seconds:
            return False
        del self._idle[connection]
        self._end(connection)
        self.evicted += 1
        return True

    def close_idle(self) -> None:
        """Close all that are idle: the service goes down."""
        for connection in tuple(self._idle):
            self._end(connection)

    def cut(self, which: Callable[[Connection], bool] = lambda _connection: True) -> int:
        """End all of them, or those of a kind, whatever they do; how many there were.

        A send of Hypercorn to a client that takes nothing cannot be cancelled (it is shielded), only its socket can be closed.
        """
        everything = [connection for connection in (*self._idle, *self._busy) if which(connection)]
        for connection in everything:
            connection.close()
        return len(everything)

    async def sweep(self) -> None:
        """Runs beside the service; see the rules of the module."""
        while True:
            await trio.sleep(SWEEP_SECONDS)
            now = trio.current_time()
            for connection in [connection for connection in self._idle if self._overdue(connection, now)]:
                self._end(connection)
            for connection in tuple(self._busy):
                self._look_after(connection)

    def _overdue(self, connection: Connection, now: float) -> bool:
        if connection.head_since is not None and now - connection.head_since > self._head_seconds:
            log.info("head too slow", seconds=round(now - connection.head_since, 1))
            return True
        return now - connection.since > KEEP_ALIVE_SECONDS

    def _look_after(self, connection: Connection) -> None:
        """Tell a request that its client has gone; and end what still serves a connection whose socket is closed and whose request is over."""
        if not connection.closed and not connection.left():
            return
        if connection.client_left is not None:
            connection.client_left()
        elif connection.doomed:
            self._end(connection)
        connection.doomed = True

    def _end(self, connection: Connection) -> None:
        connection.close()
        connection.scope.cancel()
