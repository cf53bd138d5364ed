"""The state table of rest-api.md 5.5, cell by cell over HTTP, against expectations that are spelled here and not taken from the table."""

from __future__ import annotations

import uuid
from pathlib import Path

import pytest
import trio

from device_protocol.testing import Jumper, run
from reference_server.errors import RestError
from reference_server.jobs.states import TABLE, Request, State, admit
from tests.reference_server.client import JOBS, Lab, lab
from tests.reference_server.fakes import FakeHost, Script

EXPECTED = {
    #                  pending running completed faulted canceled deleted unknown
    "GET": (200, 200, 200, 200, 200, 410, 404),
    "PATCH running": (200, 409, 409, 409, 409, 410, 404),
    "PATCH canceled": (200, 200, 409, 409, 409, 410, 404),
    "DELETE": (204, 204, 204, 204, 204, 410, 404),
    "scanner/capabilities": (200, 409, 409, 409, 409, 410, 404),
    "scanner/settings": (200, 409, 409, 409, 409, 410, 404),
    "next-page": (409, 200, 200, 200, 200, 410, 404),
    "next-page-info": (409, 200, 200, 200, 200, 410, 404),
    "content?page=0&type=image/png": (409, 200, 200, 200, 200, 410, 404),
    "next-page?page=000000000000": (409, 404, 404, 404, 404, 410, 404),
}
STATES = ("pending", "running", "completed", "faulted", "canceled", "deleted", "unknown")
CODES = {404: -1034, 409: -1011, 410: -1034}
CELLS = [(request, state) for request in EXPECTED for state in STATES]


async def _job_in(state: str, it: Lab) -> str:
    """A job of one page and more, brought into *state*."""
    if state == "unknown":
        return f"{JOBS}/{uuid.uuid4()}"
    job = await it.client.create(autoRun=state != "pending")
    if state in {"running", "canceled"}:
        await trio.sleep(1)
        if state == "canceled":
            assert (await it.client.request("PATCH", job, {"status": "canceled"})).status == 200
    elif state == "deleted":
        assert (await it.client.request("DELETE", job)).status == 204
        return job
    else:
        await trio.sleep(100)
    assert await it.client.state(job) == state
    return job


@pytest.mark.parametrize(("request_", "state"), CELLS)
def test_every_cell(request_: str, state: str, tmp_path: Path) -> None:
    """Each request in each state has exactly the answer of the contract, with its code; what is refused changes nothing."""
    scripts = {
        "running": Script(pages=2, hang_at=2),
        "canceled": Script(pages=2, hang_at=2),
        "faulted": Script(pages=2, fail_at=2),
    }

    async def main() -> None:
        async with lab(tmp_path, FakeHost({"virtual:feeder": scripts.get(state, Script(pages=1))})) as it:
            job = await _job_in(state, it)
            before = await it.client.get(job)
            if request_.startswith("PATCH"):
                reply = await it.client.request("PATCH", job, {"status": request_.split()[1]})
            elif request_ in {"GET", "DELETE"}:
                reply = await it.client.request(request_, job)
            else:
                reply = await it.client.get(f"{job}/{request_}")
            assert reply.status == EXPECTED[request_][STATES.index(state)]
            if reply.status >= 400:
                body = reply.json()
                assert body["statusCode"] == reply.status
                assert body["code"] == CODES[reply.status]
                assert body["message"]
                assert (await it.client.get(job)).body == before.body

    run(main, clock=Jumper())


def test_table_is_complete() -> None:
    """The table has one cell for each request and state, and a refusal for each that is not admitted."""
    for request in Request:
        assert set(TABLE[request]) == set(State)
        for state in State:
            if TABLE[request][state] < 300:
                admit(request, state)
            else:
                with pytest.raises(RestError) as caught:
                    admit(request, state)
                assert caught.value.status == TABLE[request][state]


def test_uid_in_any_case_and_bad_uids(tmp_path: Path) -> None:
    """A UID is found in upper case; a UID with dots, slashes or anything else that is no UID is an unknown job."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            job = await it.client.create()
            assert (await it.client.get(f"{JOBS}/{job.rsplit('/', 1)[1].upper()}")).status == 200
            for bad in ("..", "%2e%2e", "..%2F..%2Fetc%2Fpasswd", "x" * 3000, "%00", "%ff", "a%20b", "1"):
                reply = await it.client.get(f"{JOBS}/{bad}")
                assert (reply.status, reply.json()["code"]) == (404, -1034), bad
                reply = await it.client.get(f"{JOBS}/{bad}/next-page")
                assert (reply.status, reply.json()["code"]) == (404, -1034), bad

    run(main, clock=Jumper())


def test_patch_needs_a_known_status(tmp_path: Path) -> None:
    """A PATCH without a status, or with another one, is 400 and leaves the job pending; an unknown job goes before a bad body."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            job = await it.client.create(autoRun=False)
            for body in ({}, {"status": "completed"}, {"status": 1}, b"", b"[]", b"{"):
                reply = await it.client.request("PATCH", job, body)
                assert (reply.status, reply.json()["code"]) == (400, -2113), body
                assert await it.client.state(job) == "pending"
            assert (await it.client.request("PATCH", f"{JOBS}/nobody", b"{")).status == 404

    run(main, clock=Jumper())
