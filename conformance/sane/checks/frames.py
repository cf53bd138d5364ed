"""SANE-46 to 50, 65 and 66: frames, and what may be called around them."""

from __future__ import annotations

from collections.abc import AsyncIterator

from conformance.outcomes import NotApplicable
from conformance.sane.checks.imaging import (
    CHUNK,
    Image,
    bytes_of_a_read,
    combinations,
    full,
    image,
    limit,
    shown,
    small,
    started,
    use,
)
from conformance.sane.desk import Desk, Opened
from conformance.sane.model import described
from conformance.sane.registry import check
from device_protocol.vocabularies.sane_abi import LINES_UNKNOWN, Frame, Status, status_name

REFUSALS = {Status.INVAL, Status.UNSUPPORTED, Status.CANCELLED, Status.EOF}
"""What a read may say outside of a scan: no data; INVAL by the standard's table, and words for that it is over."""


@check("SANE-46", level=2)
async def reads_need_a_scan(desk: Desk) -> None:
    """Before the first scan, and after one was cancelled."""
    device = await desk.open()
    await small(device)
    for when in ("before the first sane_start", "after sane_cancel"):
        status, length, _ = await device.read(CHUNK)
        desk.expect(status in REFUSALS, f"a read {when} gives {status_name(status)}", "status")
        desk.expect(length == 0, f"a read {when} gives {status_name(status)} with length {length}", "length")
        if when.startswith("before"):
            await started(device)
            await device.cancel()


@check("SANE-47", level=2)
async def modes_need_a_scan(desk: Desk) -> None:
    """Before the first scan, and after one was cancelled."""
    device = await desk.open()
    await small(device)
    for when in ("before the first sane_start", "after sane_cancel"):
        for flag in (True, False):
            status = (await desk.ask("set_io_mode", handle=device.handle, non_blocking=flag))["status"]
            desk.expect(status != Status.GOOD, f"sane_set_io_mode({int(flag)}) {when} is GOOD", "mode")
        status = (await desk.ask("get_select_fd", handle=device.handle))["status"]
        desk.expect(status != Status.GOOD, f"sane_get_select_fd {when} is GOOD", "file")
        if when.startswith("before"):
            await started(device)
            await device.cancel()


@check("SANE-48", level=2)
async def modes_in_a_scan(desk: Desk) -> None:
    """Blocking, a file to wait for, non-blocking, and blocking again."""
    device = await desk.open()
    await small(device)
    await started(device)
    for flag in (False, True, False):
        status = (await desk.ask("set_io_mode", handle=device.handle, non_blocking=flag))["status"]
        legal = {Status.GOOD, Status.UNSUPPORTED} if flag else {Status.GOOD}
        desk.expect(status in legal, f"sane_set_io_mode({int(flag)}) in a scan gives {status_name(status)}", "mode")
    answer = await desk.ask("get_select_fd", handle=device.handle)
    status, number = answer["status"], answer["descriptor"]
    legal = {Status.GOOD, Status.UNSUPPORTED}
    desk.expect(status in legal, f"sane_get_select_fd in a scan gives {status_name(status)}", "file")
    if status == Status.GOOD:
        files = (await desk.ask("resources"))["files"]
        desk.expect(str(number) in files, f"the file to wait for, {number}, is not open", "closed")
    await device.cancel()


@check("SANE-49", level=2)
async def frames_are_whole(desk: Desk) -> None:
    """In each combination of mode, depth and resolution: all of the glass, or a part of it if that is large."""
    device = await desk.open()
    per_read = await bytes_of_a_read(device)
    for settings in combinations(device, level=desk.level):
        await use(device, settings)
        await full(device, per_read, desk.level)
        found = await image(device)
        good = desk.expect(found.whole, f"{shown(settings)}: {found.told()}", _point(found))
        if not good and not found.frames[-1].whole:
            await device.abandon()


def _point(found: Image) -> str:
    last = found.frames[-1]
    return last.ended if last.ended != "status" else "total" if last.whole else last.name


@check("SANE-50", level=2)
async def parameters_hold(desk: Desk) -> None:
    """Asked for between reads."""
    device = await desk.open()
    await small(device)
    before = await started(device)
    for count in (1, 2, 1):
        frame = await device.drain([256], limit(before), stop_after=count)
        if frame.ended != "stopped":
            break
        status, now = await device.parameters()
        desk.expect(status == Status.GOOD, f"sane_get_parameters in a scan gives {status_name(status)}", "status")
        desk.expect(
            status != Status.GOOD or now == before,
            f"{described(before)} became {described(now)} within the frame",
            "changed",
        )
    await device.cancel()


async def _with(device: Opened, switch: str) -> AsyncIterator[str]:
    """Settings with and without a switch that many back ends have."""
    await small(device)
    for settings in combinations(device, resolutions=False):
        await use(device, settings)
        for word in (0, 1):
            if await device.put(switch, word) or word == 0:
                yield f"{shown(settings)}, {switch}={word}"
        await device.put(switch, 0)


@check("SANE-65", level=2)
async def several_frames(desk: Desk) -> None:
    """In each mode, by passes of one colour where there is a switch for it."""
    device = await desk.open()
    seen = 0
    async for where in _with(device, "three-pass"):
        found = await image(device)
        if len(found.frames) == 1 and found.parameters[0].format in {Frame.GRAY, Frame.RGB}:
            desk.expect(bool(found.parameters[0].last_frame), f"{where}: {found.told()}, not the last frame", "last")
            continue
        seen += 1
        formats = [parameters.format for parameters in found.parameters]
        names = ", ".join(Frame(number).name for number in formats)
        colours = sorted(formats) == [Frame.RED, Frame.GREEN, Frame.BLUE]
        desk.expect(colours, f"{where}: frames {names}", "colours")
        last = [bool(parameters.last_frame) for parameters in found.parameters]
        desk.expect(last == [False, False, True], f"{where}: last_frame is {last}", "last")
        sizes = {(item.pixels_per_line, item.lines, item.depth) for item in found.parameters}
        desk.expect(len(sizes) == 1, f"{where}: frames of {sorted(sizes)} (width, height, depth)", "sizes")
    if not seen and not desk.complaints:
        raise NotApplicable("parameters: every image has one frame")


@check("SANE-66", level=2)
async def unknown_heights(desk: Desk) -> None:
    """In each mode, by hand where there is a switch for it."""
    device = await desk.open()
    seen = 0
    async for where in _with(device, "hand-scanner"):
        _, parameters = await device.parameters()
        if parameters.lines != LINES_UNKNOWN:
            continue
        parameters = await started(device)
        frame = await device.drain([CHUNK], limit(parameters))
        await device.cancel()
        seen += parameters.lines == LINES_UNKNOWN
        told = f"{where}: {frame.total} bytes in lines of {parameters.bytes_per_line}, then {frame.name}"
        desk.expect(frame.whole, f"{told} ({frame.ended})", "end")
        whole = parameters.bytes_per_line > 0 and frame.total % parameters.bytes_per_line == 0
        desk.expect(whole, told, "ragged")
    if not seen:
        raise NotApplicable("parameters: lines is never -1")
