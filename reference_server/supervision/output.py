"""What the service prints on standard error goes through the monitor, which passes it on and remembers the end of it for a dump."""

from __future__ import annotations

import os
from contextlib import suppress

from reference_server.supervision.dumps import TAIL_BYTES

STDERR = 2


class Output:
    """See the module. One pipe for all services of a monitor, since workers may print after their service has gone.

    Attributes:
        read_end, write_end: of the pipe.
    """

    def __init__(self) -> None:
        self.read_end, self.write_end = os.pipe()
        os.set_blocking(self.read_end, False)
        self._tail = b""

    def pump(self) -> None:
        """Pass on what there is."""
        with suppress(BlockingIOError):
            while data := os.read(self.read_end, TAIL_BYTES):
                self._tail = (self._tail + data)[-TAIL_BYTES:]
                _pass_on(data)

    def take_tail(self) -> bytes:
        """What was printed last, since the last call."""
        self.pump()
        tail, self._tail = self._tail, b""
        return tail

    def close(self) -> None:
        """Pass on the rest, and no more."""
        self.pump()
        os.close(self.read_end)
        os.close(self.write_end)


def _pass_on(data: bytes) -> None:
    with suppress(OSError):  # nobody reads: it is lost, as it would be without a monitor
        while data:
            data = data[os.write(STDERR, data) :]
