"""A bare Starlette route on Hypercorn's trio worker, in a process of its own: what a small request costs before anything of ours is added."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
from collections.abc import Iterator
from functools import partial

import trio
from hypercorn.config import Config
from hypercorn.trio import serve
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

ANSWER = {"status": "completed", "code": 0, "message": "Successful"}


async def answer(_request: Request) -> JSONResponse:
    """As large as the state of a job."""
    return JSONResponse(ANSWER)


async def main() -> None:
    """Serve on a free port, which is printed, until standard input ends."""
    sock = socket.socket()
    sock.bind(("127.0.0.1", 0))
    sock.listen(1024)
    sock.setblocking(False)
    port = sock.getsockname()[1]
    config = Config()
    config.bind = [f"fd://{sock.detach()}"]
    config.accesslog = config.errorlog = None
    config.keep_alive_max_requests = 1_000_000
    config.keep_alive_timeout = 75
    application = Starlette(routes=[Route("/api/bare/{word}", answer)])
    async with trio.open_nursery() as nursery:
        await nursery.start(partial(serve, application, config, mode="asgi"))  # type: ignore[arg-type]  # Starlette's own types for the same calls
        print(port, flush=True)
        await trio.to_thread.run_sync(sys.stdin.read)
        nursery.cancel_scope.cancel()


@contextlib.contextmanager
def bare_route() -> Iterator[tuple[int, int]]:
    """Such a process; its port and process id."""
    command = [sys.executable, "-m", "benchmarks.bare_route"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        try:
            yield int(process.stdout.readline()), process.pid
        finally:
            process.stdin.close()
            process.wait(10)


if __name__ == "__main__":
    trio.run(main)
