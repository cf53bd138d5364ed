"""The way to a service on loopback from beyond it: the same port by another address of this machine."""

from __future__ import annotations

import ipaddress
import socket

from conformance.wire import Connect, tcp

DOCUMENTATION = "192.0.2.1"
"""An address that nobody has (RFC 5737); nothing is sent to it."""


def beyond_loopback(host: str, port: int) -> Connect | None:
    """Connections to *port* by an address of this machine that is not loopback; None if *host* is not this machine, or it has no other address."""
    try:
        target = ipaddress.ip_address(socket.gethostbyname(host))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect((DOCUMENTATION, 9))
            own = probe.getsockname()[0]
    except OSError:
        return None
    if not target.is_loopback or ipaddress.ip_address(own).is_loopback:
        return None
    return tcp(own, port)
