"""The answer side of an exchange, and the cursor rule of the design.

A page counts as taken only after the last chunk of the body was accepted and no disconnect was seen.

Hypercorn facts that shape this (measured on 0.18): a send to a client that has gone does not raise, the disconnect shows in ``receive()`` only; Hypercorn
itself reports a disconnect as soon as the last message of the answer was sent, so whether a client left must be known before that message; and its sends
cannot be cancelled.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field

import trio
from starlette.types import Send

from reference_server.pages.cursors import Lease
from reference_server.together import beside
from reference_server.wire.exchange import ClientGoneError, Exchange

SETTLE_PASSES = 4
"""Scheduler passes within which a disconnect that the kernel knows of has come through Hypercorn's tasks to ours."""


@dataclass(slots=True)
class Answer:
    """What is sent back.

    Attributes:
        status: HTTP status; 204 has neither body nor Content-Type (rest-api.md 1.4), nor has 304.
        body: the whole body, or its pieces.
        size: length of a body that comes in pieces.
        media_type: its type.
        headers: further headers.
        lease: a page that the client has only when the body was accepted.
        served: called when that is so.
    """

    status: int = 200
    body: bytes | AsyncGenerator[bytes, None] = b""
    size: int | None = None
    media_type: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    lease: Lease | None = None
    served: Callable[[], None] = lambda: None


class Delivery:
    """Sends one answer."""

    def __init__(self, exchange: Exchange, send: Send, answer: Answer) -> None:
        self._exchange = exchange
        self._send = send
        self._answer = answer
        self._progress = trio.Event()

    async def run(self) -> None:
        """Send it, and settle its lease.

        Raises:
            ClientGoneError: the client left, or was given up on, before it had the whole body.
        """
        answer = self._answer
        if isinstance(answer.body, bytes) and answer.lease is None and not self._exchange.unread:
            await self._send_small(answer.body)
            return
        try:
            delivered = await beside(self._give_up_on_stall, self._send_all)
        finally:
            if self._answer.lease is not None:
                self._answer.lease.put_back()  # unless it was delivered
        if not delivered:
            raise ClientGoneError

    async def _send_small(self, body: bytes) -> None:
        """Send a body that the kernel takes at once, to whoever is there."""
        self._exchange.status = self._answer.status
        await self._send({"type": "http.response.start", "status": self._answer.status, "headers": self._head()})
        await self._send({"type": "http.response.body", "body": body, "more_body": False})
        self._answer.served()

    async def _send_all(self) -> bool:
        """Send everything; whether the client had it all."""
        answer, lease = self._answer, self._answer.lease
        if lease is not None and await self._has_left():
            return False
        async with aclosing(_pieces(answer.body)) as pieces:
            last = await anext(
                pieces, b""
            )  # before the head: a page that cannot be read from disk is an error answer yet
            await self._exchange.catch_up()
            self._exchange.status = answer.status
            await self._send({"type": "http.response.start", "status": answer.status, "headers": self._head()})
            async for piece in pieces:
                await self._send_piece(last)
                if self._lost:
                    return False
                last = piece
        if lease is not None and await self._has_left():
            return False
        if last:
            await self._send_piece(last)
        # From here on the client may have everything and leave at once. Its leaving needs two scheduler passes to show, and the send that just returned
        # took one; so what shows now happened before, and there must be no checkpoint between that send and this look.
        if self._lost:
            return False
        if lease is not None:
            lease.deliver()
        answer.served()
        await self._exchange.linger()
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})
        return True

    @property
    def _lost(self) -> bool:
        """Whether the client left, or was given up on, so that somebody else may have its page by now."""
        lease = self._answer.lease
        return self._exchange.gone.is_set() or (lease is not None and lease.settled)

    async def _send_piece(self, piece: bytes) -> None:
        self._progress.set()
        self._progress = trio.Event()
        await self._send({"type": "http.response.body", "body": piece, "more_body": True})

    async def _give_up_on_stall(self) -> None:
        """Free the page of a client that does not take it. The connection itself ends by the socket's own limit (:mod:`reference_server.wire.sockets`)."""
        stalled = False
        while not stalled:
            with trio.move_on_after(self._exchange.limits.stall_seconds) as scope:
                await self._progress.wait()
            stalled = scope.cancelled_caught
        if self._answer.lease is not None:
            self._answer.lease.put_back()

    async def _has_left(self) -> bool:
        for _ in range(SETTLE_PASSES):
            await trio.lowlevel.checkpoint()
        return self._lost

    def _head(self) -> list[tuple[bytes, bytes]]:
        answer, exchange = self._answer, self._exchange
        headers = {**exchange.extra_headers, **answer.headers, "X-Request-Id": exchange.request_id}
        if exchange.unread or exchange.crowded:
            headers["Connection"] = "close"
        if answer.status not in {204, 304}:
            size = len(answer.body) if isinstance(answer.body, bytes) else answer.size
            headers["Content-Length"] = str(size or 0)
            if answer.media_type is not None:
                headers["Content-Type"] = answer.media_type
        return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]


async def _pieces(body: bytes | AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    if isinstance(body, bytes):
        yield body
        return
    async with aclosing(body):
        async for piece in body:
            yield piece
