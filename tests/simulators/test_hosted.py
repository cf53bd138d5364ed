"""Virtual devices in workers, with the lab in a process of its own: what a service uses."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trio

from device_host import Deadlines, Host, HostConfig, open_host
from device_protocol import NATIVE, Code, SessionState, Settings
from device_protocol.aio import Session, read_all
from tests.simulators.benches import FAST, code, refusal, scan

pytestmark = pytest.mark.slow

LAB = """\
schema = 1
time = "instant"

[[device]]
id = "feeder"
profile = "office-duplex-feeder"
sheets = 3
refill = "never"

[[device]]
id = "flatbed"
profile = "flatbed"
"""


@asynccontextmanager
async def host(tmp_path: Path, **deadlines: float) -> AsyncIterator[Host]:
    """All of a service's side for the virtual devices."""
    file = tmp_path / "lab.toml"
    file.write_text(LAB)
    config = HostConfig(
        runtime_dir=tmp_path / "run",
        drivers=("virtual",),
        driver_config={"virtual": {"devices_file": str(file)}},
        deadlines=Deadlines(**deadlines),
        spare=False,
    )
    async with open_host(config) as running:
        await running.first_answers(20)
        yield running


async def hashes(session: Session) -> list[str]:
    """What a scan gives."""
    return [hashlib.sha256(data).hexdigest() for _, data, _ in await scan(await session.start(FAST, delivery=NATIVE))]


async def test_crash_of_a_worker(tmp_path: Path) -> None:
    """A CRASH fault kills the worker; the lab, its paper and the other device survive, and the next open scans on."""
    async with host(tmp_path) as running:
        assert [item.id for item in running.devices().devices] == ["virtual:feeder", "virtual:flatbed"]
        control = await running.control("virtual:feeder")
        await control.perform("fault", {"kind": "crash", "page": 3, "at": 0.5})
        session, other = await running.open("virtual:feeder"), await running.open("virtual:flatbed")
        job = await session.start(FAST, delivery=NATIVE)
        whole: list[Any] = []

        async def read_on() -> None:
            while (page := await job.next_page()) is not None:
                whole.append(await read_all(page))

        assert (await refusal(read_on())).code is Code.INTERNAL
        assert len(whole) == 2
        assert len(await hashes(other)) == 1
        await session.close()
        with trio.fail_after(10):
            while (report := await control.perform("report"))["in_use"]:  # noqa: ASYNC110  # another process's state
                await trio.sleep(0.01)
        assert (report["path"], report["hopper"]) == ([2], 1)
        assert report["client"]["neglected"]["session-left-open"] == 1
        session = await running.open("virtual:feeder")
        assert len(await hashes(session)) == 2
        await session.close()
        await other.close()


async def test_hang_is_caught_by_the_deadline(tmp_path: Path) -> None:
    """A HANG ends in TIMED_OUT within the host's deadline, and the device can be opened again."""
    async with host(
        tmp_path, read=2.0, close=5.0
    ) as running:  # long enough for the scan that follows on a busy machine
        control = await running.control("virtual:feeder")
        await control.perform("fault", {"kind": "hang", "verb": "read"})
        session = await running.open("virtual:feeder")
        page = await (await session.start(FAST, delivery=NATIVE)).next_page()
        assert page is not None
        assert await code(page.read(1000)) is Code.TIMED_OUT
        await session.close()
        with trio.fail_after(10):
            while (await control.perform("report"))["in_use"]:  # noqa: ASYNC110  # another process's state
                await trio.sleep(0.01)
        session = await running.open("virtual:feeder")
        assert await hashes(session)
        await session.close()


async def test_conditions_set_before_open(tmp_path: Path) -> None:
    """What was done to the machine while nobody was connected is there when a worker opens it; a plug that is pulled is seen in the list."""
    async with host(tmp_path) as running:
        control = await running.control("virtual:feeder")
        await control.perform("open-cover")
        await control.perform("press-button", {"name": "scan"})
        session = await running.open("virtual:feeder")
        assert (await session.status()).conditions == {Code.COVER_OPEN}
        assert await code(session.start(Settings())) is Code.COVER_OPEN
        await control.perform("close-cover")
        assert not (await session.status()).conditions
        await control.perform("unplug")
        assert await code(session.options()) is Code.DEVICE_LOST
        assert (await session.status()).state is SessionState.LOST
        await session.close()
        with trio.fail_after(10):
            while len(running.devices().devices) == 2:  # noqa: ASYNC110  # another process's state
                await trio.sleep(0.01)
        await control.perform("replug")
        session = await running.open("virtual:feeder")
        assert await hashes(session)
        await session.close()
