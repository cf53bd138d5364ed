"""What every verb that keeps a door open does around it: the ready file, why it cannot be opened, and the ways to its end."""

from __future__ import annotations

import errno
import json
import os
import signal
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, NoReturn

import trio

from flatbed.exits import Exit
from flatbed.interrupting import run_interruptible
from flatbed.outputs import replace_file
from flatbed.say import fail


@contextmanager
def ready_file(path: Path | None, data: dict[str, Any]) -> Iterator[None]:
    """Have the file there for the length of the block, readable by its owner only, since it can have a token."""
    if path is None:
        yield
        return
    replace_file(path, json.dumps(data, indent=2).encode(), private=True)
    try:
        yield
    finally:
        path.unlink(missing_ok=True)


def serve_until_told(serve: Callable[[], Awaitable[None]], bind: str, port: int) -> int:
    """Run *serve* until Ctrl-C or until it ends; gives the exit status.

    Raises:
        SystemExit: with USAGE; the port is taken, or the address is none of this machine.
    """
    try:
        run_interruptible(serve)
    except KeyboardInterrupt:
        return Exit.OK  # that is how it is ended
    except (BaseExceptionGroup, OSError) as failure:
        error: BaseException = failure
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        if not isinstance(error, OSError):
            raise error from None
        _refused(error, bind, port)
    return Exit.OK


def _refused(error: OSError, bind: str, port: int) -> NoReturn:
    if error.errno == errno.EADDRINUSE:
        from reference_server.access.peers import holder  # noqa: PLC0415  # only for who has bad luck

        who = holder(port)
        fail(Exit.USAGE, f"port {port} of {bind} is taken{f' by {who}' if who else ''}.", "--port 0 takes a free one.")
    fail(Exit.USAGE, f"{bind}:{port}: {error.strerror or error}.", "--bind takes an address of this machine.")


@asynccontextmanager
async def ending_with_sigterm() -> AsyncIterator[None]:
    """SIGTERM leaves the block in good order, from its first line on, so that no ready file is left behind."""
    async with trio.open_nursery() as nursery:
        await nursery.start(_terminated, nursery.cancel_scope)
        yield
        nursery.cancel_scope.cancel()


async def wait_for_the_end(*, with_stdin: bool) -> None:
    """Until standard input is closed if that was asked for, else for ever."""
    if with_stdin:
        await trio.to_thread.run_sync(_until_closed, abandon_on_cancel=True)
    else:
        await trio.sleep_forever()


async def _terminated(
    scope: trio.CancelScope, *, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
) -> None:
    with trio.open_signal_receiver(signal.SIGTERM) as signals:
        task_status.started()
        async for _ in signals:
            scope.cancel()


def _until_closed() -> None:
    while os.read(sys.stdin.fileno(), 65536):
        continue
