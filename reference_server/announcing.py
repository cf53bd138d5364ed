"""What whoever starts the service is told: where it answers, what is unusual about it, and which devices there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import structlog

from reference_server.config import ServerConfig
from reference_server.host import Host
from reference_server.policy import visible
from reference_server.ready import Ready
from reference_server.scanners import display_name
from reference_server.tls.keeper import Keeper
from reference_server.tls.names import Names
from reference_server.tls.user_pair import parse_host_certs
from reference_server.wire.descriptors import FEW, Budget

log = structlog.get_logger("service")

Announce: TypeAlias = Callable[[str], None]
"""Takes a line for people."""


def tell_start(
    config: ServerConfig, ready: Ready, room: Budget, token: str | None, keeper: Keeper | None, announce: Announce
) -> None:
    """Say where the service answers, and what somebody should know or do.

    Args:
        config: see there.
        ready: where it answers.
        room: for connections.
        token: that clients beyond loopback must show.
        keeper: of the certificates; None when no door speaks TLS.
        announce: see there.
    """
    announce(f"Scanning service on {ready.api}/api (access {config.access}, compat {config.compat})")
    if ready.control is not None:
        announce(f"Front panel: {ready.panel}")
        announce(f"Control: {ready.control}")
    elif ready.status is not None:
        announce(f"Status page: {ready.status}/")
    if ready.https is not None and ready.http is not None:
        announce(f"The same by https on {ready.https}/api")
    for fault in config.faults:
        announce(f"Fault: {fault}")
    if token is not None:
        announce(f"Other machines need the header Authorization: Bearer {token}")
    for network in config.trust_network:
        log.warning("clients without token", network=network)
        announce(f"Warning: every client in {network} may use this service without the token")
    unknown = Names.of(parse_host_certs(config.host_cert)) - Names.of([config.host, *config.allow_host])
    for name in unknown.words():
        log.warning("certificate of a host that is refused", host=name, flag="--allow-host")
        announce(
            f"Warning: there is a certificate for {name}, but requests for that host are refused without --allow-host {name}"
        )
    if keeper is not None and keeper.new_authority:
        announce("Nobody trusts its certificate yet; `flatbed cert install` changes that")
    if keeper is not None and keeper.uncovered:
        names = ", ".join(keeper.uncovered.words())
        announce(
            f"Warning: the certificate is not good for {names}; `flatbed cert renew --authority` makes one that is"
        )
    if room.descriptors < FEW:
        announce(f"Warning: {room.descriptors} open files are few; {room.seats} clients at most are served at a time")


async def tell_found(config: ServerConfig, host: Host, ready: Ready, announce: Announce) -> None:
    """Say which devices there are, once every driver has answered or is late."""
    await host.first_answers(config.limits.first_answers_seconds)
    devices = visible(config, host.devices().devices)
    for device in devices:
        announce(f"  {device.id}  {display_name(device)}")
    if not devices:
        announce("  no devices")
    for driver in host.devices().late:
        announce(f"  driver {driver} has not answered yet")
    trust = f"--cacert {ready.ca} " if ready.http is None and ready.ca is not None else ""
    announce(f"Try: curl {trust}{ready.api}/api/device/scanners")
