"""Listening sockets, bound before anything else so that a port that is taken is found out at once (service-behaviour.md S-026)."""

from __future__ import annotations

import errno
import socket
from contextlib import ExitStack, suppress

from reference_server.access.peers import holder
from reference_server.config import ServerConfig
from reference_server.errors import StartError
from reference_server.wire.doors import DOORS, Door

SEND_BUFFER = 1 << 18
"""Bytes that the kernel takes for a client that does not read. A page counts as delivered when the kernel has it all, so this is kept small."""
BACKLOG = 4096
"""Connections that the kernel keeps until they are accepted; a connection beyond it is not refused but tried again by its client a second later."""


class PortTakenError(StartError):
    """The port belongs to somebody else; the message names the holder where that can be told."""


class AddressError(StartError):
    """The address cannot be bound at all."""


def listen(host: str, port: int, stall_seconds: float) -> socket.socket:
    """A socket that listens on *host* and *port*; 0 takes a free one.

    Args:
        host: name or address.
        port: 0 to 65535.
        stall_seconds: a connection whose client takes nothing for so long is ended by the kernel, where it can do that.

    Raises:
        PortTakenError, AddressError: see there.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except OSError as error:
        raise AddressError(f"{host} is no address of this machine: {error.strerror or error}.") from None
    family, kind, protocol, _, address = min(found, key=lambda entry: entry[0] != socket.AF_INET)
    sock = socket.socket(family, kind, protocol)
    try:
        _set_options(sock, stall_seconds)
        sock.bind(address)
        if port == 0:
            sock = _bound_by_number(sock, stall_seconds)
        sock.listen(BACKLOG)
    except OSError as error:
        sock.close()
        if error.errno == errno.EADDRINUSE:
            who = holder(port)
            raise PortTakenError(f"Port {port} on {host} is taken{f' by {who}' if who else ''}.") from None
        raise AddressError(f"Cannot listen on {host} port {port}: {error.strerror}.") from None
    return sock


def not_listening(listener: socket.socket) -> socket.socket:
    """A socket that has the address of *listener* and does not listen: clients are refused, and nobody else takes the port.

    Connections that nobody has accepted are reset. On Linux it is *listener* itself, which stops for every process that has it (the monitor has it too), and
    starts again with ``listen``; elsewhere it is a new one.
    """
    with suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)
        return listener
    address, sock = listener.getsockname(), socket.socket(listener.family, socket.SOCK_STREAM)
    stall_seconds = 0.0
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        stall_seconds = listener.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) / 1000
    listener.close()
    _set_options(sock, stall_seconds)
    sock.bind(address)
    return sock


def _bound_by_number(sock: socket.socket, stall_seconds: float) -> socket.socket:
    """A socket with the address that *sock* was given by the system: one that asked for it keeps its port when it stops listening, *sock* would lose it."""
    again = socket.socket(sock.family, sock.type, sock.proto)
    with sock:
        _set_options(again, stall_seconds)
        again.bind(sock.getsockname())
    return again


def _set_options(sock: socket.socket, stall_seconds: float) -> None:
    sock.setblocking(False)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(stall_seconds * 1000))


def listen_at_doors(config: ServerConfig, stack: ExitStack) -> dict[Door, socket.socket]:
    """The sockets of all doors that are to be open; *stack* closes them.

    Raises:
        PortTakenError, AddressError: for the first door that cannot be had; those before it are closed with *stack*.
    """
    sockets: dict[Door, socket.socket] = {}
    for door in DOORS:
        port = config.port_of(door)
        if port is None:
            continue
        try:
            sockets[door] = listen(config.host, port, config.limits.stall_seconds)
        except PortTakenError as error:
            raise PortTakenError(
                f"{error} It is wanted for {door.name}: {door.flag} takes another one, or 'off'."
            ) from None
        stack.callback(sockets[door].close)
    return sockets


def url(sock: socket.socket, scheme: str = "http") -> str:
    """The URL of a listening socket, without a slash at the end; a wildcard shows as loopback."""
    host, port = sock.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  # it is shown, not bound
    return f"{scheme}://[{host}]:{port}" if ":" in host else f"{scheme}://{host}:{port}"
