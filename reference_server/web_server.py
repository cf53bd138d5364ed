"""Hypercorn, as we run it: on a socket that is bound already, with its log in ours, and with limits that suit a local service."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable
from typing import Any, cast

import structlog
import trio
from hypercorn.config import Config
from hypercorn.logging import Logger
from hypercorn.trio import serve
from hypercorn.typing import ASGIFramework

from reference_server.sockets import cut_connections

log = structlog.get_logger("hypercorn")

KEEP_ALIVE_SECONDS = 75
"""Also how long a connection may take to send a whole request."""
GRACE_SECONDS = 2
HEADER_BYTES = 64 << 10
REQUESTS_PER_CONNECTION = 1_000_000


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


async def serve_http(
    application: object,
    sock: socket.socket,
    until: Callable[[], Awaitable[None]],
    ended: trio.Event,
    *,
    task_status: trio.TaskStatus[list[str]] = trio.TASK_STATUS_IGNORED,
) -> None:
    """Serve *application* on *sock* until *until* returns; then finish what is under way, but not for long.

    Args:
        application: of the ASGI kind.
        sock: listens already; it is Hypercorn's from now on.
        until: waits for the end.
        ended: set when everything is closed.
        task_status: started when connections are accepted.
    """
    port = sock.getsockname()[1]
    config = Config()
    config.bind = [f"fd://{sock.detach()}"]
    config.accesslog = config.errorlog = None
    config.logger_class = _Log
    config.graceful_timeout = GRACE_SECONDS
    config.keep_alive_timeout = KEEP_ALIVE_SECONDS
    config.keep_alive_max_requests = REQUESTS_PER_CONNECTION
    config.h11_max_incomplete_size = HEADER_BYTES
    config.include_server_header = False

    async def cut_off() -> None:
        await until()
        await trio.sleep(GRACE_SECONDS + 1)
        log.warning("connections cut", count=cut_connections(port))

    framework = cast("ASGIFramework", application)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(cut_off)
        await serve(framework, config, shutdown_trigger=until, task_status=task_status, mode="asgi")
        nursery.cancel_scope.cancel()
    ended.set()
