"""Notices of a job over WebSocket (rest-api.md 5.10, section 9 row N, section 12 point 9), and the bare keep-alive (S-016)."""

from __future__ import annotations

import json
import socket as plain_socket
from pathlib import Path
from typing import Any

import pytest
import trio

from device_protocol.testing import Jumper, run
from reference_server.config import Limits
from reference_server.wire.connections import Connection
from tests.reference_server.client import JOBS, Lab, lab
from tests.reference_server.fakes import FakeHost, Script
from tests.reference_server.socket_client import JOB_SOCKET, Talk, talk
from tests.reference_server.wire import wire

PROTOCOL = "flatbed.job.v1"
OURS, THEIRS = "http://localhost:3000", "http://localhost:4000"


async def made(it: Lab, origin: str | None = None, **keys: Any) -> dict[str, Any]:
    """A new job with its protocol block."""
    headers = {} if origin is None else {"Origin": origin}
    reply = await it.client.request("POST", JOBS, {"requireWebsocket": True, **keys}, headers)
    assert reply.status == 201, reply.body
    answer: dict[str, Any] = reply.json()
    return answer


def socket(it: Lab, **rest: Any) -> Any:
    """The notice socket, opened with the subprotocol."""
    return talk(it.client, JOB_SOCKET, protocols=(PROTOCOL,), **rest)


async def subscribe(it: Talk, block: dict[str, Any]) -> None:
    """Send the first frame as the block says."""
    await it.say(json.dumps(block["protocol"]["websocket"]["response"]))


async def rest_of(it: Talk) -> list[Any]:
    """All frames until the service closes."""
    await it.ended.wait()
    return it.frames_now()


def names(frames: list[Any]) -> list[str]:
    """What the frames tell."""
    return [frame["evt"]["name"] for frame in frames]


def test_the_block(tmp_path: Path) -> None:
    """With requireWebsocket the 201 body has a block that leads back to the job by scheme and host of the request; without it there is none (5.10, 12.9)."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            it.client.host = "localhost:18622"
            answer = await made(it, autoRun=False)
            block = answer["protocol"]
            assert set(block) == {"jobuid", "callback", "websocket"}
            assert block["jobuid"] == answer["jobuid"]
            assert set(block["callback"]) == {"method", "url"}
            assert block["callback"]["url"].startswith(f"http://localhost:18622{JOBS}/{answer['jobuid']}")
            assert set(block["websocket"]) == {"server", "protocol", "response"}
            assert block["websocket"]["server"] == f"ws://localhost:18622{JOB_SOCKET}"
            assert block["websocket"]["protocol"] == PROTOCOL
            assert block["websocket"]["response"] == {"jobuid": answer["jobuid"], "method": "subscribe"}
            for keys in ({}, {"requireWebsocket": False}):
                reply = await it.client.request("POST", JOBS, {"device": "virtual:flatbed", "autoRun": False, **keys})
                assert reply.status == 201
                assert "protocol" not in reply.json()
                await it.client.request("DELETE", f"{JOBS}/{reply.json()['jobuid']}")

    run(main, clock=Jumper())


def test_pages_in_order_and_the_end(tmp_path: Path) -> None:
    """Each page is one frame in order while the job runs, with the UID and the URL under which it is; then one frame says that these were all."""

    async def main() -> None:
        async with lab(tmp_path, FakeHost({"virtual:feeder": Script(pages=5, step_s=1)})) as it:
            answer = await made(it, autoRun=False)
            job = f"{JOBS}/{answer['jobuid']}"
            async with socket(it) as notices:
                assert notices.subprotocol == PROTOCOL
                await subscribe(notices, answer)
                await it.client.request("PATCH", job, {"status": "running"})
                first = await notices.frame()
                assert await it.client.state(job) == "running", "frames come while it scans"
                frames = [first, *await rest_of(notices)]
                assert notices.close == (1000, "That was all.")
            assert names(frames) == ["onPostTransferAsync"] * 5 + ["onPostAllTransferAsync"]
            assert frames[-1] == {"evt": {"name": "onPostAllTransferAsync"}}
            for index, frame in enumerate(frames[:-1]):
                info = frame["evt"]["info"]
                assert set(info) == {"imageuid", "url"}
                assert info["url"].startswith("http://127.0.0.1:18622/api/")
                by_url = await it.client.get(info["url"].removeprefix("http://127.0.0.1:18622"))
                by_index = await it.client.get(f"{job}/content?type=image/png&pages={index}")
                assert by_url.body == by_index.body, "row N fetches by the number of the frame"

    run(main, clock=Jumper())


@pytest.mark.parametrize("end", ["completed", "faulted", "canceled"])
def test_late_and_badly_ended(end: str, tmp_path: Path) -> None:
    """Who comes when all is over gets every page from the first on and the end, twice if it asks twice, however the job ended."""

    async def main() -> None:
        script = Script(pages=3, fail_at=3 if end == "faulted" else 0, hang_at=3 if end == "canceled" else 0)
        async with lab(tmp_path, FakeHost({"virtual:feeder": script})) as it:
            answer = await made(it)
            job = f"{JOBS}/{answer['jobuid']}"
            await trio.sleep(1)
            if end == "canceled":
                await it.client.request("PATCH", job, {"status": "canceled"})
            assert await it.client.state(job) == end
            count = 3 if end == "completed" else 2
            for _ in range(2):
                async with socket(it) as notices:
                    await subscribe(notices, answer)
                    assert names(await rest_of(notices)) == ["onPostTransferAsync"] * count + ["onPostAllTransferAsync"]

    run(main, clock=Jumper())


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("not json", 4400),
        ("[]", 4400),
        ("{}", 4400),
        ('{"jobuid": 5, "method": "subscribe"}', 4400),
        ('{"jobuid": "JOB", "method": "other"}', 4400),
        ('{"jobuid": "JOB"}', 4400),
        ('{"jobuid": "00000000-0000-0000-0000-000000000000", "method": "subscribe"}', 4404),
        ('{"jobuid": "../../etc/passwd", "method": "subscribe"}', 4404),
        ("[" * 50_000, 4400),
        ("x" * 70_000, 1009),
        ("\ud800", 4400),
        (None, 1003),
    ],
)
def test_wrong_first_frames(frame: str | None, code: int, tmp_path: Path) -> None:
    """What is no subscription is closed with the code of its mistake, tells nothing of the job and changes nothing; the next client is served."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            answer = await made(it)
            async with socket(it) as notices:
                if frame is None:
                    await notices.say(data=b"\x00binary")
                else:
                    await notices.say(frame.replace("JOB", answer["jobuid"]))
                assert await rest_of(notices) == []
                assert notices.close is not None
                assert notices.close[0] == code
                assert notices.close[1]
                assert len(notices.close[1].encode()) <= 123
            async with socket(it) as notices:
                await subscribe(notices, answer)
                assert len(await rest_of(notices)) == 4

    run(main, clock=Jumper())


def test_no_first_frame(tmp_path: Path) -> None:
    """A client that says nothing is closed with 4408 after the limit, not before."""

    async def main() -> None:
        async with lab(tmp_path, limits=Limits(first_frame_seconds=7)) as it:
            begun = trio.current_time()
            async with socket(it) as notices:
                await rest_of(notices)
                assert notices.close is not None
                assert notices.close[0] == 4408
            assert trio.current_time() - begun == pytest.approx(7, abs=0.1)

    run(main, clock=Jumper())


def test_other_peoples_jobs(tmp_path: Path) -> None:
    """A job answers the origin that made it and clients without one, as over HTTP; another origin is closed with 4403 and hears nothing (S-064)."""

    async def main() -> None:
        async with lab(tmp_path) as it:
            answer = await made(it, OURS)
            for origin, allowed in ((OURS, True), (THEIRS, False), (None, True)):
                async with socket(it, headers={} if origin is None else {"Origin": origin}) as notices:
                    await subscribe(notices, answer)
                    frames = await rest_of(notices)
                    assert bool(frames) is allowed
                    assert notices.close is not None
                    assert notices.close[0] == (1000 if allowed else 4403)

    run(main, clock=Jumper())


def test_deleted_jobs(tmp_path: Path) -> None:
    """A job that is deleted while somebody listens, or was before, is closed with 4410, and no frame claims that its pages are complete."""

    async def main() -> None:
        async with lab(tmp_path, FakeHost({"virtual:feeder": Script(pages=3, hang_at=3)})) as it:
            answer = await made(it)
            async with socket(it) as notices:
                await subscribe(notices, answer)
                await notices.frame()
                await notices.frame()
                await it.client.request("DELETE", f"{JOBS}/{answer['jobuid']}")
                assert await rest_of(notices) == []
                assert notices.close is not None
                assert notices.close[0] == 4410
            async with socket(it) as notices:
                await subscribe(notices, answer)
                assert await rest_of(notices) == []
                assert notices.close is not None
                assert notices.close[0] == 4410

    run(main, clock=Jumper())


def test_more_talk_is_not_looked_at(tmp_path: Path) -> None:
    """After the first frame a client may say what it likes in text; binary ends the conversation with 1003."""

    async def main() -> None:
        async with lab(tmp_path, FakeHost({"virtual:feeder": Script(pages=2, hang_at=2)})) as it:
            answer = await made(it)
            async with socket(it) as notices:
                await subscribe(notices, answer)
                for _ in range(50):
                    await notices.say('{"jobuid": "x", "method": "cancel"}')
                assert names([await notices.frame()]) == ["onPostTransferAsync"]
                await notices.say(data=b"x")
                await notices.ended.wait()
                assert notices.close is not None
                assert notices.close[0] == 1003

    run(main, clock=Jumper())


def test_a_client_that_leaves_or_takes_nothing(tmp_path: Path) -> None:
    """A listener that leaves is forgotten at once; one that takes nothing is given up after the stall limit; the job goes on undisturbed either way."""

    async def main() -> None:
        async with lab(tmp_path, FakeHost({"virtual:feeder": Script(pages=5, step_s=1)})) as it:
            answer = await made(it)
            async with socket(it) as notices:
                await subscribe(notices, answer)
                await notices.frame()
            gate = trio.Semaphore(0)
            begun = trio.current_time()
            connection = Connection(plain_socket.socket(), begun)
            async with socket(it, gate=gate, connection=connection) as notices:
                await subscribe(notices, answer)
                await notices.ended.wait()
                assert connection.closed, "the connection is cut, not only forgotten"
                assert trio.current_time() - begun <= 1.5 * it.config.limits.stall_seconds
            assert it.client.application.open_requests == 0
            assert (await it.client.get(f"{JOBS}/{answer['jobuid']}")).json()["status"] == "completed"

    run(main, clock=Jumper())


def test_going_down(tmp_path: Path) -> None:
    """At shutdown a listener is closed with 1001, and not told that all pages had come."""

    async def main() -> None:
        async with lab(tmp_path, FakeHost({"virtual:feeder": Script(pages=3, hang_at=2)})) as it:
            answer = await made(it)
            async with socket(it) as notices, talk(it.client, "/", protocols=("dwt_command",)) as bare:
                await subscribe(notices, answer)
                await notices.frame()
                it.registry.close()
                assert await rest_of(notices) == []
                assert notices.close is not None
                assert notices.close[0] == 1001
                await bare.ended.wait()
                assert bare.close is not None
                assert bare.close[0] == 1001

    run(main, clock=Jumper())


def test_two_origins_do_not_hear_each_other(tmp_path: Path) -> None:
    """Two jobs of two origins at once: each listener hears its own pages in its own order and nothing else (WIRE-14)."""

    async def main() -> None:
        host = FakeHost(
            {"virtual:feeder": Script(pages=20, step_s=0.3), "virtual:flatbed": Script(pages=30, step_s=0.2)}
        )
        async with lab(tmp_path, host) as it:
            jobs = {}
            for origin, device in ((OURS, "virtual:feeder"), (THEIRS, "virtual:flatbed")):
                keys = {"device": device, "config": {"IfFeederEnabled": True}}
                jobs[origin] = await made(it, origin, **keys)
            async with (
                socket(it, headers={"Origin": OURS}) as mine,
                socket(it, headers={"Origin": THEIRS}) as theirs,
            ):
                await subscribe(mine, jobs[OURS])
                await subscribe(theirs, jobs[THEIRS])
                for origin, one in ((OURS, mine), (THEIRS, theirs)):
                    frames = await rest_of(one)
                    job = it.registry.find(jobs[origin]["jobuid"])
                    uids = [frame["evt"]["info"]["imageuid"] for frame in frames[:-1]]
                    assert uids == [page.uid for page in job.pages.list]
                    assert all(jobs[origin]["jobuid"] in frame["evt"]["info"]["url"] for frame in frames[:-1])

    run(main, clock=Jumper())


async def test_keep_alive_counts_as_activity(tmp_path: Path) -> None:
    """A bare WebSocket with dwt_command keeps an idle service up for as long as it is open, on any path (S-016)."""
    from trio_websocket import open_websocket_url  # noqa: PLC0415  # only this test speaks over the wire here

    with trio.fail_after(20):
        async with wire(tmp_path, exit_when_idle=1, ready_file=tmp_path / "ready") as it:
            async with open_websocket_url(f"ws://127.0.0.1:{it.port}", subprotocols=["dwt_command"]) as bare:
                assert bare.subprotocol == "dwt_command"
                await bare.send_message("anything")
                begun = trio.current_time()
                while trio.current_time() - begun < 2:  # it is the passing of time that is waited for
                    await trio.sleep(0.05)
                    assert (tmp_path / "ready").exists()
            while (tmp_path / "ready").exists():  # noqa: ASYNC110  # another task of this run ends meanwhile
                await trio.sleep(0.01)
