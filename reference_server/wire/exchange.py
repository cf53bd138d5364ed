"""The request side of one exchange over ASGI: a body with limits, and an eye on whether the client is still there.

Hypercorn stops for ever if nobody takes what it received, so everything is taken until the answer is out (:mod:`reference_server.wire.delivery`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import TypeVar

import trio
from starlette.datastructures import Headers, QueryParams
from starlette.types import Message, Receive, Scope

from device_protocol.vocabularies.rest import RestCode
from reference_server.config import Limits
from reference_server.errors import RestError, too_large
from reference_server.together import unless
from reference_server.wire.connections import connection_of

T = TypeVar("T")

LINGER_BYTES = 8 << 20
LINGER_SECONDS = 2.0
CATCH_UP_PASSES = 4
RATE_SECONDS = 5.0
"""A body that makes too little progress in so long is given up."""


class ClientGoneError(Exception):
    """The client left; there is nobody to answer."""


class Exchange:
    """One request.

    Attributes:
        headers: of the request.
        connection: that it came over; None outside a server.
        request_id: names it in the log and in the answer.
        limits: see there.
        gone: set when the client has left.
        extra_headers: added to whatever is answered (CORS).
        status: of the answer, once it has begun.
        is_upload: its body may be as large as a picture.
        made: uid of the job that it made.
        refused: name of the row of the access table that refused it.
    """

    def __init__(self, scope: Scope, receive: Receive, limits: Limits, request_id: str) -> None:
        self.scope = scope
        self.headers = Headers(scope=scope)
        self.connection = connection_of(scope)
        self.request_id = request_id
        self.limits = limits
        self.gone = trio.Event()
        self.extra_headers: dict[str, str] = {}
        self.status: int | None = None
        self.is_upload = False
        self.made: str | None = None
        self.refused: str | None = None
        self._receive = receive
        self._parts: list[bytes] = []
        self._taken = 0
        self._body_here = trio.Event()
        self._too_large = False
        self._discard = trio.Event()
        self._discarded_enough = trio.Event()
        length, chunked = self.headers.get("content-length", ""), "transfer-encoding" in self.headers
        if str(scope["http_version"]).startswith("1") and not chunked and length.strip("0") == "":
            self._body_here.set()  # nothing will come; whoever answers at once need not wait to hear that

    @property
    def method(self) -> str:
        """The method, in upper case."""
        return str(self.scope["method"])

    @cached_property
    def query(self) -> QueryParams:
        """The query of the request."""
        return QueryParams(self.scope["query_string"])

    @property
    def crowded(self) -> bool:
        """Whether there was no seat left when the connection came, so that it is for one quick request."""
        return self.connection is not None and self.connection.crowded

    @property
    def origin(self) -> bytes | None:
        """The origin of the client, as it said it; None when it sent none."""
        origin = self.headers.get("origin")
        return None if origin is None else origin.encode("latin-1")

    @property
    def base_url(self) -> str:
        """Scheme and host as the client said them, since it fetches the URLs that it is given as they are (rest-api.md 1.7)."""
        return f"{self.scope['scheme']}://{self.headers.get('host', '')}"

    @property
    def unread(self) -> bool:
        """Whether the client may still be sending its body."""
        return self._too_large or not self._body_here.is_set()

    def leave(self) -> None:
        """The client has left."""
        self.gone.set()
        self._body_here.set()
        self._discard.set()
        self._discarded_enough.set()

    @contextmanager
    def told_by_its_connection(self) -> Iterator[None]:
        """Hear of the client's leaving from the sweep of all connections, too."""
        if self.connection is None:
            yield
            return
        self.connection.client_left = self.leave
        try:
            yield
        finally:
            self.connection.client_left = None

    @property
    def body_limit(self) -> int:
        """Bytes that the body may have."""
        return self.limits.upload_bytes if self.is_upload else self.limits.body_bytes

    def allow_upload(self) -> None:
        """Let the body be as large as a picture; before :meth:`watch` (:mod:`reference_server.wire.uploads`)."""
        self.is_upload = True

    async def watch(self) -> None:
        """Take what the client sends, until it is gone; runs beside everything else. Beyond the limit it waits for :meth:`linger`."""
        while not self.gone.is_set():
            message = await self._receive()
            if message["type"] == "http.disconnect":
                self.leave()
            else:
                await self._take(message)

    async def body(self) -> bytes:
        """The whole body.

        Raises:
            RestError: 413 when it is, or says that it will be, longer than the limit; 408 when it does not come.
            ClientGoneError: the client left before its end.
        """
        length = self.headers.get("content-length", "")
        if length.isascii() and length.isdigit() and int(length) > self.body_limit:
            raise too_large(self.body_limit)
        with trio.move_on_after(self.limits.body_seconds) as scope:
            await self._at_a_fair_rate()
        if scope.cancelled_caught:
            raise RestError(408, RestCode.PARAMETER, "The body did not arrive in time.")
        if self._too_large:
            raise too_large(self.body_limit)
        if self.gone.is_set():
            raise ClientGoneError
        return b"".join(self._parts)

    async def _at_a_fair_rate(self) -> None:
        """Wait for the body as long as it makes progress.

        Raises:
            RestError: 408 when it trickles.
        """
        taken = 0
        while not self._body_here.is_set():
            with trio.move_on_after(RATE_SECONDS):
                await self._body_here.wait()
                return
            if self._taken - taken < self.limits.body_rate * RATE_SECONDS:
                raise RestError(408, RestCode.PARAMETER, "The body comes too slowly.")
            taken = self._taken

    async def while_there(self, call: Callable[[], Awaitable[T]]) -> T:
        """What *call* gives, unless the client leaves before.

        Raises:
            ClientGoneError: it left; *call* was cancelled.
            Exception: what *call* raised.
        """
        done = await unless(self.gone.wait, call)
        if done is None:
            raise ClientGoneError
        return done.value

    async def catch_up(self) -> None:
        """Take what has arrived already, so that a small body that nobody asked for does not cost the client its connection."""
        for _ in range(CATCH_UP_PASSES):
            if self.unread:
                await trio.lowlevel.checkpoint()

    async def linger(self) -> None:
        """At the end of the answer to a request whose body was not read: take some of it, since closing now would destroy the answer on its way."""
        if self.unread:
            self._discard.set()
            self._parts.clear()
            with trio.move_on_after(LINGER_SECONDS):
                await self._discarded_enough.wait()

    async def _take(self, message: Message) -> None:
        part = message.get("body", b"")
        self._taken += len(part)
        if not message.get("more_body", False):
            self._body_here.set()
            self._discarded_enough.set()
        if self._discard.is_set():
            if self._taken > self.body_limit + LINGER_BYTES:
                self._discarded_enough.set()
            return
        self._parts.append(part)
        if self._taken > self.body_limit:
            self._too_large = True
            self._parts.clear()
            self._body_here.set()
            await self._discard.wait()
