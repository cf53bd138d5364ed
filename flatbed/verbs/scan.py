"""``flatbed scan``: from a device to a file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flatbed.exits import Exit
from flatbed.outputs import failed_writing, need_writable
from flatbed.running import find_device_error
from flatbed.say import as_json, fail, note

app = typer.Typer(add_completion=False)


@app.command()
def scan(
    output: Annotated[
        Path, typer.Option("-o", "--output", help="File to write: .pdf, .tiff, .png or .jpg.", dir_okay=False)
    ],
    device: Annotated[str, typer.Option("--device", "-d", help="Device id, see `flatbed devices`.")] = "virtual:feeder",
    source: Annotated[
        str | None, typer.Option(help="Source: the device's own name, or flatbed, feeder, duplex.")
    ] = None,
    mode: Annotated[str, typer.Option(help="color, gray or lineart.")] = "color",
    resolution: Annotated[
        float, typer.Option("--resolution", "-r", min=1, help="dpi; the nearest that the device has.")
    ] = 300,
    pages: Annotated[int | None, typer.Option(min=1, help="At most so many pages; all by default.")] = None,
    devices_file: Annotated[
        Path | None,
        typer.Option("--devices", help="Devices file of the virtual machines.", exists=True, dir_okay=False),
    ] = None,
    quality: Annotated[int, typer.Option(min=1, max=100, help="Of JPEG.")] = 80,
    as_json_: Annotated[bool, typer.Option("--json", help="Report for machines.")] = False,
) -> int:
    """Scan to a file. Several pages become one PDF or TIFF, or numbered PNG or JPEG files (out-1.png, out-2.png, ...)."""
    from flatbed.page_files import KINDS  # noqa: PLC0415  # imports imaging only when it writes

    if output.suffix.lower() not in KINDS:
        fail(
            Exit.USAGE,
            f"{output}: cannot write {output.suffix or 'a file without ending'}.",
            f"Use one of {', '.join(KINDS)}.",
        )
    need_writable(output)
    from flatbed.interrupting import run_interruptible  # noqa: PLC0415  # imports trio
    from flatbed.local_host import need_devices_file  # noqa: PLC0415  # imports the host
    from flatbed.scanning import ScanOrder, ScanReport, scan_to_file  # noqa: PLC0415  # imports the host

    need_devices_file(devices_file)
    order = ScanOrder(device, output, source, mode, resolution, pages, devices_file, quality)
    report = ScanReport(device)
    try:
        run_interruptible(scan_to_file, order, report)
    except OSError as error:
        failed_writing(output, error)
    except BaseException as error:  # also Ctrl-C: pages that came before it are written
        if as_json_:
            as_json(report.as_data(find_device_error(error)))
        elif report.files:
            note(f"{report.pages} pages that came before -> {', '.join(report.files)}")
        raise
    if as_json_:
        as_json(report.as_data())
    else:
        note(f"{report.pages} pages -> {', '.join(report.files) or 'nothing'}")
    return Exit.OK
