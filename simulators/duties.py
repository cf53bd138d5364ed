"""What a client did wrong: the report on the one side of the contract that checks of devices never look at."""

from __future__ import annotations

from collections import Counter, deque
from enum import StrEnum
from typing import Any

KEPT = 100


class Duty(StrEnum):
    """Duties of a client, named by how they are neglected."""

    WRONG_CALL = "wrong-call"
    """A call that the state table refuses."""
    OPTIONS_NOT_REREAD = "options-not-reread"
    """An option was set after a notice said that it has changed, and before it was read again."""
    CANCEL_FORGOTTEN = "cancel-forgotten"
    """A session was closed, or left, while its job was running."""
    SESSION_LEFT_OPEN = "session-left-open"
    """A client went away without close."""


class ClientReport:
    """Counts neglected duties of all clients of one machine, and keeps the last :data:`KEPT` of them in words."""

    def __init__(self) -> None:
        self.opened = 0
        self.jobs = 0
        self.pages = 0
        self._neglected: Counter[Duty] = Counter()
        self._details: deque[str] = deque(maxlen=KEPT)

    def note(self, duty: Duty, detail: str = "") -> None:
        """Count a neglected duty."""
        self._neglected[duty] += 1
        self._details.append(f"{duty.value}: {detail}" if detail else duty.value)

    def show(self) -> dict[str, Any]:
        """The report as plain data; ``clean`` says whether there is nothing to complain of."""
        return {
            "clean": not self._neglected,
            "sessions": self.opened,
            "jobs": self.jobs,
            "pages": self.pages,
            "neglected": {duty.value: self._neglected[duty] for duty in Duty},
            "details": list(self._details),
        }
