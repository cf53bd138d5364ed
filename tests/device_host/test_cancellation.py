"""A caller that goes away, at whichever await, leaves a device that can be closed and opened again (CANC-08)."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable
from typing import TypeVar

import pytest
import trio
import trio.testing

from device_host import Deadlines
from device_host.frames import Decoder, Frame
from device_host.host_trio import TrioHost
from device_host.messages import ABANDON, BACKEND, CALL, reply
from device_protocol import JPEG, Code, DeviceError, Encode, JobState
from device_protocol.aio import Backend, guard, read_all
from device_protocol.delivery import NATIVE, Delivery
from device_protocol.settings import Settings
from tests.device_host.drivers import Trio
from tests.device_host.helpers import FORMS, HOSTED, all_pages, misbehave, opened
from tests.device_host.machine import pixels

T = TypeVar("T")


async def scan(backend: Backend, delivery: Delivery) -> None:
    """A whole life of a session."""
    await backend.devices()
    session = await guard(backend).open("one")
    try:
        await session.apply(Settings(resolution=150))
        await session.set("resolution", 75)
        job = await session.start(None, "all", delivery)
        await session.status()
        page = await job.next_page()
        assert page is not None
        await read_all(page)
        await job.next_page()
        await job.cancel()
        await job.settled()
    finally:
        await session.close()


class CancelAt(trio.abc.Instrument):
    """Cancels a scope when its task has been scheduled *count* times."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.scope = trio.CancelScope()
        self.task = trio.lowlevel.current_task()

    def before_task_step(self, task: trio.lowlevel.Task) -> None:
        if task is self.task:
            self.count -= 1
            if self.count == 0:
                self.scope.cancel()


@pytest.mark.parametrize("delivery", [NATIVE, Encode(JPEG)])
@pytest.mark.parametrize("form", FORMS)
async def test_at_every_await(form: str, delivery: Delivery) -> None:
    """Cancelled at its first, second, ... await: the session closes, and the next scan works, until a scan gets through uncancelled."""
    async with opened(form) as backend:
        for count in range(1, 500):
            canceller = CancelAt(count)
            trio.lowlevel.add_instrument(canceller)
            try:
                with canceller.scope:
                    await scan(backend, delivery)
            finally:
                trio.lowlevel.remove_instrument(canceller)
            with trio.fail_after(10):
                session = await backend.open("one")
                await session.close()
            if canceller.count > 0:
                break
        assert 8 < count < 499
        await scan(backend, delivery)


@pytest.mark.parametrize("form", HOSTED)
async def test_what_a_tombstone_brings_is_undone(form: str) -> None:
    """An open or a start whose caller went away is undone before the same is asked for again: no orphan, no BUSY."""
    async with opened(form, {"misbehave": {"open": "slow", "start": "slow"}}) as backend:
        with trio.move_on_after(0):
            await backend.open("one")
        session = await abandoned(lambda: backend.open("one"), then=lambda: backend.open("one"))
        job = await abandoned(session.start, then=session.start)
        assert len(await all_pages(job)) == 3
        await session.close()


async def abandoned(call: Callable[[], Awaitable[T]], then: Callable[[], Awaitable[T]]) -> T:
    """Have a caller go away once its call is on the way, and call *then*; if the first call was faster, its result counts."""
    async with trio.open_nursery() as nursery:
        scope = trio.CancelScope()
        came: list[T] = []

        async def caller() -> None:
            with scope:
                came.append(await call())

        nursery.start_soon(caller)
        await trio.testing.wait_all_tasks_blocked()
        scope.cancel()
    return came[0] if came else await then()


async def test_no_byte_is_lost_to_a_tombstone() -> None:
    """A page and a strip whose caller went away before they came are given to the next caller: each page once, each byte once."""
    async with opened(
        "blocking_form hosted", {"pages": 2, "misbehave": {"next_page": "slow", "read": "slow"}}
    ) as backend:
        session = await backend.open("one")
        job = await session.start()
        data = []
        while (page := await abandoned(job.next_page, then=job.next_page)) is not None:
            strips = []
            while strip := await abandoned(lambda: page.read(4000), then=lambda: page.read(3000)):
                assert len(strip) <= 4000
                strips.append(strip)
                if len(strips) % 2:
                    strips.append(await page.read(5000))
            data.append(b"".join(strips))
            await page.end()
        assert data == [pixels(1), pixels(2)]


@pytest.mark.parametrize("form", FORMS)
async def test_no_file_is_lost_to_a_tombstone(form: str) -> None:
    """An encoded page whose caller went away before it came is given to the next caller."""
    async with opened(form, {"misbehave": {"next_page": "slow"}}) as backend:
        session = await backend.open("one")
        job = await session.start(None, "all", Encode(JPEG))
        numbers = []
        while (page := await abandoned(job.next_page, then=job.next_page)) is not None:
            numbers.append(page.info.number)
            data, _ = await read_all(page)
            assert data.endswith(b"\xff\xd9")
        assert numbers == [1, 2, 3]
        await session.close()


async def test_close_and_cancel_are_shielded() -> None:
    """A close and a cancel that a dying caller makes reach the device nevertheless."""
    for form in FORMS:
        async with opened(form) as backend:
            session = await backend.open("one")
            job = await session.start()
            with trio.CancelScope() as scope:
                scope.cancel()
                await job.cancel()
            assert await job.settled() is JobState.CANCELED
            with trio.CancelScope() as scope:
                scope.cancel()
                await session.close()
            await (await backend.open("one")).close()


async def test_a_call_that_is_never_answered() -> None:
    """The worker is killed when a call whose caller went away does not end: tombstones do not pile up for ever."""
    async with opened("blocking_form hosted", deadlines=Deadlines(options=0.3, next_page=0.3)) as backend:
        await misbehave(backend, get="hang")
        session = await backend.open("one")
        with trio.CancelScope() as scope:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(session.get, "resolution")
                await trio.testing.wait_all_tasks_blocked()
                scope.cancel()
        code = Code.BUSY
        while code is Code.BUSY:  # until the tombstone's own limit
            with pytest.raises(DeviceError) as caught:
                await session.caps()
            code = caught.value.code
        assert code in {Code.TIMED_OUT, Code.DEVICE_LOST}
        await session.close()
        await (await backend.open("one")).close()


async def test_abandoned_in_the_same_breath() -> None:
    """A call whose abandon comes in the same batch of frames is never begun: the device has not been opened behind the caller's back."""
    ours, theirs = socket.socketpair()
    backend = Trio({})
    with trio.socket.from_stdlib_socket(ours) as here, trio.socket.from_stdlib_socket(theirs) as there:
        async with trio.open_nursery() as nursery:
            host = TrioHost(there, backend, nursery)
            call = {"t": CALL, "id": 1, "on": BACKEND, "verb": "open", "args": ["one"]}
            nursery.start_soon(host.run, [Frame(call, b""), Frame({"t": ABANDON, "id": 1}, b"")], Decoder())
            frames: list[Frame] = []
            decoder = Decoder()
            while not frames:
                with decoder.space() as space:
                    count = await here.recv_into(space)
                frames = decoder.received(count)
            assert [frame.header for frame in frames] == [reply(1, abandoned=True)]
            assert not backend.machine.is_open
            nursery.cancel_scope.cancel()
