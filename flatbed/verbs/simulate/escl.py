"""``flatbed simulate escl``: virtual scanners on the network."""

from __future__ import annotations

import ipaddress
from pathlib import Path
from typing import Annotated

import typer

from flatbed.exits import Exit
from flatbed.say import fail


def escl(
    devices: Annotated[
        Path | None,
        typer.Option("--devices", help="Devices file of the virtual machines.", exists=True, dir_okay=False),
    ] = None,
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0 for a free one.")] = 8290,
    bind: Annotated[str, typer.Option(help="Address to bind.")] = "127.0.0.1",
    mdns: Annotated[bool, typer.Option("--mdns/--no-mdns", help="Announce the scanners by mDNS.")] = True,
    interface: Annotated[
        list[str] | None, typer.Option(help="Address to announce on; the bound one by default. May be repeated.")
    ] = None,
    tls: Annotated[bool, typer.Option("--tls", help="Speak https, and announce _uscans.")] = False,
    cert: Annotated[Path | None, typer.Option(help="PEM file of a certificate, instead of one made now.")] = None,
    key: Annotated[Path | None, typer.Option(help="PEM file of its key.")] = None,
    allow_host: Annotated[
        list[str] | None, typer.Option(help="Further name that may stand in Host. May be repeated.")
    ] = None,
    ready_file: Annotated[
        Path | None, typer.Option(help="File to write when the scanners answer; gone at the end.", dir_okay=False)
    ] = None,
    exit_with_stdin: Annotated[
        bool, typer.Option("--exit-with-stdin", help="End when standard input is closed.")
    ] = False,
    as_json_: Annotated[bool, typer.Option("--json", help="What it says at the start, for machines.")] = False,
) -> int:
    """Serve virtual scanners by eSCL (AirScan): the first at /eSCL, each at /NAME/eSCL. Ends with Ctrl-C."""
    from flatbed.escl_serving import EsclOrder, serve_escl  # noqa: PLC0415  # imports the machines
    from flatbed.local_host import need_devices_file  # noqa: PLC0415  # imports the host

    need_devices_file(devices)
    if (cert or key) and not tls:
        fail(Exit.USAGE, "--cert and --key are for --tls.")
    if key and not cert:
        fail(Exit.USAGE, "--key is the key of --cert.")
    for option, text in [("--bind", bind), *(("--interface", text) for text in interface or ())]:
        _need_address(option, text)
    if mdns and ":" in bind:
        fail(Exit.USAGE, f"{bind} cannot be announced: mDNS is done by IPv4.", "Use --no-mdns.")
    order = EsclOrder(
        devices=devices,
        port=port,
        bind=bind,
        mdns=mdns,
        interfaces=tuple(interface or ()),
        tls=tls,
        cert=cert,
        key=key,
        allow_host=tuple(allow_host or ()),
        ready_file=ready_file,
        exit_with_stdin=exit_with_stdin,
        as_json=as_json_,
    )
    return serve_escl(order)


def _need_address(option: str, text: str) -> None:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        fail(Exit.USAGE, f"{option} takes an IP address, not {text[:100]!r}.", "127.0.0.1 is this machine alone.")
