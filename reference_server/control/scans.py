"""Scans that somebody takes on the front panel, and the jobs of all clients, for whoever has the control token."""

from __future__ import annotations

from device_protocol import Colour
from device_protocol.vocabularies.rest import PIXEL_TYPE_OF, RestCode
from reference_server.control.models import JobPage, JobView, ScanWish
from reference_server.endpoints.call import Call, json_answer
from reference_server.endpoints.jobs import make_job
from reference_server.endpoints.pages import page_image
from reference_server.errors import RestError, bad_parameter
from reference_server.jobs.job import Job
from reference_server.models import JobCreate
from reference_server.pages.buffer import StoredPage
from reference_server.wire.delivery import Answer

PAGES_SHOWN = 200
"""Of a job, the last ones."""


async def list_jobs(call: Call) -> Answer:
    """GET jobs: those of all clients, oldest first."""
    return json_answer([view(job) for job in call.service.registry.jobs()])


async def take_scan(call: Call) -> Answer:
    """POST jobs: a scan as an application would make it, with the same consent, limits and faults of devices."""
    wish = await call.body(ScanWish)
    config: dict[str, object] = {"PixelType": PIXEL_TYPE_OF[Colour(wish.mode)], "Resolution": wish.resolution}
    if wish.feeder is not None:
        config |= {"IfFeederEnabled": wish.feeder, "IfDuplexEnabled": wish.duplex}
    if wish.pages is not None:
        config["XferCount"] = wish.pages
    body = JobCreate(device=wish.device, config=config, scannerFailureTimeout=wish.seconds)
    job = await make_job(call, body, call.service.rules)
    return json_answer(view(job), 201, {"Location": f"/control/jobs/{job.uid}"})


async def get_job(call: Call) -> Answer:
    """GET job."""
    return json_answer(view(_job(call)))


async def delete_job(call: Call) -> Answer:
    """DELETE job, with its pages."""
    await call.service.registry.remove(_job(call))
    return Answer(204)


async def get_page(call: Call) -> Answer:
    """GET page: the file as it was encoded first; moves no cursor, so that no client misses a page that somebody looked at."""
    job, text = _job(call), call.words["index"]
    if not (text.isascii() and text.isdigit()):
        raise bad_parameter("The page is a number from 0.")
    index = int(text[:18])
    if index >= len(job.pages):
        raise RestError(404, RestCode.UNKNOWN_JOB, f"The job has {len(job.pages)} pages now.")
    page = job.pages.list[index]
    return await page_image(call, job, page, page.media_type)


def view(job: Job) -> JobView:
    """A job for people."""
    pages = job.pages.list
    return JobView(
        job=job.uid,
        device=job.request.device.id,
        scanner=job.request.scanner.name,
        origin=job.origin,
        status=str(job.state),
        code=job.code,
        message=job.message,
        count=len(pages),
        pages=[_page(page) for page in pages[-PAGES_SHOWN:]],
    )


def _job(call: Call) -> Job:
    return call.service.registry.find(call.words["job"])


def _page(page: StoredPage) -> JobPage:
    params = page.end.params
    return JobPage(
        index=page.index,
        type=page.media_type,
        bytes=page.size,
        width=params.width,
        height=params.height,
        dpi=None if params.dpi_x is None else round(params.dpi_x),
        mode=params.colour.value,
        depth=params.depth,
        side=page.info.side.value,
        sheet=page.info.sheet,
    )
