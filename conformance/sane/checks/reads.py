"""SANE-51 to 56 and 68: reads of all sizes."""

from __future__ import annotations

import random

from conformance.outcomes import NotApplicable
from conformance.sane.checks.imaging import CHUNK, Image, bytes_of_a_read, full, image, limit, small, started
from conformance.sane.desk import Desk, Opened
from conformance.sane.model import expected_bytes
from conformance.sane.registry import check
from device_protocol.vocabularies.sane_abi import Parameters, Status, status_name

NON_BLOCKING_PAGES = 6
"""A page that is lost only if the reader is slower than the scanner is lost in one of so many."""


def borders(parameters: Parameters) -> list[int]:
    """Single bytes at the beginning and around the end of the first line, then sizes beside that of a line."""
    line = max(2, parameters.bytes_per_line)
    return [*[1] * 8, max(1, line - 10), *[1] * 4, 2, 3, 5, 7, line - 1, line, line + 1, 4 * line + 3]


def random_sizes(parameters: Parameters, seed: int) -> list[int]:
    """Anything from a byte to some lines."""
    dice = random.Random(seed)  # noqa: S311  # no secret
    return [dice.randint(1, max(2, 3 * parameters.bytes_per_line)) for _ in range(40)]


def oversized(parameters: Parameters) -> list[int]:
    """One buffer that is larger than the frame."""
    return [(expected_bytes(parameters) or CHUNK) + 8192]


async def _images(desk: Desk, device: Opened) -> list[tuple[str, Image]]:
    """The same page by reads of several kinds."""
    await small(device)
    first = await image(device)
    parameters = first.parameters[0]
    kinds = {
        "bytes at borders": borders(parameters),
        f"random sizes (seed {desk.seed})": random_sizes(parameters, desk.seed),
        "a buffer larger than the frame": oversized(parameters),
    }
    return [("large reads", first), *[(name, await image(device, sizes)) for name, sizes in kinds.items()]]


@check("SANE-51", level=2)
async def never_more_than_asked(desk: Desk) -> None:
    """Reads of all kinds."""
    for name, found in await _images(desk, await desk.open()):
        surplus = max(frame.surplus for frame in found.frames)
        desk.expect(surplus <= 0, f"{name}: a read gave {surplus} bytes more than it was asked for", "length")


@check("SANE-52", level=2)
async def guards_of_reads(desk: Desk) -> None:
    """Reads of all kinds."""
    for name, found in await _images(desk, await desk.open()):
        for frame in found.frames:
            desk.expect(not frame.hurt, f"{name}: a read wrote {frame.hurt} its buffer", "guard")


@check("SANE-53", level=2)
async def good_reads_bring_bytes(desk: Desk) -> None:
    """Reads of all kinds, in blocking mode."""
    for name, found in await _images(desk, await desk.open()):
        empty = sum(frame.empty for frame in found.frames)
        unset = sum(frame.unset for frame in found.frames)
        desk.expect(not unset, f"{name}: {unset} reads were GOOD and left the length as it was", "unset")
        desk.expect(not empty, f"{name}: {empty} reads were GOOD and gave nothing", "empty")


@check("SANE-54", level=2)
async def no_length_without_good(desk: Desk) -> None:
    """At the end of each frame."""
    for name, found in await _images(desk, await desk.open()):
        for frame in found.frames:
            how = "left the length as it was" if frame.length < 0 else f"gave the length {frame.length}"
            desk.expect(frame.length == 0, f"{name}: a read that was {frame.name} {how}", "length")


@check("SANE-55", level=2)
async def same_settings_same_bytes(desk: Desk) -> None:
    """A page twice, then by other sizes, and into buffers that held something else."""
    device = await desk.open()
    found = await _images(desk, device)
    again = await image(device)
    reference = found[0][1]
    desk.promised(reference.whole and again.whole, f"the page is not whole: {reference.told()}")
    if reference.sha != again.sha:
        other_fill = await image(device, fill=0x11)
        third = await image(device, fill=0x11)
        same = other_fill.sha == third.sha and other_fill.sha != reference.sha
        desk.expect(not same, "bytes of the page are what the buffer held before", "unwritten")
        desk.settle()
        raise NotApplicable("two scans with the same settings give other bytes: not a device that repeats itself")
    other = await image(device, fill=0x11)
    desk.expect(other.sha == reference.sha, "bytes of the page are what the buffer held before", "unwritten")
    for name, item in found[1:]:
        desk.expect(item.sha == reference.sha, f"{name}: other bytes than by large reads; {item.told()}", "bytes")


@check("SANE-56", level=2)
async def nothing_after_the_end(desk: Desk) -> None:
    """Three more reads after EOF."""
    device = await desk.open()
    await small(device)
    parameters = await started(device)
    frame = await device.drain([CHUNK], limit(parameters))
    desk.promised(frame.whole, f"the frame ends with {frame.name} ({frame.ended})")
    for _ in range(3):
        status, length, _ = await device.read(CHUNK)
        told = f"a read after EOF gives {status_name(status)} and {length} bytes"
        desk.expect(status != Status.GOOD and length == 0, told, "data")
    await device.cancel()


@check("SANE-68", level=2)
async def non_blocking_frames(desk: Desk) -> None:
    """The same page in blocking mode and, some times over, in the other."""
    device = await desk.open()
    await full(device, await bytes_of_a_read(device))  # a large page keeps the back end busy when the first read comes
    parameters = await started(device)
    blocking = await device.drain([4096], limit(parameters))
    await device.cancel()
    for _ in range(NON_BLOCKING_PAGES):
        start, mode, frame = await device.dash([4096], limit(parameters))
        await device.cancel()
        desk.promised(start == Status.GOOD, f"sane_start gives {status_name(start)}")
        if mode == Status.UNSUPPORTED:
            raise NotApplicable("sane_set_io_mode: UNSUPPORTED")
        desk.require(frame is not None, f"sane_set_io_mode(1) gives {status_name(mode)}", "mode")
        assert frame is not None
        told = f"in non-blocking mode {frame.total} of {blocking.total} bytes, then {frame.name} ({frame.ended})"
        desk.expect(frame.whole and frame.total == blocking.total, told, "bytes")
        desk.expect(
            not frame.unset, f"in non-blocking mode {frame.unset} GOOD reads left the length as it was", "unset"
        )
