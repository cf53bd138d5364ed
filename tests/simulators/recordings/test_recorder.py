"""The recorder: changes nothing, forgets nothing, and has a limit."""

from __future__ import annotations

from typing import Any

import pytest
import trio

from device_protocol import Code, DeviceError, EventKind, Fault, FaultKind, SessionState
from device_protocol.aio import read_all
from simulators.recordings import Recorder
from simulators.recordings.log import EVENT, Ending
from tests.simulators.benches import FAST, feeder, flatbed, lab, scan


async def test_a_client_notices_nothing() -> None:
    """Pages, results and errors are the same with and without a recorder."""
    seen: list[Any] = []
    for recording in (False, True):
        async with lab(feeder(2)) as inner:
            backend = Recorder().wrap(inner) if recording else inner
            session = await backend.open("feeder")
            changed = await session.set("resolution", 100)
            with pytest.raises(DeviceError) as refused:
                await session.set("resolution", "many")
            pages = await scan(await session.start(FAST))
            status = await session.status()
            await session.close()
            seen.append((changed, refused.value.code, refused.value.message, pages, status.state))
    assert seen[0] == seen[1]


async def test_everything_is_noted() -> None:
    """Calls in their order with how they ended, bytes of pages, events, and reads that are alike as one entry."""
    recorder = Recorder()
    async with lab(flatbed(Fault(FaultKind.BUSY, verb="start"))) as inner:
        backend = recorder.wrap(inner)
        session = await backend.open("flatbed")
        stream = session.events()
        with pytest.raises(DeviceError):
            await session.start(FAST)
        job = await session.start(FAST)
        page = await job.next_page()
        assert page is not None
        data = b"".join([await page.read(1000) for _ in range(5)])
        await session.close()
        backend.over()
        kinds = [event.kind async for event in stream]
    reads = [entry for entry in recorder.entries if entry.verb == "read"]
    calls = [
        (entry.handle, entry.verb, entry.ending, entry.new)
        for entry in recorder.entries
        if entry.verb != EVENT and entry not in reads[1:]
    ]
    assert calls == [
        ("backend", "open", Ending.ANSWER, "session 1"),
        ("session 1", "events", Ending.ANSWER, "events 1"),
        ("session 1", "start", Ending.ERROR, ""),
        ("session 1", "start", Ending.ANSWER, "job 1"),
        ("job 1", "next_page", Ending.ANSWER, "page 1"),
        ("page 1", "read", Ending.ANSWER, ""),
        ("session 1", "close", Ending.ANSWER, ""),
    ]
    assert {(entry.arguments[0], entry.answer) for entry in reads} == {(1000, 1000)}
    assert [entry.times for entry in reads] == [1, 4], "the first read ends with an event"
    assert [page.bytes for page in recorder.pages] == [len(data)]
    told = [entry.answer for entry in recorder.entries if entry.verb == EVENT]
    assert len(told) == len(kinds) + 1, "every event, and the end of the stream"
    assert EventKind.STATE in kinds


async def test_the_pages_of_two_sessions_do_not_mix() -> None:
    """A page of one device goes on while another device begins one."""
    recorder = Recorder()
    async with lab(flatbed(), feeder(1)) as inner:
        backend = recorder.wrap(inner)
        first, second = await backend.open("flatbed"), await backend.open("feeder")
        page = await (await first.start(FAST)).next_page()
        assert page is not None
        beginning = await page.read(500)
        other = await (await second.start(FAST)).next_page()
        assert other is not None
        rest, _ = await read_all(page)
        whole, _ = await read_all(other)
        backend.over()
    assert sorted(page.bytes for page in recorder.pages) == sorted([len(beginning) + len(rest), len(whole)])


async def test_a_caller_that_gives_up_is_noted() -> None:
    """A call that its caller cancelled is no answer, and the cancellation goes its way."""
    recorder = Recorder()
    async with lab(flatbed()) as inner:
        backend = recorder.wrap(inner)
        with trio.CancelScope() as scope:
            scope.cancel()
            await backend.open("flatbed")
        assert scope.cancelled_caught
        session = await backend.open("flatbed")
        assert (await session.status()).state is SessionState.IDLE
        await session.close()
    assert [entry.ending for entry in recorder.entries][:2] == [Ending.CANCELLED, Ending.ANSWER]


@pytest.mark.parametrize("limits", [{"max_entries": 3}, {"max_bytes": 10}])
async def test_a_recorder_is_full_once(limits: dict[str, int]) -> None:
    """Beyond a limit nothing more is kept and that is said; the device works on."""
    recorder = Recorder(**limits)
    async with lab(feeder(3)) as inner:
        backend = recorder.wrap(inner)
        session = await backend.open("feeder")
        pages = await scan(await session.start(FAST))
        await session.close()
        backend.over()
    assert len(pages) == 6
    assert recorder.full
    assert len(recorder.entries) <= limits.get("max_entries", 1000)
    assert sum(map(len, recorder.blobs.values())) <= limits.get("max_bytes", 1 << 30)


class Liar:
    """A backend whose driver returns nonsense."""

    async def devices(self) -> Any:
        """Nonsense."""
        await trio.lowlevel.checkpoint()
        return {1, 2}

    async def open(self, device_id: str) -> Any:
        """No DeviceError."""
        await trio.lowlevel.checkpoint()
        raise LookupError(device_id)

    async def control(self, device_id: str) -> Any:
        """A DeviceError."""
        await trio.lowlevel.checkpoint()
        raise DeviceError(Code.UNSUPPORTED, device_id)


async def test_nonsense_is_noted_as_it_looks() -> None:
    """What is no value of the contract is kept as text, what is no DeviceError as its words; the caller gets the originals."""
    recorder = Recorder()
    backend = recorder.wrap(Liar())
    nonsense: object = await backend.devices()
    assert nonsense == {1, 2}
    with pytest.raises(LookupError):
        await backend.open("x")
    with pytest.raises(DeviceError):
        await backend.control("x")
    assert [(entry.ending, entry.answer) for entry in recorder.entries[:2]] == [
        (Ending.ANSWER, {"foreign": "{1, 2}"}),
        (Ending.RAISED, "LookupError: x"),
    ]
