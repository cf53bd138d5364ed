"""The connection between lab and client: bounded, and never held up by a peer that does not read or answer."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trio

from device_host.frames import Decoder, encode
from device_protocol import Code, DeviceError
from simulators.channel import Channel
from simulators.messages import CrashError
from tests.simulators.benches import code, feeder
from tests.simulators.test_lab_over_socket import door


@asynccontextmanager
async def pair() -> AsyncIterator[tuple[Channel, trio.SocketStream, list[dict[str, Any]]]]:
    """A running channel, its bare peer, and what the channel took."""
    near, far = trio.socket.socketpair()
    taken: list[dict[str, Any]] = []
    channel = Channel(trio.SocketStream(near), taken.append)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(channel.run)
        peer = trio.SocketStream(far)
        yield channel, peer, taken
        channel.close()
        await peer.aclose()


async def read_call(peer: trio.SocketStream) -> dict[str, Any]:
    """The next frame that the peer gets."""
    decoder = Decoder()
    while not (frames := decoder.feed(await peer.receive_some())):
        pass
    return frames[0].header


async def test_peer_that_does_not_read() -> None:
    """A peer that does not read is cut off instead of filling the memory."""
    async with pair() as (channel, _, _):
        for _ in range(5000):
            channel.post({"filler": "x" * 1000})
        with trio.fail_after(5):
            await channel.gone.wait()
        assert channel.why == "the other side does not read"
        assert await code(channel.call("anything")) is Code.DEVICE_LOST


async def test_answers_find_their_calls() -> None:
    """Answers come by number, in any order; the answer to a caller that left is dropped."""
    async with pair() as (channel, peer, taken):
        got: dict[str, Any] = {}

        async def ask(name: str) -> None:
            try:
                got[name] = await channel.call(name)
            except (DeviceError, CrashError) as error:
                got[name] = error

        async with trio.open_nursery() as nursery:
            with trio.CancelScope() as left:
                left.cancel()
                await channel.call("left")
            numbers = [(await read_call(peer))["n"]]
            for name in ("one", "two", "three", "four"):
                nursery.start_soon(ask, name)
                await trio.testing.wait_all_tasks_blocked()
                numbers.append((await read_call(peer))["n"])
            answers: tuple[dict[str, Any], ...] = (
                {"n": numbers[0], "ok": "nobody waits"},
                {"n": numbers[3], "crash": "dead"},
                {"n": numbers[2], "ok": 2},
                {"n": numbers[1], "error": {"garbage": True}},
                {"n": numbers[4]},
                {"notice": {}},
            )
            for answer in answers:
                await peer.send_all(encode(answer))
        assert got["two"] == 2
        assert got["four"] is None
        assert isinstance(got["three"], CrashError)
        assert got["one"].code is Code.INTERNAL
        assert taken == [{"notice": {}}]


@pytest.mark.parametrize("last", [b"", b"garbage that is no frame at all", encode({"call": "x"})[:6]])
async def test_end_of_a_connection(last: bytes) -> None:
    """However a connection ends, whoever waits is told DEVICE_LOST."""
    async with pair() as (channel, peer, _):
        async with trio.open_nursery() as nursery:

            async def ask() -> None:
                assert await code(channel.call("anything")) is Code.DEVICE_LOST

            nursery.start_soon(ask)
            await read_call(peer)
            if last:
                await peer.send_all(last)
            await peer.aclose()
        assert channel.gone.is_set()


async def test_session_that_does_not_listen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A session that takes no notices holds up nobody who stands at the machine."""
    monkeypatch.setattr("simulators.door.HEARD_WITHIN_S", 0.05)
    async with door(tmp_path, feeder(1)) as (resident, _):
        stream = await trio.open_unix_socket(str(tmp_path / "lab.sock"))
        await stream.send_all(encode({"call": "open", "n": 1, "with": {"device": "feeder"}}))
        assert (await read_call(stream))["n"] == 1
        control = await resident.control("feeder")
        with trio.fail_after(5):
            assert (await control.perform("open-cover"))["cover_open"]
        await stream.aclose()
