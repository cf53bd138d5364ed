"""Which encoding the host shall make: the one that the oldest waiting reader wants."""

from __future__ import annotations

import trio

from device_protocol.aio import DeviceClock, EncodingJob
from reference_server.pages.cursors import Cursor

GRACE = 0.5
"""Seconds for which a reader that was just served still counts as waiting. A client polls, so between two requests nobody waits; without this each page
that is encoded in such a gap would become a PNG and be encoded again for a client that reads nothing but JPEG."""


class Preference:
    """Keeps a running scan informed of what its readers want.

    Args:
        cursor: of the images.
        clock: service clock.
    """

    def __init__(self, cursor: Cursor, clock: DeviceClock) -> None:
        self._cursor = cursor
        self._clock = clock
        self._job: EncodingJob | None = None
        self._last: str | None = None
        self._until = 0.0
        self._fresh = trio.Event()

    def attach(self, job: EncodingJob) -> None:
        """The scan has begun."""
        self._job = job
        self.update()

    def served(self, media_type: str) -> None:
        """A reader was given a page."""
        self._last = media_type
        self._until = self._clock.now() + GRACE
        self._fresh.set()
        self.update()

    def update(self) -> None:
        """Readers came or went."""
        if self._job is not None:
            recent = self._last if self._clock.now() < self._until else None
            self._job.prefer(self._cursor.wanted or recent)

    async def fade(self) -> None:
        """Runs beside the scan: takes back a preference when its moment is over."""
        while True:
            await self._fresh.wait()
            self._fresh = trio.Event()
            while (left := self._until - self._clock.now()) > 0:
                await self._clock.sleep(left)
            self.update()
