"""A driver gives the same whether it runs here or in a worker, and whichever form it has."""

from __future__ import annotations

import pytest
import trio
import trio.testing

from device_protocol import JPEG, PNG, Code, DeviceError, DeviceInfo, Encode, Event, EventKind, JobState, SessionState
from device_protocol.aio import EncodingJob, WatchableBackend, guard
from device_protocol.errors import NativeError, Phase
from device_protocol.settings import Settings
from device_protocol.values import AUTO
from tests.device_host.helpers import FORMS, all_pages, opened
from tests.device_host.machine import CAPS, CONTROL, OPTION, PARAMS, pixels

pytestmark = pytest.mark.parametrize("form", FORMS)


async def test_every_verb(form: str) -> None:
    """Every verb brings the driver's own answer across unchanged: values, results, errors with all their fields, events in order."""
    async with opened(form) as backend:
        assert (await backend.devices()).devices == (
            DeviceInfo("one", "Model", "Maker"),
            DeviceInfo("two", "Model", "Maker"),
        )
        session = await backend.open("one")
        with pytest.raises(DeviceError) as busy:
            await backend.open("one")
        assert (busy.value.code, busy.value.phase) == (Code.BUSY, Phase.OPEN)
        assert await session.caps() == CAPS
        assert await session.options() == (OPTION,)
        assert await session.get("resolution") == 75
        events = session.events()
        assert (await session.set("resolution", 150)).actual == 150
        assert events.receive_nowait() == Event(EventKind.OPTIONS_CHANGED, 1, "resolution")
        assert not (await session.set("resolution", AUTO)).exact
        assert (await session.apply(Settings(resolution=300))).results[0].actual == 300
        assert (await session.reset(("resolution",))).results[0].actual == 75
        assert await session.params() == PARAMS
        job = await session.start(Settings(resolution=150))
        assert (await session.status()).state is SessionState.ARMED
        with pytest.raises(DeviceError) as started:
            await session.start()
        assert started.value.code is Code.BUSY
        pages = await all_pages(job)
        assert [data for _, data, _ in pages] == [pixels(1), pixels(2), pixels(3)]
        assert [info.number for info, _, _ in pages] == [1, 2, 3]
        assert all(info.params == PARAMS and end.bytes == len(data) for info, data, end in pages)
        assert await job.settled() is JobState.COMPLETED
        control = await backend.control("one")
        assert await control.caps() == CONTROL
        assert (await control.perform("load", {"count": 2}))["pages"] == 5
        with pytest.raises(DeviceError) as unknown:
            await control.perform("dance")
        assert (unknown.value.code, unknown.value.message) == (Code.UNSUPPORTED, "dance")
        with pytest.raises(DeviceError) as none:
            await backend.control("two")
        assert none.value.code is Code.UNSUPPORTED
        await session.close()
        await session.close()
        assert [event.revision async for event in events] == [2, 3, 4, 5]
        await (await backend.open("two")).close()


async def test_an_error_crosses_whole(form: str) -> None:
    """A device error keeps its code, its page and the words of the foreign system (ERR-01)."""
    async with opened(form, {"pages": 1, "jam": True}) as backend:
        job = await (await backend.open("one")).start()
        page = await job.next_page()
        assert page is not None
        await page.end()
        with pytest.raises(DeviceError) as caught:
            await job.next_page()
        error = caught.value
        assert (error.code, error.page, error.phase) == (Code.JAM, 2, Phase.PAGE)
        assert error.native == NativeError("fake", 6, "jammed")


async def test_cancel_while_a_read_is_blocked(form: str) -> None:
    """A cancellation reaches a driver that is in the middle of a read, which ends with CANCELLED; then a scan can be started again (CANC-02, CANC-03)."""
    async with opened(form, {"misbehave": {"read": "until-cancel"}}) as backend:
        session = await backend.open("one")
        job = await session.start()
        page = await job.next_page()
        assert page is not None
        codes = []

        async def read() -> None:
            with pytest.raises(DeviceError) as caught:
                await page.read(100)
            codes.append(caught.value.code)

        async with trio.open_nursery() as nursery:
            nursery.start_soon(read)
            await trio.testing.wait_all_tasks_blocked()
            await job.cancel()
        assert codes == [Code.CANCELLED]
        assert await job.settled() is JobState.CANCELED
        await session.start()
        await session.close()


async def test_settled_waits_for_the_end(form: str) -> None:
    """``settled`` may be asked for while a job runs; it answers when the job has ended."""
    async with opened(form, {"pages": 2}) as backend:
        session = await backend.open("one")
        job = await session.start()
        states = []

        async def wait() -> None:
            states.append(await job.settled())

        async with trio.open_nursery() as nursery:
            nursery.start_soon(wait)
            await trio.testing.wait_all_tasks_blocked()
            assert not states
            await all_pages(job)
        assert states == [JobState.COMPLETED]


async def test_encoded(form: str) -> None:
    """Encoded delivery: the files of the type that was asked for, in order, then the end; losslessly unless asked otherwise."""
    async with opened(form) as backend:
        session = await backend.open("one")
        for media_type in (PNG, JPEG, None):
            job = await session.start(None, "all", Encode(media_type))
            assert isinstance(job, EncodingJob)
            pages = await all_pages(job)
            assert [info.number for info, _, _ in pages] == [1, 2, 3]
            start = b"\xff\xd8\xff" if media_type == JPEG else b"\x89PNG"
            for info, data, end in pages:
                assert data.startswith(start)
                assert info.params.format == (media_type or PNG)
                assert end.bytes == len(data)
                assert not end.incomplete
            assert await job.next_page() is None
            assert await job.settled() is JobState.COMPLETED
        await session.close()


async def test_prefer(form: str) -> None:
    """The wish of the oldest waiting reader reaches the encoder, through the guard too; a wish that is none is refused."""
    async with opened(form) as backend:
        session = await guard(backend).open("one")
        job = await session.start(None, "all", Encode())
        job.prefer(JPEG)
        page = await job.next_page()
        assert page is not None
        assert page.info.params.format == JPEG
        with pytest.raises((DeviceError, ValueError)):
            job.prefer("image/webp")
        await session.close()


async def test_what_ends_an_encoded_job(form: str) -> None:
    """A page that breaks surfaces as the device's error; the pages before it are whole."""
    async with opened(form, {"broken": 3}) as backend:
        session = await backend.open("one")
        job = await session.start(None, "all", Encode(JPEG))
        for number in (1, 2):
            page = await job.next_page()
            assert page is not None
            assert page.info.number == number
            assert (await page.read(1 << 20)).endswith(b"\xff\xd9")
            await page.end()
        for _ in range(2):
            with pytest.raises(DeviceError) as caught:
                await job.next_page()
            assert (caught.value.code, caught.value.page) == (Code.TRANSFER_BROKEN, 3)
        await session.close()


async def test_a_page_that_cannot_be_encoded(form: str) -> None:
    """A page with more bytes than its parameters say ends the job, here and in the device: the next scan works."""
    async with opened(form, {"long": 2, "pages": 50}) as backend:
        session = await backend.open("one")
        job = await session.start(None, "all", Encode(PNG))
        page = await job.next_page()
        assert page is not None
        await page.end()
        with pytest.raises(DeviceError) as caught:
            await job.next_page()
        assert (caught.value.code, caught.value.page) == (Code.TRANSFER_BROKEN, 2)
        assert await job.settled() is JobState.ABORTED
        job = await session.start(None, "all", Encode(PNG))
        assert await job.next_page() is not None
        await session.close()


async def test_short_and_odd_pages(form: str) -> None:
    """Missing rows make a page incomplete, a double feed is passed on, an unknown height is known in the end."""
    async with opened(form, {"short": 2, "multifeed": 3, "unknown_height": True}) as backend:
        session = await backend.open("one")
        job = await session.start(None, "all", Encode(PNG))
        pages = await all_pages(job)
        assert [end.incomplete for _, _, end in pages] == [False, True, False]
        assert [end.multifeed for _, _, end in pages] == [None, None, True]
        assert [info.params.height for info, _, _ in pages] == [48, 24, 48]
        await session.close()


async def test_cancel_of_an_encoded_job(form: str) -> None:
    """A cancellation drops the pages that the stage holds: no bytes follow, and the next scan works."""
    async with opened(form) as backend:
        session = await backend.open("one")
        job = await session.start(None, "all", Encode(PNG))
        page = await job.next_page()
        assert page is not None
        await job.cancel()
        assert await job.settled() is JobState.CANCELED
        for call in (lambda: page.read(10), page.end, job.next_page):
            with pytest.raises(DeviceError) as caught:
                await call()
            assert caught.value.code is Code.CANCELLED
        assert len(await all_pages(await session.start(None, "all", Encode(JPEG)))) == 3
        await session.close()


async def test_settled_of_an_encoded_job(form: str) -> None:
    """An encoded job has ended when its last page was taken, not when the device has done its part; a cancellation in between is one."""
    async with opened(form, {"pages": 1}) as backend:
        session = await guard(backend).open("one")
        job = await session.start(None, "all", Encode(PNG))
        states: list[JobState] = []

        async def wait() -> None:
            states.append(await job.settled())

        async with trio.open_nursery() as nursery:
            nursery.start_soon(wait)
            page = await job.next_page()
            assert page is not None
            await page.end()
            assert not states
            assert await job.next_page() is None
        assert states == [JobState.COMPLETED]
        job = await session.start(None, "all", Encode(PNG))
        assert await job.next_page() is not None
        await job.cancel()
        assert await job.settled() is JobState.CANCELED
        await session.start(None, "all", Encode(PNG))
        await session.close()


async def test_status_while_the_stage_reads(form: str) -> None:
    """Status and other verbs are answered between two strips while a page is read for the stage."""
    async with opened(form, {"pages": 30, "strip": 16}) as backend:
        session = await backend.open("one")
        job = await session.start(None, "all", Encode(JPEG))
        for _ in range(3):
            assert (await session.status()).state in {SessionState.ARMED, SessionState.TRANSFERRING}
            assert await session.get("resolution") == 75
        assert await job.next_page() is not None
        await session.close()


async def test_watching_is_not_made_up(form: str) -> None:
    """Only a driver that watches its devices is said to."""
    async with opened(form) as backend:
        assert not isinstance(backend, WatchableBackend)
    async with opened(form.replace("blocking_form", "watching").replace("trio_form", "watching")) as backend:
        assert isinstance(backend, WatchableBackend)
        changes = backend.watch()
        seen = [await anext(changes) for _ in range(3)]
        assert [(change.kind, change.revision) for change in seen] == [("list", 1), ("arrived", 2), ("gone", 3)]
        await changes.aclose()  # type: ignore[attr-defined]
