"""Where a connection comes from: a socket, TLS over it, or the memory streams of a test."""

from __future__ import annotations

import ssl
from collections.abc import Awaitable, Callable
from functools import partial

import trio

from conformance.wire.faults import FaultKind, WireFault

Connect = Callable[[], Awaitable[trio.abc.Stream]]
"""Gives a new connection to the peer each time.

Raises:
    OSError: nobody is there.
"""


def tcp(host: str, port: int) -> Connect:
    """Connections by TCP."""
    return partial(trio.open_tcp_stream, host, port)


def tls_over(connect: Connect, host: str, context: ssl.SSLContext) -> Connect:
    """TLS on top of *connect*, for the name *host*."""

    async def secured() -> trio.abc.Stream:
        stream = trio.SSLStream(await connect(), context, server_hostname=host, https_compatible=True)
        try:
            await stream.do_handshake()
        except (trio.BrokenResourceError, ssl.SSLError) as error:
            await trio.aclose_forcefully(stream)
            raise WireFault(FaultKind.NO_CONNECTION, f"no TLS with {host}: {error.__cause__ or error}") from error
        return stream

    return secured
