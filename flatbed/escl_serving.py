"""What ``flatbed simulate escl`` does: opens the door, says where it is, and keeps it open."""

from __future__ import annotations

import functools
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flatbed.doors import ending_with_sigterm, ready_file, serve_until_told, wait_for_the_end
from flatbed.exits import Exit
from flatbed.outputs import need_writable
from flatbed.say import as_json, fail, note, out
from simulators.escl import CertificateError, Door, DoorConfig, open_door
from simulators.toml_files import ConfigError

SHOWN = 10


@dataclass(frozen=True)
class EsclOrder:
    """What was asked for on the command line; see ``flatbed simulate escl --help``."""

    devices: Path | None
    port: int
    bind: str
    mdns: bool
    interfaces: tuple[str, ...]
    tls: bool
    cert: Path | None
    key: Path | None
    allow_host: tuple[str, ...]
    ready_file: Path | None
    exit_with_stdin: bool
    as_json: bool

    def config(self) -> DoorConfig:
        """The same for the door."""
        return DoorConfig(
            devices_file=self.devices,
            bind=self.bind,
            port=self.port,
            tls=self.tls,
            cert=self.cert,
            key=self.key,
            mdns=self.mdns,
            interfaces=self.interfaces,
            allow_host=self.allow_host,
        )


def serve_escl(order: EsclOrder) -> int:
    """Serve until Ctrl-C, a signal, or the end of standard input; gives the exit status."""
    if order.ready_file is not None:
        need_writable(order.ready_file)
    try:
        return serve_until_told(functools.partial(_serve, order), order.bind, order.port)
    except CertificateError as error:
        fail(Exit.USAGE, f"the certificate cannot be used: {error}.", "--cert and --key take PEM files.")
    except ConfigError as error:
        fail(Exit.USAGE, error.message, "docs/reference/devices-file.md says what may be in it.")


async def _serve(order: EsclOrder) -> None:
    """Serve until the end; SIGTERM is heard from the start, so that a ready file or an announcement is never left behind."""
    async with ending_with_sigterm(), open_door(order.config()) as door:
        data = _ready(door)
        with ready_file(order.ready_file, data):
            _tell(order, door, data)
            await wait_for_the_end(with_stdin=order.exit_with_stdin)


def _ready(door: Door) -> dict[str, Any]:
    """What stands in the ready file."""
    return {
        "schema": 1,
        "escl": f"{door.url}/eSCL",
        "control": door.control,
        "devices": [
            {"name": name, "url": url, "make_and_model": door.scanners[name].identity.make_and_model}
            for name, url in door.urls().items()
        ],
        "pid": os.getpid(),
    }


def _tell(order: EsclOrder, door: Door, data: dict[str, Any]) -> None:
    if order.as_json:
        as_json(data)
        return
    urls = door.urls()
    for name, url in list(urls.items())[:SHOWN]:
        out(f"  {url}  {door.scanners[name].identity.make_and_model}")
    if len(urls) > SHOWN:
        out(f"  and {len(urls) - SHOWN} more at {door.url}/")
    first = next(iter(urls.values()))
    note(
        f"The first one is {door.url}/eSCL too{'; all are announced by mDNS' if order.mdns else ''}. For sane-airscan:"
    )
    note(f"  scanimage -d 'airscan:escl:flatbed:{first}'   or in airscan.conf, [devices]:  \"flatbed\" = {first}, eSCL")
