"""What a worker printed: the last of it, for the error that its death becomes, and line by line for the log."""

from __future__ import annotations

import logging
from typing import Final

_LIMIT: Final = 64 << 10
_LINE: Final = 4096

logger = logging.getLogger("flatbed.worker")


class Dump:
    """The last 64 KiB of a worker's stdout and stderr."""

    def __init__(self, limit: int = _LIMIT) -> None:
        self._limit = limit
        self._bytes = bytearray()
        self._line = bytearray()
        self.name = "worker"

    def add(self, data: bytes | memoryview) -> None:
        """The worker printed *data*."""
        self._bytes += data
        if len(self._bytes) > 2 * self._limit:
            del self._bytes[: -self._limit]
        self._line += data
        *lines, rest = self._line.split(b"\n")
        self._line = bytearray(rest[-_LINE:])
        for line in lines:
            logger.info("%s: %s", self.name, bytes(line[:_LINE]).decode(errors="replace").rstrip())

    @property
    def text(self) -> str:
        """What is kept, as text."""
        return bytes(self._bytes[-self._limit :]).decode(errors="replace")
