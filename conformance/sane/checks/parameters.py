"""SANE-44 and 45: parameters before a scan."""

from __future__ import annotations

from collections.abc import AsyncIterator

from conformance.sane.checks.imaging import combinations, shown, use
from conformance.sane.desk import Desk
from conformance.sane.model import least_line
from conformance.sane.registry import check
from device_protocol.vocabularies.sane_abi import Frame, Parameters, Status, status_name

DEPTHS = (1, 8, 16)


async def _all(desk: Desk) -> AsyncIterator[tuple[str, Parameters]]:
    """As the device was opened, then in each mode and depth."""
    device = await desk.open()
    for settings in [{}, *combinations(device, resolutions=False)]:
        await use(device, settings)
        status, parameters = await device.parameters()
        told = f"sane_get_parameters with {shown(settings)} gives {status_name(status)}"
        if desk.expect(status == Status.GOOD, told, "status"):
            yield shown(settings), parameters


@check("SANE-44", level=1)
async def parameters_are_known(desk: Desk) -> None:
    """In every mode."""
    async for where, found in _all(desk):
        desk.expect(found.format in set(Frame), f"{where}: the format is {found.format}", "format")
        desk.expect(found.last_frame in (0, 1), f"{where}: last_frame is {int(found.last_frame)}", "last")
        desk.expect(found.depth in DEPTHS, f"{where}: the depth is {found.depth}", "depth")


@check("SANE-45", level=1)
async def lines_hold_their_pixels(desk: Desk) -> None:
    """In every mode."""
    async for where, found in _all(desk):
        least = least_line(found)
        told = f"{where}: {found.pixels_per_line} pixels need {least} bytes, a line has {found.bytes_per_line}"
        desk.expect(found.pixels_per_line >= 0 and found.bytes_per_line >= least, told, "short")
