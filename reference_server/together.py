"""Running one thing beside another, where exceptions come out as they are and not in a group."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

import trio

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Done(Generic[T]):
    """What the main thing gave."""

    value: T


async def unless(ended: Callable[[], Awaitable[object]], call: Callable[[], Awaitable[T]]) -> Done[T] | None:
    """What *call* gives; None, if *ended* returned before and *call* was cancelled.

    Raises:
        Exception: what *call* raised.
    """
    results: list[Done[T]] = []
    errors: list[Exception] = []

    async def watch() -> None:
        await ended()
        nursery.cancel_scope.cancel()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(watch)
        try:
            results.append(Done(await call()))
        except Exception as error:  # noqa: BLE001  # raised again below, outside the nursery, which would wrap it in a group
            errors.append(error)
        nursery.cancel_scope.cancel()
    if errors:
        raise errors[0]
    return results[0] if results else None


async def beside(companion: Callable[[], Awaitable[object]], call: Callable[[], Awaitable[T]]) -> T:
    """What *call* gives; *companion* runs meanwhile and is cancelled at the end.

    Raises:
        Exception: what *call* raised.
    """

    async def for_ever() -> None:
        await companion()
        await trio.sleep_forever()

    done = await unless(for_ever, call)
    assert done is not None, "only the end of the companion abandons the call, and it has none"
    return done.value
