"""A nursery for an interface that is entered and left by its user."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import trio


@asynccontextmanager
async def open_tasks() -> AsyncIterator[trio.Nursery]:
    """A nursery whose tasks end with the block; what the block raises comes out as it is, not in a group of one."""
    failed: BaseException | None = None
    async with trio.open_nursery() as nursery:
        try:
            yield nursery
        except trio.Cancelled:
            raise
        except BaseException as error:  # noqa: BLE001  # it is raised again, outside the nursery
            failed = error
        nursery.cancel_scope.cancel()
    if failed is not None:
        raise failed
