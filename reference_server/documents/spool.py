"""Pages that were encoded for one answer, on disk until it is out: encrypted, with a key in memory only, wiped at the next start."""

from __future__ import annotations

import secrets
from collections.abc import AsyncGenerator
from functools import partial
from pathlib import Path

import trio

from reference_server.documents.errors import no_room
from reference_server.documents.reading import CHUNK
from reference_server.pages.spill import SUFFIX, NoSpaceError, Record, SpillFile
from reference_server.threads import in_thread


class Spool:
    """See the module; must be closed. The file is made with the first page.

    Args:
        folder: is there already.
        floor: bytes of disk space that must remain free.
    """

    def __init__(self, folder: Path, floor: int) -> None:
        self._path = folder / f"{secrets.token_hex(8)}{SUFFIX}"
        self._floor = floor
        self._file: SpillFile | None = None

    async def add(self, data: bytes) -> Record:
        """Keep *data*.

        Raises:
            RestError: 507, the disk is full.
        """
        try:
            if self._file is None:
                self._file = await in_thread(lambda: SpillFile(self._path, self._floor))
            return await in_thread(partial(self._file.append, "", data))
        except (NoSpaceError, OSError) as error:
            raise no_room(f"The file cannot be made: {error}") from None

    async def chunks(self, record: Record) -> AsyncGenerator[bytes, None]:
        """What was kept, piece by piece."""
        assert self._file is not None, "a record came from it"
        for index in range(record.frames):
            frame = await in_thread(partial(self._file.frame, record, index))
            for start in range(0, len(frame), CHUNK):
                yield frame[start : start + CHUNK]

    async def close(self) -> None:
        """Remove the file."""
        if self._file is not None:
            with trio.CancelScope(shield=True):  # most of all when the client has left
                await in_thread(self._file.close)
