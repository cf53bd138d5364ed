"""Limits of real time. A worker's silence is measured on the wall, also while trio's clock is a virtual one."""

from __future__ import annotations

import math
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

import trio


class Limit:
    """Cancel the block when it takes too long; the limit can be pushed back.

    Args:
        seconds: how long it may take.
        shield: protect the block from other cancellations.
        real: count real time; else trio's.

    Attributes:
        scope: the cancel scope; ``scope.cancelled_caught`` says whether the time ran out.
    """

    def __init__(self, seconds: float, *, shield: bool = False, real: bool = True) -> None:
        self.scope = trio.CancelScope(shield=shield)
        self._virtual = real and not clock_is_real()
        self._timer: threading.Timer | None = None
        self._token = trio.lowlevel.current_trio_token()
        self._seconds = seconds

    def __enter__(self) -> Self:
        self.scope.__enter__()
        self.within(self._seconds)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self._end()
        return bool(self.scope.__exit__(kind, error, trace))

    @property
    def ran_out(self) -> bool:
        """Whether the block took too long."""
        return self.scope.cancelled_caught

    def within(self, seconds: float) -> None:
        """It shall take no more than *seconds* from now; infinity takes the limit away."""
        if not self._virtual:
            self.scope.deadline = trio.current_time() + seconds
            return
        self._end()
        if math.isfinite(seconds):
            self._timer = threading.Timer(seconds, self._ring)
            self._timer.daemon = True
            self._timer.start()

    def _end(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _ring(self) -> None:
        with suppress(trio.RunFinishedError):
            self._token.run_sync_soon(self.scope.cancel)


def clock_is_real() -> bool:
    """Whether trio's time is that of the wall; a virtual clock does not know how long it would have to sleep."""
    clock = trio.lowlevel.current_clock()
    return clock.deadline_to_sleep_time(clock.current_time() + 1.0) <= 1.0


async def sleep(seconds: float) -> None:
    """Sleep for *seconds* of real time."""
    with Limit(seconds):
        await trio.sleep_forever()
