"""A service with all its doors on free ports, and a client that speaks TLS and trusts one authority."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import trio

from reference_server.app import serve
from reference_server.config import ServerConfig
from reference_server.host import Host
from reference_server.ready import Ready
from tests.reference_server.fakes import FakeHost
from tests.reference_server.wire import read_answer


@asynccontextmanager
async def running(
    folder: Path, *, host: FakeHost | None = None, said: list[str] | None = None, **changes: Any
) -> AsyncIterator[Ready]:
    """A service over fake devices; what its ready file says. Its announcements go to *said*."""
    devices = host or FakeHost()

    @asynccontextmanager
    async def open_devices(_config: ServerConfig) -> AsyncIterator[Host]:
        yield devices

    config = ServerConfig(folder, port=0, **changes)
    async with trio.open_nursery() as nursery:
        yield await nursery.start(
            partial(serve, config, open_devices=open_devices, announce=([] if said is None else said).append)
        )
        nursery.cancel_scope.cancel()


def trusting(ca: Path | str | None) -> ssl.SSLContext:
    """A client's context that trusts *ca* and nobody else."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    if ca is not None:
        context.load_verify_locations(cafile=ca)
    return context


async def open_tls(port: int, context: ssl.SSLContext, name: str) -> trio.SSLStream[trio.SocketStream]:
    """A connection to *port* whose client has shaken hands with who calls itself *name*.

    Raises:
        trio.BrokenResourceError: the handshake failed; its cause says how.
    """
    stream = await trio.open_tcp_stream("127.0.0.1", port)
    secured = trio.SSLStream(stream, context, server_hostname=name, https_compatible=True)
    try:
        await secured.do_handshake()
    except BaseException:
        await trio.aclose_forcefully(secured)
        raise
    return secured


async def send(base: str | None, ca: str | None, method: str, path: str, body: bytes = b"", *lines: str) -> Any:
    """A stream to *base*, over TLS if it says so, with one request on it."""
    parts = urlsplit(base or "")
    if parts.scheme == "https":
        stream: Any = await open_tls(parts.port or 0, trusting(ca), parts.hostname or "")
    else:
        stream = await trio.open_tcp_stream(parts.hostname or "", parts.port or 0)
    head = [f"{method} {path} HTTP/1.1", f"Host: {parts.netloc}", f"Content-Length: {len(body)}", *lines]
    await stream.send_all("\r\n".join([*head, "", ""]).encode() + body)
    return stream


async def ask(base: str | None, ca: str | None, path: str, *lines: str) -> tuple[int, bytes]:
    """What a GET gives."""
    async with await send(base, ca, "GET", path, b"", *lines) as stream:
        return await read_answer(stream)
