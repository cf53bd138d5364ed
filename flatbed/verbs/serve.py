"""``flatbed serve``: the scanning service with virtual devices."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from flatbed.exits import Exit
from flatbed.say import fail, note

app = typer.Typer(add_completion=False)


@app.command()
def serve(
    port: Annotated[int, typer.Option(help="HTTP port; 0 takes a free one.")] = 18622,
    host: Annotated[str, typer.Option(help="Address to bind; beyond loopback clients need a token.")] = "127.0.0.1",
    data_dir: Annotated[
        Path | None, typer.Option(help="Folder for logs and spilled pages; yours by default.", file_okay=False)
    ] = None,
    ready_file: Annotated[
        Path | None, typer.Option(help="JSON file that is written when the service answers.", dir_okay=False)
    ] = None,
    devices: Annotated[
        Path | None, typer.Option(help="Devices file: the virtual machines.", exists=True, dir_okay=False)
    ] = None,
    access: Annotated[str, typer.Option(help="lab or locked: who may do what.")] = "lab",
    compat: Annotated[str, typer.Option(help="lenient or strict: which side of the contradictions.")] = "lenient",
    licence: Annotated[str, typer.Option(help="ignore, require or reject licence keys.")] = "ignore",
    real: Annotated[bool, typer.Option("--real", help="List real devices too.")] = False,
    allow_origin: Annotated[list[str] | None, typer.Option(help="Another origin that may use the service.")] = None,
    allow_host: Annotated[list[str] | None, typer.Option(help="Another name under which it is reached.")] = None,
    trust_network: Annotated[list[str] | None, typer.Option(help="Network without token, lab mode only.")] = None,
    consent: Annotated[
        str, typer.Option(help="A page asks for a scanner: allow, deny, ask, ask:3, ask:3:deny.")
    ] = "allow",
    consent_for: Annotated[list[str] | None, typer.Option(help="The same for one origin: ORIGIN=RULE.")] = None,
    end_of_pages: Annotated[int, typer.Option(help="Status at the end of the pages: 204, or 410.")] = 204,
    quality: Annotated[int, typer.Option(help="Of JPEG pages.")] = 80,
    buffer_mb: Annotated[int, typer.Option(min=0, help="Pages in memory before they go to disk, in MB.")] = 24,
    exit_with_stdin: Annotated[bool, typer.Option("--exit-with-stdin", help="End when standard input closes.")] = False,
    exit_when_idle: Annotated[float | None, typer.Option(help="End after so many seconds without work.")] = None,
) -> int:
    """Run the scanning service. It answers on 127.0.0.1 and lists virtual devices and SANE's test device."""
    from reference_server.config import MEGABYTE, AccessMode, Compat, LicenceMode, ServerConfig  # noqa: PLC0415

    try:
        config = ServerConfig(
            data_dir=data_dir or _default_data_dir(),
            host=host,
            port=port,
            ready_file=ready_file,
            driver_config={"virtual": {"devices_file": str(devices.resolve())}} if devices is not None else {},
            compat=Compat(compat),
            access=AccessMode(access),
            licence=LicenceMode(licence),
            real=real,
            allow_origin=tuple(allow_origin or ()),
            allow_host=tuple(allow_host or ()),
            trust_network=tuple(trust_network or ()),
            consent=consent,
            consent_for=tuple(consent_for or ()),
            end_of_pages=end_of_pages,
            jpeg_quality=quality,
            buffer_bytes=buffer_mb * MEGABYTE,
            exit_with_stdin=exit_with_stdin,
            exit_when_idle=exit_when_idle,
        )
    except ValueError as error:
        fail(Exit.USAGE, str(error), "`flatbed serve --help` lists the options.")
    from reference_server.app import run  # noqa: PLC0415  # the service

    return run(config, announce=note)


def _default_data_dir() -> Path:
    from platformdirs import user_data_path  # noqa: PLC0415  # only when nobody says where

    return user_data_path("flatbed", appauthor=False)
