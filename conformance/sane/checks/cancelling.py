"""SANE-57 to 63: what may not be done during a scan, and how one is ended."""

from __future__ import annotations

from conformance.outcomes import Untestable
from conformance.sane.checks.imaging import CHUNK, image, limit, small, started
from conformance.sane.checks.reloading import other_values
from conformance.sane.desk import Desk, Opened
from conformance.sane.model import Option, expected_bytes
from conformance.sane.registry import check
from device_protocol.vocabularies.sane_abi import Parameters, Status, status_name

IN_A_SCAN = ("mode", "resolution", "tl-x", "br-y", "depth", "source")
POINTS = 12
"""Reads of a page, each of which is once the last before a cancel."""


def _part(parameters: Parameters, parts: int) -> int:
    """A size by which a frame takes about *parts* reads."""
    return max(1, (expected_bytes(parameters) or CHUNK * parts) // parts)


async def _whole(desk: Desk, device: Opened, when: str) -> None:
    """A scan, which must be whole; if it does not even start, that is what is wrong."""
    try:
        found = await image(device)
    except Untestable as error:
        desk.require(holds=False, evidence=f"a scan {when}: {error.evidence}", point="next scan")
        raise
    desk.require(found.whole, f"a scan {when}: {found.told()}", "next scan")


@check("SANE-57", level=2)
async def options_rest_during_a_scan(desk: Desk) -> None:
    """Those that shape the page, to another value."""
    device = await desk.open()
    await small(device)
    wanted: list[tuple[Option, bytes, bytes]] = []
    for name in IN_A_SCAN:
        option = device.find(name)
        if option is not None and option.settable and option.readable:
            value = (await device.get(option)).value
            wanted += [(option, value, other) for other in other_values(option, value)[:1]]
    await started(device)
    await device.drain([64], 1 << 20, stop_after=1)
    taken = []
    for option, value, other in wanted:
        answer = await device.control(option.index, 1, other)
        told = f"{option.label} is set to {option.shown(other)} during a scan"
        if not desk.expect(not answer.good, told, "set"):
            taken.append((option, value))
    await device.abandon()
    for option, value in taken:
        await device.control(option.index, 1, value)


@check("SANE-58", level=2)
async def one_start_a_frame(desk: Desk) -> None:
    """After a first read, in each mode."""
    device = await desk.open()
    await small(device)
    mode = device.find("mode")
    for text in (mode.constraint.texts if mode is not None and mode.settable else ()) or ("",):
        if text:
            await device.put("mode", text)
        parameters = await started(device)
        if (await device.drain([64], limit(parameters), stop_after=1)).ended == "stopped":
            status = await device.start()
            desk.expect(
                status != Status.GOOD, f"sane_start within a frame is GOOD {text and f'(mode {text})'}", "start"
            )
        await device.abandon()


@check("SANE-59", level=2)
async def idle_cancels(desk: Desk) -> None:
    """Before the first scan, twice, and after EOF twice; then a scan."""
    device = await desk.open()
    await small(device)
    await device.cancel()
    await device.cancel()
    parameters = await started(device)
    frame = await device.drain([CHUNK], limit(parameters))
    desk.promised(frame.whole, f"the frame ends with {frame.name} ({frame.ended})")
    await device.cancel()
    await device.cancel()
    await _whole(desk, device, "after idle cancels")


@check("SANE-60", level=2)
async def cancels_at_every_read(desk: Desk) -> None:
    """After 0, 1, 2, ... reads up to the end; every third time a whole scan follows."""
    device = await desk.open()
    await small(device)
    for count in range(POINTS + 2):
        parameters = await started(device)
        if count:
            await device.drain([_part(parameters, POINTS)], limit(parameters), stop_after=count)
        await device.cancel()
        status, length, _ = await device.read(CHUNK)
        told = f"a read after a cancel after {count} reads gives {status_name(status)} and {length} bytes"
        desk.expect(status != Status.GOOD and length == 0, told, "data")
        await device.abandon()
        if count % 3 == 1:
            await _whole(desk, device, f"after a cancel after {count} reads")
    await _whole(desk, device, "after all cancels")


@check("SANE-61", level=2)
async def cancels_from_another_thread(desk: Desk) -> None:
    """At once, and while reads are under way."""
    device = await desk.open()
    await small(device)
    for reads, delay in ((0, 0.0), (1, 0.0), (5, 0.0), (20, 0.0), (3, 0.002)):
        parameters = await started(device)
        size = _part(parameters, 200)
        frame = await device.race(size, limit(parameters), reads=reads, delay=delay)
        where = f"a cancel from another thread after {reads} reads"
        desk.require(frame.cancel_s is not None, f"{where} has not come back after the scan had ended", "cancel")
        desk.expect(frame.ended == "status", f"{where}: {frame.ended}", "end")
        desk.expect(frame.late <= 1, f"{where}: {frame.late} reads gave data after it had come back", "late")
        desk.expect(frame.length == 0, f"{where}: {frame.name} with length {frame.length}", "length")
        await device.abandon()
        await _whole(desk, device, f"after {where}")


@check("SANE-62", level=2)
async def device_is_free_after_a_cancel(desk: Desk) -> None:
    """An option, a start; closed, opened, a start."""
    device = await desk.open()
    await small(device)
    parameters = await started(device)
    await device.drain([256], limit(parameters), stop_after=1)
    await device.cancel()
    option = next((item for item in device.options[1:] if item.settable and item.readable), None)
    if option is not None:
        value = (await device.get(option)).value
        answer = await device.set(option, value)
        desk.expect(answer.good, f"{option.label} set after a cancel gives {answer.name}", "option")
    for when in ("after a cancel", "after it was closed and opened again"):
        status = await device.start()
        desk.require(status == Status.GOOD, f"sane_start {when} gives {status_name(status)}", "start")
        await device.cancel()
        if when == "after a cancel":
            await device.close()
            status, handle = await desk.open_status(desk.device_name)
            desk.require(status == Status.GOOD, f"sane_open after a cancel gives {status_name(status)}", "open")
            device = Opened(desk, handle)
            await device.reload()


@check("SANE-63", level=2)
async def close_ends_a_scan(desk: Desk) -> None:
    """Without a cancel; then opened and scanned again."""
    device = await desk.open()
    await small(device)
    parameters = await started(device)
    await device.drain([256], limit(parameters), stop_after=2)
    await device.close()
    status, handle = await desk.open_status(desk.device_name)
    desk.require(status == Status.GOOD, f"sane_open after a close during a scan gives {status_name(status)}", "open")
    device = Opened(desk, handle)
    await device.reload()
    await small(device)
    await _whole(desk, device, "after a close during a scan")
