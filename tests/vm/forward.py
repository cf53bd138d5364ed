"""One connection of the guest to one port of this host: standard input goes there, what comes from there to standard output. Standard library only."""

import contextlib
import os
import socket
import sys
import threading


def main() -> None:
    """Until both directions are over."""
    with socket.create_connection(("127.0.0.1", int(sys.argv[1]))) as there:
        threading.Thread(target=_onwards, args=(there,), daemon=True).start()
        with contextlib.suppress(OSError):
            while data := there.recv(1 << 16):
                while data:
                    data = data[os.write(1, data) :]


def _onwards(there: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := os.read(0, 1 << 16):
            there.sendall(data)
        there.shutdown(socket.SHUT_WR)


if __name__ == "__main__":
    main()
