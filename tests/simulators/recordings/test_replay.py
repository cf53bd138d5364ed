"""The replayed device: what was recorded comes again, and what was not is answered as the device would most likely have done."""

from __future__ import annotations

import shutil
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from device_protocol import Area, Code, DeviceError, DeviceInfo, Fault, FaultKind, JobState, SessionState, Settings
from device_protocol.aio import Backend, guard, read_all
from device_protocol.testing import run
from simulators.recordings import Entry, Head, Recording, load, save
from simulators.recordings.driver import factory
from simulators.recordings.log import Ending
from simulators.recordings.privacy import make_private
from tests.simulators.benches import FAST, code, feeder, flatbed, lab, scan
from tests.simulators.recordings.tapes import play, recorded

FINE = replace(FAST, resolution=150, area=Area(0, 0, 60, 60))


async def everything(backend: Backend) -> Any:
    """A client that does a bit of everything; gives all it saw."""
    seen: list[Any] = [await backend.devices()]
    session = await backend.open("feeder")
    events = session.events()
    seen += [await session.caps(), await session.options(), await session.get("resolution")]
    seen += [await session.set("resolution", 99.6), await session.params(), await session.status()]
    seen.append(await code(session.set("resolution", "many")))
    control = await backend.control("feeder")
    seen += [await control.caps(), await control.perform("fault", Fault(FaultKind.JAM, sheet=2).arguments())]
    job = await session.start(FAST)
    page = await job.next_page()
    assert page is not None
    seen += [page.info, *[await page.read(777) for _ in range(4)], await session.status()]
    data, end = await read_all(page)
    seen += [data, end]
    await job.next_page()
    seen.append(await code(job.next_page()))
    await session.close()
    seen.append([event async for event in events])
    seen.append(await code(session.status()))
    return seen


async def test_the_same_client_sees_the_same(tmp_path: Path) -> None:
    """Every answer, event, page and error comes again, in two replays one after the other."""
    file = tmp_path / "feeder.recording"
    original = await recorded(lambda: lab(feeder(3)), everything, file, "feeder")
    for _ in range(2):
        async with play(file, "feeder") as backend:
            assert await everything(backend) == original


async def scans(backend: Backend) -> Any:
    """Three scans with different settings; gives their pages."""
    session = await backend.open("feeder")
    await session.options()
    pages = [await scan(await session.start(settings, 4)) for settings in (FAST, FINE, replace(FINE, mode="color"))]
    await session.close()
    return pages


@pytest.fixture
def tape(tmp_path: Path) -> Path:
    """Three recorded scans."""
    file = tmp_path / "scans.recording"

    async def with_caps(backend: Backend) -> Any:
        session = await backend.open("feeder")
        await session.caps()
        await session.close()
        return await scans(backend)

    run(lambda: recorded(lambda: lab(feeder(9)), with_caps, file, "feeder"))
    return file


async def test_strips_of_another_size_give_the_same_page(tape: Path) -> None:
    """A client that reads in other strips than the recorded one gets the same bytes, and is on the record again afterwards."""
    async with play(tape, "feeder") as backend:
        session = await backend.open("feeder")
        await session.caps()
        await session.close()
        expected = await scans(backend)
    async with play(tape, "feeder") as backend:
        session = await backend.open("feeder")
        await session.caps()
        await session.close()
        session = await backend.open("feeder")
        job = await session.start(FAST, 4)
        got = []
        while (page := await job.next_page()) is not None:
            strips = []
            while strip := await page.read(333):
                strips.append(strip)
            got.append((page.info, b"".join(strips), await page.end()))
    assert got == expected[0]


async def test_other_settings_give_the_most_similar_scan(tape: Path) -> None:
    """Off the record a scan has the pages of the recorded one with the same source and mode and the nearest resolution."""
    async with play(tape, "feeder") as backend:
        session = await backend.open("feeder")
        colour = await scan(await session.start(replace(FINE, mode="color", resolution=160)))
        gray = await scan(await session.start(Settings(source="feeder-duplex", mode="gray", resolution=80)))
        await session.close()
    assert {(info.params.channels, info.params.dpi_x) for info, _, _ in colour} == {(3, 150)}
    assert {(info.params.channels, info.params.dpi_x) for info, _, _ in gray} == {(1, 75)}
    assert [info.number for info, _, _ in gray] == list(range(1, len(gray) + 1))
    assert all(end.bytes == len(data) == end.params.total for _, data, end in gray)


async def test_a_page_target_counts_off_the_record(tape: Path) -> None:
    """As many pages as were asked for, then the end, as often as one asks."""
    async with play(tape, "feeder") as backend:
        session = await backend.open("feeder")
        job = await session.start(replace(FAST, resolution=90), 1)
        page = await job.next_page()
        assert page is not None
        await page.end()
        assert await job.next_page() is None
        assert await job.next_page() is None
        assert await job.settled() is JobState.COMPLETED


async def test_options_keep_their_promises_off_the_record(tape: Path) -> None:
    """What a constraint excludes is rounded or refused as a descriptor says, what is set reads back, and a refusal changes nothing."""
    async with play(tape, "feeder") as backend:
        session = await backend.open("feeder")
        assert (await session.set("resolution", 123)).exact
        assert (await session.set("resolution", 99_999)).actual == 600
        before = await session.get("resolution")
        assert await code(session.set("resolution", "many")) is Code.INVALID_VALUE
        assert await code(session.set("nonsense", 1)) is Code.UNSUPPORTED
        assert await code(session.get("nonsense")) is Code.UNSUPPORTED
        assert await code(session.apply(Settings(resolution=100, extra=(("nonsense", 1),)))) is Code.UNSUPPORTED
        assert await session.get("resolution") == before
        await session.reset()
        assert await session.get("resolution") == 300


async def test_illegal_calls_are_refused_off_the_record(tape: Path) -> None:
    """Calls in the wrong state are refused as the table says, and change nothing."""
    async with play(tape, "feeder") as backend:
        session = await backend.open("feeder")
        assert await code(backend.open("feeder")) is Code.BUSY
        assert await code(backend.open("other")) is Code.NOT_FOUND
        assert await code(backend.control("feeder")) is Code.UNSUPPORTED
        job = await session.start(replace(FAST, resolution=90))
        page = await job.next_page()
        assert page is not None
        assert await code(session.start(FAST)) is Code.BUSY
        assert await code(session.set("resolution", 100)) is Code.WRONG_STATE
        assert await code(page.read(0)) is Code.INVALID_VALUE
        assert (await session.status()).state is SessionState.TRANSFERRING
        await job.cancel()
        assert await job.settled() is JobState.CANCELED
        assert await code(page.read(10)) is Code.CANCELLED
        await session.close()
        assert await code(session.get("resolution")) is Code.CLOSED
        assert await code(job.next_page()) is Code.CLOSED
        assert await code(page.end()) is Code.CLOSED


async def test_a_service_would_be_served(tape: Path) -> None:
    """Behind the guard, as services have it, a scan in any settings ends with pages."""
    async with play(tape, "feeder") as inner:
        backend = guard(inner)
        (info,) = await backend.devices()
        session = await backend.open(info.id)
        job = await session.start(Settings(mode="gray", resolution=200))
        page = await job.next_page()
        assert page is not None
        data, end = await read_all(page)
        assert len(data) == end.bytes > 0
        await session.close()


async def test_what_was_never_recorded_says_so(tmp_path: Path) -> None:
    """A recording without a scan cannot scan; the error is about the recording."""
    file = tmp_path / "empty.recording"

    async def look(backend: Backend) -> None:
        session = await backend.open("flatbed")
        await session.close()

    await recorded(lambda: lab(flatbed()), look, file, "flatbed")
    async with play(file, "flatbed") as backend:
        session = await backend.open("flatbed")
        for call in (session.start(), session.options(), session.params()):
            with pytest.raises(DeviceError, match="recording") as refused:
                await call
            assert refused.value.code is Code.UNSUPPORTED


async def test_private_recordings_show_nothing(tmp_path: Path) -> None:
    """Pixels and the serial number are gone; sizes, rows, padding and which pages are equal are as they were."""
    file, private = tmp_path / "open.recording", tmp_path / "private.recording"

    async def client(backend: Backend) -> Any:
        session = await backend.open("feeder")
        await session.options()
        serial = await session.get("serial")
        pages = [page for _ in range(2) for page in await scan(await session.start(FAST, 2))]
        await session.close()
        return serial, pages

    serial, pages = await recorded(lambda: lab(feeder(4)), client, file, "feeder")
    save(make_private(load(file), file), private)
    async with play(private, "feeder") as backend:
        veiled, others = await client(backend)
    assert veiled == "X" * len(serial)
    with zipfile.ZipFile(private) as zipped:
        assert serial.encode() not in b"".join(map(zipped.read, zipped.namelist()))
    assert [(info, end) for info, _, end in others] == [(info, end) for info, _, end in pages]
    for one in range(len(pages)):
        assert others[one][1] != pages[one][1]
        assert len(others[one][1]) == len(pages[one][1])
        for two in range(one):
            assert (others[one][1] == others[two][1]) is (pages[one][1] == pages[two][1])
    assert load(private).head.private


async def test_a_serial_number_in_the_id_of_a_private_recording_is_hidden_as_well(tmp_path: Path) -> None:
    """Many drivers make ids of serial numbers: the head says no more than the log, and both still name the same device."""
    file, private = tmp_path / "open.recording", tmp_path / "private.recording"
    secret = "SN12345678"
    entries = [
        Entry(0, "backend", "open", [f"usb:{secret}"], ending=Ending.ANSWER, new="session 1"),
        Entry(0, "session 1", "get", ["serial"], ending=Ending.ANSWER, answer=secret),
    ]
    head = Head(
        f"sane:usb:{secret}", f"usb:{secret}", DeviceInfo(f"usb:{secret}", "Scanner"), suite={"why": f"{secret} hangs"}
    )
    save(make_private(Recording(head, entries), file), private)
    with zipfile.ZipFile(private) as zipped:
        assert secret.encode() not in b"".join(map(zipped.read, zipped.namelist()))
    async with play(private, "scanner") as backend:
        session = await backend.open("scanner")
        assert await session.get("serial") == "X" * len(secret)


async def test_several_recordings_are_several_devices(tape: Path, tmp_path: Path) -> None:
    """A configuration with two files has two devices, and no client can name another file."""
    second = tmp_path / "second.recording"
    shutil.copy(tape, second)
    async with factory({"files": {"one": str(tape), "two": str(second)}}) as backend:
        assert [info.id for info in await backend.devices()] == ["one", "two"]
        session = await backend.open("two")
        assert await scan(await session.start(FAST))
        await session.close()
        assert await code(backend.open(str(tape))) is Code.NOT_FOUND


@pytest.mark.parametrize(
    "config",
    [
        {"files": {"x": 5}},
        {"files": []},
        {"surprise": 1},
        {"time": "never"},
        {"neighbours": 1},
        {"files": {"x": "/nowhere"}},
    ],
)
async def test_a_wrong_configuration_is_refused(config: dict[str, Any]) -> None:
    """Unknown keys, wrong types and files that are not there are typed errors."""
    with pytest.raises(DeviceError):
        factory(config)
