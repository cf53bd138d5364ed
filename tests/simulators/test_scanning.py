"""Scanning: which pages come, what is in them, and what is said of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import sheets
from device_protocol import (
    ALL,
    JPEG,
    Area,
    ByteOrder,
    Code,
    Encode,
    EventKind,
    FeederState,
    JobState,
    Polarity,
    SessionState,
    Settings,
    Side,
)
from device_protocol.aio import read_all
from device_protocol.pages import PageParams
from sheets import PaperSize, paper_size, read_page
from sheets.oracle import unpack_lineart
from simulators.profile import Profile
from simulators.stacks import Batch
from tests.simulators.benches import FAST, code, feeder, flatbed, lab, profile, scan

READABLE = Settings(mode="gray", resolution=100)


def picture(params: PageParams, data: bytes) -> Any:
    """The pixels of a raw page."""
    assert params.height is not None
    rows = np.frombuffer(data, np.uint8).reshape(params.height, params.stride)[:, : params.packed_row]
    if params.depth == 1:
        return unpack_lineart(np.ascontiguousarray(rows), params.width)
    kind = np.uint8 if params.depth == 8 else np.dtype("<u2" if params.byte_order is ByteOrder.LITTLE else ">u2")
    samples = np.ascontiguousarray(rows).view(kind)
    return samples.reshape(params.height, params.width, 3) if params.channels == 3 else samples


async def test_every_page_of_a_duplex_stack() -> None:
    """The oracle reads each page: sheet 1 front, 1 back, 2 front ..., uncropped and unturned, numbered without gaps (PAGE-01, PAGE-03)."""
    async with lab(feeder(2, seed=7)) as backend:
        session = await backend.open("feeder")
        assert (await session.status()).feeder is FeederState.LOADED
        job = await session.start(replace(READABLE, source="feeder-duplex"))
        pages = await scan(job)
        assert (await session.status()).feeder is FeederState.EMPTY
        assert await job.settled() is JobState.COMPLETED
        assert await job.next_page() is None
    assert [info.number for info, _, _ in pages] == [1, 2, 3, 4]
    assert [(info.sheet, info.side) for info, _, _ in pages] == [
        (k, s) for k in (1, 2) for s in (Side.FRONT, Side.BACK)
    ]
    for info, data, end in pages:
        seen = read_page(picture(end.params, data), dpi=(100, 100))
        assert seen.problems() == []
        assert (seen.number, seen.side, seen.seed) == (info.sheet, sheets.Side(info.side.value), 7)
        assert (info.params, end.bytes, end.incomplete) == (end.params, len(data), False)
        assert len(data) == end.params.total


@pytest.mark.parametrize(("mode", "depth"), [("lineart", 1), ("gray", 8), ("gray", 16), ("color", 8), ("color", 16)])
async def test_every_mode(mode: str, depth: int) -> None:
    """Each mode and depth is delivered as declared and is the sheet, in both byte orders (SCAN-09, DATA-07, DATA-08)."""
    for order in ("little", "big"):
        machine = profile("flatbed", machine={"byte_order": order})
        async with lab(flatbed(profile=machine)) as backend:
            session = await backend.open("flatbed")
            area = Area(0, 0, 210, 297)
            job = await session.start(Settings(mode=mode, depth=depth, resolution=150, area=area))
            [(info, data, end)] = await scan(job)
        assert (end.params.colour.value, end.params.depth, end.params.byte_order.value) == (mode, depth, order)
        assert end.params.polarity is Polarity.ONE_IS_BLACK
        assert (info.side, info.sheet, end.multifeed) == (Side.FRONT, None, None)
        seen = read_page(picture(end.params, data), dpi=(150, 150))
        assert seen.problems() == []
        assert not seen.inverted
        if depth == 16:
            assert seen.byte_swapped is False


async def test_padded_rows() -> None:
    """Padding follows each row, is zero, and carries no pixels (DATA-05)."""
    async with lab(feeder(1)) as backend:
        [(_, plain, _), _] = await scan(await (await backend.open("feeder")).start(FAST))
    async with lab(feeder(1, machine=profile(machine={"row_padding": 5}))) as backend:
        [(info, data, end), _] = await scan(await (await backend.open("feeder")).start(FAST))
    assert end.params.stride == end.params.packed_row + 5
    assert len(data) == info.params.total
    rows = np.frombuffer(data, np.uint8).reshape(-1, end.params.stride)
    assert not rows[:, end.params.packed_row :].any()
    assert rows[:, : end.params.packed_row].tobytes() == plain


@pytest.mark.parametrize("size", [1, 7, 4096, 1 << 30])
async def test_bytes_do_not_depend_on_read_sizes(size: int) -> None:
    """Any read size gives the same bytes, at most as many as asked for, and the end once (DATA-01 to DATA-03)."""
    tiny = Settings(mode="gray", resolution=75, area=Area(10, 10, 30, 24))
    async with lab(feeder(1)) as backend:
        session = await backend.open("feeder")
        job = await session.start(tiny)
        page = await job.next_page()
        assert page is not None
        expected, _ = await read_all(page)
        again = await job.next_page()
        assert again is not None
        await session.cancel()
        await job.settled()
        control = await backend.control("feeder")
        await control.perform("reset")
        page = await (await session.start(tiny)).next_page()
        assert page is not None
        got = b""
        while strip := await page.read(size):
            assert 1 <= len(strip) <= size
            got += strip
        assert got == expected
        assert await code(page.read(size)) is Code.WRONG_STATE


@pytest.mark.parametrize(("pages", "expected"), [(1, 1), (2, 2), (3, 3), (100, 6), (ALL, 6)])
async def test_page_target(pages: int | str, expected: int) -> None:
    """A job gives at most as many pages as asked for, and leaves the other sheets in the hopper (SCAN-05)."""
    async with lab(feeder(3)) as backend:
        session = await backend.open("feeder")
        assert len(await scan(await session.start(FAST, pages))) == expected
        control = await backend.control("feeder")
        assert (await control.perform("report"))["hopper"] == 3 - (expected + 1) // 2


@pytest.mark.parametrize("pages", [0, -1, True, "some", 1.5, None])
async def test_wrong_page_target(pages: Any) -> None:
    """A target that is no count from 1 is refused and starts nothing."""
    async with lab(feeder(3)) as backend:
        session = await backend.open("feeder")
        assert await code(session.start(FAST, pages)) is Code.INVALID_VALUE
        assert (await session.status()).state is SessionState.IDLE


async def test_driver_does_not_encode() -> None:
    """An encoded delivery is the host's work, so the driver refuses it."""
    async with lab(feeder(1)) as backend:
        session = await backend.open("feeder")
        assert await code(session.start(FAST, delivery=Encode(JPEG))) is Code.UNSUPPORTED


async def test_size_is_area_times_resolution() -> None:
    """Width and height are area times resolution, and the picture is that part of the sheet (SCAN-08)."""
    async with lab(feeder(1)) as backend:
        session = await backend.open("feeder")
        [(_, whole, full), _] = await scan(await session.start(READABLE))
        control = await backend.control("feeder")
        await control.perform("reset")
        area = Area(25.4, 50.8, 101.6, 152.4)
        [(info, part, _), _] = await scan(await session.start(replace(READABLE, area=area)))
    assert (info.params.width, info.params.height) == (300, 400)
    cut = picture(full.params, whole)[200:600, 100:400]
    assert np.array_equal(picture(info.params, part), cut)


async def test_estimate_is_marked_and_true() -> None:
    """params() is an estimate that agrees with the page when the size is not detected (SCAN-07)."""
    async with lab(feeder(1)) as backend:
        session = await backend.open("feeder")
        await session.apply(READABLE)
        estimate = await session.params()
        page = await (await session.start()).next_page()
        assert page is not None
        assert not estimate.final
        assert page.info.params == replace(estimate, final=True)


def detecting(*, unknown: bool) -> Profile:
    """A feeder that measures its sheets."""
    return profile(feeder={"length_sensor": True, "unknown_height": unknown})


@pytest.mark.parametrize("unknown", [False, True])
async def test_detected_sizes(unknown: bool) -> None:
    """With detect-size each page is as large as its own sheet; where declared, its height is known at the end only (PAGE-09, DATA-06)."""
    batches = (Batch(1, paper_size("A5")), Batch(1, PaperSize("odd", 100, 120)), Batch(1))
    async with lab(feeder(batches=batches, machine=detecting(unknown=unknown))) as backend:
        session = await backend.open("feeder")
        assert (await session.caps()).sources[0].unknown_height is unknown
        await session.set("detect-size", True)
        pages = await scan(await session.start(replace(READABLE, source="feeder")))
    assert [(end.params.width, end.params.height) for _, _, end in pages] == [(583, 827), (394, 472), (827, 1169)]
    for info, data, end in pages:
        assert info.params.height == (None if unknown else end.params.height)
        assert info.params.final is not unknown
        assert end.params.final
        assert len(data) == end.params.total
        assert read_page(picture(end.params, data), dpi=(100, 100)).problems() == []


@pytest.mark.parametrize("ahead", [0, 4])
@pytest.mark.parametrize("most", [None, 3])
async def test_blank_sides_are_dropped(ahead: int, most: int | None) -> None:
    """With discard-blank only sides with something on them come, numbered without gaps and with their sheet; the limit counts them alone (S-107)."""
    machine = profile(feeder={"blank_detection": True}, machine={"scan_ahead": ahead})
    batches = (Batch(2, blank_backs=True), Batch(1), Batch(1, blank_backs=True))
    async with lab(feeder(batches=batches, machine=machine)) as backend:
        session = await backend.open("feeder")
        await session.apply(replace(READABLE, source="feeder-duplex"))
        await session.set("discard-blank", True)
        pages = await scan(await session.start(None, most or ALL))
        found = [(info.number, info.sheet, info.side) for info, _, _ in pages]
        expected = [(1, 1, Side.FRONT), (2, 2, Side.FRONT), (3, 3, Side.FRONT), (4, 3, Side.BACK), (5, 4, Side.FRONT)]
        assert found == expected[:most]
        assert all(end.blank is False for _, _, end in pages)


async def test_a_feeder_that_cannot_tell_blank_sides() -> None:
    """Without the detection there is no such option, and blank sides come."""
    machine = profile(feeder={"blank_detection": False})
    async with lab(feeder(batches=(Batch(1, blank_backs=True),), machine=machine)) as backend:
        session = await backend.open("feeder")
        assert "discard-blank" not in {option.name for option in await session.options()}
        assert len(await scan(await session.start(replace(READABLE, source="feeder-duplex")))) == 2


async def test_mixed_sizes_on_white() -> None:
    """Without detect-size a small sheet lies on a white page of the size of the area."""
    async with lab(feeder(batches=(Batch(1, paper_size("A5")),))) as backend:
        session = await backend.open("feeder")
        [(info, data, _)] = await scan(await session.start(replace(READABLE, source="feeder")))
    pixels = picture(info.params, data)
    assert pixels.shape == (1169, 827)
    assert (pixels[:, 590:] == 255).all()
    assert read_page(pixels, dpi=(100, 100)).size == paper_size("A5")


async def test_blank_is_told_truly() -> None:
    """Blank is said of a back without print and of an empty glass, and of nothing else."""
    async with lab(feeder(batches=(Batch(1, blank_backs=True),))) as backend:
        pages = await scan(await (await backend.open("feeder")).start(FAST))
        assert [end.blank for _, _, end in pages] == [False, True]
        assert [np.frombuffer(data, np.uint8).min() for _, data, _ in pages] == [0, 255]
    for mode, white in (("lineart", 0), ("color", 255)):
        async with lab(flatbed(batches=(Batch(0),))) as backend:
            session = await backend.open("flatbed")
            [(_, data, end)] = await scan(await session.start(Settings(mode=mode, resolution=75)))
            assert end.blank
            assert set(data) == {white}


async def test_flatbed_gives_one_page() -> None:
    """A flatbed job is one page, as often as one likes, and another sheet is another page (SCAN-06)."""
    async with lab(flatbed()) as backend:
        session = await backend.open("flatbed")
        first = await scan(await session.start(READABLE))
        again = await scan(await session.start(READABLE))
        assert len(first) == 1
        assert first == again
        control = await backend.control("flatbed")
        assert (await control.perform("place-sheet", {"size": "A5"}))["glass"] == 2
        [(info, data, _)] = await scan(await session.start(READABLE))
        seen = read_page(picture(info.params, data), dpi=(100, 100))
        assert (seen.number, seen.size) == (2, paper_size("A5"))


async def test_brightness_and_threshold_change_the_picture() -> None:
    """Brightness is added to every sample, and the threshold decides what is black."""
    async with lab(flatbed()) as backend:
        session = await backend.open("flatbed")

        async def scanned(**extra: int) -> Any:
            chosen = Settings(
                mode="lineart" if "threshold" in extra else "gray", resolution=75, extra=tuple(extra.items())
            )
            [(info, data, _)] = await scan(await session.start(chosen))
            await session.reset()
            return picture(info.params, data)

        plain = (await scanned()).astype(int)
        assert np.array_equal(await scanned(brightness=20), np.clip(plain + 51, 0, 255))
        assert np.array_equal(await scanned(brightness=-20), np.clip(plain - 51, 0, 255))
        assert np.array_equal(await scanned(threshold=128) == 0, plain < 128)
        assert np.array_equal(await scanned(threshold=40) == 0, plain < 40)


async def test_live_brightness_from_the_next_page() -> None:
    """A live change leaves the page that has begun as it is and takes effect with the next one."""
    async with lab(feeder(1)) as backend:
        session = await backend.open("feeder")
        plain = await scan(await session.start(FAST))
        await (await backend.control("feeder")).perform("reset")
        job = await session.start(FAST)
        page = await job.next_page()
        assert page is not None
        head = await page.read(100)
        await session.set("brightness", -100)
        rest, _ = await read_all(page)
        assert head + rest == plain[0][1]
        page = await job.next_page()
        assert page is not None
        assert set((await read_all(page))[0]) == {0}


@pytest.mark.parametrize(("policy", "left"), [("next-page", 3), ("ends-job", 0)])
async def test_early_end(policy: str, left: int) -> None:
    """A page that is ended early is incomplete; then comes the next one, or the end, as declared (PAGE-08)."""
    async with lab(feeder(2, machine=profile(machine={"early_end": policy}))) as backend:
        session = await backend.open("feeder")
        job = await session.start(FAST)
        page = await job.next_page()
        assert page is not None
        got = await page.read(100)
        end = await page.end()
        assert (end.incomplete, end.bytes) == (True, len(got))
        assert await page.end() == end
        rest = await scan(job)
        assert [info.number for info, _, _ in rest] == list(range(2, 2 + left))
        assert (await session.status()).state is SessionState.IDLE


@pytest.mark.parametrize("step", range(9))
async def test_cancel_at_every_step(step: int) -> None:
    """Cancelling after any number of calls ends CANCELLED, IDLE, and with a device that scans (CANC-01 to CANC-07)."""
    async with lab(feeder(4)) as backend:
        session = await backend.open("feeder")
        await session.cancel()
        for _ in range(2):
            job = await session.start(FAST)
            done, page = 0, None
            while done < step:
                if page is None:
                    page = await job.next_page()
                elif not await page.read(3_000_000):
                    await page.end()
                    page = None
                done += 1
            await job.cancel()
            await job.cancel()
            assert await job.settled() is JobState.CANCELED
            assert await code(job.next_page()) is Code.CANCELLED
            if page is not None:
                assert await code(page.read(1)) is Code.CANCELLED
            status = await session.status()
            assert status.state is SessionState.IDLE
            assert status.job is not None
            assert status.job.state is JobState.CANCELED
        await (await backend.control("feeder")).perform("reset")
        assert len(await scan(await session.start(FAST))) == 8


async def test_same_seed_same_bytes() -> None:
    """Same profile, scenario and seed give the same bytes; another seed gives others (DATA-13)."""

    async def bytes_of(seed: int) -> list[bytes]:
        async with lab(feeder(batches=(Batch(1, noise=3.0),), seed=seed)) as backend:
            return [data for _, data, _ in await scan(await (await backend.open("feeder")).start(READABLE))]

    assert await bytes_of(1) == await bytes_of(1)
    assert await bytes_of(1) != await bytes_of(2)


async def test_large_pages_are_drawn_in_bands(monkeypatch: pytest.MonkeyPatch) -> None:
    """A page that is drawn in bands has the same bytes as one that is drawn at once."""
    async with lab(flatbed()) as backend:
        session = await backend.open("flatbed")
        [(_, whole, _)] = await scan(await session.start(READABLE))
        monkeypatch.setattr("simulators.imaging.BAND_BYTES", 10_000)
        [(_, banded, _)] = await scan(await session.start(READABLE))
        assert banded == whole


async def test_status_and_events_of_a_scan() -> None:
    """States, progress and revision only go forward, and events come in order, exactly once, and none after close (STAT-02 to STAT-05)."""
    async with lab(feeder(1)) as backend:
        session = await backend.open("feeder")
        events = session.events()
        revisions, progress, states = [], [], []
        job = await session.start(FAST)
        while (page := await job.next_page()) is not None:
            while await page.read(200_000):
                status = await session.status()
                assert status.job is not None
                revisions.append(status.revision)
                progress.append((status.job.pages, status.job.progress))
            await page.end()
            states.append((await session.status()).state)
        await session.close()
        assert revisions == sorted(set(revisions))
        assert progress == sorted(progress)
        assert states == [SessionState.DRAINING, SessionState.PAGE_GAP]
        told = [event async for event in events]
        assert [event.revision for event in told] == sorted({event.revision for event in told})
        assert [event.detail for event in told if event.kind is EventKind.STATE] == [
            "armed",
            "transferring",
            "draining",
            "transferring",
            "page-gap",
            "idle",
        ]
