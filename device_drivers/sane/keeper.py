"""The state of a session as its clients see it: state, revision, events. The only part that two threads share."""

from __future__ import annotations

import threading
from collections import deque
from typing import Final

from device_protocol.states import SessionState
from device_protocol.status import Event, EventKind

EVENT_LIMIT: Final = 256
"""Events kept for a client that does not poll; the oldest are dropped and counted."""


class StateKeeper:
    """State, revision and events; every change under `lock`."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self._state = SessionState.IDLE
        self._revision = 0
        self._events: deque[Event] = deque()
        self._dropped = 0

    @property
    def state(self) -> SessionState:
        """Where the session stands."""
        return self._state

    @property
    def revision(self) -> int:
        """Grows with each visible change (STAT-04)."""
        return self._revision

    def move(self, state: SessionState) -> None:
        """Go to a state, and say so."""
        with self.lock:
            if state is not self._state:
                self._state = state
                self.tell(EventKind.STATE, state.value)

    def touch(self) -> None:
        """Something visible changed that is no event: the progress of a page."""
        with self.lock:
            self._revision += 1

    def tell(self, kind: EventKind, detail: str) -> None:
        """Note an event; it is a visible change by itself."""
        with self.lock:
            self._revision += 1
            if len(self._events) == EVENT_LIMIT:
                self._events.popleft()
                self._dropped += 1
            self._events.append(Event(kind, self._revision, detail))

    def poll(self) -> tuple[Event, ...]:
        """The events since the last call, in order; a gap is told by OVERFLOW first."""
        with self.lock:
            events = tuple(self._events)
            self._events.clear()
            if self._dropped:
                overflow = Event(EventKind.OVERFLOW, events[0].revision, count=self._dropped)
                events, self._dropped = (overflow, *events), 0
            return events
