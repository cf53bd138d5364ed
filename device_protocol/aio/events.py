"""Streams of events with a bound: a reader that is too slow is told how many it missed, and nothing grows."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from types import TracebackType
from typing import Self

import trio

from device_protocol.status import Event, EventKind

DEFAULT_LIMIT = 256


class EventStream:
    """Events in order, exactly once (STAT-03). Iterate over it; it ends when the session closes.

    When *limit* events wait unread, further ones are counted instead of kept, and an OVERFLOW event says so before the next one that is.
    """

    def __init__(self, limit: int = DEFAULT_LIMIT) -> None:
        self._limit = limit
        self._events: deque[Event] = deque()
        self._dropped = 0
        self._closed = False
        self._wakeup = trio.Event()
        self._taps: list[Callable[[Event], None]] = []

    @property
    def closed(self) -> bool:
        """Whether nothing more will be put in."""
        return self._closed

    def put(self, event: Event) -> None:
        """Add an event; for the device's side. After close it is ignored."""
        if self._closed:
            return
        for tap in self._taps:
            tap(event)
        if len(self._events) >= self._limit:
            self._dropped += 1
            return
        if self._dropped:
            self._events.append(Event(EventKind.OVERFLOW, event.revision, count=self._dropped))
            self._dropped = 0
        self._events.append(event)
        self._wake()

    def tap(self, listener: Callable[[Event], None]) -> None:
        """Tell *listener* each event as it is put in, whether it is read or dropped; for recorders. It must not raise."""
        self._taps.append(listener)

    def close(self) -> None:
        """No more events; those that wait can still be read."""
        self._closed = True
        self._wake()

    async def receive(self) -> Event:
        """The next event.

        Raises:
            trio.EndOfChannel: the stream was closed and everything was read.
        """
        await trio.lowlevel.checkpoint()
        while not self._events:
            if self._closed:
                raise trio.EndOfChannel
            await self._wakeup.wait()
        return self._events.popleft()

    def receive_nowait(self) -> Event:
        """The next event if one waits.

        Raises:
            trio.WouldBlock: none waits.
        """
        if not self._events:
            raise trio.WouldBlock
        return self._events.popleft()

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        try:
            return await self.receive()
        except trio.EndOfChannel:
            raise StopAsyncIteration from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _wake(self) -> None:
        self._wakeup.set()
        self._wakeup = trio.Event()
