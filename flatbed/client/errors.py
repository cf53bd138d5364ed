"""What can go wrong for a client, and what to do about it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

HINTS: dict[int, str] = {
    -1003: "List the scanners again; this one is gone.",
    -1004: "Another job has the scanner; wait until it is done, or delete it.",
    -1011: "Look at the state of the job first; this cannot be done in it.",
    -1034: "Make a new job; this one, or its page, is not there any more.",
    -1040: "Make a new document; this one, or its page, is not there.",
    -1043: "Give the password with which the document was made.",
    -2112: "The service does not know this request; it may be older than this client.",
    -2113: "Correct the parameter that the message names.",
    -2137: "Have the service allow this client: the message names the flag.",
    -2800: "Give a licence key: ScanClient(..., licence=...).",
}
"""What to do about an error code (rest-api.md 1.6)."""
STATUS_HINTS: dict[int, str] = {
    401: "Give the token of the service: ScanClient(..., token=...).",
    429: "Wait, and ask only for what is there.",
    503: "Wait and try again.",
    507: "Delete jobs or documents that are done.",
}
"""What to do about a status, where the code does not say."""


class ClientError(Exception):
    """Anything that goes wrong between a client and its service."""


class UnreachableError(ClientError):
    """The service does not answer: it does not run, or the connection broke. A request that changes something may have been carried out."""


class ReadyFileError(ClientError):
    """The ready file is not there, or is none."""


@dataclass(eq=False)
class RestError(ClientError):
    """The service refused a request.

    Attributes:
        status: of HTTP.
        code: negative number of rest-api.md 1.6; 0 when the answer had none.
        message: of the service, for people.
        retry_after: seconds after which trying again makes sense; None when the service does not say.
        body: of the error, as it came.
    """

    status: int
    code: int
    message: str
    retry_after: float | None = None
    body: dict[str, Any] = field(default_factory=dict)

    @property
    def hint(self) -> str:
        """What to do about it; empty when nobody knows."""
        return STATUS_HINTS.get(self.status) or HINTS.get(self.code, "")

    def __str__(self) -> str:
        words = f"{self.message} (HTTP {self.status}, code {self.code})"
        return f"{words} {self.hint}" if self.hint else words


@dataclass(eq=False)
class JobFailedError(ClientError):
    """A job ended as faulted or canceled.

    Attributes:
        status, code, message: of the job.
    """

    status: str
    code: int
    message: str

    def __str__(self) -> str:
        return f"The job is {self.status}: {self.message} (code {self.code})"
