"""All jobs of a service: who has which scanner, which UIDs are known or were removed, and one nursery in which every job lives."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import structlog
import trio

from reference_server.config import Limits
from reference_server.errors import deleted_job, locked, no_space, overloaded, unknown_job
from reference_server.events.hub import EventHub
from reference_server.jobs.job import Job, JobRequest
from reference_server.jobs.scanning import Workshop, outlive, run_job
from reference_server.jobs.states import State
from reference_server.pages.buffer import PageBuffer
from reference_server.pages.spill import NoSpaceError

log = structlog.get_logger("jobs")


class JobRegistry:
    """See the module. Made by :func:`open_registry`.

    Attributes:
        closing: the service is going down.
        last_device: id of the device that was used last.
        expired: jobs that were removed because their time was over or others came after them.
    """

    def __init__(self, shop: Workshop, buffer: PageBuffer, limits: Limits, nursery: trio.Nursery) -> None:
        self._shop = shop
        self._buffer = buffer
        self._limits = limits
        self._nursery = nursery
        self._jobs: dict[str, Job] = {}
        self._removed: OrderedDict[str, None] = OrderedDict()
        self._holders: dict[str, Job] = {}
        self._ended: dict[str, Job] = {}
        self.closing = False
        self.last_device: str | None = None
        self.expired = 0

    def __len__(self) -> int:
        return len(self._jobs)

    @property
    def events(self) -> EventHub:
        """Where everything that happens is told."""
        return self._shop.events

    def jobs(self) -> tuple[Job, ...]:
        """All jobs that are kept, oldest first."""
        return tuple(self._jobs.values())

    @property
    def running(self) -> int:
        """How many jobs scan."""
        return sum(job.state is State.RUNNING for job in self._holders.values())

    @property
    def polls(self) -> int:
        """How many requests wait for a page."""
        return sum(job.polls for job in self._jobs.values())

    def polls_full(self, uid: str) -> bool:
        """Whether as many requests wait for a page as may: of the job *uid*, or of all jobs."""
        job = self._jobs.get(uid.lower())
        if job is not None and job.polls >= self._limits.polls_per_job:
            return True
        return self.polls >= self._limits.polls

    def find(self, uid: str) -> Job:
        """The job *uid*; in any case.

        Raises:
            RestError: 404 when it never was, 410 when it was removed.
        """
        key = uid.lower()
        if (job := self._jobs.get(key)) is not None:
            return job
        raise deleted_job() if key in self._removed else unknown_job()

    async def create(self, request: JobRequest) -> Job:
        """A new job, which has the scanner from now on.

        Raises:
            RestError: 423 when another job has it, 503 when there are too many jobs, 507 when there is no room for pages.
        """
        if self._buffer.full:
            await self._make_room()
        holder = self._holders.get(request.device.id)
        if holder is not None and (holder.state.ended or holder.state is State.DELETED):
            with trio.move_on_after(self._limits.release_seconds):  # its scan is over, the device is just being closed
                await holder.released.wait()
        if self.closing or len(self._jobs) >= self._limits.jobs:
            raise overloaded("The service has too many jobs; delete those that are done.")
        if request.device.id in self._holders:
            raise locked(request.scanner.name)
        uid = self._shop.job_uid()
        tell = partial(self.events.tell, owner=request.origin)
        job = Job(uid, request, self._buffer.open_job(uid), tell=tell)
        self._jobs[uid] = self._holders[request.device.id] = job
        self.last_device = request.device.id
        log.info(
            "job created",
            job=uid,
            device=request.device.id,
            state=str(job.state),
            show_ui=request.show_ui,  # S-093: recorded, since no device here has a window
            focus=request.focus,
        )
        self._nursery.start_soon(self._live, job, name=f"job {uid}")
        return job

    async def remove(self, job: Job) -> None:
        """Delete *job* with its pages; its scanner is released as fast as the device allows."""
        if job.state is State.DELETED:
            return
        job.remove()
        self._forget(job)
        await job.pages.close()
        log.info("job removed", job=job.uid)

    def close(self) -> None:
        """End every job: the service goes down. Readers that wait are told that there is no more."""
        self.closing = True
        for job in tuple(self._jobs.values()):
            if not job.state.ended:
                job.cancel()
        self.events.close()

    async def _make_room(self) -> None:
        """See whether there is room for pages again.

        Raises:
            RestError: 507, there is not.
        """
        try:
            await self._buffer.make_room()
        except NoSpaceError as error:
            raise no_space(f"{error} Delete jobs that are done.") from None

    async def _live(self, job: Job) -> None:
        def release() -> None:
            if self._holders.get(job.request.device.id) is job:
                del self._holders[job.request.device.id]

        try:
            await run_job(job, self._shop, release)
            if job.state is not State.DELETED:
                self._ended[job.uid] = job
                await self._retire()
                await outlive(job, self._shop.clock, self._limits.retain_seconds)
                await self._expire(job)
        finally:
            with trio.CancelScope(shield=True):
                if job.state is State.DELETED:  # its time was over while it was pending, or it was deleted
                    self._forget(job)
                    await job.pages.close()
                else:
                    await self.remove(job)

    async def _retire(self) -> None:
        """Remove the jobs that ended first until the retention limits hold (S-100). The last one stays: nobody may have read it yet."""
        while len(self._ended) > 1 and self._too_many_ended():
            oldest = next(iter(self._ended.values()))
            await self._expire(oldest)

    async def _expire(self, job: Job) -> None:
        if not job.removed.is_set():
            self.expired += 1
            log.info("job expired", job=job.uid, pages=len(job.pages))
            await self.remove(job)

    def _too_many_ended(self) -> bool:
        jobs, pages = self._limits.retain_jobs, self._limits.retain_pages
        too_many_jobs = jobs is not None and len(self._ended) > jobs
        return too_many_jobs or (pages is not None and sum(len(job.pages) for job in self._ended.values()) > pages)

    def _forget(self, job: Job) -> None:
        self._ended.pop(job.uid, None)
        if self._jobs.pop(job.uid, None) is not None:
            self._removed[job.uid] = None
            if len(self._removed) > self._limits.tombstones:
                self._removed.popitem(last=False)


@asynccontextmanager
async def open_registry(
    shop: Workshop, buffer: PageBuffer, limits: Limits, kind: type[JobRegistry] = JobRegistry
) -> AsyncIterator[JobRegistry]:
    """A registry; when it is left, every job ends, its device is closed and its pages are removed."""
    async with trio.open_nursery() as nursery:
        registry = kind(shop, buffer, limits, nursery)
        try:
            yield registry
        finally:
            registry.close()
            nursery.cancel_scope.cancel()
