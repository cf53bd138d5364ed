"""The host's end of the socket: frames in and out of a worker, each in a task of its own.

Callers never write to the socket themselves: a cancelled caller would leave half a frame. They queue whole frames, and wait for the reply of their number.
"""

from __future__ import annotations

import socket
from collections import deque
from collections.abc import Callable
from typing import Any, Final

import trio

from device_host.frames import Buffer, Decoder, Frame, encode, encode_head

_SMALL: Final = 16 << 10
_BACKLOG: Final = 4096


class Link:
    """Frames over a socket.

    Args:
        sock: connected; becomes the link's own.
        take: called for each frame, in order. What it raises ends :meth:`receive`.
    """

    def __init__(self, sock: socket.socket, take: Callable[[Frame], None]) -> None:
        sock.setblocking(False)
        self._socket = trio.socket.from_stdlib_socket(sock)
        self._take = take
        self._outgoing: deque[Buffer] = deque()
        self._more = trio.Event()

    def queue(self, header: dict[str, Any], blob: Buffer = b"") -> None:
        """Have a frame sent.

        Raises:
            FrameError: it is beyond a limit.
            BrokenPipeError: the worker has not read for so long that it cannot be alive.
        """
        if len(self._outgoing) > _BACKLOG:
            raise BrokenPipeError(f"{_BACKLOG} frames wait to be read")
        size = memoryview(blob).nbytes
        if size <= _SMALL:
            self._outgoing.append(encode(header, blob))
        else:
            self._outgoing.append(encode_head(header, size))
            self._outgoing.append(blob)
        self._more.set()

    async def send(self) -> None:
        """Send what is queued, until cancelled; the writer task. A worker that has gone is noticed by :meth:`receive`."""
        while True:
            while self._outgoing:
                view = memoryview(self._outgoing.popleft())
                while view.nbytes:
                    try:
                        view = view[await self._socket.send(view) :]
                    except OSError:
                        return
            self._more = trio.Event()
            await self._more.wait()

    async def receive(self) -> None:
        """Hand over frames until the worker closes; the reader task.

        Raises:
            FrameError: garbage, or cut off in the middle of a frame.
        """
        decoder = Decoder()
        while True:
            with decoder.space() as space:
                try:
                    count = await self._socket.recv_into(space)
                except OSError:
                    count = 0
            if not count:
                decoder.end()
                return
            for frame in decoder.received(count):
                self._take(frame)

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()
