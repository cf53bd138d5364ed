"""``flatbed devices``: what is there."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from flatbed.exits import Exit
from flatbed.say import as_json, note, out

app = typer.Typer(add_completion=False)


@app.command()
def devices(
    devices_file: Annotated[
        Path | None,
        typer.Option("--devices", help="Devices file of the virtual machines.", exists=True, dir_okay=False),
    ] = None,
    real: Annotated[bool, typer.Option("--real", help="Look for real devices too.")] = False,
    as_json_: Annotated[bool, typer.Option("--json", help="For machines.")] = False,
) -> int:
    """List the devices: virtual ones, SANE's test device, and real ones with --real."""
    from flatbed.interrupting import run_interruptible  # noqa: PLC0415  # imports trio
    from flatbed.local_host import need_devices_file  # noqa: PLC0415  # imports the host

    need_devices_file(devices_file)
    return run_interruptible(_devices, devices_file, real, as_json_)


async def _devices(devices_file: Path | None, real: bool, as_json_: bool) -> int:
    from flatbed.local_host import local_host  # noqa: PLC0415  # imports the host

    async with local_host(devices_file, real=real) as host:
        await host.first_answers(timeout=10.0)
        found = host.devices()
    if as_json_:
        as_json(_plain(found))
    else:
        width = max((len(info.id) for info in found.devices), default=0)
        for info in found.devices:
            words = [info.maker, info.model, f"({info.kind.value}{', virtual' if info.virtual else ''})"]
            out(f"{info.id:<{width}}  {' '.join(word for word in words if word)}")
        if not found.devices:
            note("No devices. `flatbed devices --real` looks for real ones.")
        for failure in found.failures:
            note(f"{failure.transport}: {failure.message} ({failure.code})")
        for late in found.late:
            note(f"{late}: has not answered in time")
    return Exit.OK if found.devices else Exit.FAILED


def _plain(found: Any) -> dict[str, Any]:
    return {
        "schema": 1,
        "devices": [
            {
                "id": info.id,
                "maker": info.maker,
                "model": info.model,
                "kind": info.kind.value,
                "transport": info.transport,
                "virtual": info.virtual,
            }
            for info in found.devices
        ],
        "failures": [
            {"driver": item.transport, "code": item.code.value, "message": item.message} for item in found.failures
        ],
        "late": list(found.late),
    }
