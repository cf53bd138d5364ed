"""All drivers at once: discovery apart from requests, a worker for each open device, the spare, residents, the codec process."""

from __future__ import annotations

import json
import os
import signal
import textwrap
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import trio
import trio.testing

from device_host import Deadlines, Host, HostConfig, open_host, trace_to
from device_host.encoding import encode_page
from device_protocol import JPEG, PNG, Code, DeviceError, Encode
from device_protocol.aio import EncodingJob
from device_protocol.pages import PageParams
from tests.device_host.helpers import all_pages, ends, named, until
from tests.device_host.machine import CONTROL

GOOD, OTHER, WATCHING = named("blocking_form"), named("trio_form"), named("watching")


@asynccontextmanager
async def hosting(runtime: Path, *drivers: str, wait: bool = True, **more: Any) -> AsyncIterator[Host]:
    """A host of the given drivers, without a spare unless asked for."""
    config = replace(HostConfig(runtime, drivers, spare=False, retry_seconds=(0.05, 0.2)), **more)
    async with open_host(config) as host:
        if wait:
            await host.first_answers(20)
        yield host


async def test_devices_of_all_drivers(tmp_path: Path) -> None:
    """Devices have full ids and come in the order of the drivers; nobody is late, nothing failed."""
    async with hosting(tmp_path, GOOD, OTHER) as host:
        found = host.devices()
        assert [device.id for device in found.devices] == [f"{GOOD}:one", f"{GOOD}:two", f"{OTHER}:one", f"{OTHER}:two"]
        assert found.failures == ()
        assert found.late == ()


async def test_bad_drivers_hide_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Drivers whose import fails or never ends, that crash, hang, answer nonsense or are missing a name are reported, and the good one is there (DISC-04)."""
    (tmp_path / "a_failing_import.py").write_text("raise ZeroDivisionError('at import')")
    (tmp_path / "a_blocking_import.py").write_text("import time; time.sleep(3600)")
    (tmp_path / "a_repeating_driver.py").write_text(
        textwrap.dedent("""
        from tests.device_host.machine import *
        class driver(Blocking):
            form = "blocking"
            def devices(self):
                return DeviceList((DeviceInfo("a", "A"), DeviceInfo("a", "B"), DeviceInfo("", "C")))
        """)
    )
    monkeypatch.syspath_prepend(tmp_path)
    crashing, hanging, dying = named("blocking_form"), named("bare_class"), named("background")
    drivers = (
        "a_failing_import:driver",
        "a_blocking_import:driver",
        "a_repeating_driver:driver",
        crashing,
        hanging,
        dying,
        OTHER,
    )
    configs = {
        crashing: {"misbehave": {"devices": "crash"}},
        hanging: {"misbehave": {"devices": "hang"}},
        dying: {"fail-when": str(tmp_path)},
    }
    deadlines = Deadlines(devices=1.0)
    async with hosting(
        tmp_path / "run", *drivers, wait=False, driver_config=configs, deadlines=deadlines, retry_seconds=(60, 60)
    ) as host:
        await until(lambda: host.devices().late == ("a_blocking_import:driver",))
        found = host.devices()
        assert [device.id for device in found.devices] == [
            "a_repeating_driver:driver:a",
            f"{OTHER}:one",
            f"{OTHER}:two",
        ]
        codes = {failure.transport: failure.code for failure in found.failures}
        assert codes == {
            "a_failing_import:driver": Code.INTERNAL,
            "a_repeating_driver:driver": Code.INTERNAL,
            crashing: Code.INTERNAL,
            hanging: Code.TIMED_OUT,
            dying: Code.INTERNAL,
        }
        await (await host.open(f"{OTHER}:one")).close()


async def test_late_drivers(tmp_path: Path) -> None:
    """The list is there at once; who has not answered within the time is said to be late, and costs nobody more than that time."""
    async with hosting(tmp_path, GOOD, wait=False, driver_config={GOOD: {"misbehave": {"devices": "slow"}}}) as host:
        assert host.devices().late == (GOOD,)
        assert host.devices().devices == ()
        await host.first_answers(0.01)
        assert host.devices().late == (GOOD,)
        await host.first_answers(20)
        assert host.devices().late == ()


async def test_watch(tmp_path: Path) -> None:
    """``watch`` gives the whole list, then each change with a revision one higher; ids are full."""
    async with hosting(tmp_path, WATCHING, GOOD, wait=False) as host:
        changes = host.watch()
        first = await anext(changes)
        assert (first.kind, first.revision, first.devices) == ("list", 1, ())
        seen: set[str] = set()
        revision = 1
        while seen != {f"{WATCHING}:two", f"{GOOD}:one", f"{GOOD}:two"}:
            change = await anext(changes)
            revision += 1
            assert change.revision == revision
            ids = {device.id for device in change.devices}
            seen = seen - ids if change.kind == "gone" else seen | ids
        assert {device.id for device in host.devices().devices} == seen


async def test_polling_and_restart(tmp_path: Path) -> None:
    """A driver that does not watch is asked again and again; when its worker is killed it is started again, and its devices stay."""
    async with hosting(tmp_path, GOOD, poll_seconds=0.02) as host:
        worker = host.status()["drivers"][0]["worker"]
        session = await host.open(f"{GOOD}:one")
        changes = host.watch()
        await anext(changes)

        os.kill(worker, 9)
        assert (await anext(changes)).failures[0].code in {
            Code.DEVICE_LOST,
            Code.INTERNAL,
        }  # it may have been asked just then
        assert len(host.devices().devices) == 2
        assert (await anext(changes)).failures == ()
        assert host.status()["drivers"][0]["restarts"] >= 1
        assert host.status()["drivers"][0]["worker"] not in {worker, None}
        assert await session.get("resolution") == 75
        await session.close()


async def test_a_worker_for_each_device(tmp_path: Path) -> None:
    """Each open device has a worker of its own: when one dies the other goes on, and the dead one can be opened again at once."""
    async with hosting(tmp_path, GOOD) as host:
        one, two = await host.open(f"{GOOD}:one"), await host.open(f"{GOOD}:two")
        workers = host.status()["drivers"][0]["open"]
        assert len(set(workers.values()) | {host.status()["drivers"][0]["worker"]}) == 3

        os.kill(workers["one"], 9)
        with pytest.raises(DeviceError):
            await one.caps()
        assert await two.get("resolution") == 75
        await one.close()
        again = await host.open(f"{GOOD}:one")
        assert await again.get("resolution") == 75


async def test_guarded(tmp_path: Path) -> None:
    """Sessions of a host are guarded: a device that is open is BUSY, an illegal call does not reach the driver; unknown ids are NOT_FOUND."""
    async with hosting(tmp_path, GOOD) as host:
        session = await host.open(f"{GOOD}:one")
        with pytest.raises(DeviceError) as busy:
            await host.open(f"{GOOD}:one")
        assert busy.value.code is Code.BUSY
        await session.close()
        with pytest.raises(DeviceError) as closed:
            await session.get("resolution")
        assert closed.value.code is Code.CLOSED
        for wrong in (f"{GOOD}:three", "nobody:one", "one", "", ":", f"{GOOD}:", GOOD):
            with pytest.raises(DeviceError) as unknown:
                await host.open(wrong)
            assert unknown.value.code is Code.NOT_FOUND


async def test_workers_stay_a_while(tmp_path: Path) -> None:
    """After close the worker stays for the next open of the same driver, and goes when nobody comes."""
    async with hosting(tmp_path, GOOD, keep_alive_seconds=1.5) as host:
        pids = []
        for device in ("one", "two", "one"):
            session = await host.open(f"{GOOD}:{device}")
            pids.append(host.status()["drivers"][0]["open"][device])
            await session.close()
        assert len(set(pids)) == 1
        assert host.status()["kept"] == [pids[0]]
        assert await ends(pids[0])
        assert host.status()["kept"] == []


async def test_a_spare_is_used(tmp_path: Path) -> None:
    """There is a warm spare, the next open takes it, and another takes its place."""
    async with hosting(tmp_path, GOOD, spare=True) as host:
        spare = await spare_of(host)
        session = await host.open(f"{GOOD}:one")
        assert host.status()["drivers"][0]["open"]["one"] == spare
        assert await spare_of(host) != spare
        await session.close()


async def spare_of(host: Host) -> int:
    """The spare's process id, once there is one."""
    await until(lambda: host.status()["spare"])
    return int(host.status()["spare"])


async def test_resident(tmp_path: Path) -> None:
    """The discovery worker of a resident driver is its resident process, and each session's worker is connected to it."""
    driver = named("resident")
    async with hosting(tmp_path / ("deep" * 20), driver) as host:
        resident = host.status()["drivers"][0]["worker"]
        session = await host.open(f"{driver}:one")
        assert await session.get("resolution") == resident
        control = await host.control(f"{driver}:one")
        assert (await control.perform("load"))["pid"] == resident
        worker = host.status()["drivers"][0]["open"]["one"]
        await session.close()

        os.kill(resident, 9)
        assert await ends(resident)
        await until(lambda: host.status()["drivers"][0]["worker"] not in {resident, None})
        session = await host.open(f"{driver}:one")
        assert await session.get("resolution") == host.status()["drivers"][0]["worker"]
        assert host.status()["drivers"][0]["open"]["one"] != worker, "a kept worker belongs to a lab that is gone"


async def test_control(tmp_path: Path) -> None:
    """Control is reached without a session; a device that has none is UNSUPPORTED."""
    async with hosting(tmp_path, GOOD) as host:
        control = await host.control(f"{GOOD}:one")
        assert await control.caps() == CONTROL
        with pytest.raises(DeviceError) as none:
            await host.control(f"{GOOD}:two")
        assert none.value.code is Code.UNSUPPORTED


async def test_open_cancelled(tmp_path: Path) -> None:
    """Whoever is cancelled while a device is opened leaves it so that it can be opened (CANC-08)."""
    config = {GOOD: {"misbehave": {"open": "slow"}}, OTHER: {"misbehave": {"open": "slow"}}}
    async with hosting(tmp_path, GOOD, OTHER, driver_config=config) as host:
        for driver in (GOOD, OTHER):
            async with trio.open_nursery() as nursery:
                nursery.start_soon(host.open, f"{driver}:one")
                await trio.testing.wait_all_tasks_blocked()
                opening = (GOOD, OTHER).index(driver)
                await until(lambda: host.status()["drivers"][opening]["open"])  # noqa: B023  # called at once
                nursery.cancel_scope.cancel()
            await (await host.open(f"{driver}:one")).close()


async def test_encoding_and_transcoding(tmp_path: Path) -> None:
    """Encoded delivery works through the guard, and a file becomes one of another type in the codec process; what is none is a typed error."""
    async with hosting(tmp_path, GOOD) as host:
        session = await host.open(f"{GOOD}:one")
        job = await session.start(None, "all", Encode())
        assert isinstance(job, EncodingJob)
        job.prefer(JPEG)
        pages = await all_pages(job)
        assert pages[0][0].params.format == JPEG
        await session.close()
        png = await host.transcode(pages[0][1], JPEG, PNG, 80)
        assert png.startswith(b"\x89PNG")
        codec = host.status()["codec"]
        assert (await host.transcode(png, PNG, JPEG, 80)).startswith(b"\xff\xd8")
        assert host.status()["codec"] == codec
        with pytest.raises(DeviceError) as caught:
            await host.transcode(b"no image", PNG, JPEG, 80)
        assert caught.value.code is Code.UNSUPPORTED
        assert (await host.transcode(png, PNG, JPEG, 80)).startswith(b"\xff\xd8")


def shout(data: bytes, times: int) -> tuple[dict[str, object], bytes]:
    """For the codec process."""
    if not data:
        raise ValueError("nothing to shout")
    if data == b"crash":
        os.abort()
    return {"process": os.getpid(), "times": times}, data.upper() * times


async def test_functions_in_the_codec_process(tmp_path: Path) -> None:
    """Any function of ours can run there; its ValueError is UNSUPPORTED, a crash is INTERNAL, and the next call works."""
    target = f"{__name__}:shout"
    async with hosting(tmp_path) as host:
        value, made = await host.compute(target, b"page", 2)
        assert (value["times"], made) == (2, b"PAGEPAGE")
        assert value["process"] == host.status()["processing"] != os.getpid()
        for data, code in ((b"", Code.UNSUPPORTED), (b"crash", Code.INTERNAL)):
            with pytest.raises(DeviceError) as caught:
                await host.compute(target, data, 1)
            assert caught.value.code is code
        with pytest.raises(DeviceError, match="no_such_function"):
            await host.compute("device_host.encoding:no_such_function", b"")
        assert (await host.compute(target, b"again", 1))[1] == b"AGAIN"


def stall(_data: bytes) -> bytes:
    """For the second codec process: a picture that takes for ever."""
    while True:
        signal.pause()


async def test_pages_do_not_wait_for_processing(tmp_path: Path) -> None:
    """While a picture stalls the process that looks at it, pages are made into other types as ever."""
    png = encode_page(PageParams(8, 8, 24), bytes(192), PNG, 80)
    async with hosting(tmp_path) as host, trio.open_nursery() as nursery:
        nursery.start_soon(host.compute, f"{__name__}:stall", png)
        while host.status()["processing"] is None:  # noqa: ASYNC110  # another process's start
            await trio.sleep(0.005)
        assert (await host.transcode(png, PNG, JPEG, 80)).startswith(b"\xff\xd8")
        nursery.cancel_scope.cancel()


async def test_a_large_file(tmp_path: Path) -> None:
    """A file larger than a frame may be crosses in parts, both ways."""
    noise = np.random.default_rng(1).integers(0, 256, (5600, 5000, 3), dtype=np.uint8)
    png = encode_page(PageParams(5000, 5600, 15000), noise.tobytes(), PNG, 80)
    assert len(png) > 64 << 20
    async with hosting(tmp_path) as host:
        assert await host.transcode(png, PNG, PNG, 80) == png


async def test_trace(tmp_path: Path) -> None:
    """The trace has each verb with its outcome, one JSON object a line."""
    with trace_to(tmp_path / "trace") as trace:
        async with hosting(tmp_path, GOOD, trace=trace) as host:
            session = await host.open(f"{GOOD}:one")
            await session.set("resolution", 150)
            with pytest.raises(DeviceError):
                await host.open(f"{GOOD}:three")
            await session.close()
    records = [json.loads(line) for line in lines_of(tmp_path / "trace")]
    assert {record["driver"] for record in records} == {GOOD}
    said = [(record["object"], record["verb"], record["outcome"]) for record in records]
    for expected in (
        ("backend", "devices", "ok"),
        ("backend", "open", "ok"),
        ("session", "set", "ok"),
        ("backend", "open", "NOT_FOUND"),
        ("session", "close", "ok"),
    ):
        assert expected in said
    assert all(record["ms"] >= 0 for record in records)
    assert next(record for record in records if record["verb"] == "set")["arguments"] == ["resolution", 150]


def lines_of(file: Path) -> list[str]:
    """The lines of a file."""
    return file.read_text().splitlines()


async def test_unknown_driver(tmp_path: Path) -> None:
    """A driver that does not exist is refused with the names of those that do."""
    with pytest.raises(DeviceError, match="sanelab, virtual") as caught:
        async with hosting(tmp_path, "scanner"):
            pass
    assert caught.value.code is Code.NOT_FOUND


async def test_nothing_is_left(tmp_path: Path) -> None:
    """When a host is left, whatever was open, no process and no file of it stays."""
    async with hosting(tmp_path, GOOD, OTHER, spare=True) as host:
        await host.open(f"{GOOD}:one")
        await host.open(f"{OTHER}:one")
        await spare_of(host)
        status = host.status()
        pids = [status["spare"]]
        for driver in status["drivers"]:
            pids += [driver["worker"], *driver["open"].values()]
        assert len(pids) == 5
    for pid in pids:
        assert await ends(pid, 1.0)
    assert os.listdir(tmp_path) == []  # noqa: PTH208  # nothing else runs here
