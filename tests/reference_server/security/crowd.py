"""A crowd of clients in a process of its own: each connects, polls for a page, waits, and comes again when it is told to.

``python -m tests.reference_server.security.crowd PORT PATH CLIENTS SECONDS`` prints how often each status was answered, as JSON.
"""

from __future__ import annotations

import heapq
import json
import random
import selectors
import socket
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

RETRY_SECONDS = 2.0
"""What ``Retry-After`` says; a client waits so long, and up to half of it more."""
AT_ONCE = 256
"""Connections that are begun between two looks at the others."""


class Crowd:
    """All its clients.

    Args:
        port: of the service, on 127.0.0.1.
        path: that each of them asks for.
        clients: how many.
    """

    def __init__(self, port: int, path: str, clients: int) -> None:
        self._address = ("127.0.0.1", port)
        self._request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
        self._selector = selectors.DefaultSelector()
        self._due = [0.0] * clients
        self._random = random.Random(clients)
        self.told: Counter[str] = Counter()
        self.open = self.most_open = 0

    def run(self, seconds: float) -> None:
        """Poll for so long, then leave without a word."""
        end = time.monotonic() + seconds
        while (now := time.monotonic()) < end:
            for _ in range(AT_ONCE):
                if not self._due or self._due[0] > now:
                    break
                heapq.heappop(self._due)
                self._come()
            for key, mask in self._selector.select(0 if self._due and self._due[0] <= now else 0.05):
                sock = key.fileobj
                assert isinstance(sock, socket.socket)
                self._go_on(sock, mask)
        for key in list(self._selector.get_map().values()):
            assert isinstance(key.fileobj, socket.socket)
            key.fileobj.close()

    def _come(self) -> None:
        sock = socket.socket()
        sock.setblocking(False)
        try:
            sock.connect(self._address)
        except BlockingIOError:
            pass
        except OSError:
            sock.close()
            self._later("no connection")
            return
        self.open += 1
        self.most_open = max(self.open, self.most_open)
        self._selector.register(sock, selectors.EVENT_WRITE)

    def _go_on(self, sock: socket.socket, mask: int) -> None:
        try:
            if mask & selectors.EVENT_WRITE:
                sock.send(self._request)
                self._selector.modify(sock, selectors.EVENT_READ)
                return
            data = sock.recv(4096)
        except OSError:
            data = b""
        self._selector.unregister(sock)
        sock.close()
        self.open -= 1
        self._later(data[9:12].decode() or "closed")

    def _later(self, what: str) -> None:
        self.told[what] += 1
        heapq.heappush(self._due, time.monotonic() + RETRY_SECONDS * (1 + self._random.random() / 2))


@contextmanager
def crowd(port: int, path: str, clients: int, seconds: float) -> Iterator[list[dict[str, int]]]:
    """Such a process for the length of the block; afterwards the list has what the clients were told."""
    import subprocess  # noqa: PLC0415  # the crowd itself needs none

    command = [sys.executable, "-m", __spec__.name, str(port), path, str(clients), str(seconds)]
    told: list[dict[str, int]] = []
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            yield told
            told.append(json.loads(process.communicate(timeout=60)[0]))
        finally:
            process.kill()


def main(arguments: list[str]) -> None:
    """See the module."""
    import resource  # noqa: PLC0415  # Unix only

    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    people = Crowd(int(arguments[0]), arguments[1], int(arguments[2]))
    people.run(float(arguments[3]))
    sys.stdout.write(json.dumps({**people.told, "most open": people.most_open}))


if __name__ == "__main__":
    main(sys.argv[1:])
