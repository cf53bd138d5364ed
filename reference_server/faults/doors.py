"""Faults of the doors: ports that do not listen, connections that are reset as soon as they are accepted."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Mapping
from contextlib import ExitStack

import trio

from reference_server.faults.profiles import FaultName, ResetAt, parse_fault
from reference_server.faults.switchboard import Switchboard
from reference_server.wire.connections import Connection, Connections
from reference_server.wire.doors import Door, Serves
from reference_server.wire.doorway import Doorway
from reference_server.wire.sockets import not_listening

SHUTTING = (FaultName.DOWN, FaultName.REFUSE, FaultName.LATE_START)
CUTTING = (FaultName.DOWN, FaultName.LATE_START)


class Doors:
    """Shuts and opens the doors of the API as the switchboard says.

    Args:
        switchboard: see there.
        connections: of all doors.
    """

    def __init__(self, switchboard: Switchboard, connections: Connections) -> None:
        self._switchboard = switchboard
        self._connections = connections
        self._doorways: list[Doorway] = []
        switchboard.on_change.append(self._change)

    def add(self, doorway: Doorway) -> None:
        """A door that has faults from now on."""
        self._doorways.append(doorway)
        doorway.greet = self._greet
        self._change()

    def _change(self) -> None:
        shut = any(self._switchboard.get(name) is not None for name in SHUTTING)
        for doorway in self._doorways:
            if shut:
                doorway.shut()
            else:
                doorway.reopen()
        if any(self._switchboard.get(name) is not None for name in CUTTING):
            ports = {doorway.port for doorway in self._doorways}
            self._connections.cut(lambda connection: _port(connection) in ports)

    def _greet(self, sock: socket.socket) -> bool:
        """Whether a new connection may come in; one that may not was reset."""
        reset = self._switchboard.get(FaultName.RESET)
        if reset is None or reset.at is not ResetAt.ACCEPT:
            return True
        self._switchboard.strike(FaultName.RESET)
        set_reset(sock)
        sock.close()
        return False


def shut_from_the_start(
    faults: Iterable[str], sockets: Mapping[Door, socket.socket], stack: ExitStack
) -> dict[Door, socket.socket]:
    """The sockets of all doors; those of the API do not listen when one of *faults* shuts them, so that no client gets in while the service starts."""
    if not any(parse_fault(text).name in SHUTTING for text in faults):
        return dict(sockets)
    made: dict[Door, socket.socket] = {}
    for door, sock in sockets.items():
        made[door] = not_listening(sock) if door.serves is Serves.API else sock
        stack.callback(made[door].close)
    return made


def set_reset(sock: socket.socket | trio.socket.SocketType) -> None:
    """Have the closing of *sock* reset the connection instead of ending it in order (``SO_LINGER`` with no time)."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def _port(connection: Connection) -> int | None:
    try:
        return int(connection.sock.getsockname()[1])
    except OSError:
        return None  # closed already
