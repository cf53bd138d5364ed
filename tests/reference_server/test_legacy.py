"""The legacy API under ``/DWTAPI`` (rest-api.md 8 and 12.10)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import trio

from device_protocol import Code, DeviceError
from device_protocol.testing import Jumper, run
from reference_server.config import Limits
from reference_server.modes import Compat
from tests.reference_server.client import JOBS, Client, Reply, lab
from tests.reference_server.fakes import JPEG, PNG, FakeHost, Script, content

SCANNERS = "/DWTAPI/Scanners"
SCAN_JOBS = "/DWTAPI/ScanJobs"
ERROR_TYPE = "text/plain; charset=utf-8"


async def create(client: Client, body: object = None, query: str = "", **headers: str) -> str:
    """A new job; its path."""
    reply = await client.request("POST", SCAN_JOBS + query, {} if body is None else body, headers)
    assert reply.status == 201, reply.body
    return f"{SCAN_JOBS}/{reply.body.decode()}"


def number_of(page: bytes) -> int:
    """Which page of the fake device this is; it must be a JPEG."""
    head, _, _ = page.partition(b"\n")
    media_type, number = head.decode().split()
    assert media_type == JPEG
    return int(number)


def words(reply: Reply) -> str:
    """The text of an error."""
    assert reply.headers["Content-Type"] == ERROR_TYPE
    text = reply.body.decode()
    assert text
    assert not text.startswith(("{", "[", '"'))
    return text


def test_scanners_are_those_of_v1(tmp_path: Path) -> None:
    """The list, its mask and its errors are those of v1; an empty list is []."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            for mask in ("", "?type=64", "?type=0x10", "?type=0", "?type=4096"):
                old, new = await it.client.get(SCANNERS + mask), await it.client.get(f"/api/device/scanners{mask}")
                assert old.headers["Content-Type"] == "application/json"
                assert old.json() == new.json()
            assert (await it.client.get(f"{SCANNERS}?type=4096")).json() == []
            reply = await it.client.get(f"{SCANNERS}?type=scanners")
            assert reply.status == 400
            assert words(reply)

    run(main, clock=Jumper())


@pytest.mark.parametrize("compat", Compat)
@pytest.mark.parametrize(
    "media_type", ["application/text", "application/json", "application/x-www-form-urlencoded", "image/png", ""]
)
def test_a_whole_job(media_type: str, compat: Compat, tmp_path: Path) -> None:
    """A body under any type makes a job whose id is bare text and no number; its pages come as JPEG, then always 410; DELETE says 200, then 410 (D-15)."""

    async def main() -> None:
        async with lab(tmp_path, compat=compat) as it:
            body = {
                "license": "x",
                "config": {"PixelType": "2", "Resolution": 200, "IfShowUI": False},
                "autoRun": False,
            }
            reply = await it.client.request("POST", SCAN_JOBS, body, {"Content-Type": media_type})
            assert (reply.status, reply.headers["Content-Type"]) == (201, "text/plain")
            uid = reply.body.decode()
            assert uid.strip('"') == uid
            assert not uid.isdigit()
            job = f"{SCAN_JOBS}/{uid}"
            assert reply.headers["Location"] == f"http://127.0.0.1:18622{job}"
            for number in (1, 2, 3):
                page = await it.client.get(f"{job}/NextDocument?{1_699_000_000_000 + number}")
                assert (page.status, page.headers["Content-Type"]) == (200, JPEG)
                assert number_of(page.body) == number
            for _ in range(3):
                reply = await it.client.get(f"{job}/NextDocument")
                assert reply.status == 410
                assert words(reply)
            assert (await it.client.get(f"{JOBS}/{uid}")).json()["status"] == "completed"
            reply = await it.client.request("DELETE", job)
            assert (reply.status, reply.body) == (200, b"")
            for method, path in (("DELETE", job), ("GET", f"{job}/NextDocument")):
                reply = await it.client.request(method, path)
                assert reply.status == 410
                assert words(reply)

    run(main, clock=Jumper())


def test_pages_of_one_bit_are_png(tmp_path: Path) -> None:
    """JPEG cannot hold a 1-bit page, so it comes as PNG and says so (rest-api.md 8)."""

    async def main() -> None:
        async with lab(tmp_path, FakeHost({"virtual:feeder": Script(depth=1, native=PNG)})) as it:
            page = await it.client.get(f"{await create(it.client)}/NextDocument")
            assert (page.status, page.headers["Content-Type"]) == (200, PNG)
            assert page.body == content(1, 1000, PNG)

    run(main, clock=Jumper())


def test_next_document_blocks(tmp_path: Path) -> None:
    """The answer comes when the page does, and never 202 or 204 before."""

    async def main() -> None:
        async with lab(tmp_path, FakeHost({"virtual:feeder": Script(pages=1, step_s=40)})) as it:
            job = await create(it.client, query="?timeout=60")
            begun = trio.current_time()
            assert (await it.client.get(f"{job}/NextDocument")).status == 200
            assert 39 < trio.current_time() - begun < 50
            assert (await it.client.get(f"{job}/NextDocument")).status == 410

    run(main, clock=Jumper())


@pytest.mark.parametrize(("query", "seconds"), [("", 15), ("?timeout=30", 30), ("?timeout=0", 15), ("?timeout=", 15)])
def test_the_timeout_is_that_of_opening(query: str, seconds: float, tmp_path: Path) -> None:
    """A scanner that does not open in time ends the job after `timeout` seconds, and NextDocument says why."""

    async def main() -> None:
        async with lab(tmp_path, FakeHost({"virtual:feeder": Script(open_s=100)})) as it:
            begun = trio.current_time()
            job = await create(it.client, query=query)
            reply = await it.client.get(f"{job}/NextDocument")
            assert reply.status == 410
            assert words(reply) != "There are no more pages."
            assert trio.current_time() - begun == pytest.approx(seconds, abs=1)

    run(main, clock=Jumper())


def test_a_jam_is_said_in_words(tmp_path: Path) -> None:
    """Pages before a jam come, then 410 with the scanner's words, since these clients cannot ask for the job's state."""

    async def main() -> None:
        jam = Script(fail_at=2, error=DeviceError(Code.JAM, "Paper jam in the feeder."))
        async with lab(tmp_path, FakeHost({"virtual:feeder": jam})) as it:
            job = await create(it.client)
            assert (await it.client.get(f"{job}/NextDocument")).status == 200
            for _ in range(2):
                reply = await it.client.get(f"{job}/NextDocument")
                assert (reply.status, words(reply)) == (410, "Paper jam in the feeder.")

    run(main, clock=Jumper())


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", SCAN_JOBS, b"{", 400),
        ("POST", SCAN_JOBS, b"[]", 400),
        ("POST", SCAN_JOBS, {"device": "nothing"}, 400),
        ("POST", SCAN_JOBS, {"config": {"Resolution": "much"}}, 400),
        ("POST", f"{SCAN_JOBS}?timeout=soon", {}, 400),
        ("POST", f"{SCAN_JOBS}?timeout=-1", {}, 400),
        ("POST", f"{SCAN_JOBS}?timeout=99999999999999999999999", {}, 400),
        ("GET", f"{SCAN_JOBS}/none/NextDocument", None, 404),
        ("DELETE", f"{SCAN_JOBS}/none", None, 404),
        ("GET", "/DWTAPI", None, 404),
        ("GET", "/DWTAPI/scanners", None, 404),
        ("GET", "/DWTAPI/ScanJobs/none", None, 405),
        ("PUT", SCAN_JOBS, {}, 405),
    ],
)
def test_errors_are_words(method: str, path: str, body: object, status: int, tmp_path: Path) -> None:
    """Every error is plain text, makes no job and leaves the scanner free."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            reply = await it.client.request(method, path, body)
            assert reply.status == status
            assert words(reply)
            assert len(it.registry) == 0
            assert it.host.sessions == []

    run(main, clock=Jumper())


def test_licence_lock_and_access(tmp_path: Path) -> None:
    """403 for the licence, 423 for a scanner that v1 or legacy holds, 403 for a foreign origin: each in words, and each changes nothing."""

    async def main() -> None:
        async with lab(tmp_path, licence="require", compat="strict") as it:
            assert "product key" in words(await it.client.request("POST", SCAN_JOBS, {}))
            reply = await it.client.request("POST", SCAN_JOBS, {"license": "k"}, {"Origin": "https://evil.example"})
            assert reply.status == 403
            assert "--allow-origin" in words(reply)
            assert len(it.registry) == 0
            job = await create(it.client, {"license": "in the body under either profile"})
            for path in (SCAN_JOBS, JOBS):
                reply = await it.client.request("POST", path, {"license": "k"}, {"DWT-PRODUCT-KEY": "k"})
                assert reply.status == 423
            assert (await it.client.request("DELETE", job)).status == 200
            pending = await it.client.request("POST", JOBS, {"autoRun": False}, {"DWT-PRODUCT-KEY": "k"})
            assert pending.status == 201
            reply = await it.client.request("POST", SCAN_JOBS, {"license": "k"})
            assert reply.status == 423
            assert words(reply)
        async with lab(tmp_path, licence="reject") as it:
            reply = await it.client.request("POST", SCAN_JOBS, {"license": "k"})
            assert reply.status == 403
            assert words(reply)

    run(main, clock=Jumper())


def test_jobs_are_shared_with_v1(tmp_path: Path) -> None:
    """One id serves both APIs: a legacy job is read and deleted through v1, a v1 job through legacy, with one cursor; a pending one is 409."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            old = await create(it.client)
            uid = old.rpartition("/")[2]
            assert (await it.client.get(f"{JOBS}/{uid}/next-page")).body == content(1, 1000)
            upper = f"{SCAN_JOBS}/{uid.upper()}/NextDocument"
            assert number_of((await it.client.get(upper)).body) == 2
            assert (await it.client.request("DELETE", f"{JOBS}/{uid}")).status == 204
            new = await it.client.create(autoRun=False)
            uid = new.rpartition("/")[2]
            assert (await it.client.get(f"{SCAN_JOBS}/{uid}/NextDocument")).status == 409
            assert (await it.client.request("DELETE", f"{SCAN_JOBS}/{uid}")).status == 200

    run(main, clock=Jumper())


def test_a_client_that_leaves_loses_no_page(tmp_path: Path) -> None:
    """The disconnect rule is that of v1: a page that a leaving client was given goes to the next one (12.3)."""

    async def main() -> None:
        async with lab(tmp_path, FakeHost({"virtual:feeder": Script(pages=2, step_s=5)})) as it:
            job = await create(it.client)
            gone = trio.Event()

            async def leave() -> None:
                await trio.sleep(1)
                gone.set()

            async with trio.open_nursery() as nursery:
                nursery.start_soon(leave)
                assert (await it.client.get(f"{job}/NextDocument", gone=gone)).status == 0
            assert [number_of((await it.client.get(f"{job}/NextDocument")).body) for _ in range(2)] == [1, 2]

    run(main, clock=Jumper())


def test_limits_hold_here_too(tmp_path: Path) -> None:
    """Too many waiting readers get 503 with Retry-After, in words; another origin gets 403."""

    async def main() -> None:
        limits = Limits(polls_per_job=1)
        async with lab(tmp_path, FakeHost({"virtual:feeder": Script(pages=1, step_s=9)}), limits=limits) as it:
            mine: dict[str, Any] = {"Origin": "http://localhost:1"}
            job = await create(it.client, None, "", **mine)
            replies: list[Reply] = []

            async def poll() -> None:
                replies.append(await it.client.get(f"{job}/NextDocument", headers=mine))

            async with trio.open_nursery() as nursery:
                nursery.start_soon(poll)
                await trio.sleep(1)
                busy = await it.client.get(f"{job}/NextDocument", headers=mine)
                assert (busy.status, busy.headers["Retry-After"]) == (503, "2")
                assert words(busy)
            assert [reply.status for reply in replies] == [200]
            other = await it.client.get(f"{job}/NextDocument", headers={"Origin": "http://localhost:2"})
            assert other.status == 403
            assert words(other)

    run(main, clock=Jumper())
