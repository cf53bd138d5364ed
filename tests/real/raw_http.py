"""As much of HTTP and of WebSocket as a recorded client needs: bytes go out as they are, answers come back taken apart."""

from __future__ import annotations

import os
import socket
import struct
from dataclasses import dataclass

SECONDS = 60.0
TEXT, CLOSE, PING, PONG = 1, 8, 9, 10


@dataclass(frozen=True)
class Answer:
    """An answer; names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    def __repr__(self) -> str:
        return f"{self.status} {self.headers} {self.body[:300]!r}"


def connect(host: str) -> socket.socket:
    """A connection to ``name:port``."""
    name, _, port = host.rpartition(":")
    return socket.create_connection((name, int(port)), timeout=SECONDS)


class RawHttp:
    """One connection at a time; kept for the next request unless either side says close."""

    def __init__(self, host: str) -> None:
        self._host = host
        self._socket: socket.socket | None = None

    def ask(self, request: bytes) -> Answer:
        """Send *request* as it is."""
        head = request.partition(b"\r\n\r\n")[0].lower()
        if self._socket is None:
            self._socket = connect(self._host)
        self._socket.sendall(request)
        answer, rest = read_answer(self._socket)
        assert rest == b"", "the service sent more than one answer"
        if b"\r\nconnection: close" in head or answer.headers.get("connection") == "close":
            self.close()
        return answer

    def close(self) -> None:
        """Close the connection, if there is one."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None


def read_answer(stream: socket.socket) -> tuple[Answer, bytes]:
    """One answer, and what came behind it."""
    data = b""
    while b"\r\n\r\n" not in data:
        data += _some(stream)
    head, _, rest = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    status = int(first.split()[1])
    size = 0 if status in {101, 204} else int(headers["content-length"])
    while len(rest) < size:
        rest += _some(stream)
    return Answer(status, headers, rest[:size]), rest[size:]


class WebSocket:
    """A WebSocket that was opened with a request of the client's own.

    Args:
        host: ``name:port``.
        request: the handshake.
        first: the first text that the client sends.

    Attributes:
        answer: to the handshake.
    """

    def __init__(self, host: str, request: bytes, first: str) -> None:
        self._socket = connect(host)
        self._socket.sendall(request)
        self.answer, self._data = read_answer(self._socket)
        if self.answer.status == 101:
            self._send(TEXT, first.encode())

    def receive(self) -> str:
        """The next text."""
        while True:
            kind, payload = self._frame()
            if kind == TEXT:
                return payload.decode()
            assert kind == PING, f"frame of kind {kind}: {payload!r}"
            self._send(PONG, payload)

    def close(self) -> None:
        """Say so, and close the connection."""
        self._send(CLOSE, struct.pack(">H", 1000))
        self._socket.close()

    def _send(self, kind: int, payload: bytes) -> None:
        """One masked frame (RFC 6455, 5.2)."""
        size = bytes((0x80 | len(payload),)) if len(payload) < 126 else struct.pack(">BH", 0xFE, len(payload))
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[index % 4] for index, byte in enumerate(payload))
        self._socket.sendall(bytes((0x80 | kind,)) + size + mask + masked)

    def _frame(self) -> tuple[int, bytes]:
        first, second = self._take(2)
        assert first & 0x80, "a message comes in one frame"
        size = second & 0x7F
        if size == 126:
            (size,) = struct.unpack(">H", self._take(2))
        elif size == 127:
            (size,) = struct.unpack(">Q", self._take(8))
        assert size < 1 << 20, "a frame stays under 1 MiB (rest-api.md 5.10)"
        return first & 0x0F, self._take(size)

    def _take(self, count: int) -> bytes:
        while len(self._data) < count:
            self._data += _some(self._socket)
        taken, self._data = self._data[:count], self._data[count:]
        return taken


def _some(stream: socket.socket) -> bytes:
    data = stream.recv(1 << 16)
    assert data, "the service closed the connection"
    return data
