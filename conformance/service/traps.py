"""A trap: an address that nobody but a service that fetches on a client's behalf would connect to."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass

import trio

OpenTrap = Callable[[], AbstractAsyncContextManager["Trap"]]


@dataclass
class Trap:
    """An address that is watched.

    Attributes:
        url: for the service to fetch.
        touched: somebody connected.
    """

    url: str
    touched: bool = False


def trap_near(host: str) -> OpenTrap:
    """Traps that a service on *host* can reach."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Trap]:
        address = _address_towards(host)
        listeners = await trio.open_tcp_listeners(0, host=address)
        port = listeners[0].socket.getsockname()[1]
        trap = Trap(f"http://{f'[{address}]' if ':' in address else address}:{port}")

        async def touch(stream: trio.SocketStream) -> None:
            trap.touched = True
            await trio.aclose_forcefully(stream)

        async with trio.open_nursery() as nursery:
            await nursery.start(trio.serve_listeners, touch, listeners)
            yield trap
            nursery.cancel_scope.cancel()

    return opened


def _address_towards(host: str) -> str:
    """The address of this machine that *host* would see; nothing is sent."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(host, 9, type=socket.SOCK_DGRAM)[0]
        with socket.socket(family, kind) as probe:
            probe.connect(address)
            return str(probe.getsockname()[0])
    except OSError:
        return "127.0.0.1"
