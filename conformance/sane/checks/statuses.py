"""SANE-67: which call gives which status."""

from __future__ import annotations

from conformance.sane.checks.imaging import CHUNK, limit, small
from conformance.sane.checks.library import NOBODY
from conformance.sane.desk import Desk
from conformance.sane.legal import LEGAL
from conformance.sane.registry import check
from device_protocol.vocabularies.sane_abi import Action, Status, status_name


@check("SANE-67", level=2)
async def statuses_suit_their_calls(desk: Desk) -> None:
    """A session that does everything once, right and wrong."""
    await desk.begin()
    await desk.devices()
    await desk.open_status(NOBODY)
    device = await desk.open()
    await desk.open_status(desk.device_name)
    for option in device.options:
        answer = await device.get(option)
        await device.control(option.index, Action.SET_VALUE, answer.value or bytes(4))
        await device.auto(option)
    await device.reload()
    await device.control(-1, Action.GET_VALUE, bytes(64))
    await small(device)
    await _around_a_scan(desk, device.handle)
    if await device.start() == Status.GOOD:
        status, parameters = await device.parameters()
        await _around_a_scan(desk, device.handle)
        frame = await device.drain([CHUNK], limit(parameters)) if status == Status.GOOD else None
        if frame is not None:
            desk.expect(Status.GOOD <= frame.status <= max(Status), f"a read gives status {frame.status}", "unknown")
    await device.cancel()
    for verb, status in desk.statuses:
        known = desk.expect(status in set(Status), f"{_NAMES.get(verb, verb)} gives status {status}", "unknown")
        if known and verb in LEGAL:
            legal = Status(status) in LEGAL[verb]
            desk.expect(legal, f"{_NAMES.get(verb, verb)} gives {status_name(status)}", f"{verb} {status}")


_NAMES = {"control": "sane_control_option", **{name: f"sane_{name}" for name in LEGAL if name != "control"}}


async def _around_a_scan(desk: Desk, handle: int) -> None:
    await desk.ask("get_parameters", handle=handle)
    await desk.ask("set_io_mode", handle=handle, non_blocking=False)
    await desk.ask("get_select_fd", handle=handle)
    await desk.ask("read", handle=handle, size=64)
