"""Work that blocks goes to a thread, and virtual clocks stand still meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import trio

from device_protocol.aio import hold

T = TypeVar("T")


async def in_thread(function: Callable[[], T]) -> T:
    """What *function* returns; it runs to its end even if the caller is cancelled."""
    with hold():
        return await trio.to_thread.run_sync(function)
