"""The driver in a worker of the host: the same answers, and a hang in C that ends in a typed error."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import trio

from device_host.deadlines import DEFAULT
from device_host.opening import open_backend
from device_protocol import (
    ALL,
    Area,
    Code,
    Colour,
    DeviceError,
    Encode,
    JobState,
    PageEnd,
    SessionState,
    Settings,
)

pytestmark = pytest.mark.real

SMALL = Settings(source="Flatbed", mode="Color", depth=8, resolution=50, area=Area(0, 0, 50, 40))
FEEDER = replace(SMALL, source="Automatic Document Feeder")
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"


async def _whole(page: Any) -> tuple[bytes, PageEnd]:
    data = bytearray()
    while chunk := await page.read(1 << 16):
        data += chunk
    return bytes(data), await page.end()


async def _pages(job: Any) -> list[tuple[bytes, PageEnd]]:
    found: list[tuple[bytes, PageEnd]] = []
    while page := await job.next_page():
        found.append(await _whole(page))
        assert len(found) < 20
    return found


async def test_the_lab_scans_in_a_worker() -> None:
    """Devices, caps, options, a flatbed page and a full feeder cross the border; ids are the native ones."""
    async with open_backend("sanelab", {"devices": 2}) as backend:
        devices = await backend.devices()
        assert [device.id for device in devices] == ["test:0", "test:1"]
        session = await backend.open("test:1")
        caps = await session.caps()
        assert [source.name for source in caps.sources] == ["Flatbed", "Automatic Document Feeder"]
        assert len(await session.options()) == 48
        table = tuple(number % 256 for number in range(4096))
        assert (await session.set("gamma-table", table)).exact
        assert await session.get("gamma-table") == table
        [(data, end)] = await _pages(await session.start(SMALL))
        assert (len(data), end.incomplete, end.params.colour) == (end.params.total, False, Colour.COLOR)
        pages = await _pages(await session.start(FEEDER, ALL))
        assert [ending.number for _, ending in pages] == list(range(1, 10))  # the flatbed's start counted as a sheet
        assert {content for content, _ in pages} == {data}
        assert (await session.status()).state is SessionState.IDLE
        await session.close()
        with pytest.raises(DeviceError) as caught:
            await backend.open("fakeusbout:/tmp/x:test:0")
        assert caught.value.code is Code.NOT_FOUND


async def test_the_host_encodes_what_the_driver_delivers() -> None:
    """Delivery as PNG is the host's stage above the raw pages of the driver."""
    async with open_backend("sanelab") as backend:
        session = await backend.open("test:0")
        for settings in (SMALL, replace(SMALL, mode="Gray", depth=1)):
            job = await session.start(settings, 1, Encode("image/png"))
            [(data, end)] = await _pages(job)
            assert data.startswith(PNG_SIGNATURE)
            assert (end.params.format, end.incomplete) == ("image/png", False)
        await session.close()


async def test_cancel_reaches_a_slow_scan() -> None:
    """A cancel while the driver's thread is in sane_read ends the read with CANCELLED, and the session goes on."""
    async with open_backend("sanelab") as backend:
        session = await backend.open("test:0")
        slow = (("read-delay", True), ("read-delay-duration", 20_000))
        job = await session.start(replace(SMALL, resolution=300, area=Area(0, 0, 200, 200), extra=slow), 1)
        page = await job.next_page()
        assert page is not None
        codes = []

        async def read_on() -> None:
            try:
                while await page.read(1 << 20):
                    pass
            except DeviceError as error:
                codes.append(error.code)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(read_on)
            await trio.sleep(0.005)
            await job.cancel()
        assert codes == [Code.CANCELLED]
        assert await job.settled() is JobState.CANCELED
        await session.reset()
        assert len(await _pages(await session.start(SMALL, 1))) == 1
        await session.close()


async def test_a_hung_cancel_is_a_typed_error_and_the_next_open_works(tmp_path: Path) -> None:
    """Libsane that never returns from sane_cancel: TIMED_OUT within the deadline, the worker is killed, a new one scans."""
    flag = tmp_path / "hang"
    flag.touch()
    deadlines = replace(DEFAULT, settled=1.0, options=1.0, close=1.0)
    async with open_backend(
        "tests.device_drivers.fake_sane:hanging", {"flag": str(flag)}, deadlines=deadlines
    ) as backend:
        session = await backend.open("fake:0")
        job = await session.start(None, 1)
        page = await job.next_page()
        assert page is not None
        assert await page.read(100)
        await job.cancel()
        with pytest.raises(DeviceError) as caught:
            await job.settled()
        assert caught.value.code is Code.TIMED_OUT
        assert not caught.value.survives
        with pytest.raises(DeviceError):
            await session.get("mode")
        await session.close()
        assert not flag.exists()
        session = await backend.open("fake:0")
        [(data, end)] = await _pages(await session.start(None, 1))
        assert (data, end.incomplete) == (b"abcd" * 50, False)
        await session.close()
