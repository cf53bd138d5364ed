"""``flatbed simulate mjpeg``: virtual cameras over HTTP."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def mjpeg(
    devices: Annotated[
        Path | None,
        typer.Option("--devices", help="Devices file of the virtual machines.", exists=True, dir_okay=False),
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 for a free one.")] = 8291,
    bind: Annotated[str, typer.Option(help="Address to bind.")] = "127.0.0.1",
    allow_host: Annotated[
        list[str] | None, typer.Option(help="Further name that may stand in Host. May be repeated.")
    ] = None,
    ready_file: Annotated[
        Path | None, typer.Option(help="File to write when the cameras answer; gone at the end.", dir_okay=False)
    ] = None,
    exit_with_stdin: Annotated[
        bool, typer.Option("--exit-with-stdin", help="End when standard input is closed.")
    ] = False,
    as_json_: Annotated[bool, typer.Option("--json", help="What it says at the start, for machines.")] = False,
) -> int:
    """Serve virtual cameras as MJPEG: each at /NAME, the first at /stream too. Ends with Ctrl-C."""
    from flatbed.local_host import need_devices_file  # noqa: PLC0415  # imports the host
    from flatbed.mjpeg_serving import MjpegOrder, serve_mjpeg  # noqa: PLC0415  # imports the machines

    need_devices_file(devices)
    return serve_mjpeg(MjpegOrder(devices, port, bind, tuple(allow_host or ()), ready_file, exit_with_stdin, as_json_))
