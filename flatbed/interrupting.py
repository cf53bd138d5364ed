"""Ctrl-C as a cancellation: a verb that uses devices is told at its next await, and gives them back on its way out.

Python's own KeyboardInterrupt strikes at any line of any task, also in the middle of starting or ending a worker. A second Ctrl-C ends the process at once;
its workers end with it.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Awaitable, Callable
from typing import TypeVar, TypeVarTuple, Unpack

import trio

from flatbed.exits import Exit

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


async def interruptible(function: Callable[[Unpack[Ts]], Awaitable[T]], *arguments: *Ts) -> T:
    """Run ``function(*arguments)`` inside trio until it ends or somebody presses Ctrl-C.

    Raises:
        KeyboardInterrupt: after everything was given back.
    """
    results: list[T] = []
    failures: list[Exception] = []
    work, watch = trio.CancelScope(), trio.CancelScope()
    async with trio.open_nursery() as nursery:
        await nursery.start(_watch, watch, work)
        try:
            with work:
                results.append(await function(*arguments))
        except Exception as error:  # noqa: BLE001  # raised again below, without the group that the nursery would make of it
            failures.append(error)
        finally:
            watch.cancel()
    if failures:
        raise failures[0]
    if not results:
        raise KeyboardInterrupt
    return results[0]


def run_interruptible(function: Callable[[Unpack[Ts]], Awaitable[T]], *arguments: *Ts) -> T:
    """As :func:`interruptible`, and starts trio.

    Raises:
        KeyboardInterrupt: see there.
    """
    return trio.run(interruptible, function, *arguments)


async def _watch(
    watch: trio.CancelScope, work: trio.CancelScope, task_status: trio.TaskStatus[None] = trio.TASK_STATUS_IGNORED
) -> None:
    with watch, trio.open_signal_receiver(signal.SIGINT) as signals:
        task_status.started()
        async for _ in signals:
            if work.cancel_called:
                os._exit(Exit.INTERRUPTED)
            work.cancel()
