"""``flatbed record``: what a device does, as a file that is a device."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from flatbed.exits import Exit
from flatbed.outputs import need_writable
from flatbed.say import as_json, fail, note, out

app = typer.Typer(add_completion=False)


@app.command()
def record(
    device: Annotated[
        str, typer.Argument(metavar="DEVICE", help="Device id, see `flatbed devices`; with --driver the native id.")
    ],
    output: Annotated[Path, typer.Option("-o", "--output", help="File to write.", dir_okay=False)],
    driver: Annotated[str | None, typer.Option(help="module:factory of a driver that is not installed.")] = None,
    devices: Annotated[
        Path | None, typer.Option(help="Devices file of the virtual machines.", exists=True, dir_okay=False)
    ] = None,
    scans: Annotated[
        bool,
        typer.Option("--scans", help="Only scan once from each source in each mode, instead of running the suite."),
    ] = False,
    resolution: Annotated[float, typer.Option("--resolution", "-r", min=1, help="dpi of --scans.")] = 100,
    only: Annotated[
        list[str] | None, typer.Option("--only", "-k", help="Requirement id or family; may be repeated.")
    ] = None,
    sheets: Annotated[int | None, typer.Option(min=1, help="Sheets that the suite may feed.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of every choice that checks make.")] = 0,
    programs: Annotated[int | None, typer.Option(min=0, help="Generated programs to run.")] = None,
    private: Annotated[
        bool, typer.Option("--private", help="Replace the pixels by a pattern and serial numbers by X.")
    ] = False,
    as_json_: Annotated[bool, typer.Option("--json", help="Report for machines.")] = False,
) -> int:
    """Drive a device and write down every call, answer, event and page. `flatbed simulate replay FILE` makes a device of it."""
    need_writable(output)
    if scans and (only or sheets or programs):
        fail(Exit.USAGE, "--only, --sheets and --programs are for the suite, which --scans does not run.")
    from rich.console import Console  # noqa: PLC0415  # slow to import

    from conformance import Unreachable  # noqa: PLC0415  # imports the suite
    from conformance.reports import TerminalReport  # noqa: PLC0415  # the same
    from flatbed.judging import importing_from_here  # noqa: PLC0415  # the same
    from flatbed.local_host import need_devices_file  # noqa: PLC0415  # imports the host
    from flatbed.recording import SCANS, SUITE, RecordOrder, record_to_file  # noqa: PLC0415  # the same

    need_devices_file(devices)
    importing_from_here()
    order = RecordOrder(
        device=device,
        output=output,
        driver=driver,
        drive=SCANS if scans else SUITE,
        only=tuple(only or ()),
        sheets=sheets,
        seed=seed,
        programs=programs,
        resolution=resolution,
        private=private,
        devices=devices,
    )
    terminal = TerminalReport(Console(stderr=True, highlight=False))
    try:
        report = record_to_file(order, [terminal])
    except Unreachable as error:
        fail(Exit.UNREACHABLE, str(error), "`flatbed devices` lists what is there.")
    except ValueError as error:  # UsageError is one
        fail(Exit.USAGE, str(error), "`flatbed record --help` lists the options.")
    except OSError as error:
        fail(Exit.FAILED, f"{output}: cannot be written: {error.strerror or error}.")
    except KeyboardInterrupt:
        note(f"flatbed: interrupted; {output} has what was recorded until then.")
        raise
    finally:
        terminal.stop()
    data: dict[str, Any] = {"schema": 1, "device": device, "file": str(output), **report.as_data()}
    if as_json_:
        as_json(data)
    else:
        out(f"{report.calls} calls, {report.pages} pages, {report.bytes / 1e6:.1f} MB -> {output}")
        out(f"Now `flatbed simulate replay {output}` tells what is in it and how to use it.")
    if report.full:
        note("flatbed: a limit was reached, the end is missing; record less with --only, --sheets or --scans.")
    return Exit.OK
