"""Identifiers (rest-api.md 1.7): GUIDs for jobs, twelve hexadecimal characters for pages."""

from __future__ import annotations

import re
import secrets
import time
import uuid
from collections.abc import Callable

PAGE_UID = re.compile(r"[0-9a-f]{12}")
_DIGITS = 16


def job_uid() -> str:
    """A new job UID; lower case."""
    return str(uuid.uuid4())


def draw_uid() -> str:
    """48 random bits: nobody can guess a UID from another one (design 6)."""
    return secrets.token_hex(6)


def fresh_uid(draw: Callable[[], str], taken: Callable[[str], bool]) -> str:
    """A UID for a document or a page in one, drawn until it is a new one."""
    while taken(uid := draw()):
        pass
    return uid


class PageUids:
    """Makes page UIDs: eleven hex digits of Unix milliseconds and one of a counter, so that they sort by time and never repeat.

    Args:
        wall: Unix time in seconds.
    """

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        self._wall = wall
        self._last = 0

    def __call__(self) -> str:
        """The next UID. When the clock stands still or goes back, it counts on from the last one."""
        self._last = max(int(self._wall() * 1000) * _DIGITS, self._last + 1)
        return f"{self._last % (1 << 48):012x}"
