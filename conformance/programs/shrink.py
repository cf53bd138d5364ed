"""Making a failing program short: delta debugging on the plain list, with the failure's signature held fixed.

The search itself is a generator that yields sub-lists and is told of each whether it still fails, so that it needs no device, no trio and no luck: the same
answers give the same result.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")

DEFAULT_RUNS = 100
"""So many sub-lists are tried; what is shortest by then is taken. Over the whole zoo the most that was needed is in ``python -m conformance.programs``."""


@dataclass(frozen=True, slots=True)
class Shrunk(Generic[T]):
    """The result.

    Attributes:
        items: the shortest failing sub-list that was found.
        runs: how many were tried.
        minimal: nothing more can be left out without losing the failure; False if the runs did not suffice.
    """

    items: tuple[T, ...]
    runs: int
    minimal: bool


def candidates(items: Sequence[T]) -> Generator[tuple[T, ...], bool, tuple[T, ...]]:
    """Yield sub-lists of *items*; send True for each that still fails. Returns one that is 1-minimal.

    Chunks of half the length are left out first, then smaller ones; chunks of one are tried until a whole round leaves nothing out.
    """
    best = tuple(items)
    size = max(1, len(best) // 2)
    while best:
        start, shrunk = len(best) - size, False
        while start > -size:
            first = max(0, start)
            candidate = best[:first] + best[start + size :]
            if (yield candidate):
                best, shrunk = candidate, True
            start -= size
        if size == 1 and not shrunk:
            break
        if size > 1:
            size = max(1, min(size // 2, len(best) // 2))
    return best


async def shrink(
    items: Sequence[T], still_fails: Callable[[tuple[T, ...]], Awaitable[bool]], *, runs: int = DEFAULT_RUNS
) -> Shrunk[T]:
    """The shortest sub-list of *items* for which *still_fails*; *items* itself is known to fail."""
    search = candidates(items)
    best, used = tuple(items), 0
    known: dict[str, bool] = {}  # by what they look like: a command may carry a mapping
    try:
        candidate = next(search)
        while True:
            key = repr(candidate)
            if key not in known:
                if used >= runs:
                    return Shrunk(best, used, minimal=False)
                used += 1
                known[key] = await still_fails(candidate)
            if known[key]:
                best = candidate
            candidate = search.send(known[key])
    except StopIteration as end:
        return Shrunk(end.value, used, minimal=True)
