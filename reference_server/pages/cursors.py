"""Cursors over the pages of a job, and what a reader holds between being given a page and having taken it.

The rule of the design: a cursor moves only after the last chunk of the answer was accepted and no disconnect was seen; until then nobody else gets that
page. So a reader gets a :class:`Lease`, and either delivers it or puts it back for the next in line. Readers are served in the order in which they came.
"""

from __future__ import annotations

import heapq
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field

import trio


class Lease:
    """One page, held for one reader."""

    def __init__(self, cursor: Cursor, index: int) -> None:
        self._cursor = cursor
        self.index = index
        self.settled = False

    def deliver(self) -> None:
        """The reader has it: the cursor moves on. Nothing, if the lease was put back before."""
        self._settle(delivered=True)

    def put_back(self) -> None:
        """The reader has gone: the page is free again. Nothing, if it was delivered."""
        self._settle(delivered=False)

    def _settle(self, *, delivered: bool) -> None:
        if not self.settled:
            self.settled = True
            self._cursor.settle(self.index, delivered=delivered)


@dataclass(slots=True, eq=False)
class _Waiter:
    media_type: str | None
    lease: Lease | None = None
    served: trio.Event = field(default_factory=trio.Event)


class Cursor:
    """Hands out the pages of a job, each to one reader.

    Args:
        changed: called when readers came or went.
    """

    def __init__(self, changed: Callable[[], None] = lambda: None) -> None:
        self._changed = changed
        self._waiters: deque[_Waiter] = deque()
        self._back: list[int] = []
        self._next = 0
        self._out = 0
        self._available = 0
        self._ended = False

    @property
    def waiting(self) -> int:
        """How many readers wait."""
        return len(self._waiters)

    @property
    def wanted(self) -> str | None:
        """The media type that the oldest waiting reader wants; None when nobody waits."""
        return self._waiters[0].media_type if self._waiters else None

    async def claim(self, media_type: str | None = None) -> Lease | None:
        """The next page that nobody has; waits for it. None when all pages were taken and no more will come.

        While another reader is being given the last page, it waits too: that page may come back.
        """
        waiter = _Waiter(media_type)
        self._waiters.append(waiter)
        self._serve()
        try:
            self._changed()
            await waiter.served.wait()
        except BaseException:
            if waiter.lease is not None:  # served and cancelled in the same moment
                waiter.lease.put_back()
            raise
        finally:
            if waiter in self._waiters:
                self._waiters.remove(waiter)
            self._changed()
        return waiter.lease

    def arrived(self) -> None:
        """One more page exists."""
        self._available += 1
        self._serve()

    def end(self) -> None:
        """No more pages will come."""
        self._ended = True
        self._serve()

    def settle(self, index: int, *, delivered: bool) -> None:
        """A lease has come to its end. Only :class:`Lease` calls this."""
        self._out -= 1
        if not delivered:
            heapq.heappush(self._back, index)
        self._serve()

    def _serve(self) -> None:
        while self._waiters:
            if self._back:
                index = heapq.heappop(self._back)
            elif self._next < self._available:
                index = self._next
                self._next += 1
            elif self._ended and not self._out:
                self._waiters.popleft().served.set()
                continue
            else:
                return
            waiter = self._waiters.popleft()
            waiter.lease = Lease(self, index)
            self._out += 1
            waiter.served.set()
