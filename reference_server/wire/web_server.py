"""Hypercorn, as we run it: behind an accept loop of our own (:mod:`.doorway`), with its log in ours, and limits that suit a local service."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import structlog
import trio
from hypercorn.config import Config
from hypercorn.logging import Logger
from hypercorn.trio.worker_context import WorkerContext
from hypercorn.typing import ASGIFramework
from hypercorn.utils import wrap_app

from reference_server.tls.handshake import Secured
from reference_server.web_sockets.stream import PING_SECONDS
from reference_server.wire.connections import Connection, Connections
from reference_server.wire.doorway import Doorway
from reference_server.wire.http11 import Http11Server

log = structlog.get_logger("hypercorn")

Secure = Callable[[trio.SocketStream], Awaitable[Secured]]
"""Makes TLS of a connection."""

GRACE_SECONDS = 2
HEAD_BYTES = 64 << 10
REQUESTS_PER_CONNECTION = 1_000_000
MESSAGE_BYTES = 64 << 10
"""Of a WebSocket message to us; the first one of a conversation has some hundred."""


@dataclass(frozen=True, slots=True)
class Opening:
    """A door that is to be served.

    Attributes:
        sock: listens already; it is closed at the end.
        application: of the ASGI kind.
        secure: makes TLS of each new connection; None: no TLS.
        on_doorway: is given the accept loop before it runs.
    """

    sock: socket.socket
    application: object
    secure: Secure | None = None
    on_doorway: Callable[[Doorway], None] = lambda _doorway: None


class _Log(Logger):
    """Hypercorn's own log; requests are logged by the application."""

    async def access(self, *_arguments: Any) -> None:
        """Nothing."""

    async def critical(self, message: str, *args: Any, **_kwargs: Any) -> None:
        """See :class:`Logger`."""
        log.critical(message % args if args else message)

    async def error(self, message: str, *args: Any, **_kwargs: Any) -> None:
        """See :class:`Logger`."""
        log.error(message % args if args else message)

    async def warning(self, message: str, *args: Any, **_kwargs: Any) -> None:
        """See :class:`Logger`."""
        log.warning(message % args if args else message)

    async def exception(self, message: str, *args: Any, **_kwargs: Any) -> None:
        """See :class:`Logger`."""
        log.error(message % args if args else message, exc_info=True)  # noqa: LOG014  # Hypercorn calls it where it caught one


async def serve_doors(
    openings: Sequence[Opening],
    connections: Connections,
    until: Callable[[], Awaitable[None]],
    ended: trio.Event,
    *,
    task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Serve all *openings* until *until* returns, each as :func:`serve_http` does.

    Args:
        openings: see there.
        connections: all of the service; its sweep runs elsewhere.
        until: waits for the end; called for each door.
        ended: set when everything is closed.
        task_status: started when connections are accepted at every door.
    """
    async with trio.open_nursery() as nursery:
        for opening in openings:
            serve = partial(serve_http, opening.application, opening.sock, connections, until, trio.Event())
            await nursery.start(partial(serve, secure=opening.secure, on_doorway=opening.on_doorway))
        task_status.started()
    ended.set()


async def serve_http(
    application: object,
    sock: socket.socket,
    connections: Connections,
    until: Callable[[], Awaitable[None]],
    ended: trio.Event,
    *,
    secure: Secure | None = None,
    on_doorway: Callable[[Doorway], None] = lambda _doorway: None,
    task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Serve *application* on *sock* until *until* returns; then finish what is under way, but not for long.

    Args:
        application: of the ASGI kind.
        sock: listens already; it is closed at the end.
        connections: all of the service, of every door; its sweep runs elsewhere.
        until: waits for the end.
        ended: set when everything is closed.
        secure: makes TLS of each new connection; None: no TLS.
        on_doorway: is given the accept loop before it runs.
        task_status: started when connections are accepted.
    """
    config = hypercorn_config()
    app = wrap_app(cast("ASGIFramework", application), 0, "asgi")
    context = WorkerContext(None)

    async def serve_one(stream: trio.SocketStream, connection: Connection) -> None:
        secured = stream if secure is None else await secure(stream)
        if secured is not None:
            await Http11Server(app, config, context, secured, connection, connections).run()

    async with trio.open_nursery() as nursery:
        async with trio.open_nursery() as handlers:
            doorway = Doorway(sock, connections, serve_one, handlers, peek=secure is None)
            on_doorway(doorway)
            try:
                async with trio.open_nursery() as accepting:
                    accepting.start_soon(doorway.run)
                    task_status.started()
                    await until()
                    doorway.shut()  # a monitor has the socket too, so that closing it would leave new clients waiting
                    accepting.cancel_scope.cancel()
            finally:
                doorway.close()
            await context.terminated.set()
            connections.close_idle()
            handlers.cancel_scope.deadline = trio.current_time() + GRACE_SECONDS
            nursery.start_soon(_cut_off, connections)
        nursery.cancel_scope.cancel()
    ended.set()


def hypercorn_config() -> Config:
    """Hypercorn's settings, as we run it."""
    config = Config()
    config.accesslog = config.errorlog = None
    config.logger_class = _Log
    config.keep_alive_max_requests = REQUESTS_PER_CONNECTION
    config.h11_max_incomplete_size = HEAD_BYTES
    config.include_server_header = False
    config.websocket_max_message_size = MESSAGE_BYTES
    config.websocket_ping_interval = PING_SECONDS
    return config


async def _cut_off(connections: Connections) -> None:
    """End what the grace did not end."""
    await trio.sleep(GRACE_SECONDS + 1)
    log.warning("connections cut", count=connections.cut())
