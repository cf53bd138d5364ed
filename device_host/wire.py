"""The worker's end of the socket for code that blocks. Standard library only."""

from __future__ import annotations

import select
import socket
import threading
from typing import Any, Final

from device_host.frames import Buffer, Decoder, Frame, encode, encode_head
from device_host.messages import PART, PART_BYTES

_SMALL: Final = 16 << 10


class Closed(Exception):  # noqa: N818  # the end of a conversation is no defect
    """The other side has closed the socket."""


class Wire:
    """Frames over a blocking socket: any thread may send, one receives."""

    def __init__(self, sock: socket.socket) -> None:
        self.socket = sock
        self._lock = threading.Lock()
        self._decoder = Decoder()
        self._frames: list[Frame] = []

    def send(self, header: dict[str, Any], blob: Buffer = b"") -> None:
        """Send a frame.

        Raises:
            OSError: the other side is gone.
            FrameError: the frame is beyond a limit.
        """
        size = memoryview(blob).nbytes
        with self._lock:
            if size <= _SMALL:
                self.socket.sendall(encode(header, blob))
            else:
                self.socket.sendall(encode_head(header, size))
                self.socket.sendall(blob)

    def send_parts(self, header: dict[str, Any], blob: Buffer) -> None:
        """Send a frame whose blob may need several."""
        view = memoryview(blob)
        while view.nbytes > PART_BYTES:
            self.send({"t": PART, "id": header["id"]}, view[:PART_BYTES])
            view = view[PART_BYTES:]
        self.send(header, view)

    def receive(self, timeout: float | None = None) -> Frame | None:
        """The next frame, or None if none came within *timeout* seconds.

        Raises:
            Closed: the other side has closed.
            FrameError: garbage.
        """
        while not self._frames:
            if not select.select([self.socket], [], [], timeout)[0]:
                return None
            with self._decoder.space() as space:
                try:
                    count = self.socket.recv_into(space)
                except ConnectionError:
                    count = 0
            if not count:
                raise Closed
            self._frames = self._decoder.received(count)
        return self._frames.pop(0)

    def left_over(self) -> tuple[list[Frame], Decoder]:
        """What another reader of the socket needs to go on: frames that came already, and the decoder."""
        return self._frames, self._decoder
