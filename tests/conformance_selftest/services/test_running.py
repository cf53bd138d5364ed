"""The legal service in memory: the true bytes of the reference service, on a clock that jumps, the same each time."""

from __future__ import annotations

import functools
import json
from collections.abc import Awaitable, Callable

import trio

from conformance.bench import Log
from conformance.selftest.services import LEGAL, Running
from conformance.selftest.services.pipe import ROOM, pipe
from conformance.wire import Answer, Request, WireClient
from device_protocol.testing import Jumper, run

JOBS = "/api/device/scanners/jobs"


def jumping(function: Callable[[], Awaitable[None]]) -> Callable[[], None]:
    """A test that runs on a clock which jumps when nobody has anything to do."""

    @functools.wraps(function)
    def test() -> None:
        run(function, clock=Jumper())

    del test.__wrapped__  # else it would be taken for an async test
    return test


def client(service: Running) -> WireClient:
    """Of the kind that the suite uses."""
    return WireClient(service.connect, service.authority, Log())


async def scan(one: WireClient) -> tuple[list[Answer], float]:
    """All answers of a scan from the feeder, and how long it took."""
    wish = {"device": "virtual:feeder", "config": {"Resolution": 75, "PixelType": 1}}
    began = trio.current_time()
    answers = [await one.request("POST", JOBS, body=json.dumps(wish).encode())]
    job = f"{JOBS}/{json.loads(answers[0].body)['jobuid']}"
    while answers[-1].status in {200, 201}:
        answers.append(await one.request("GET", f"{job}/next-page?type=image/jpeg"))
    return [*answers, await one.request("DELETE", job)], trio.current_time() - began


@jumping
async def test_a_scan_takes_the_scanner_s_time() -> None:
    """Three sheets, both sides; the pages come when the virtual machine has fed them, and nothing waits in real time."""
    async with LEGAL() as service:
        answers, seconds = await scan(client(service))
        assert [answer.status for answer in answers] == [201, *[200] * 6, 204, 204]
        assert all(answer.body.startswith(b"\xff\xd8") for answer in answers[1:7])
        assert 0.5 < seconds < 5
        assert service.errors == []


@jumping
async def test_it_is_the_same_each_time() -> None:
    """Two services give the same bytes, job UIDs included; only the name of a request is another one."""

    async def once() -> list[tuple[int, bytes]]:
        async with LEGAL() as service:
            answers, _ = await scan(client(service))
            return [(answer.status, answer.body) for answer in answers]

    assert await once() == await once()


@jumping
async def test_a_person_stands_before_the_machine() -> None:
    """What is done to a machine shows in the service: paper goes, and a plug is pulled."""
    async with LEGAL() as service:
        one = client(service)
        await service.host.perform("virtual:feeder", "unload")
        answers, _ = await scan(one)
        assert [answer.status for answer in answers] == [201, 204, 204]
        await service.host.perform("virtual:feeder", "unplug")
        await trio.testing.wait_all_tasks_blocked()
        listed = json.loads((await one.request("GET", "/api/device/scanners")).body)
        assert [item["name"] for item in listed] == ["flatbed Zoo Flatbed"]


@jumping
async def test_connections_are_kept_and_idle_ones_end() -> None:
    """Two requests on one connection; after 75 idle seconds the service closes it, as it does with sockets."""
    async with LEGAL() as service:
        one = client(service)
        async with one.connection() as kept:
            for _ in range(2):
                answer = await one.exchange(kept, Request("GET", "/api/server/version"))
                assert answer.status == 200
                kept.next_exchange()
            assert await kept.stream.receive_some(1) == b""
            assert 74 < trio.current_time() < 78


@jumping
async def test_it_ends_whatever_its_clients_do() -> None:
    """A client that waits for a page and one that does not read its page keep nobody from closing the service."""
    async with LEGAL() as service:
        one = client(service)
        wish = {"device": "virtual:flatbed", "config": {"Resolution": 300, "PixelType": 2}}
        answer = await one.request("POST", JOBS, body=json.dumps(wish).encode())
        job = f"{JOBS}/{json.loads(answer.body)['jobuid']}"
        stream = await service.connect()
        await stream.send_all(f"GET {job}/next-page HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        await trio.sleep(30)  # the page is larger than what is under way at most, so the service waits


@jumping
async def test_a_pipe_has_room_for_so_much() -> None:
    """Who sends more than that waits until the other end reads, and is told when it closes."""
    ours, theirs = pipe(("127.0.0.1", 1), ("127.0.0.1", 2))
    await ours.send_all(bytes(ROOM))
    with trio.move_on_after(5) as scope:
        await ours.send_all(b"x")
    assert scope.cancelled_caught
    assert len(await theirs.receive_some()) == ROOM
    await theirs.aclose()
    assert ours.left
    try:
        await ours.send_all(b"x")
    except trio.BrokenResourceError:
        return
    raise AssertionError("it took bytes for nobody")
