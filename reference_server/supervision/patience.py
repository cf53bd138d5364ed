"""How long the monitor waits for what, and how often it tries: as data."""

from __future__ import annotations

from dataclasses import dataclass

BEAT_SECONDS = 1.0
"""How often the service says that its loop turns."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Times in seconds.

    Attributes:
        first_delay: from the first crash to the next start. A client that retries finds the service again within about a second.
        factor, most_delay: each further crash waits so many times longer, up to that.
        quiet: a service that ran for so long before it crashed begins a new row.
        crashes: in a row after which the monitor gives up.
        start: until the first sign of life.
        hang: without a sign of life, after which the service is ended; its loop is blocked. Ten times what a busy machine was seen to take.
        end: from being told to end until it is ended by force. Closing a device may take ``close_seconds``, 15.
        last_words: from SIGABRT, which has it print its stack, to SIGKILL.
    """

    first_delay: float = 0.1
    factor: float = 2.0
    most_delay: float = 30.0
    quiet: float = 60.0
    crashes: int = 10
    start: float = 60.0
    hang: float = 20.0
    end: float = 30.0
    last_words: float = 2.0


class Crashes:
    """Counts crashes in a row.

    Args:
        patience: see there.
    """

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self.in_a_row = 0

    def another(self, ran: float) -> float | None:
        """One more, of a service that had run for *ran* seconds; seconds to wait before the next start, None to give up."""
        patience = self._patience
        self.in_a_row = 1 if ran >= patience.quiet else self.in_a_row + 1
        if self.in_a_row >= patience.crashes:
            return None
        delay = patience.first_delay
        for _ in range(self.in_a_row - 1):
            delay = min(delay * patience.factor, patience.most_delay)
        return delay
