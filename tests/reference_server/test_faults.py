"""Faults of the service itself, as a client meets them on a real socket (service-behaviour.md S-084 to S-091, S-119, S-041)."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest
import trio
import trio.lowlevel
import trio.testing

from device_protocol.aio import ManualClock
from reference_server.config import ServerConfig
from reference_server.faults.profiles import PROFILES, FaultName, describe, parse_fault, words
from reference_server.faults.switchboard import Switchboard
from tests.reference_server.client import JOBS
from tests.reference_server.fakes import FakeHost, Script
from tests.reference_server.wire import Wire, read_answer, read_head, wire

VERSION = "/api/server/version"


def connects(it: Wire) -> bool:
    """Whether somebody listens."""
    with socket.socket() as sock:
        try:
            sock.connect(("127.0.0.1", it.port))
        except ConnectionRefusedError:
            return False
        return True


async def slept_on(clock: ManualClock, wanted: bool) -> None:
    """Wait until a request sleeps on *clock*, or none does; what else sleeps on it sleeps for longer."""
    while (
        clock.next_due is not None and clock.next_due <= clock.now() + 2
    ) is not wanted:  # the socket between us has no event
        await trio.lowlevel.checkpoint()


async def is_reset(stream: trio.SocketStream) -> bool:
    """Whether the connection ends by a reset, and not in order."""
    try:
        while await stream.receive_some(1 << 16):
            pass
    except trio.BrokenResourceError as error:
        return isinstance(error.__cause__, ConnectionResetError)
    return False


@pytest.mark.parametrize("fault", ["down:duration=5", "refuse:duration=5", "late-start:after=5"])
async def test_nobody_listens_for_a_while(fault: str, tmp_path: Path) -> None:
    """The port refuses connections from the start, and answers when the time is over."""
    clock = ManualClock()
    async with wire(tmp_path, clock=clock, faults=(fault,)) as it:
        assert not connects(it)
        await clock.advance(4.9)
        assert not connects(it)
        await clock.advance(0.2)
        assert (await it.ask("GET", VERSION))[0] == 200


async def test_a_connection_is_reset_when_it_is_accepted(tmp_path: Path) -> None:
    """Two connections are reset before they have said anything; the third is served, since the fault was to strike twice."""
    async with wire(tmp_path, faults=("reset:count=2",)) as it:
        for _ in range(2):
            sock = socket.create_connection(("127.0.0.1", it.port))  # the kernel accepts; the service has not yet
            async with trio.SocketStream(trio.socket.from_stdlib_socket(sock)) as stream:
                assert await is_reset(stream)
        assert (await it.ask("GET", VERSION))[0] == 200


async def test_an_answer_breaks_off(tmp_path: Path) -> None:
    """The head and half of the first piece come, then a reset; the page is not lost, the next reader gets it."""
    host = FakeHost({"virtual:feeder": Script(pages=1, page_bytes=10_000)})
    async with wire(tmp_path, host, faults=("slow:delay=0.001,count=1", "drop:requests=1,count=1")) as it:
        job = await it.create()
        async with await it.send("GET", f"{job}/next-page") as stream:
            assert await stream.receive_some(100) == b"", "dropped: the connection ends without an answer"
        assert (await it.ask("GET", f"{job}/next-page"))[0] == 200
    async with wire(tmp_path, host, faults=("reset:at=answer,count=1",)) as it:
        async with await it.send("POST", JOBS, b"{}") as stream:
            status, headers, body = await read_head(stream)
            assert status == 201
            assert len(body) < int(headers["content-length"])
            assert await is_reset(stream)
        assert (await it.ask("GET", VERSION))[0] == 200


async def test_connections_drop_after_some_requests(tmp_path: Path) -> None:
    """Two requests are answered and the third is not, again and again, on one connection or on many (S-091)."""
    async with wire(tmp_path, faults=("drop:requests=2",)) as it:
        for _ in range(2):
            stream = await it.connect()
            request = f"GET {VERSION} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
            for _ in range(2):
                await stream.send_all(request)
                assert (await read_answer(stream))[0] == 200
            await stream.send_all(request)
            assert await stream.receive_some(100) == b""
            await stream.aclose()


async def test_slow(tmp_path: Path) -> None:
    """Each answer comes two seconds late; a client that does not wait leaves nothing behind; then the fault has struck often enough."""
    clock = ManualClock()
    async with wire(tmp_path, clock=clock, faults=("slow:delay=2,count=2",)) as it:
        impatient = await it.send("GET", VERSION)
        await slept_on(clock, True)
        await impatient.aclose()
        await slept_on(clock, False)
        answers: list[int] = []

        async def ask() -> None:
            answers.append((await it.ask("GET", VERSION))[0])

        async with trio.open_nursery() as nursery:
            nursery.start_soon(ask)
            await slept_on(clock, True)
            await clock.advance(1.9)
            assert answers == []
            await clock.advance(0.2)
        assert answers == [200]
        assert (await it.ask("GET", VERSION))[0] == 200


async def test_wrong_answers(tmp_path: Path) -> None:
    """Another version that is not compatible (S-088), a refused licence (S-119) and a denied consent (S-041), each as often as asked for."""
    faults = ("wrong-version:version=20990101,count=1", "licence-refused:count=1", "consent-denied:count=1")
    async with wire(tmp_path, faults=faults) as it:
        said = json.loads((await it.ask("GET", VERSION))[1])
        assert (said["version"], said["compatible"]) == ("20990101", False)
        assert "flatbed" in said["moduleVersions"]
        assert json.loads((await it.ask("GET", VERSION))[1])["compatible"] is True
        refused = [await it.ask("POST", JOBS, {"license": "good"}) for _ in range(2)]
        assert [(status, json.loads(body)["code"]) for status, body in refused] == [(403, -2800), (403, -1032)]
        assert it.host.sessions == []
        assert (await it.ask("POST", JOBS, {}))[0] == 201


def test_what_can_be_asked_for() -> None:
    """Names, parameters and their limits are checked with words that help; nothing else can be said."""
    slow = parse_fault("slow:delay=0.5,count=3,duration=10")
    assert (slow.name, slow.delay, slow.count, slow.duration) == (FaultName.SLOW, 0.5, 3, 10)
    assert parse_fault("wrong-version:version=20990101").version == "20990101"
    assert parse_fault("late-start").lasts == 5
    assert parse_fault("down").lasts is None
    for text, words_ in {
        "fire": "there are down, refuse",
        "": "there are down",
        "slow:delay": "not key=value",
        "slow:after=3": "slow has no after; it takes delay, count, duration",
        "down:count=3": "down has no count",
        "late-start:duration=3": "late-start has no duration",
        "slow:delay=-1": "delay: ",
        "slow:delay=4000": "delay: ",
        "slow:delay=x": "delay",
        "slow:count=0": "count: ",
        "slow:colour=red": "no fault takes colour",
        "reset:at=never": "at: ",
    }.items():
        with pytest.raises(ValueError, match=words_):
            parse_fault(text)


def test_every_profile_is_described() -> None:
    """`--fault list` has each profile with what it does, its source and what it takes."""
    text = "\n".join(describe())
    assert set(PROFILES) == set(FaultName)
    for name, profile in PROFILES.items():
        assert name.value in text
        assert profile.does in text
        assert profile.source in text
        assert all(word in text for word in words(name))


def test_not_in_locked_mode(tmp_path: Path) -> None:
    """The locked mode refuses faults, and lab mode those that are none."""
    with pytest.raises(ValueError, match="lab mode only"):
        ServerConfig(tmp_path, access="locked", faults=("down",))  # type: ignore[arg-type]  # as from a command line
    with pytest.raises(ValueError, match="there are"):
        ServerConfig(tmp_path, faults=("fire",))


async def test_the_switchboard() -> None:
    """A fault ends with its count, with its time, or when it is cleared, whichever comes first; setting it again replaces it; it is shown meanwhile."""
    clock = ManualClock()
    board = Switchboard(clock)
    changes: list[bool] = []
    board.on_change.append(lambda: changes.append(bool(board)))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(board.run)
        assert not board
        board.set(parse_fault("slow:count=2,duration=10"))
        assert board.strike(FaultName.DROP) is None
        assert board.strike(FaultName.SLOW) is not None
        (shown,) = board.shown()
        assert shown == {
            "name": "slow",
            "delay": 2,
            "count": 2,
            "duration": 10,
            "struck": 1,
            "left": 1,
            "seconds_left": 10,
        }
        board.set(parse_fault("slow:duration=3"))
        await trio.testing.wait_all_tasks_blocked()
        await clock.advance(2)
        board.set(parse_fault("down:duration=0.5"))
        await trio.testing.wait_all_tasks_blocked()
        await clock.advance(0.6)
        assert [item["name"] for item in board.shown()] == ["slow"]
        await clock.advance(0.5)
        assert not board, "over with nobody looking"
        assert board.strike(FaultName.SLOW) is None
        board.set(parse_fault("slow:count=1"))
        board.strike(FaultName.SLOW)
        assert not board
        assert not board.clear()
        board.set(parse_fault("drop"))
        board.set(parse_fault("slow"))
        assert board.clear(FaultName.DROP)
        assert board.clear()
        assert changes == [True, True, True, True, False, True, False, True, True, True, False]
        nursery.cancel_scope.cancel()
