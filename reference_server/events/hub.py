"""The hub: one ring of the latest events, told by whoever knows, read by as many as like.

The ring is the only queue there is. A reader has a position in it and no memory of its own; one that falls behind by a whole ring has lost events and is
told so. Numbers start with the Unix milliseconds of the service's start, so that a number which a client kept from an earlier run is recognised as gone.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import Final, TypeAlias

import trio

from reference_server.events.models import Event


class Audience(Enum):
    """Who sees an event that belongs to no origin in particular."""

    EVERYBODY = "everybody"


EVERYBODY: Final = Audience.EVERYBODY
Owner: TypeAlias = bytes | Audience | None
"""The origin whose event it is; None is the origin of clients that send none."""


@dataclass(frozen=True)
class Told:
    """An event in the ring, with its number in it."""

    event: Event
    owner: Owner

    @cached_property
    def text(self) -> str:
        """As JSON; made once for all readers."""
        return self.event.model_dump_json()


Sees: TypeAlias = Callable[[Told], bool]
"""What a reader may see."""


def everything(_told: Told) -> bool:
    """Sees all: for the service itself."""
    return True


def of_origin(origin: bytes | None) -> Sees:
    """Sees what belongs to *origin*, and what belongs to nobody. Without an origin: the jobs of clients without one."""
    return lambda told: told.owner is EVERYBODY or told.owner == origin


class LostError(Exception):
    """The reader was too slow, or came too late: the next event for it is not in the ring any more."""


class HubClosedError(Exception):
    """The service is going down and the reader has had everything."""


class EventHub:
    """See the module.

    Args:
        size: of the ring.
        wall: Unix time in seconds.

    Attributes:
        head: number of the latest event.
        closed: nothing more will be told.
    """

    def __init__(self, size: int = 4096, wall: Callable[[], float] = time.time) -> None:
        self._size = size
        self._wall = wall
        self._ring: list[Told | None] = [None] * size
        self.head = self._first = int(wall() * 1000)
        self.closed = False
        self._news = trio.Event()

    @property
    def oldest(self) -> int:
        """Number of the oldest event in the ring; that of the next one if there is none."""
        return max(self._first, self.head - self._size) + 1

    def tell(self, event: Event, owner: Owner = EVERYBODY) -> Event:
        """Add *event*, which gets its number and time here, and wake the readers."""
        numbered = event.model_copy(update={"seq": self.head + 1, "time": round(self._wall(), 3)})
        self._ring[(self.head + 1) % self._size] = Told(numbered, owner)
        self.head += 1
        self._wake()
        return numbered

    def now(self, event: Event) -> Event:
        """*event* with the present number and time, for one reader alone; the ring does not get it."""
        return event.model_copy(update={"seq": self.head, "time": round(self._wall(), 3)})

    def has_all_since(self, seq: int) -> bool:
        """Whether every event after *seq* is there."""
        return self.oldest - 1 <= seq <= self.head

    def get(self, seq: int) -> Told:
        """The event *seq*, which must have been told.

        Raises:
            LostError: it is not there any more.
        """
        told = self._ring[seq % self._size] if seq >= self.oldest else None
        if told is None:
            raise LostError(f"event {seq} is gone, the oldest is {self.oldest}")
        return told

    @property
    def news(self) -> trio.Event:
        """Is set at the next event, or at the end. To miss nothing take it first, then look, then wait."""
        return self._news

    def close(self) -> None:
        """Nothing more will be told; readers end when they have had everything."""
        self.closed = True
        self._wake()

    def _wake(self) -> None:
        self._news.set()
        self._news = trio.Event()


class Reader:
    """Reads the hub from a position on; must be asked again and again, not from two tasks at once.

    Args:
        hub: see there.
        sees: what it may see.
        since: number after which it begins; None: now.

    Attributes:
        position: number of the latest event that was given or passed over.
    """

    def __init__(self, hub: EventHub, sees: Sees = everything, since: int | None = None) -> None:
        self._hub = hub
        self._sees = sees
        self.position = hub.head if since is None else since

    async def next(self) -> Told:
        """The next event that it may see; waits for it.

        Raises:
            LostError: it fell behind.
            HubClosedError: there will be none.
        """
        while True:
            while self.position < self._hub.head:
                told = self._hub.get(self.position + 1)
                self.position += 1
                if self._sees(told):
                    return told
            if self._hub.closed:
                raise HubClosedError
            await self._hub.news.wait()
