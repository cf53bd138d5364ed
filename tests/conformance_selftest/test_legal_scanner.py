"""What the legal scanner does beyond the state table: options that depend on each other, paper, faults, pictures."""

from __future__ import annotations

import pytest

import sheets
from conformance.selftest import SCANNER, legal_backend
from conformance.selftest.build import ZooBackend
from conformance.selftest.family import FAMILY
from device_protocol import Code, DeviceError, EventKind, FeederState, JobState, SessionState, Settings, Side
from device_protocol.aio import pages_of, read_all
from device_protocol.control import Fault, FaultKind
from device_protocol.testing import Jumper, run


async def perform(backend: ZooBackend, action: str, **arguments: object) -> None:
    """A control action."""
    await (await backend.control(SCANNER)).perform(action, arguments)


async def test_rounding_is_reported() -> None:
    """A value between two steps is rounded, said to be, and reads back."""
    async with legal_backend() as backend:
        session = await backend.open(SCANNER)
        result = await session.set("brightness", 17)
        assert (result.actual, result.exact) == (20, False)
        assert await session.get("brightness") == 20
        assert (await session.set("brightness", 20)).exact


async def test_dependent_options_are_named() -> None:
    """A mode that has other depths and an option of its own names both, and gives notice by an event."""
    async with legal_backend() as backend:
        session = await backend.open(SCANNER)
        stream = session.events()
        result = await session.set("mode", "Lineart")
        assert set(result.changed) == {"depth", "threshold"}
        assert result.params_changed
        event = stream.receive_nowait()
        assert (event.kind, set(event.detail.split())) == (EventKind.OPTIONS_CHANGED, {"depth", "threshold"})
        await session.set("threshold", 7)
        await session.set("mode", "Color")
        with pytest.raises(DeviceError) as caught:
            await session.get("threshold")
        assert caught.value.code is Code.UNSUPPORTED


async def test_apply_is_atomic() -> None:
    """A snapshot with one bad value changes nothing."""
    async with legal_backend() as backend:
        session = await backend.open(SCANNER)
        before = dict(session.store.values)
        with pytest.raises(DeviceError):
            await session.apply(Settings(mode="Gray", extra=(("panel-light", 99),)))
        assert session.store.values == before


async def test_corners_push_each_other() -> None:
    """A corner that would cross the other one moves it, with notice; the area never turns inside out."""
    async with legal_backend() as backend:
        session = await backend.open(SCANNER)
        await session.set("br-x", 50.0)
        result = await session.set("tl-x", 100.0)
        assert "br-x" in result.changed
        assert await session.get("br-x") == 105.0


async def test_duplex_comes_in_the_declared_order() -> None:
    """Front and back of each sheet, numbered through, until the feeder is empty."""
    async with legal_backend() as backend:
        session = await backend.open(SCANNER)
        job = await session.start(Settings(source="Duplex"))
        seen = [(page.info.number, page.info.sheet, page.info.side) async for page in pages_of(job)]
        assert seen == [(n, (n + 1) // 2, Side.FRONT if n % 2 else Side.BACK) for n in range(1, 7)]
        status = await session.status()
        assert (status.state, status.feeder) == (SessionState.IDLE, FeederState.EMPTY)


async def test_jam_and_what_comes_after() -> None:
    """A jam ends the job with its page; it stands until it is cleared; then the rest of the stack comes."""
    async with legal_backend() as backend:
        session = await backend.open(SCANNER)
        await perform(backend, "fault", **Fault(FaultKind.JAM, sheet=2).arguments())
        job = await session.start(Settings(source="Feeder"))
        page = await job.next_page()
        assert page is not None
        await page.end()
        for _ in range(2):
            with pytest.raises(DeviceError) as caught:
                await job.next_page()
            assert (caught.value.code, caught.value.page) == (Code.JAM, 2)
        status = await session.status()
        assert (status.state, status.feeder) == (SessionState.IDLE, FeederState.JAMMED)
        with pytest.raises(DeviceError):
            await session.start(Settings(source="Feeder"))
        await perform(backend, "clear-jam")
        job = await session.start(Settings(source="Feeder"))
        assert len([page async for page in pages_of(job)]) == 1


@pytest.mark.parametrize("strip", [1 << 20, 5000])
async def test_cut_page_ends_where_it_was_cut(strip: int) -> None:
    """A transfer that is cut half-way gives half a page, marked as incomplete, whatever the size of the reads."""
    async with legal_backend() as backend:
        session = await backend.open(SCANNER)
        await perform(backend, "fault", kind="truncated", at=0.5)
        page = await (await session.start()).next_page()
        assert page is not None
        data, end = await read_all(page, strip)
        assert end.incomplete
        assert end.params.total is not None
        assert abs(len(data) - end.params.total / 2) <= strip if strip < 9999 else len(data) < end.params.total
        assert len(data) == end.bytes < end.params.total


async def test_oracle_reads_the_pages() -> None:
    """At 75 dpi the pages carry their sheet's marks: number and side are what the page says."""
    async with legal_backend() as backend:
        session = await backend.open(SCANNER)
        job = await session.start(Settings(source="Duplex", mode="Gray", resolution=75), 2)
        async for page in pages_of(job):
            data, end = await read_all(page)
            params = end.params
            assert params.height is not None
            image = sheets.render(
                sheets.Sheet(1, seed=7),
                sheets.Side(page.info.side.value),
                sheets.RenderSettings(75, 75, sheets.ColourMode.GRAY),
            )
            assert data == image.tobytes()


def test_hang_ends_with_cancel() -> None:
    """A read that would hang for ever is woken by a cancel, in no time at all on a virtual clock."""

    async def main() -> None:
        import trio  # noqa: PLC0415  # only here

        async with legal_backend() as backend:
            session = await backend.open(SCANNER)
            await perform(backend, "fault", kind="hang")
            job = await session.start()
            page = await job.next_page()
            assert page is not None
            codes: list[Code] = []

            async def blocked() -> None:
                try:
                    await page.read(10)
                except DeviceError as error:
                    codes.append(error.code)

            async with trio.open_nursery() as nursery:
                nursery.start_soon(blocked)
                await trio.sleep(5)
                assert not codes
                await session.cancel()
            assert codes == [Code.CANCELLED]
            assert await job.settled() is JobState.CANCELED

    run(main, clock=Jumper())


async def test_unplugged_device_is_lost_and_comes_back() -> None:
    """Pulling the plug loses the session and takes the device off the list; put back and closed, it opens again."""
    async with legal_backend() as backend:
        session = await backend.open(SCANNER)
        stream = session.events()
        await perform(backend, "unplug")
        assert [item.id for item in await backend.devices()] == ["second"]
        assert [event.kind async for event in stream][-1] is EventKind.LOST
        with pytest.raises(DeviceError) as caught:
            await session.get("lamp")
        assert caught.value.code is Code.DEVICE_LOST
        assert (await session.status()).state is SessionState.LOST
        await session.close()
        await perform(backend, "replug")
        assert (await (await backend.open(SCANNER)).status()).state is SessionState.IDLE


@pytest.mark.parametrize(
    ("action", "arguments"),
    [
        ("load", {"count": 0}),
        ("load", {"count": True}),
        ("load", {"count": 10**9}),
        ("load", {"count": 1, "size": "A0?"}),
        ("load", {"colour": "blue"}),
        ("fault", {"kind": "earthquake"}),
        ("fault", {}),
        ("fault", {"kind": "jam", "depth": 3}),
    ],
)
async def test_bad_control_arguments(action: str, arguments: dict[str, object]) -> None:
    """Control refuses arguments that make no sense with a typed error, and touches nothing."""
    async with legal_backend() as backend:
        machine = backend.machines[SCANNER]
        with pytest.raises(DeviceError) as caught:
            await perform(backend, action, **arguments)
        assert caught.value.code is Code.INVALID_VALUE
        assert (len(machine.hopper), machine.faults) == (3, [])


async def test_scan_ahead_drains() -> None:
    """A machine that feeds ahead says so in its status, and gives what it has fed when the feeder is empty already."""
    async with FAMILY["scan-ahead"]() as backend:
        session = await backend.open(SCANNER)
        job = await session.start(Settings(source="Feeder"))
        page = await job.next_page()
        assert page is not None
        status = await session.status()
        assert (status.scan_ahead, status.buffered, status.feeder) == (3, 2, FeederState.EMPTY)
        await page.end()
        assert (await session.status()).state is SessionState.DRAINING
        assert len([page async for page in pages_of(job)]) == 2


async def test_errors_of_the_caller_come_through() -> None:
    """An exception raised inside the backend's block arrives as it was, not in a group."""
    with pytest.raises(ZeroDivisionError):
        async with legal_backend():
            raise ZeroDivisionError
