"""Who is at work on which document: a lock for changes, and readers whose page files must stay until they have gone."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field

import trio

from reference_server.threads import in_thread


@dataclass(slots=True)
class _Held:
    lock: trio.Lock = field(default_factory=trio.Lock)
    users: int = 0
    readers: int = 0
    later: list[Callable[[], object]] = field(default_factory=list)


class Holds:
    """Documents that somebody is at work on; nothing is kept of the others."""

    def __init__(self) -> None:
        self._held: dict[str, _Held] = {}

    def __len__(self) -> int:
        return len(self._held)

    @asynccontextmanager
    async def locked(self, uid: str) -> AsyncIterator[None]:
        """Alone with the document."""
        with self._use(uid) as held:
            async with held.lock:
                yield

    def begin_reading(self, uid: str) -> None:
        """One more reader; to be called under the lock, and ended by :meth:`end_reading`."""
        held = self._held[uid]
        held.users += 1
        held.readers += 1

    async def end_reading(self, uid: str) -> None:
        """One reader less; the last one lets the files go that were to be removed meanwhile."""
        held = self._held[uid]
        held.readers -= 1
        later: list[Callable[[], object]] = []
        if not held.readers:
            later, held.later = held.later, []
        self._let_go(uid, held)
        with trio.CancelScope(shield=True):
            for remove in later:
                await in_thread(remove)

    async def when_unread(self, uid: str, remove: Callable[[], object]) -> None:
        """Have files removed: now, or when the last reader has gone. To be called under the lock."""
        held = self._held[uid]
        if held.readers:
            held.later.append(remove)
        else:
            with trio.CancelScope(shield=True):  # what is to be removed is forgotten already
                await in_thread(remove)

    @contextmanager
    def _use(self, uid: str) -> Iterator[_Held]:
        held = self._held.setdefault(uid, _Held())
        held.users += 1
        try:
            yield held
        finally:
            self._let_go(uid, held)

    def _let_go(self, uid: str, held: _Held) -> None:
        held.users -= 1
        if not held.users:
            del self._held[uid]
