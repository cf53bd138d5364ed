"""The heartbeat of a service, from its first moment in trio to its last."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import trio

from reference_server.errors import StartError
from reference_server.supervision.monitored import Monitored, Word
from reference_server.supervision.patience import BEAT_SECONDS


async def beating(monitored: Monitored, serve: Callable[[], Awaitable[None]]) -> None:
    """Run *serve*, and tell the monitor each second meanwhile that the loop turns.

    Raises:
        StartError: as *serve* did.
    """
    failure: StartError | None = None
    async with trio.open_nursery() as nursery:
        nursery.start_soon(_beat, monitored)
        try:
            await serve()
        except StartError as error:
            failure = error  # raised below, without the group that the nursery would make of it
        nursery.cancel_scope.cancel()
    if failure is not None:
        raise failure


async def _beat(monitored: Monitored) -> None:
    while True:
        monitored.tell(Word.BEAT)
        await trio.sleep(BEAT_SECONDS)
