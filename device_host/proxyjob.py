"""A job in a worker and its pages, as if they were here."""

from __future__ import annotations

import time
import weakref

import trio

from device_host.calls import Call
from device_host.workers import Worker
from device_protocol.codes import Code
from device_protocol.delivery import ENCODINGS
from device_protocol.errors import DeviceError, Phase
from device_protocol.pages import PageEnd, PageInfo
from device_protocol.states import JobState


class HostedJob:
    """A scan in a worker; an :class:`EncodingJob` if it was started so."""

    def __init__(self, worker: Worker, handle: int) -> None:
        self.progress_at = time.monotonic()
        self._worker = worker
        self._handle = handle
        self._page: Call | None = None  # left behind by a caller that went away
        weakref.finalize(self, worker.release, handle).atexit = False

    def prefer(self, media_type: str | None) -> None:
        """See :class:`EncodingJob`.

        Raises:
            DeviceError: INVALID_VALUE, it is no type of ours.
        """
        if media_type is not None and media_type not in ENCODINGS:
            raise DeviceError(
                Code.INVALID_VALUE, f"{media_type!r} is none of {', '.join(ENCODINGS)}.", value=media_type
            )
        self._worker.tell({"t": "prefer", "on": self._handle, "type": media_type})

    async def next_page(self) -> HostedPage | None:
        """See :class:`Job`; a page whose caller went away before it came is given to the next caller."""
        while True:
            call, self._page = self._page, None
            if call is None:
                call = self._worker.post(self._handle, "next_page")
                call.on_progress = self._note_progress
            call.abandoned = False
            try:
                reply = await call.wait()
            except trio.Cancelled:
                self._page = call
                self._worker.abandon(call)
                raise
            if reply.abandoned:
                continue
            if not reply.handle:
                return None
            if not isinstance(reply.value, PageInfo):
                raise self._worker.garbage("a page without information")
            return HostedPage(self._worker, reply.handle, reply.value)

    async def cancel(self) -> None:
        """See :class:`Job`."""
        await self._worker.call(self._handle, "cancel")

    async def settled(self) -> JobState:
        """See :class:`Job`."""
        call = self._worker.post(self._handle, "settled", waits_for_device=True)
        try:
            state: JobState = (await call.wait()).value
        except trio.Cancelled:
            self._worker.tell({"t": "abandon", "id": call.number})
            raise
        return state

    def _note_progress(self) -> None:
        self.progress_at = time.monotonic()


class HostedPage:
    """A page in a worker."""

    def __init__(self, worker: Worker, handle: int, info: PageInfo) -> None:
        self._worker = worker
        self._handle = handle
        self._info = info
        self._strip: Call | None = None  # left behind by a caller that went away
        self._rest = b""
        weakref.finalize(self, worker.release, handle).atexit = False

    @property
    def info(self) -> PageInfo:
        """See :class:`Page`."""
        return self._info

    async def read(self, max_bytes: int) -> bytes:
        """See :class:`Page`; a strip whose caller went away before it came is given to the next caller."""
        if self._rest:
            await trio.lowlevel.checkpoint()
            return self._cut(self._rest, max_bytes)
        while True:
            call, self._strip = self._strip, None
            late = call is not None
            if call is None:
                call = self._worker.post(self._handle, "read", (max_bytes,))
            call.abandoned = False
            try:
                reply = await call.wait()
            except trio.Cancelled:
                self._strip = call
                self._worker.abandon(call)
                raise
            if not reply.abandoned:
                strip = reply.blob if reply.value is None else reply.value
                return self._cut(strip, max_bytes) if late else strip

    async def end(self) -> PageEnd:
        """See :class:`Page`."""
        end: PageEnd = (await self._worker.call(self._handle, "end")).value
        return end

    def _cut(self, strip: bytes, max_bytes: int) -> bytes:
        if type(max_bytes) is not int or max_bytes < 1:
            raise DeviceError(
                Code.INVALID_VALUE, f"Cannot read {max_bytes!r} bytes.", phase=Phase.READ, value=max_bytes
            )
        self._rest = strip[max_bytes:]
        return strip[:max_bytes]
