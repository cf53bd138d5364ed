"""DATA-01, -02, -03, -11, -12, -13: reading."""

from __future__ import annotations

import contextlib

import trio

from conformance.bench import Bench, ScannedPage, ScanSpec, read_page
from conformance.checks.registry import check
from conformance.outcomes import Untestable
from device_protocol import Code, DeviceError, Fault, FaultKind, Settings
from device_protocol.settings import Area

TINY_MM = (12.0, 8.0)
MOST_SINGLE_BYTES = 20_000
"""A page beyond this is not read byte by byte: on a hosted or real device each read has its price."""
NEAR = 5
"""So many bytes on either side of a border are read singly."""


def tiny(bench: Bench) -> Settings:
    """A page that is small enough to be read byte by byte."""
    source = bench.source()
    width, height = TINY_MM
    return bench.settings(source, area=Area(0, 0, min(width, source.width_mm), min(height, source.height_mm)))


@check("DATA-01", sheets=4)
async def reads_give_one_to_max(bench: Bench) -> None:
    """Sizes around rows and powers of two; nonsense is refused."""
    settings = bench.settings()
    for size in (7, 100, 4096, 1 << 20):
        await bench.supply(settings)
        async with bench.session() as session:
            page = await (await session.start(settings, 1)).first_page()
            if size == 7:
                for bad in (0, -1):
                    with bench.refuses(f"read({bad})", Code.INVALID_VALUE):
                        await page.read(bad)
            for _ in range(200):
                strip = await page.read(size)
                bench.require(len(strip) <= size, f"read({size}) gave {len(strip)} bytes", "more")
                if not strip:
                    break


@check("DATA-02", sheets=5)
async def bytes_do_not_depend_on_reads(bench: Bench) -> None:
    """Byte by byte, odd sizes, random sizes and all at once; where no small page can be had, byte by byte at borders only."""
    for settings, sizes in (
        (tiny(bench), (1, 3)),
        (bench.settings(), (997, 8191, 1 << 24)),
    ):
        reference = (await bench.scan(settings)).page.data
        if sizes[0] == 1 and len(reference) > MOST_SINGLE_BYTES:
            await _at_borders(bench, settings, reference)
            continue
        for size in sizes:
            scan = await bench.scan(ScanSpec(settings, read_size=size), shared=False)
            _compare(bench, reference, scan.page.data, f"read({size}) at a time")
        await bench.supply(settings)
        async with bench.session() as session:
            page = await (await session.start(settings, 1)).first_page()
            data = bytearray()
            while strip := await page.read(bench.random.randint(1, 3000)):
                data += strip
            _compare(bench, reference, bytes(data), "reads of random sizes")


async def _at_borders(bench: Bench, settings: Settings, reference: bytes) -> None:
    """One scan in which bytes come singly around the borders of rows and of the page, and in large pieces between them."""
    await bench.supply(settings)
    async with bench.session() as session:
        page = await (await session.start(settings, 1)).next_page()
        assert page is not None
        stride = page.info.params.stride or 4096
        rows = (0, 1, 2, len(reference) // stride // 2)
        borders = sorted({*(row * stride for row in rows), 4096, 65536, len(reference)})
        data = bytearray()
        while True:
            near = next((border for border in borders if border + NEAR > len(data)), len(reference))
            size = 1 if abs(len(data) - near) <= NEAR else near - NEAR - len(data)
            strip = await page.read(size)
            if not strip:
                break
            data += strip
            if len(data) > len(reference) + stride:
                break
        _compare(bench, reference, bytes(data), "single bytes at borders")


def _compare(bench: Bench, reference: bytes, data: bytes, how: str) -> None:
    if data == reference:
        return
    if len(data) != len(reference):
        raise bench.broken(f"{how} gave {len(data)} bytes instead of {len(reference)}", "length")
    first = next(index for index, (one, two) in enumerate(zip(reference, data, strict=True)) if one != two)
    raise bench.broken(f"{how} gave other bytes, the first at {first} of {len(reference)}", "bytes")


@check("DATA-03", sheets=1)
async def end_comes_once(bench: Bench) -> None:
    """After the end marker, and after end()."""
    settings = bench.settings()
    await bench.supply(settings)
    async with bench.session() as session:
        page = await (await session.start(settings, 1)).first_page()
        while await page.read(1 << 16):
            pass
        for nth in ("first", "second"):
            with bench.refuses(f"the {nth} read after the end marker", Code.WRONG_STATE):
                await page.read(1 << 16)
        await page.end()
        with bench.refuses("a read after end()", Code.WRONG_STATE):
            await page.read(1 << 16)


@check("DATA-11", sheets=1)
async def cut_transfer_is_told(bench: Bench) -> None:
    """The transfer of a page breaks off half-way: it is left, it is cancelled from elsewhere, the cable is pulled."""
    await _ended_early(bench)
    await _cancelled_under_way(bench)
    bench.media.need_fault("pull the cable, or stop the device, in the middle of a page", FaultKind.TRUNCATED)
    settings = bench.settings()
    reference = await bench.page(settings)
    for at in (0.5, 0.9):
        await bench.supply(settings)
        await bench.media.fault(Fault(FaultKind.TRUNCATED, page=1, at=at))
        async with bench.session() as session:
            try:
                page = await (await session.start(settings, 1)).first_page()
                got = await read_page(page, 997)
            except DeviceError as error:
                bench.note(f"cut at {at:.0%}: {error.code}")
                continue
            finally:
                await bench.media.clear()
            if len(got.data) >= len(reference.data) and not got.end.incomplete:
                raise Untestable("the fault 'truncated' was armed and did not strike")
            bench.require(
                got.end.incomplete,
                f"a page cut at {at:.0%} came with {len(got.data)} of {len(reference.data)} bytes "
                "as a normal page, not marked as incomplete",
            )


async def _ended_early(bench: Bench) -> None:
    settings = bench.settings()
    await bench.supply(settings)
    async with bench.session() as session:
        page = await (await session.start(settings, 1)).first_page()
        head = await page.read(64)
        end = await page.end()
        total = end.params.total
        bench.require(
            end.incomplete or total is None or len(head) >= total,
            f"a page that was ended after {len(head)} of {total} bytes is not marked as incomplete",
            "early",
        )


CANCEL_AFTER_S = 0.5
"""Of a page that takes some two seconds."""


async def _cancelled_under_way(bench: Bench) -> None:
    """A page that comes slowly is cancelled by another task. Whatever its reader gets, it is no short page that looks normal."""
    settings = bench.slowed(bench.settings(full=True))
    if settings is None:
        return
    got: list[ScannedPage] = []
    async with bench.session() as session:
        job = await session.start(settings, 1)

        async def read() -> None:
            with contextlib.suppress(DeviceError):
                page = await job.next_page()
                if page is not None:
                    got.append(await read_page(page))

        async with trio.open_nursery() as nursery:
            nursery.start_soon(read)
            await trio.sleep(CANCEL_AFTER_S)
            await job.cancel()
    for page in got:
        announced = page.info.params.total
        bench.require(
            page.end.incomplete or announced is None or len(page.data) >= announced,
            "a page that was cancelled while it was transferred came as a normal page, shorter than announced",
            "cancelled",
        )


@check("DATA-12", sheets=2)
async def waiting_is_not_the_end(bench: Bench) -> None:
    """Read faster than the device delivers; where it can be slowed down, do that."""
    settings = bench.settings()
    faults = [Fault(kind, verb="read", seconds=0.3) for kind in (FaultKind.SLOW, FaultKind.HANG)]
    offered = [fault for fault in faults if bench.media.can_fault(fault.kind)]
    for fault in (None, *offered):
        await bench.supply(settings)
        if fault is not None:
            await bench.media.fault(fault)
        async with bench.session() as session:
            page = await (await session.start(settings, 1)).first_page()
            got = await read_page(page, 512)
        await bench.media.clear()
        total = got.end.params.total
        bench.require(
            len(got.data) == total or (total is None and not got.end.incomplete),
            f"the end marker came after {len(got.data)} of {total} bytes"
            + (f", with the fault {fault.kind.value}" if fault else ""),
        )
    if not offered and not bench.facts.info.virtual:
        bench.note("the device could not be slowed down")


@check("DATA-13", sheets=2)
async def same_sheet_same_bytes(bench: Bench) -> None:
    """Twice, in two sessions and in one, after doing something else."""
    settings = bench.settings()
    reference = (await bench.scan(settings)).page.data
    other = (await bench.scan(settings, shared=False)).page.data
    bench.require(
        other == reference, "the same sheet with the same settings gives other bytes in another session", "two"
    )
    async with bench.session() as session:
        pages = [(await bench.scan_in(session, settings)).page.data for _ in range(2)]
        bench.require(pages[0] == pages[1] == reference, "the same sheet gives other bytes in one session", "one")
