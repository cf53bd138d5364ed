"""A page that a client names by its URL, as inserting into documents and processing take it (rest-api.md 6 and 7).

Only the path and the query are looked at: a URL is a name here. Scheme and host are ignored, and nothing is ever fetched, since that would be a request on
a client's behalf to wherever it likes.
"""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from starlette.datastructures import QueryParams

from reference_server.access.table import may_use_job
from reference_server.endpoints.call import Call
from reference_server.errors import RestError, bad_parameter
from reference_server.jobs.job import Job
from reference_server.pages.buffer import StoredPage

URL_LENGTH = 2048
_PAGE = re.compile(r".*/device/scanners/jobs/+([0-9a-fA-F-]{36})/+next-page/*", re.DOTALL)


def parse(text: str) -> tuple[str, str]:
    """The UIDs of job and page in *text*.

    Raises:
        RestError: 400 -2113, it is no URL of a job's page.
    """
    try:
        parts = urlsplit(text if len(text) <= URL_LENGTH else "")
    except ValueError:  # an IPv6 address that is none
        parts = urlsplit("")
    path = _PAGE.fullmatch(parts.path)
    page = QueryParams(parts.query).get("page")
    if path is None or not page:
        raise bad_parameter("source: give the URL of a page of a job: .../jobs/JOBUID/next-page?page=IMAGEUID.")
    return path[1], page


def resolve(call: Call, text: str) -> tuple[Job, StoredPage]:
    """The page that *text* names, if this client may use its job.

    Raises:
        RestError: 400 -2113 when there is no such job or page, 403 -2137 when the job belongs to another origin.
    """
    job_uid, page_uid = parse(text)
    try:
        job = call.service.registry.find(job_uid)
    except RestError:  # 404 and 410 are about what the path of a request names; this is a parameter
        raise bad_parameter("source: there is no job with this UID.") from None
    may_use_job(job.request.origin, call.exchange)
    page = job.pages.get(page_uid)
    if page is None:
        raise bad_parameter("source: the job has no page with this UID.")
    return job, page
