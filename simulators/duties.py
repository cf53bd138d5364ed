"""What a client did wrong: the report on the one side of the contract that checks of devices never look at."""

from __future__ import annotations

from collections import Counter, deque
from enum import StrEnum
from typing import Any

KEPT = 100
MAX_CLIENTS = 50
OTHERS = "others"
"""Clients beyond MAX_CLIENTS are one."""


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
    JOB_NOT_DELETED = "job-not-deleted"
    """A job on the network was left behind with pages in it, until the device ended it."""
    BAD_SETTINGS = "bad-settings"
    """A client on the network sent settings that cannot be read, or that the capabilities do not offer."""
    WRONG_HOST = "wrong-host"
    """A client on the network called the device by a name that is not its own."""


class ClientReport:
    """Counts neglected duties of all clients of one machine, and keeps the last :data:`KEPT` of them in words."""

    def __init__(self) -> None:
        self.opened = 0
        self.jobs = 0
        self.pages = 0
        self._neglected: Counter[Duty] = Counter()
        self._by_client: dict[str, Counter[Duty]] = {}
        self._details: deque[str] = deque(maxlen=KEPT)

    def note(self, duty: Duty, detail: str = "", client: str = "") -> None:
        """Count a neglected duty; that of a client with a name on its account too."""
        self._neglected[duty] += 1
        if client:
            if client not in self._by_client and len(self._by_client) >= MAX_CLIENTS:
                client = OTHERS
            self._by_client.setdefault(client, Counter())[duty] += 1
            detail = f"{client}: {detail}" if detail else client
        self._details.append(f"{duty.value}: {detail}" if detail else duty.value)

    def show(self) -> dict[str, Any]:
        """The report as plain data; ``clean`` says whether there is nothing to complain of."""
        return {
            "clean": not self._neglected,
            "sessions": self.opened,
            "jobs": self.jobs,
            "pages": self.pages,
            "neglected": {duty.value: self._neglected[duty] for duty in Duty},
            "clients": {
                client: {duty.value: count for duty, count in neglected.items()}
                for client, neglected in self._by_client.items()
            },
            "details": list(self._details),
        }
