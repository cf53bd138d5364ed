"""The last requests to the API, for those who want to see what their application really sends (service-behaviour.md 16.4)."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from urllib.parse import parse_qsl, urlencode

from reference_server.control.models import RecordedRequest
from reference_server.log import REDACTED, SECRET_KEYS
from reference_server.wire.exchange import Exchange

KEPT = 1000
TEXT_CHARS = 1000
"""Characters of a path and of a query that are kept."""
HEADERS = 40
VALUE_CHARS = 300
"""Headers of a request, and characters of each, that are kept: a thousand requests are some megabytes at most."""


@dataclass(slots=True)
class _Entry:
    """A request; what is under way still has its exchange, whose body is not kept any longer than it must be."""

    number: int
    at: float
    begun: float
    request: str
    method: str
    path: str
    query: bytes
    peer: str | None
    headers: tuple[tuple[bytes, bytes], ...]
    exchange: Exchange | None
    on_end: Callable[[Exchange], None]
    status: int | None = None
    seconds: float | None = None

    def end(self) -> None:
        """It is over."""
        if self.exchange is not None:
            self.on_end(self.exchange)
            self.status, self.seconds, self.exchange = self.exchange.status, time.monotonic() - self.begun, None


class Recorder:
    """Keeps them, from the moment they come, in the order in which they came; made readable only when somebody looks.

    Args:
        wall: Unix time in seconds.

    Attributes:
        next: number of the next one.
        on_end: is told of each request that has ended.
    """

    def __init__(self, wall: Callable[[], float] = time.time) -> None:
        self._wall = wall
        self._entries: deque[_Entry] = deque(maxlen=KEPT)
        self.next = 1
        self.on_end: Callable[[Exchange], None] = _nobody

    def __call__(self, exchange: Exchange) -> Callable[[], None]:
        """A request has come; gives what is to be called at its end."""
        scope = exchange.scope
        client = scope.get("client")
        entry = _Entry(
            self.next,
            self._wall(),
            time.monotonic(),
            exchange.request_id,
            scope["method"],
            scope["path"][:TEXT_CHARS],
            scope["query_string"][:TEXT_CHARS],
            None if client is None else str(client[0]),
            tuple((name, value[:VALUE_CHARS]) for name, value in scope["headers"][:HEADERS]),
            exchange,
            self.on_end,
        )
        self.next += 1
        self._entries.append(entry)
        return entry.end

    def since(self, number: int, limit: int) -> list[RecordedRequest]:
        """Up to *limit* of them with a number from *number* on, oldest first."""
        return [_shown(entry) for entry in self._entries if entry.number >= number][:limit]

    def clear(self) -> None:
        """Forget them; numbers go on."""
        self._entries.clear()


def _nobody(exchange: Exchange) -> None:
    """Nobody wants to know."""


def _shown(entry: _Entry) -> RecordedRequest:
    return RecordedRequest(
        number=entry.number,
        time=datetime.fromtimestamp(entry.at, UTC).isoformat(timespec="milliseconds"),
        method=entry.method,
        path=entry.path,
        query=_without_secrets(entry.query.decode("latin-1")),
        status=entry.status if entry.exchange is None else entry.exchange.status,
        ms=None if entry.seconds is None else round(entry.seconds * 1000, 1),
        peer=entry.peer,
        request=entry.request,
        headers={name.decode("latin-1"): _value(name, value) for name, value in entry.headers},
    )


def _value(name: bytes, value: bytes) -> str:
    return REDACTED if name.decode("latin-1").lower() in SECRET_KEYS else value.decode("latin-1")


def _without_secrets(query: str) -> str:
    """*query*, as it came if it has no secret in it."""
    pairs = parse_qsl(query, keep_blank_values=True)
    if not any(key.lower() in SECRET_KEYS for key, _ in pairs):
        return query
    return urlencode([(key, REDACTED if key.lower() in SECRET_KEYS else value) for key, value in pairs])
