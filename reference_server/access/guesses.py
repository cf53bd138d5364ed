"""A limit for guessed UIDs (service-behaviour.md S-073): whoever asks for many jobs, pages or documents that are not there has to wait.

A client that goes on polling a job which was removed never meets the limit, nor one that asks for a forgotten job four times a second; a client that
tries UIDs gets some 430,000 tries a day out of 2^48, and is in the log. Callers are told apart by what they cannot choose: where they come from, and
the kind of their origin.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import structlog

from device_protocol.vocabularies.rest import RestCode
from reference_server.errors import RestError

log = structlog.get_logger("access")

BURST = 60
"""Misses in a row that are answered as what they are."""
PER_SECOND = 5.0
"""Misses that are forgiven each second."""
CALLERS = 1024
"""Callers that are remembered; the one that missed longest ago is forgotten."""

NO_UIDS = "/api/server"
"""Nothing can be guessed below this path, so it answers those who have guessed too often, too."""

Caller: TypeAlias = tuple[str, ...]


@dataclass(slots=True)
class _Misses:
    count: float
    at: float


class GuessLimit:
    """Counts misses of each caller.

    Args:
        now: time in seconds, of any origin.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._callers: OrderedDict[Caller, _Misses] = OrderedDict()

    def __bool__(self) -> bool:
        """Whether anybody has missed of late; while nobody has, there is nothing to check."""
        return bool(self._callers)

    def check(self, caller: Caller) -> None:
        """Refuse a caller who has missed too often.

        Raises:
            RestError: 429 with ``Retry-After``.
        """
        misses = self._callers.get(caller)
        if misses is None:
            return
        self._forgive(misses)
        if misses.count < BURST:
            if misses.count <= 0:
                del self._callers[caller]
            return
        seconds = math.ceil((misses.count - BURST + 1) / PER_SECOND)
        raise RestError(
            429,
            RestCode.OVERLOAD,
            "Too many requests for jobs, pages or documents that are not there.",
            {"Retry-After": str(seconds)},
        )

    def missed(self, caller: Caller) -> None:
        """A caller asked for something that is not there."""
        misses = self._callers.setdefault(caller, _Misses(0, self._now()))
        self._callers.move_to_end(caller)
        self._forgive(misses)
        misses.count += 1
        if misses.count >= BURST:
            log.warning("guessing", caller=" ".join(caller), misses=round(misses.count))
        while len(self._callers) > CALLERS:
            self._callers.popitem(last=False)

    def _forgive(self, misses: _Misses) -> None:
        now = self._now()
        misses.count = max(0.0, misses.count - (now - misses.at) * PER_SECOND)
        misses.at = now
