"""``flatbed simulate y4m``: frames of a virtual camera as a file, for browsers' fake capture and video tools."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flatbed.exits import Exit
from flatbed.say import as_json, fail, out


def y4m(
    output: Annotated[Path, typer.Option("--output", "-o", help="The file, or - for standard output.")],
    seconds: Annotated[float, typer.Option(min=0.01, max=3600, help="How much of it.")] = 5.0,
    camera: Annotated[str, typer.Option(help="Id of the camera in the devices file.")] = "webcam",
    devices: Annotated[
        Path | None, typer.Option("--devices", help="Devices file.", exists=True, dir_okay=False)
    ] = None,
    size: Annotated[str, typer.Option(help="WIDTHxHEIGHT, one that the camera has; default: its first.")] = "",
    rate: Annotated[float, typer.Option(help="Frames a second, one that the camera has; 0: its first.")] = 0.0,
    as_json_: Annotated[bool, typer.Option("--json", help="What was written, for machines.")] = False,
) -> int:
    """Write what a virtual camera sees as a Y4M file (YUV 4:2:0), as fast as it can be drawn.

    Chromium takes it for a webcam: --use-fake-device-for-media-stream --use-file-for-fake-video-capture=FILE.
    """
    from device_protocol import DeviceError  # noqa: PLC0415  # with the machines
    from simulators.footage import film  # noqa: PLC0415  # imports the machines

    if str(output) == "-":
        fail(Exit.USAGE, "the film needs a file, since it is written with its length known.", "-o FILE")
    try:
        made = film(output, seconds, camera=camera, devices_file=devices, size=size, rate=rate)
    except DeviceError as error:
        fail(Exit.USAGE, error.message, "`flatbed simulate show PROFILE` has the modes of a camera.")
    except OSError as error:
        fail(Exit.USAGE, f"{output}: {error.strerror or error}.", "-o takes a file that can be written.")
    data = {"schema": 1, "file": str(output), "frames": made.frames, "size": made.size, "rate": made.rate}
    if as_json_:
        as_json(data)
    else:
        out(f"{output}: {made.frames} frames of {made.size}, {made.rate:g} a second")
    return Exit.OK
