"""Waits that a cancel, a pulled plug or a close can end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TypeVar

import trio

T = TypeVar("T")


class EndedError(Exception):
    """The wait was ended from outside; the state of the handle says why."""


class Waits:
    """The waits of one session."""

    def __init__(self) -> None:
        self._scopes: set[trio.CancelScope] = set()

    async def on(self, call: Callable[[], Awaitable[T]]) -> T:
        """Wait for *call*.

        Raises:
            EndedError: :meth:`end` was called meanwhile.
        """
        with trio.CancelScope() as scope:
            self._scopes.add(scope)
            try:
                return await call()
            finally:
                self._scopes.discard(scope)
        raise EndedError

    def end(self) -> None:
        """End all waits."""
        for scope in self._scopes:
            scope.cancel()
