"""SANE-64: feeders."""

from __future__ import annotations

from conformance.outcomes import NeedsOperator
from conformance.sane.checks.imaging import CHUNK, limit, small
from conformance.sane.desk import Desk
from conformance.sane.registry import check
from device_protocol.vocabularies.sane_abi import Status, status_name

MOST_SHEETS = 100
"""More than any feeder of a desk holds at the size of this check: sheets that nobody put in."""


@check("SANE-64", level=2, sheets=10)
async def feeders_end(desk: Desk) -> None:
    """Sheet after sheet, without a cancel between them, until there is none."""
    device = await desk.open()
    feeder = desk.facts.feeders()[0]
    desk.promised(await device.put("source", feeder), f"source cannot be set to {feeder!r}")
    await small(device)
    sheets = frames = 0
    while True:
        status = await device.start()
        if status != Status.GOOD:
            break
        _, parameters = await device.parameters()
        frame = await device.drain([CHUNK], limit(parameters))
        desk.require(frame.whole, f"sheet {sheets + 1} ends with {frame.name} ({frame.ended})", "sheet")
        frames += 1
        sheets += bool(parameters.last_frame)
        desk.require(frames < MOST_SHEETS, f"{sheets} sheets, and no end", "endless")
    await device.cancel()
    if not sheets and status == Status.NO_DOCS:
        raise NeedsOperator("load a few sheets of paper: sane_start gives NO_DOCS at once")
    desk.expect(status == Status.NO_DOCS, f"after {sheets} sheets sane_start gives {status_name(status)}", "end")
