"""Defects of the timers of a job (REST-46 to REST-50)."""

from __future__ import annotations

from dataclasses import replace

import trio

from conformance.selftest.services.around import BELOW_JOB, Around, Asked, Reply, error
from conformance.selftest.services.defects.defect import rebuilt, wrapped
from conformance.selftest.services.proof import act, create, get, wait
from reference_server.jobs.job import Job, JobRequest
from reference_server.jobs.registry import JobRegistry

ZERO_SECONDS = 1.0


class OwnTimers(JobRegistry):
    """Has timers of its own instead of the service's."""

    async def create(self, request: JobRequest) -> Job:
        """See :class:`JobRegistry`."""
        job = await super().create(replace(request, life_seconds=0))
        self._nursery.start_soon(self.time_out, job, request.life_seconds)
        return job

    async def time_out(self, job: Job, seconds: float) -> None:
        """Remove *job* when its time is over."""


class PendingNeverExpires(OwnTimers):
    """Begins to count when a job has ended."""

    async def time_out(self, job: Job, seconds: float) -> None:
        """See :class:`OwnTimers`."""
        await job.ended.wait()
        if seconds:
            await trio.sleep(seconds)
            await self.remove(job)


class TimeoutKillsRunning(JobRegistry):
    """Counts while a job runs, too."""

    async def create(self, request: JobRequest) -> Job:
        """See :class:`JobRegistry`."""
        job = await super().create(request)
        if request.life_seconds:
            self._nursery.start_soon(self._kill, job, request.life_seconds)
        return job

    async def _kill(self, job: Job, seconds: float) -> None:
        await job.started.wait()
        with trio.move_on_after(seconds):
            await job.ended.wait()
            return
        await self.remove(job)


class EndedNeverExpires(OwnTimers):
    """Counts while a job is pending, and then no more."""

    async def time_out(self, job: Job, seconds: float) -> None:
        """See :class:`OwnTimers`."""
        with trio.move_on_after(seconds or float("inf")):
            await job.started.wait()
            return
        await self.remove(job)


class CountsFromCreation(OwnTimers):
    """Counts from the creation of a job, whatever it does."""

    async def time_out(self, job: Job, seconds: float) -> None:
        """See :class:`OwnTimers`."""
        if seconds:
            await trio.sleep(seconds)
            if job.started.is_set():
                await job.ended.wait()
            await self.remove(job)


class ZeroExpires(JobRegistry):
    """Has a time for jobs that were given none."""

    async def create(self, request: JobRequest) -> Job:
        """See :class:`JobRegistry`."""
        return await super().create(replace(request, life_seconds=request.life_seconds or ZERO_SECONDS))


class HangsForEver(JobRegistry):
    """Waits for a scanner as long as that takes."""

    async def create(self, request: JobRequest) -> Job:
        """See :class:`JobRegistry`."""
        return await super().create(replace(request, step_seconds=1e6))


class ExpiredIs404(Around):
    """Remembers the jobs that were deleted, and no others."""

    path = BELOW_JOB

    def start(self) -> None:
        """See :class:`Around`."""
        self.deleted: set[str] = set()

    async def meet(self, asked: Asked) -> Reply:
        """See :class:`Around`."""
        uid = asked.words["job"].lower()
        reply = await asked.pass_on()
        if reply.status == 204 and asked.method == "DELETE":
            self.deleted.add(uid)
        return error(404, -1034, "No such job.") if reply.status == 410 and uid not in self.deleted else reply


DEFECTS = (
    rebuilt(
        "pending-never-expires",
        "REST-46",
        "Keeps a pending job for ever.",
        create(run=False, jobTimeout=10),
        wait(30),
        get("job"),
        registry=PendingNeverExpires,
    ),
    wrapped(
        "expired-is-404",
        "REST-46",
        "Does not know that there was a job whose time was over.",
        ExpiredIs404,
        create(run=False, jobTimeout=10),
        wait(30),
        get("job"),
    ),
    rebuilt(
        "timeout-kills-running",
        "REST-47",
        "Removes a job whose time is over while it runs.",
        create("virtual:flatbed", jobTimeout=1),
        wait(2),
        get("job"),
        registry=TimeoutKillsRunning,
    ),
    rebuilt(
        "ended-never-expires",
        "REST-48",
        "Keeps a job that has ended for ever.",
        create(jobTimeout=10),
        wait(60),
        get("job"),
        registry=EndedNeverExpires,
    ),
    rebuilt(
        "timeout-counts-from-creation",
        "REST-48",
        "Counts the time of a job from its creation, not from its end.",
        create(jobTimeout=2),
        wait(2.5),
        get("job"),
        registry=CountsFromCreation,
    ),
    rebuilt(
        "zero-expires",
        "REST-49",
        "Removes a job without a time after a second.",
        create(run=False, jobTimeout=0),
        wait(5),
        get("job"),
        registry=ZeroExpires,
    ),
    rebuilt(
        "hangs-for-ever",
        "REST-50",
        "Waits for ever for a scanner that does not get on.",
        act("virtual:feeder", "fault", kind="hang", verb="next_page"),
        create(scannerFailureTimeout=5),
        wait(60),
        get("job"),
        registry=HangsForEver,
    ),
)
