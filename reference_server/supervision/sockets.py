"""The sockets of the doors, opened by whoever is the top process."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import ExitStack
from socket import socket

from reference_server.config import ServerConfig
from reference_server.wire.doors import Door
from reference_server.wire.sockets import BACKLOG, listen_at_doors


def open_doors(config: ServerConfig, stack: ExitStack) -> Mapping[Door, socket]:
    """Those of all doors that are to be open, closed by *stack*. Faults may keep some shut from the start.

    Raises:
        StartError: see :func:`reference_server.wire.sockets.listen_at_doors`.
    """
    return _shut(config, listen_at_doors(config, stack), stack)


def open_again(config: ServerConfig, sockets: Mapping[Door, socket]) -> None:
    """As :func:`open_doors` left them, whatever a service did to them since."""
    for sock in sockets.values():
        sock.listen(BACKLOG)
    _shut(config, sockets, ExitStack())  # they stay the same sockets, which are closed where they were opened


def _shut(config: ServerConfig, sockets: Mapping[Door, socket], stack: ExitStack) -> Mapping[Door, socket]:
    if not config.faults:
        return sockets
    from reference_server.faults.doors import shut_from_the_start  # noqa: PLC0415  # not in locked mode

    return shut_from_the_start(config.faults, sockets, stack)
