"""Frames come at their time, each says which it is, and what becomes of them is what was asked for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import trio

from device_protocol import ALL, Code, DeviceKind, Fault, FaultKind, JobState, Settings
from device_protocol.aio import RealClock
from sheets.test_card import FrameReading, Seen, judge
from tests.simulators.benches import code, lab, refusal
from tests.simulators.cameras.eyes import camera, frame, frames, virtually


@virtually
async def test_frames_come_at_their_rate() -> None:
    """At 10 frames a second, frame after frame comes a tenth of a second later, with its number and time in the picture."""
    async with lab(camera(habits={"start_s": 0.5}), clock=RealClock()) as backend:
        assert [info.kind for info in await backend.devices()] == [DeviceKind.CAMERA]
        session = await backend.open("cam")
        begun = trio.current_time()
        job = await session.start(pages=ALL)
        seen = []
        for number in range(5):
            info, reading = await frame(job)
            assert trio.current_time() - begun == pytest.approx(0.5 + number / 10)
            assert (info.number, info.sequence, reading.number) == (number + 1, number, number)
            assert info.taken_s == pytest.approx(0.5 + number / 10, abs=1e-3)
            seen.append(Seen(reading, trio.current_time() - begun))
        found = judge(seen)
        assert found.clean
        assert found.rate == pytest.approx(10)
        assert found.latency_s == pytest.approx(0, abs=1e-3)
        await session.close()


@virtually
async def test_a_reader_who_is_late_loses_frames_and_is_told() -> None:
    """Of what nobody fetches the last buffers are kept; the others are missing, and counted (CAM-03)."""
    async with lab(camera(habits={"buffers": 3}), clock=RealClock()) as backend:
        session = await backend.open("cam")
        job = await session.start(pages=ALL)
        assert [info.sequence for info, _ in await frames(job, 2)] == [0, 1]
        await trio.sleep(1.0)
        late = await frames(job, 4)
        assert [info.sequence for info, _ in late] == [9, 10, 11, 12]
        assert [reading.number for _, reading in late] == [9, 10, 11, 12]
        status = await session.status()
        assert status.job is not None
        assert status.job.dropped == 7
        await session.close()


async def test_a_stream_can_stop_and_start_again() -> None:
    """Stopping is idempotent, a second start is BUSY and changes nothing, and numbers begin anew after a stop (CAM-04)."""
    async with lab(camera()) as backend:
        session = await backend.open("cam")
        for _ in range(3):
            job = await session.start(pages=ALL)
            await frames(job, 2)
            assert await code(session.start()) is Code.BUSY
            assert (await frame(job))[1].number == 2
            await job.cancel()
            await job.cancel()
            assert await job.settled() is JobState.CANCELED
            await session.cancel()
        await session.close()


async def test_a_count_of_frames_ends_the_job() -> None:
    """A job for two frames has two frames, and an end as often as one asks."""
    async with lab(camera()) as backend:
        session = await backend.open("cam")
        job = await session.start(pages=2)
        await frames(job, 2)
        assert await job.next_page() is None
        assert await job.next_page() is None
        await session.close()


def is_dropped(readings: list[FrameReading]) -> bool:
    """A frame is missing."""
    return [reading.number for reading in readings] == [0, 1, 3, 4, 5]


def is_repeated(readings: list[FrameReading]) -> bool:
    """A frame is there twice."""
    return [reading.number for reading in readings] == [0, 1, 1, 3, 4]


def is_torn(readings: list[FrameReading]) -> bool:
    """One frame, and no other, has a seam in the middle."""
    torn = [reading.torn_at for reading in readings]
    return torn[2] == pytest.approx(0.5, abs=1 / 8) and torn.count(None) == 4


def is_frozen(readings: list[FrameReading]) -> bool:
    """Frames go on, with the same picture."""
    return [reading.number for reading in readings] == [0, 1, 1, 1, 4]


@pytest.mark.parametrize(
    ("fault", "judged"),
    [
        (Fault(FaultKind.DROPPED, page=3), is_dropped),
        (Fault(FaultKind.REPEATED, page=3), is_repeated),
        (Fault(FaultKind.TORN, page=3), is_torn),
        (Fault(FaultKind.FROZEN, page=3, seconds=0.2), is_frozen),
    ],
    ids=lambda value: value.kind.value if isinstance(value, Fault) else "",
)
@virtually
async def test_faults_of_frames(fault: Fault, judged: Callable[[list[FrameReading]], bool]) -> None:
    """Each fault does to the third frame what it says, from a scenario and by control, and nothing to a clean camera."""
    for armed in (True, False):
        async with lab(camera(*([fault] if armed else ())), clock=RealClock()) as backend:
            session = await backend.open("cam")
            if not armed:
                clean = await frames(await session.start(pages=5), 5)
                assert not judged([reading for _, reading in clean])
                await session.cancel()
                await (await backend.control("cam")).perform("fault", fault.arguments())
            job = await session.start(pages=5)
            found = await frames(job, 5)
            assert judged([reading for _, reading in found]), found
            await session.close()


@virtually
async def test_a_late_frame_is_late() -> None:
    """SLOW makes one frame take its time; those that nobody could fetch meanwhile are counted as lost."""
    slow = Fault(FaultKind.SLOW, page=2, seconds=1.0)
    async with lab(camera(slow, habits={"buffers": 1}), clock=RealClock()) as backend:
        session = await backend.open("cam")
        begun = trio.current_time()
        job = await session.start(pages=ALL)
        await frames(job, 2)
        assert trio.current_time() - begun == pytest.approx(1.1)
        info, _ = await frame(job)
        status = await session.status()
        assert status.job is not None
        assert (info.sequence, status.job.dropped) == (11, 9)
        await session.close()


async def test_habits_are_drawn_from_the_seed() -> None:
    """Losses, repeats and tears of a flaky camera are about as frequent as its profile says, and the same for the same seed."""
    habits = {"lost": 0.2, "repeated": 0.1, "torn": 0.1}

    async def numbers(seed: int) -> list[tuple[int | None, bool]]:
        async with lab(camera(habits=habits, seed=seed)) as backend:
            session = await backend.open("cam")
            found = await frames(await session.start(pages=120), 120)
            status = await session.status()
            assert status.job is not None
            sequences = [info.sequence for info, _ in found]
            assert status.job.dropped == (sequences[-1] or 0) + 1 - len(sequences)
            await session.close()
            return [(reading.number, reading.torn) for _, reading in found]

    first, again, other = await numbers(1), await numbers(1), await numbers(2)
    assert first == again != other
    last = first[-1][0] or 0
    assert 10 <= last + 1 - 120 <= 50
    assert 3 <= sum(torn for _, torn in first) <= 30


async def test_a_black_shutter() -> None:
    """A closed shutter of the usual sort makes pictures black, while frames go on; open again, they are to be seen."""
    async with lab(camera()) as backend:
        session, control = await backend.open("cam"), await backend.control("cam")
        job = await session.start(pages=ALL)
        assert not (await frame(job))[1].black
        assert (await control.perform("close-shutter"))["shutter_closed"] is True
        info, reading = await frame(job)
        assert (info.sequence, reading.black, reading.number) == (1, True, None)
        await control.perform("open-shutter")
        assert (await frame(job))[1].number == 2
        await session.close()


async def test_a_shutter_that_refuses() -> None:
    """A closed shutter of the other sort is ACCESS_DENIED at open, at start and in the midst of a stream, never a black picture (CAM-05)."""
    async with lab(camera(habits={"shutter": "refuses", "shutter_closed": True})) as backend:
        control = await backend.control("cam")
        error = await refusal(backend.open("cam"))
        assert (error.code, error.needs_person) == (Code.ACCESS_DENIED, True)
        await control.perform("open-shutter")
        session = await backend.open("cam")
        job = await session.start(pages=ALL)
        await frame(job)
        await control.perform("close-shutter")
        assert await code(job.next_page()) is Code.ACCESS_DENIED
        assert await code(session.start()) is Code.ACCESS_DENIED
        await control.perform("open-shutter")
        await frame(await session.start(pages=ALL))
        await session.close()


async def test_unplug_and_replug() -> None:
    """A camera that is unplugged is lost in the midst of its stream, and gone from the list; plugged in again it works."""
    async with lab(camera()) as backend:
        session, control = await backend.open("cam"), await backend.control("cam")
        job = await session.start(pages=ALL)
        await frame(job)
        await control.perform("unplug")
        assert await code(job.next_page()) is Code.DEVICE_LOST
        assert len(await backend.devices()) == 0
        await session.close()
        await control.perform("replug")
        session = await backend.open("cam")
        await frame(await session.start(pages=ALL))
        await session.close()


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (Fault(FaultKind.BUSY), Code.BUSY),
        (Fault(FaultKind.ERROR, code=Code.ACCESS_DENIED), Code.ACCESS_DENIED),
    ],
)
async def test_refusals_at_open(fault: Fault, expected: Code) -> None:
    """In use by somebody else, and without permission, a camera does not open; afterwards it does."""
    async with lab(camera(fault)) as backend:
        assert await code(backend.open("cam")) is expected
        session = await backend.open("cam")
        await frame(await session.start(pages=1))
        await session.close()


@pytest.mark.parametrize("action", ["load", "unload", "place-sheet", "open-cover", "press-button"])
async def test_a_camera_has_no_paper(action: str) -> None:
    """What only a scanner has is UNSUPPORTED."""
    async with lab(camera()) as backend:
        control = await backend.control("cam")
        assert await code(control.perform(action)) is Code.UNSUPPORTED
        assert not {FaultKind.JAM, FaultKind.COVER_OPEN, FaultKind.EMPTY} & (await control.caps()).faults


async def test_a_jpeg_is_a_jpeg() -> None:
    """An MJPG mode delivers the size and type that were negotiated (CAM-01), and params tells both before."""
    async with lab(camera()) as backend:
        session = await backend.open("cam")
        wanted = Settings(extra=(("pixel-format", "MJPG"), ("frame-size", "640x360"), ("frame-rate", 20.0)))
        await session.apply(wanted)
        before = await session.params()
        info, reading = await frame(await session.start(pages=1))
        assert (info.params.format, info.params.width, info.params.height) == ("image/jpeg", 640, 360)
        assert (before.format, before.width, before.height) == ("image/jpeg", 640, 360)
        assert (info.params.dpi_x, reading.number) == (None, 0)
        await session.close()
