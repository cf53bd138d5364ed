"""JSON over the wire: one request, one reply, nothing mended."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import trio

from conformance.wire import Answer, WireClient
from conformance.wire.exchange import Fields

JSON = "application/json"
TOO_MANY = 429
PATIENCE = 15.0
"""Seconds that a service may ask to wait after too many requests; then the request is made once more."""

MISSING: Any = object()
"""A body that is no JSON."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer, with the request that it is for.

    Attributes:
        asked: the request in words, for evidence.
        answer: whole.
    """

    asked: str
    answer: Answer

    @property
    def status(self) -> int:
        """Of the answer."""
        return self.answer.status

    @property
    def content_type(self) -> str:
        """The media type alone; empty if there is none."""
        return self.answer.head.content_type

    @property
    def body(self) -> bytes:
        """The whole body."""
        return self.answer.body

    def get(self, name: str) -> str | None:
        """A header field."""
        return self.answer.head.get(name)

    @property
    def json(self) -> Any:
        """The body as JSON; :data:`MISSING` if it is none."""
        try:
            return json.loads(self.body, parse_constant=_no_json)
        except (ValueError, RecursionError):
            return MISSING

    @property
    def object(self) -> Mapping[str, Any]:
        """The body as an object; empty if it is none."""
        found = self.json
        return found if isinstance(found, dict) else {}

    @property
    def code(self) -> int | None:
        """The `code` of an error body."""
        found = self.object.get("code")
        return found if isinstance(found, int) and not isinstance(found, bool) else None

    def __str__(self) -> str:
        code = f" with code {self.code}" if self.status >= 400 and self.code is not None else ""
        return f"{self.asked}: {self.status}{code}"


def _no_json(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity


class RestClient:
    """Requests to one service.

    Args:
        wire: exchanges with it.
        root: what stands before ``/api`` in its paths; mostly nothing.
        fields: header fields of every request: a product key, a token.
    """

    def __init__(self, wire: WireClient, root: str = "", fields: Fields = ()) -> None:
        self.wire = wire
        self.root = root
        self.fields = tuple(fields)

    def fields_for(
        self, data: bytes, fields: Mapping[str, str], content_type: str | None
    ) -> tuple[tuple[str, str], ...]:
        """The header fields of a request; those of *fields* win over the common ones."""
        named = {name.lower() for name in fields}
        lines = [(name, value) for name, value in self.fields if name.lower() not in named]
        lines += fields.items()
        if data and content_type is not None and "content-type" not in named:
            lines.append(("Content-Type", content_type))
        return tuple(lines)

    async def ask(
        self,
        method: str,
        path: str,
        body: object = None,
        fields: Mapping[str, str] | None = None,
        *,
        content_type: str | None = JSON,
        wait: float | None = None,
    ) -> Reply:
        """One request.

        Args:
            method: as it goes out.
            path: with the query, for example ``/api/server``.
            body: bytes go out as they are; anything else becomes JSON; None is no body.
            fields: further header fields.
            content_type: of the body; None sends none.
            wait: seconds for the answer to begin; default: the limit.

        Raises:
            WireFault: the exchange broke off.
        """
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        lines = self.fields_for(data, fields or {}, content_type)
        target = self.root + path
        answer = await self.wire.request(method, target, lines, data, wait=wait)
        if answer.status == TOO_MANY and (seconds := _retry_after(answer)) is not None:
            await trio.sleep(seconds)
            answer = await self.wire.request(method, target, lines, data, wait=wait)
        return Reply(f"{method} {target}", answer)


def _retry_after(answer: Answer) -> float | None:
    text = answer.head.get("retry-after") or ""
    return min(float(text), PATIENCE) if text.isascii() and text.isdigit() else None
