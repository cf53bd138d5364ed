"""CAM: cameras."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import trio

from conformance.bench import Bench, BenchSession, ScannedPage, read_page
from conformance.checks.pictures import pixels
from conformance.checks.registry import check
from conformance.outcomes import NotApplicable
from device_protocol import ALL, RAW, Access, Code, Fault, FaultKind, JobState, Range, Settings, SourceKind
from device_protocol.options import FRAME_RATE, FRAME_SIZE, PIXEL_FORMAT
from sheets import decode_image

MODES_TRIED = 6
FRAMES_COUNTED = 24
PAUSE_S = 1.0
"""Longer than the buffers of any camera last, at ten frames a second or more."""
LEAST_DIFFERENCE = 0.02
"""Of the mean brightness, 0 to 1, between the darkest and the brightest that a control can make."""
LIGHT = ("exposure", "brightness", "gain")
"""Controls that make a picture darker or brighter."""


async def frames(session: BenchSession, count: int, *, settings: Settings | None = None) -> list[ScannedPage]:
    """The first *count* frames of a stream that is stopped afterwards."""
    job = await session.start(settings, ALL)
    found = []
    for _ in range(count):
        page = await job.first_page()
        found.append(await read_page(page))
    await job.cancel()
    await job.settled()
    return found


def brightness(page: ScannedPage) -> float:
    """The mean of a frame, 0 to 1."""
    samples = pixels(page) if page.end.params.format == RAW else decode_image(page.data).pixels
    return 0.0 if samples is None else float(np.mean(samples)) / 255


@check("CAM-01")
async def frames_are_as_negotiated(bench: Bench) -> None:
    """A frame in each of the first modes, and what params said before."""
    source = bench.source(SourceKind.CAMERA)
    if not source.frames:
        raise NotApplicable("caps.sources[].frames: none")
    async with bench.session() as session:
        for mode in (source.frames[0], *source.frames[::-1])[:MODES_TRIED]:
            words = f"{mode.fourcc} {mode.size}"
            extra = ((PIXEL_FORMAT, mode.fourcc), (FRAME_SIZE, mode.size), (FRAME_RATE, mode.rates[0]))
            result = await session.apply(Settings(extra=extra))
            bench.require(result.exact, f"{words} is declared and is not taken as it is: {result}", "inexact")
            before = await session.params()
            (frame,) = await frames(session, 1)
            for told in (before, frame.info.params, frame.end.params):
                bench.require(
                    (told.width, told.height) == (mode.width, mode.height),
                    f"{words} was negotiated, {told.width} x {told.height} pixels come",
                    "size",
                )
            bench.require(before.format == frame.end.params.format, f"{words}: {before.format} was told", "format")
            total = frame.end.params.total
            if total is None:
                shape = decode_image(frame.data).pixels.shape
                bench.require(shape[:2] == (mode.height, mode.width), f"{words}: the file has {shape}", "file")
            else:
                bench.require(len(frame.data) == total, f"{words}: {len(frame.data)} bytes, not {total}", "bytes")


@check("CAM-02")
async def a_change_is_in_the_next_frame(bench: Bench) -> None:
    """A control of light goes to its lowest and to its highest value while frames come."""
    bench.source(SourceKind.CAMERA)
    options = {option.name: option for option in bench.facts.options if Access.LIVE in option.access}
    name = next((item for item in LIGHT if item in options and isinstance(options[item].constraint, Range)), None)
    if name is None:
        raise NotApplicable("options: no live control of light")
    low, _, *_, high = options[name].constraint.samples()  # type: ignore[union-attr]  # it is a range
    async with bench.session() as session:
        job = await session.start(None, ALL)
        seen = []
        for value in (None, low, high, low):
            if value is not None:
                await session.set(name, type(options[name].default)(value))  # type: ignore[arg-type, misc]  # int stays int
            page = await job.first_page()
            seen.append(brightness(await read_page(page)))
        await job.cancel()
        await job.settled()
    told = ", ".join(f"{value:.2f}" for value in seen)
    clear = seen[1] < seen[0] < seen[2] and seen[3] < seen[2]
    bench.require(
        clear and seen[2] - seen[1] > LEAST_DIFFERENCE,
        f"{name} goes from its default to {low:g}, {high:g} and {low:g}; the frames after that have a mean brightness of {told}",
        "old",
    )


@check("CAM-03")
async def every_frame_counts_once(bench: Bench) -> None:
    """Frames without a pause, and after one in which nobody reads: sequences grow, gaps are counted, no picture comes twice."""
    bench.source(SourceKind.CAMERA)
    async with bench.session() as session:
        job = await session.start(None, ALL)
        numbers: list[int | None] = []
        taken: list[tuple[float, float]] = []
        before = b""  # one frame is kept, since those of 4K are large
        for index in range(FRAMES_COUNTED):
            if index == FRAMES_COUNTED // 2:
                await trio.sleep(PAUSE_S)
            page = await job.first_page()
            frame = await read_page(page)
            bench.require(
                frame.data != before,
                f"the frames before and at sequence {frame.info.sequence} are the same picture, byte for byte",
                "twice",
            )
            before = frame.data
            numbers.append(frame.info.sequence)
            if frame.info.taken_s is not None:
                taken.append((frame.info.taken_s, trio.current_time()))
        status = await session.status()
        await job.cancel()
        await job.settled()
    known = [number for number in numbers if number is not None]
    bench.require(len(known) == len(numbers), f"frames have the sequences {numbers}", "uncounted")
    bench.require(all(a < b for a, b in pairwise(known)), f"sequences do not grow: {numbers}", "order")
    missing = known[-1] + 1 - len(known)
    dropped = 0 if status.job is None else status.job.dropped
    bench.require(
        dropped == missing, f"{missing} frames are missing in the sequences {numbers}, {dropped} are told", "lost"
    )
    if len(taken) == len(numbers):
        (first, began), (last, ended) = taken[0], taken[-1]
        bench.require(
            last - first > ended - began - PAUSE_S / 2,
            f"{len(taken)} frames came within {ended - began:.2f} s and were taken within {last - first:.2f} s: after a pause they stay behind",
            "late",
        )


@check("CAM-04")
async def streams_can_be_repeated(bench: Bench) -> None:
    """Three times: start, start again (BUSY), a frame, stop twice."""
    bench.source(SourceKind.CAMERA)
    async with bench.session() as session:
        for number in (1, 2, 3):
            job = await session.start(None, ALL)
            page = await job.next_page()
            bench.require(page is not None, f"stream {number} has no frame", "empty")
            assert page is not None
            with bench.refuses("a second start while frames come", Code.BUSY):
                await session.start(None, ALL)
            await read_page(page)
            await job.cancel()
            await job.cancel()
            state = await job.settled()
            bench.require(state is JobState.CANCELED, f"stream {number} was stopped and is {state}", "state")


@check("CAM-05")
async def no_permission_is_access_denied(bench: Bench) -> None:
    """Access is refused once: the camera is listed all the same, and open says so."""
    bench.source(SourceKind.CAMERA)
    bench.media.need_fault("refuse access to the camera", FaultKind.ERROR)
    await bench.media.fault(Fault(FaultKind.ERROR, verb="open", code=Code.ACCESS_DENIED))
    listed = [info.id for info in (await bench.backend.devices()).devices]
    bench.require(bench.device_id in listed, "a camera whose use is refused is not in the list", "hidden")
    with bench.refuses("open while access is refused", Code.ACCESS_DENIED):
        session = await bench.backend.open(bench.device_id)
        await session.close()
    await bench.media.clear()
