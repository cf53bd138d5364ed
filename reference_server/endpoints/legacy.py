"""``/DWTAPI``: the API of versions 18.4 and 18.5, over the same jobs and scanners (rest-api.md 8).

Its answers are words and pictures and never JSON, save the list of scanners. Pages end in 410 and in nothing else: its clients spin on 202 and 204.
"""

from __future__ import annotations

from device_protocol import JPEG
from device_protocol.vocabularies.rest import RestCode
from reference_server.access.licence import check_licence
from reference_server.compat import LEGACY
from reference_server.endpoints.call import Call
from reference_server.endpoints.jobs import make_job
from reference_server.endpoints.pages import take_page
from reference_server.endpoints.scanners import get_scanners
from reference_server.errors import RestError, bad_parameter
from reference_server.jobs.states import Request, State, admit
from reference_server.models import JobCreate, ScanJobCreate, parse_body
from reference_server.wire.delivery import Answer

ROOT = "/DWTAPI"
TEXT = "text/plain"
TIMEOUT_SECONDS = range(1, 7 * 24 * 3600 + 1)

__all__ = ["create_job", "delete_job", "get_scanners", "is_legacy", "next_document", "text_error"]


async def create_job(call: Call) -> Answer:
    """POST ScanJobs: a job that starts at once; its UID as bare text, which a client may not take for a number."""
    body = parse_body(ScanJobCreate, await call.exchange.body(), LEGACY)
    check_licence(call.service.licence, call.exchange, body.license, LEGACY)
    wanted = JobCreate(device=body.device, config=body.config, caps=body.caps)
    seconds = _timeout(call.exchange.query.get("timeout"))
    if seconds is not None:
        wanted = wanted.model_copy(update={"scannerFailureTimeout": seconds})
    job = await make_job(call, wanted, LEGACY)
    location = f"{call.exchange.base_url}{ROOT}/ScanJobs/{job.uid}"
    return Answer(201, job.uid.encode(), media_type=TEXT, headers={"Location": location})


async def next_document(call: Call) -> Answer:
    """GET NextDocument: waits for the next page; 410 after the last, with the reason when a fault was the reason."""
    job = call.job()
    answer = await take_page(call, job, JPEG)  # pages of one bit come as PNG all the same
    if answer is None:
        raise RestError(
            410,
            RestCode.UNKNOWN_JOB,
            job.message if job.state is State.FAULTED else "There are no more pages.",
        )
    return answer


async def delete_job(call: Call) -> Answer:
    """DELETE ScanJobs: 200, where v1 says 204 (D-15)."""
    job = call.job()
    admit(Request.DELETE, job.state)
    await call.service.registry.remove(job)
    return Answer(200, media_type=TEXT)


def is_legacy(path: str) -> bool:
    """Whether *path* belongs to this API, so that its errors are words."""
    return path == ROOT or path.startswith(f"{ROOT}/")


def text_error(error: RestError) -> Answer:
    """*error* as these clients show it: the body is the message."""
    return Answer(error.status, error.message.encode(), media_type=f"{TEXT}; charset=utf-8", headers=error.headers)


def _timeout(text: str | None) -> int | None:
    """Seconds for opening the scanner; absent, empty or 0 leaves the default.

    Raises:
        RestError: 400 for what is no such number.
    """
    if not text or text == "0":
        return None
    if not (text.isascii() and text.isdigit() and int(text[:18]) in TIMEOUT_SECONDS):
        raise bad_parameter("timeout: whole seconds, at most a week.")
    return int(text)
