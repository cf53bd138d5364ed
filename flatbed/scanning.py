"""Scanning with a device to a file, with progress, and with a device that stays usable whatever happens."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from device_protocol import (
    ALL,
    Code,
    Colour,
    DeviceCaps,
    DeviceError,
    Encode,
    Phase,
    Settings,
    SourceCaps,
    SourceKind,
    find_mode,
)
from device_protocol.aio import Session, read_all
from device_protocol.delivery import JPEG, PNG
from flatbed.local_host import local_host
from flatbed.page_files import PageFile, write_pages

SOURCE_WORDS: dict[str, tuple[SourceKind, ...]] = {
    "flatbed": (SourceKind.FLATBED,),
    "feeder": (SourceKind.FEEDER,),
    "duplex": (SourceKind.FEEDER_DUPLEX,),
}


@dataclass(frozen=True)
class ScanOrder:
    """What was asked for on the command line."""

    device: str
    output: Path
    source: str | None
    mode: str
    resolution: float
    pages: int | None
    devices_file: Path | None
    quality: int


@dataclass
class ScanReport:
    """What came of a scan, whichever way it ended.

    Attributes:
        device: its id.
        pages: pages that came whole.
        files: files that were written.
    """

    device: str
    pages: int = 0
    files: list[str] = field(default_factory=list)

    def as_data(self, failure: DeviceError | None = None) -> dict[str, Any]:
        """For ``--json``, with the failure that ended the scan."""
        error = {"code": failure.code.value, "message": failure.message} if failure is not None else None
        return {"schema": 1, "device": self.device, "pages": self.pages, "files": self.files, "error": error}


async def scan_to_file(order: ScanOrder, report: ScanReport) -> None:
    """Scan, write the file or files, and fill in the *report*.

    Raises:
        DeviceError: the scan failed; pages that came before the failure are written all the same.
        OSError: a file cannot be written.
    """
    found: list[PageFile] = []
    try:
        async with local_host(order.devices_file, device=order.device) as host:
            session = await host.open(order.device)
            try:
                await _scan(session, order, found)
            finally:
                await session.close()
    finally:
        report.pages = len(found)
        if found:
            report.files = [str(path) for path in write_pages(order.output, found)]


async def _scan(session: Session, order: ScanOrder, found: list[PageFile]) -> None:
    settings = choose_settings(await session.caps(), order)
    media_type = JPEG if order.output.suffix.lower() in {".jpg", ".jpeg"} else PNG
    if order.output.suffix.lower() == ".pdf" and order.mode != "lineart":
        media_type = JPEG  # PDF carries JPEG as it is; lossless pages would make it ten times as large
    job = await session.start(settings, ALL if order.pages is None else order.pages, Encode(media_type, order.quality))
    with _progress(order.pages) as advance:
        while (page := await job.next_page()) is not None:
            data, end = await read_all(page)
            found.append(PageFile(data, page.info.params.format, end.params))
            advance()


def choose_settings(caps: DeviceCaps, order: ScanOrder) -> Settings:
    """The device's own words for what was asked for: source, mode, nearest resolution.

    Raises:
        DeviceError: INVALID_VALUE, naming what the device has.
    """
    source = _source(caps, order.source)
    try:
        colour = Colour(order.mode)
    except ValueError:
        raise _no("mode", order.mode, [item.value for item in Colour]) from None
    chosen = find_mode(source, colour)
    if chosen is None:
        raise _no("mode", order.mode, [mode.colour.value for mode in source.modes])
    mode, depth = chosen
    return Settings(source.name, mode.value, depth, source.resolutions.nearest(order.resolution))


def _source(caps: DeviceCaps, wanted: str | None) -> SourceCaps:
    found = caps.source(wanted)
    if found is None and wanted is not None:
        found = caps.first(*SOURCE_WORDS.get(wanted.lower(), ()))
    if found is None:
        raise _no("source", wanted, [item.name for item in caps.sources])
    return found


def _no(option: str, value: object, there: list[str]) -> DeviceError:
    words = ", ".join(dict.fromkeys(there))
    return DeviceError(
        Code.INVALID_VALUE,
        f"{option} {value!r}: the device has {words}.",
        phase=Phase.OPTIONS,
        option=option,
        value=value,
    )


@contextmanager
def _progress(pages: int | None) -> Iterator[Any]:
    from rich.console import Console  # noqa: PLC0415  # slow to import
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn  # noqa: PLC0415  # the same

    console = Console(stderr=True)
    columns = (TextColumn("scanning"), BarColumn(), MofNCompleteColumn(), TextColumn("pages"), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("pages", total=pages)
        yield lambda: bar.advance(task)
