"""Time that moves by hand, in the lab's own process and through its socket: everybody who was due has run, in order, when an advance returns."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import trio

from device_protocol import Code, Settings
from device_protocol.aio import ManualClock, Session, read_all
from simulators.backend import VirtualBackend
from simulators.devices_file import LabSpec, load_lab
from simulators.driver import lab_backend, remote_backend
from tests.simulators.benches import INSTANT, code, feeder

DAY = 86_400


@asynccontextmanager
async def manual(path: Path, road: str) -> AsyncIterator[tuple[VirtualBackend, VirtualBackend]]:
    """A lab with manual time, and the backend that clients use."""
    spec = LabSpec((feeder(3),), 0.0)
    async with lab_backend(spec, None, path / "lab.sock") as resident:
        if road == "in-process":
            yield resident, resident
            return
        async with remote_backend(path / "lab.sock") as backend:
            yield resident, backend


async def advance(backend: VirtualBackend, seconds: float) -> dict[str, float]:
    """Let time pass, however many calls that takes."""
    control = await backend.control("feeder")
    answer = dict(await control.perform("advance", {"seconds": seconds}))
    while answer["left"]:
        answer = dict(await control.perform("advance", {"seconds": answer["left"]}))
    return answer


async def scan(session: Session, seen: list[object]) -> None:
    """Scan everything, and write down what came."""
    job = await session.start(Settings(resolution=75))
    while (page := await job.next_page()) is not None:
        data, _ = await read_all(page)
        seen.append(len(data))
    seen.append("end")


@pytest.mark.parametrize("road", ["in-process", "socket"])
async def test_a_whole_scan_in_one_advance(tmp_path: Path, road: str) -> None:
    """Nothing moves until time does; then the scan of three sheets has come to its end when the advance returns, with every wait of machine and pages in it."""
    async with manual(tmp_path, road) as (resident, backend), trio.open_nursery() as nursery:
        seen: list[object] = []
        opened: list[Session] = []

        async def client() -> None:
            opened.append(await backend.open("feeder"))
            await scan(opened[0], seen)

        nursery.start_soon(client)
        await advance(resident, 0)
        assert not seen
        answer = await advance(resident, DAY)
        assert seen[-1] == "end"
        assert len(seen) == 7  # both sides of three sheets
        assert answer["now"] == DAY
        await opened[0].close()


@pytest.mark.parametrize("road", ["in-process", "socket"])
async def test_small_steps_and_one_big_one_give_the_same(tmp_path: Path, road: str) -> None:
    """A page is there at the same moment, whether time comes in tenths of seconds or in one piece."""
    moments = []
    for step in (0.1, 7.0):
        (tmp_path / str(step)).mkdir()
        async with manual(tmp_path / str(step), road) as (resident, backend), trio.open_nursery() as nursery:
            clock = resident._clock
            arrived: list[float] = []

            async def client(
                backend: VirtualBackend = backend, arrived: list[float] = arrived, clock: object = clock
            ) -> None:
                session = await backend.open("feeder")
                job = await session.start(Settings(resolution=75))
                while (page := await job.next_page()) is not None:
                    await read_all(page)
                    assert isinstance(clock, ManualClock)
                    arrived.append(round(clock.now(), 3))

            nursery.start_soon(client)
            while len(arrived) < 6:
                await advance(resident, step)
            moments.append(arrived)
            nursery.cancel_scope.cancel()
    assert moments[0] == moments[1]


async def test_a_cancelled_wait_is_forgotten(tmp_path: Path) -> None:
    """A client that does not wait for its page any more leaves no sleeper behind in the lab, and the session is still good."""
    async with manual(tmp_path, "socket") as (resident, backend), trio.open_nursery() as nursery:
        opened: list[Session] = []
        seen: list[object] = []

        async def client() -> None:
            opened.append(await backend.open("feeder"))
            await scan(opened[0], seen)

        nursery.start_soon(client)
        while not seen:
            await advance(resident, 0.5)
        nursery.cancel_scope.cancel()
        with trio.CancelScope(shield=True):
            async with trio.open_nursery() as closing:
                closing.start_soon(opened[0].close)
                await advance(resident, 60)
            clock = resident._clock
            assert isinstance(clock, ManualClock)
            assert clock.next_due is None


async def test_real_time_cannot_be_advanced() -> None:
    """Where time runs by itself, advancing is no action; nothing has happened."""
    async with lab_backend(LabSpec((feeder(),), INSTANT)) as backend:
        control = await backend.control("feeder")
        assert "advance" not in (await control.caps()).actions
        assert await code(control.perform("advance", {"seconds": 1})) is Code.UNSUPPORTED


@pytest.mark.parametrize(
    "arguments", [{}, {"seconds": -1}, {"seconds": "1"}, {"seconds": 1e12}, {"seconds": 1, "for": "me"}]
)
async def test_bad_spans(tmp_path: Path, arguments: dict[str, object]) -> None:
    """A span that makes no sense is refused, and time stands still."""
    async with manual(tmp_path, "in-process") as (resident, _):
        control = await resident.control("feeder")
        assert await code(control.perform("advance", arguments)) is Code.INVALID_VALUE
        assert (await control.perform("advance", {"seconds": 0}))["now"] == 0


def test_a_devices_file_says_so(tmp_path: Path) -> None:
    """``time = "manual"`` is one of the words of a devices file."""
    file = tmp_path / "devices.toml"
    file.write_text('schema = 1\ntime = "manual"\n[[device]]\nid = "a"\nprofile = "flatbed"\n')
    assert load_lab(file).time == 0
