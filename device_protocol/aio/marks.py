"""What has changed since when, by topic: the memory of a long poll.

There is no queue: a topic has the number of its latest change, so however much happens and however slow somebody is who waits, nothing grows and nothing is
lost but the steps between.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import trio


class Marks:
    """Topics and the numbers of their latest changes.

    Numbers start with the Unix milliseconds of the start, so that one which somebody kept from an earlier run is recognised as such.

    Args:
        wall: Unix time in seconds.

    Attributes:
        head: number of the latest change.
    """

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        self._first = self.head = int(wall() * 1000)
        self._latest: dict[str, int] = {}
        self._news = trio.Event()

    def mark(self, topic: str) -> None:
        """*topic* has changed; whoever waits wakes up."""
        self.head += 1
        self._latest.pop(topic, None)
        self._latest[topic] = self.head  # the topics are in the order of their latest changes
        self._news.set()
        self._news = trio.Event()

    def since(self, number: int) -> list[str]:
        """The topics that have changed after *number*, the latest last; all of them, if *number* is none of this run's."""
        known = self._first <= number <= self.head
        return [topic for topic, latest in self._latest.items() if not known or latest > number]

    async def wait(self, number: int, seconds: float) -> None:
        """Return when something has changed after *number*, at once if it has already, or after *seconds* of real time."""
        await trio.lowlevel.checkpoint()
        with trio.move_on_after(seconds):
            while number == self.head:
                await self._news.wait()
