"""Defects of making jobs and of the locks of scanners (REST-24 to REST-33)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import trio

from conformance.selftest.services.around import (
    BELOW_JOB,
    JOB,
    JOBS,
    Asked,
    Reply,
    asks,
    error,
    meets,
    replies,
    says,
    turns,
)
from conformance.selftest.services.defects.defect import rebuilt, wrapped
from conformance.selftest.services.proof import create, delete, get, patch, post, wait
from reference_server.errors import RestError, locked
from reference_server.jobs.job import Job, JobRequest
from reference_server.jobs.registry import JobRegistry

ALWAYS = "00000000-0000-4000-8000-000000000001"


class SameUid(JobRegistry):
    """Calls every job by the same name."""

    def __init__(self, shop: Any, *rest: Any) -> None:
        super().__init__(replace(shop, job_uid=lambda: ALWAYS), *rest)


class TwoAtOnce(JobRegistry):
    """Has no locks."""

    async def create(self, request: JobRequest) -> Job:
        """See :class:`JobRegistry`."""
        self._holders.pop(request.device.id, None)
        return await super().create(request)


class DeleteKeepsTheLock(JobRegistry):
    """Forgets the lock of a job that is deleted when somebody was refused because of it."""

    def __init__(self, *parts: Any) -> None:
        super().__init__(*parts)
        self._refused: set[str] = set()

    async def create(self, request: JobRequest) -> Job:
        """See :class:`JobRegistry`."""
        try:
            return await super().create(request)
        except RestError as refusal:
            if refusal.status == 423:
                self._refused.add(request.device.id)
            raise

    async def remove(self, job: Job) -> None:
        """See :class:`JobRegistry`."""
        had = self._holders.get(job.request.device.id) is job
        await super().remove(job)
        if had and job.request.device.id in self._refused:
            self._nursery.start_soon(self._lock_again, job)

    async def _lock_again(self, job: Job) -> None:
        await job.released.wait()
        await trio.lowlevel.checkpoint()
        self._holders.setdefault(job.request.device.id, job)


class EndKeepsTheLock(JobRegistry):
    """Locks a scanner as long as its job is there."""

    async def create(self, request: JobRequest) -> Job:
        """See :class:`JobRegistry`."""
        if any(job.request.device.id == request.device.id and job.state.ended for job in self.jobs()):
            raise locked(request.scanner.name)
        return await super().create(request)


class OneForAll(JobRegistry):
    """Has one lock for all scanners."""

    async def create(self, request: JobRequest) -> Job:
        """See :class:`JobRegistry`."""
        if any(not job.state.ended for job in self.jobs()):
            raise locked(request.scanner.name)
        return await super().create(request)


async def _makes_it_all_the_same(asked: Asked) -> Reply:
    reply = await asked.pass_on()
    if reply.status == 400 and asked.json():
        right = {key: value for key, value in asked.json().items() if key == "device" and isinstance(value, str)}
        await asked.pass_on(body={**right, "autoRun": False})
    return reply


async def _any_device(asked: Asked) -> Reply:
    reply = await asked.pass_on()
    if reply.status == 400 and reply.json()["code"] == -1003:
        return await asked.pass_on(body={key: value for key, value in asked.json().items() if key != "device"})
    return reply


def _elsewhere(reply: Reply) -> Reply:
    location = reply.headers.get("location")
    return reply if location is None else reply.but(location=location.replace("/jobs/", "/job/"))


async def _case_matters(asked: Asked) -> Reply:
    uid = asked.words["job"]
    return await asked.pass_on() if uid == uid.lower() else error(404, -1034, "No such job.")


def _error_code(info: dict[str, Any]) -> dict[str, Any]:
    return info | {"code": -1000} if info["status"] == "completed" else info


DEFECTS = (
    wrapped(
        "created-is-200",
        "REST-24",
        "Answers 200 where it has made a job.",
        replies("POST", JOBS, lambda reply: reply.but(200) if reply.status == 201 else reply),
        create(run=False),
    ),
    rebuilt(
        "same-uid-again",
        "REST-24",
        "Gives a new job the UID of an old one.",
        create(run=False),
        delete("job"),
        create(run=False),
        registry=SameUid,
    ),
    wrapped(
        "pending-by-default",
        "REST-25",
        "Leaves a job pending when nobody says autoRun.",
        asks("POST", JOBS, lambda wish: {"autoRun": False, **wish}),
        post("jobs", {"device": "virtual:feeder"}),
    ),
    wrapped(
        "runs-unasked",
        "REST-25",
        "Starts a job that was to wait.",
        asks("POST", JOBS, lambda wish: wish | {"autoRun": True}),
        create(run=False),
    ),
    rebuilt(
        "two-jobs-at-once",
        "REST-26",
        "Makes a second job on a scanner that has one.",
        create(run=False),
        create(run=False),
        registry=TwoAtOnce,
    ),
    wrapped(
        "busy-is-409",
        "REST-26",
        "Answers 409 where a scanner has a job.",
        turns("POST", JOBS, 423, error(409, -1011, "In use.")),
        create(run=False),
        create(run=False),
    ),
    rebuilt(
        "delete-keeps-the-lock",
        "REST-26",
        "Does not free the scanner of a job that is deleted, once somebody was refused because of it.",
        create(run=False),
        create(run=False),
        delete("job"),
        create(run=False),
        registry=DeleteKeepsTheLock,
    ),
    rebuilt(
        "end-keeps-the-lock",
        "REST-27",
        "Frees a scanner only when its job is deleted.",
        create(),
        wait(30),
        create(),
        registry=EndKeepsTheLock,
    ),
    rebuilt(
        "one-job-for-all",
        "REST-28",
        "Has room for one job, however many scanners there are.",
        create(run=False),
        create("virtual:flatbed", run=False),
        registry=OneForAll,
    ),
    wrapped(
        "wrong-type-makes-a-job",
        "REST-29",
        "Refuses a key of the wrong type, and makes the job all the same.",
        meets("POST", JOBS, _makes_it_all_the_same),
        post("jobs", {"device": "virtual:feeder", "autoRun": "perhaps"}),
        create(run=False),
    ),
    wrapped(
        "unknown-device-is-any",
        "REST-30",
        "Takes another scanner where the one that was named is not there.",
        meets("POST", JOBS, _any_device),
        create("virtual:unicorn", run=False),
    ),
    wrapped(
        "location-leads-nowhere",
        "REST-31",
        "Says where the new job is, and there is nothing there.",
        replies("POST", JOBS, _elsewhere),
        create(run=False),
    ),
    wrapped(
        "case-matters",
        "REST-32",
        "Does not know a job by its UID in upper case.",
        meets("", BELOW_JOB, _case_matters),
        create(run=False),
        get("/api/device/scanners/jobs/9E3779B9-7F4A-4C15-B39C-C0605CEDC835"),
    ),
    wrapped(
        "cancelled-with-two-ls",
        "REST-33",
        "Writes cancelled.",
        says("GET", JOB, lambda it: it | {"status": it["status"].replace("canceled", "cancelled")}),
        create(),
        patch("job", {"status": "canceled"}),
        get("job"),
    ),
    wrapped(
        "completed-with-an-error-code",
        "REST-33",
        "Gives a job that went well the code of a failure.",
        says("GET", JOB, _error_code),
        create(),
        wait(30),
        get("job"),
    ),
)
