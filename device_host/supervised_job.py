"""A supervised job and its pages."""

from __future__ import annotations

import math

import trio

from device_host.realtime import Limit
from device_host.stage_trio import StagedJob
from device_host.supervisor import Supervisor
from device_protocol.aio import EncodingJob, Job, Page
from device_protocol.errors import DeviceError
from device_protocol.pages import PageEnd, PageInfo
from device_protocol.states import JobState


class SupervisedJob:
    """A job that never hangs; an :class:`EncodingJob` if the one below is."""

    def __init__(self, supervisor: Supervisor, inner: Job) -> None:
        self._supervisor = supervisor
        self._inner = inner
        self._cancelling = False
        self._settling: set[Limit] = set()

    def prefer(self, media_type: str | None) -> None:
        """See :class:`EncodingJob`."""
        if isinstance(self._inner, EncodingJob) and self._supervisor.incarnation.gone is None:
            self._inner.prefer(media_type)

    async def next_page(self) -> SupervisedPage | None:
        """See :class:`Job`."""
        self._supervisor.refuse_if_gone()
        page = await self._supervisor.call("job", "next_page", self._inner.next_page, progress=self._progress)
        return None if page is None else SupervisedPage(self._supervisor, page)

    async def cancel(self) -> None:
        """See :class:`Job`."""
        if self._supervisor.incarnation.gone is not None:
            await trio.lowlevel.checkpoint()
            return
        with trio.CancelScope(shield=True):
            self.cancelling()
            await self._supervisor.call("job", "cancel", self._inner.cancel)
        await trio.lowlevel.checkpoint_if_cancelled()

    async def settled(self) -> JobState:
        """See :class:`Job`; from the request of a cancellation on there is a deadline."""
        self._supervisor.refuse_if_gone()
        bounds: list[Limit] = []

        def limited(bound: Limit) -> None:
            bounds.append(bound)
            self._settling.add(bound)
            if not self._cancelling:
                bound.within(math.inf)

        try:
            return await self._supervisor.call("job", "settled", self._inner.settled, limited=limited)
        finally:
            self._settling.difference_update(bounds)

    def cancelling(self, error: DeviceError | None = None) -> None:
        """A cancellation was asked for: what an encoding stage holds is dropped, and the end of the job has a deadline now."""
        if isinstance(self._inner, StagedJob):
            self._inner.stop(error)
        if not self._cancelling:
            self._cancelling = True
            for bound in self._settling:
                bound.within(self._supervisor.deadlines.settled)

    def _progress(self) -> float:
        progress_at: float = getattr(self._inner, "progress_at", -math.inf)
        return progress_at


class SupervisedPage:
    """A page that never hangs."""

    def __init__(self, supervisor: Supervisor, inner: Page) -> None:
        self._supervisor = supervisor
        self._inner = inner

    @property
    def info(self) -> PageInfo:
        """See :class:`Page`."""
        return self._inner.info

    async def read(self, max_bytes: int) -> bytes:
        """See :class:`Page`."""
        self._supervisor.refuse_if_gone()
        return await self._supervisor.call("page", "read", self._inner.read, max_bytes)

    async def end(self) -> PageEnd:
        """See :class:`Page`."""
        self._supervisor.refuse_if_gone()
        return await self._supervisor.call("page", "end", self._inner.end)
