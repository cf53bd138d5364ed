"""A connection in memory that behaves like one over the loopback device: bounded, so that who sends to somebody who reads nothing has to wait."""

from __future__ import annotations

import socket
from dataclasses import dataclass, field

import trio

ROOM = 256 << 10
"""Bytes under way in each direction: what the kernel takes for a client that does not read."""


@dataclass(slots=True, eq=False)
class _Way:
    """One direction."""

    room: int = ROOM
    data: bytearray = field(default_factory=bytearray)
    ended: bool = False
    deaf: bool = False
    changed: trio.Event = field(default_factory=trio.Event)

    def wake(self) -> None:
        self.changed.set()
        self.changed = trio.Event()


@dataclass(frozen=True, slots=True)
class Address:
    """What Hypercorn asks of a connection's socket."""

    here: tuple[str, int]
    there: tuple[str, int]
    family: int = int(socket.AF_INET)

    def getsockname(self) -> tuple[str, int]:
        """Our end."""
        return self.here

    def getpeername(self) -> tuple[str, int]:
        """The other end."""
        return self.there


class PipeStream(trio.abc.HalfCloseableStream):
    """One end.

    Attributes:
        socket: the addresses, in the place where a socket stream has its socket.
        closed: whether this end was closed.
    """

    def __init__(self, incoming: _Way, outgoing: _Way, address: Address) -> None:
        self.socket = address
        self.closed = False
        self._in = incoming
        self._out = outgoing

    @property
    def left(self) -> bool:
        """Whether the other end was closed."""
        return self._out.deaf

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Send everything; waits while there is no room."""
        await trio.lowlevel.checkpoint()
        rest = memoryview(data)
        while True:
            if self.closed or self._out.ended:
                raise trio.ClosedResourceError
            if self._out.deaf:
                raise trio.BrokenResourceError
            room = self._out.room - len(self._out.data)
            if room > 0 and rest:
                self._out.data += rest[:room]
                rest = rest[room:]
                self._out.wake()
            if not rest:
                return
            await self._out.changed.wait()

    async def wait_send_all_might_not_block(self) -> None:
        """See trio."""
        while len(self._out.data) >= self._out.room and not self._out.deaf and not self.closed:
            await self._out.changed.wait()

    async def send_eof(self) -> None:
        """Nothing more will come from this end."""
        await trio.lowlevel.checkpoint()
        if self.closed:
            raise trio.ClosedResourceError
        self._out.ended = True
        self._out.wake()

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        """What has come; empty at the end."""
        await trio.lowlevel.checkpoint()
        while not self._in.data:
            if self.closed:
                raise trio.ClosedResourceError
            if self._in.ended:
                return b""
            await self._in.changed.wait()
        if self.closed:
            raise trio.ClosedResourceError
        size = len(self._in.data) if max_bytes is None else max_bytes
        taken = bytes(self._in.data[:size])
        del self._in.data[:size]
        self._in.wake()
        return taken

    def close(self) -> None:
        """Close this end, at once; the other one reads what is under way, and then the end."""
        if not self.closed:
            self.closed = True
            self._out.ended = True
            self._in.deaf = True
            self._in.data.clear()
            self._out.wake()
            self._in.wake()

    async def aclose(self) -> None:
        """Close this end."""
        self.close()
        await trio.lowlevel.checkpoint()


def pipe(client: tuple[str, int], server: tuple[str, int], room: int = ROOM) -> tuple[PipeStream, PipeStream]:
    """A new connection: the client's end and the server's; *room* bytes fit into each direction."""
    up, down = _Way(room), _Way(room)
    return PipeStream(down, up, Address(client, server)), PipeStream(up, down, Address(server, client))
