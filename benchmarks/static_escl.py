"""A static eSCL scanner for comparison: pages that lie encoded in memory, and as little as a client needs around them.

Blocking sockets, a thread for each connection, no XML read, no state but how many pages of the job are left. It shows what a client reaches at most.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator, Sequence

STATUS = (
    '<?xml version="1.0" encoding="UTF-8"?>'
    '<scan:ScannerStatus xmlns:scan="http://schemas.hp.com/imaging/escl/2011/05/03" xmlns:pwg="http://www.pwg.org/schemas/2010/12/sm">'
    "<pwg:Version>2.6</pwg:Version><pwg:State>Idle</pwg:State><scan:AdfState>{}</scan:AdfState></scan:ScannerStatus>"
)


class StaticScanner:
    """Serves one job after the other, each with all the pages.

    Args:
        capabilities: the document.
        pages: JPEG files.

    Attributes:
        port: on the loopback address.
    """

    def __init__(self, capabilities: bytes, pages: Sequence[bytes]) -> None:
        self._capabilities = capabilities
        self._pages = pages
        self._next = 0
        self._socket = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port: int = self._socket.getsockname()[1]

    def close(self) -> None:
        """Accept nobody any more."""
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()

    def serve(self) -> None:
        """Accept until :meth:`close`."""
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._socket.accept()
                threading.Thread(target=self._talk, args=(connection,), daemon=True).start()

    def _talk(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError), connection:
            data = b""
            while b"\r\n\r\n" not in data:
                data += connection.recv(65536)
            head, _, body = data.partition(b"\r\n\r\n")
            missing = _length(head) - len(body)
            while missing > 0:
                missing -= len(connection.recv(65536))
            status, kind, answer = self._answer(*head.split(b" ", 2)[:2])
            extra = f"Location: http://127.0.0.1:{self.port}/eSCL/ScanJobs/1\r\n" if status.startswith("201") else ""
            told = f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {len(answer)}\r\n{extra}Connection: close\r\n\r\n"
            connection.sendall(told.encode() + answer)

    def _answer(self, method: bytes, path: bytes) -> tuple[str, str, bytes]:
        if method == b"POST":
            self._next = 0
            return "201 Created", "text/plain", b""
        if path.endswith(b"/ScannerCapabilities"):
            return "200 OK", "text/xml", self._capabilities
        if path.endswith(b"/ScannerStatus"):
            state = "Loaded" if self._next < len(self._pages) else "Empty"
            return "200 OK", "text/xml", STATUS.format(f"ScannerAdf{state}").encode()
        if path.endswith(b"/NextDocument") and self._next < len(self._pages):
            self._next += 1
            return "200 OK", "image/jpeg", self._pages[self._next - 1]
        return ("200 OK" if method == b"DELETE" else "404 Not Found"), "text/plain", b""


@contextlib.contextmanager
def static_scanner(capabilities: bytes, pages: Sequence[bytes]) -> Iterator[str]:
    """A static scanner for the length of the block; gives its address."""
    scanner = StaticScanner(capabilities, pages)
    thread = threading.Thread(target=scanner.serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{scanner.port}/eSCL"
    finally:
        scanner.close()
        thread.join()


def _length(head: bytes) -> int:
    for line in head.split(b"\r\n"):
        name, _, value = line.partition(b":")
        if name.lower() == b"content-length":
            return int(value)
    return 0
