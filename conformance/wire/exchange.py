"""Requests and answers, as they are on the wire: nothing is decoded, folded or mended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

Fields = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Request:
    """One request.

    Attributes:
        method, target: of the request line; the target goes out as it is.
        fields: header fields; ``Host`` and ``Content-Length`` are added unless they are here.
        body: sent whole; ``Content-Length`` is added if it is not empty.
    """

    method: str
    target: str
    fields: Fields = ()
    body: bytes = b""

    def __str__(self) -> str:
        return f"{self.method} {self.target}"


@dataclass(frozen=True, slots=True)
class Head:
    """Status and header fields of an answer.

    Attributes:
        status, reason: of the status line.
        fields: names in lower case, values without outer blanks, in their order, repeated where they came repeated.
        http_version: ``1.0`` or ``1.1``.
        interim: the statuses of the 100 class that came before.
    """

    status: int
    reason: str
    fields: tuple[tuple[str, str], ...]
    http_version: str = "1.1"
    interim: tuple[int, ...] = ()

    def get(self, name: str) -> str | None:
        """The first field called *name*, or None."""
        wanted = name.lower()
        return next((value for key, value in self.fields if key == wanted), None)

    def all(self, name: str) -> tuple[str, ...]:
        """Every field called *name*."""
        wanted = name.lower()
        return tuple(value for key, value in self.fields if key == wanted)

    @property
    def content_type(self) -> str:
        """The media type alone, in lower case; empty if there is none."""
        return (self.get("content-type") or "").partition(";")[0].strip().lower()


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer: head and body."""

    head: Head
    body: bytes = field(default=b"", repr=False)

    @property
    def status(self) -> int:
        """Of the head."""
        return self.head.status

    def __str__(self) -> str:
        kind = f" {self.head.content_type}" if self.head.content_type else ""
        return f"{self.status}{kind}, {len(self.body)} bytes"
