"""Pages that clients name by URL: parsed, never fetched."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from reference_server.endpoints.call import Call
from reference_server.errors import RestError
from reference_server.pages.source import parse, resolve
from reference_server.wire.exchange import Exchange
from tests.reference_server.client import JOBS, Lab, lab

JOB = "7D0c2f0e-5a5e-4d0b-9f0a-3f1f5f6b2a11"
PAGE = "19c0a4be1d20"


@pytest.mark.parametrize(
    "url",
    [
        f"http://127.0.0.1:18622/api/device/scanners/jobs/{JOB}/next-page?page={PAGE}",
        f"https://elsewhere.example:1/api/device/scanners/jobs/{JOB}/next-page?page={PAGE}",
        f"//[::1]//api//device/scanners/jobs/{JOB}/next-page?type=image/jpeg&page={PAGE}#x",
        f"/api/device/scanners/jobs/{JOB}/next-page?page={PAGE}",
        f"file:///behind/a/proxy/api/device/scanners/jobs/{JOB}/next-page/?page={PAGE}",
    ],
)
def test_job_and_page_come_from_path_and_query_alone(url: str) -> None:
    """Scheme and host of a source are ignored (rest-api.md 6): clients reach the service under many names."""
    assert parse(url) == (JOB, PAGE)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "nonsense",
        "http://[::1/api",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        f"/api/device/scanners/jobs/{JOB}/next-page",
        f"/api/device/scanners/jobs/{JOB}/next-page?page=",
        f"/api/device/scanners/jobs/{JOB}/content?page={PAGE}",
        f"/api/device/scanners/jobs/../../{JOB}/next-page?page={PAGE}",
        f"/api/device/scanners/jobs/..%2f..%2fetc/next-page?page={PAGE}",
        f"http://x/?u=/api/device/scanners/jobs/{JOB}/next-page?page={PAGE}",
        f"/api/device/scanners/jobs/{JOB}/next-page?page={PAGE}&x={'y' * 3000}",
    ],
)
def test_anything_else_is_a_bad_parameter(url: str) -> None:
    """The only form supported is the URL of a job's page; whatever else is 400 -2113, without a look at where it points."""
    with pytest.raises(RestError, match=re.escape("source:")) as caught:
        parse(url)
    assert (caught.value.status, caught.value.code) == (400, -2113)


def call(there: Lab, origin: str | None = None) -> Call:
    """A request of a client at *origin*."""
    lines = [] if origin is None else [(b"origin", origin.encode())]
    scope = {"type": "http", "http_version": "1.1", "method": "POST", "query_string": b"", "headers": lines}

    async def receive() -> dict[str, str]:
        raise AssertionError("nobody reads this")

    return Call(Exchange(scope, receive, there.config.limits, "r"), there.service)


async def test_a_page_is_found_whatever_case_its_job_is_written_in(tmp_path: Path) -> None:
    """GUIDs are compared case-insensitively (rest-api.md 1.7), and the URL that next-page-info gives is one that works."""
    async with lab(tmp_path) as there:
        job = await there.client.create()
        info = (await there.client.get(f"{job}/next-page-info")).json()
        found, page = resolve(call(there), info["url"])
        assert (found.uid, page.uid) == (job.rpartition("/")[2], info["imageuid"])
        _, again = resolve(call(there), info["url"].replace(found.uid, found.uid.upper()))
        assert again is page


async def test_unknown_and_deleted_jobs_and_unknown_pages_are_bad_parameters(tmp_path: Path) -> None:
    """Unknown job or page: 400 -2113 (rest-api.md 6), not the 404 or 410 of a path."""
    async with lab(tmp_path) as there:
        job = await there.client.create()
        url = (await there.client.get(f"{job}/next-page-info")).json()["url"]
        await there.client.request("DELETE", job)
        unknown = f"{JOBS}/{JOB}/next-page?page={PAGE}"
        other = await there.client.create()
        await there.client.get(f"{other}/next-page-info")
        for bad in (url, unknown, f"{other}/next-page?page=000000000000", f"{other}/next-page?page=0"):
            with pytest.raises(RestError) as caught:
                resolve(call(there), bad)
            assert (caught.value.status, caught.value.code) == (400, -2113)


async def test_a_job_of_another_origin_gives_no_page(tmp_path: Path) -> None:
    """The job's Origin binding holds for its pages by URL too (rest-api.md 6, S-064)."""
    async with lab(tmp_path) as there:
        reply = await there.client.request("POST", JOBS, {}, {"Origin": "http://localhost:1"})
        job = f"{JOBS}/{reply.json()['jobuid']}"
        url = (await there.client.get(f"{job}/next-page-info")).json()["url"]
        with pytest.raises(RestError) as caught:
            resolve(call(there, "http://localhost:2"), url)
        assert (caught.value.status, caught.value.code) == (403, -2137)
        assert resolve(call(there, "http://localhost:1"), url)
        assert resolve(call(there), url)
