"""From an upgrade request to a conversation: the access table, what is wanted, the limits, one log line at each end."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from functools import partial

import structlog
import trio
from starlette.types import Receive, Scope, Send

from reference_server.access.facts import caller
from reference_server.access.guesses import GuessLimit
from reference_server.access.table import Facts
from reference_server.endpoints.call import JSON, Service
from reference_server.errors import RestError, overloaded
from reference_server.web_sockets.closing import Close
from reference_server.web_sockets.conversation import Conversation
from reference_server.web_sockets.table import SocketEndpoint, choose
from reference_server.wire.exchange import ClientGoneError, Exchange
from reference_server.wire.heads import check_head

log = structlog.get_logger("websocket")

BEARER = "flatbed.bearer."
"""A subprotocol with this in front carries the token: a script in a browser cannot send ``Authorization`` with a WebSocket."""

LetIn = Callable[[Exchange], Facts]
Note = Callable[[Exchange, RestError], Awaitable[None]]


class Upgrades:
    """Takes upgrade requests.

    Args:
        service: behind the conversations.
        let_in: applies the access table; raises what it refuses.
        guesses: counts jobs that were asked for and are not there.
        note: records a refusal.
    """

    def __init__(self, service: Service, let_in: LetIn, guesses: GuessLimit, note: Note) -> None:
        self._service = service
        self._let_in = let_in
        self._guesses = guesses
        self._note = note
        self._open: Counter[bytes | None] = Counter()

    @property
    def open(self) -> int:
        """How many WebSockets are open."""
        return self._open.total()

    async def __call__(self, scope: Scope, path: str, receive: Receive, send: Send) -> None:
        """One WebSocket, from the request to its end; *path* is the normal form of the request's."""
        await receive()  # the connect message; the request is in the scope
        offered, headers = _without_token(scope)
        exchange = Exchange(
            {**scope, "method": "GET", "path": path, "headers": headers},
            receive,
            self._service.config.limits,
            secrets.token_hex(6),
        )
        try:
            if self._service.faults:
                await self._service.faults.before(exchange)
            check_head(exchange.scope, exchange.limits)
            who = caller(self._let_in(exchange), exchange)
            self._guesses.check(who)
            endpoint, subprotocol = choose(path, offered)
            endpoint.check(exchange)
            with self._place(exchange):
                cut = exchange.connection.close if exchange.connection is not None else lambda: None
                missed = partial(self._guesses.missed, who)
                conversation = Conversation(exchange, receive, send, self._service.config.limits, cut, missed)
                await self._talk(conversation, endpoint, subprotocol)
        except ClientGoneError:
            log.info("client gone", request=exchange.request_id)
        except RestError as error:
            exchange.status = error.status
            self._log_request(exchange)
            await self._note(exchange, error)
            await _refuse(exchange, send, error)

    async def _talk(self, conversation: Conversation, endpoint: SocketEndpoint, subprotocol: str | None) -> None:
        exchange = conversation.exchange
        exchange.status = 101
        self._log_request(exchange)
        begun = trio.current_time()
        close: Close | None = None
        reason = "broken off"
        try:
            close = await conversation.run(subprotocol, partial(endpoint.talk, conversation, self._service))
            reason = "the client left" if close is None else close.reason
        except Exception:
            log.exception("websocket failed", request=exchange.request_id)
        finally:
            log.info(
                "websocket closed",
                request=exchange.request_id,
                code=None if close is None else close.code,
                reason=reason,
                frames=conversation.frames,
                seconds=round(trio.current_time() - begun, 3),
            )

    def _log_request(self, exchange: Exchange) -> None:
        details = {"headers": dict(exchange.headers)} if self._service.log_level.verbose else {}
        log.info(
            "request",
            request=exchange.request_id,
            method="WEBSOCKET",
            path=exchange.scope["path"][:500],
            status=exchange.status,
            **details,
        )

    @contextmanager
    def _place(self, exchange: Exchange) -> Iterator[None]:
        """Count a connection.

        Raises:
            RestError: 503 when there are too many.
        """
        limits = self._service.config.limits
        origin = exchange.headers.get("origin")
        key = None if origin is None else origin.encode("latin-1")
        if exchange.crowded or self.open >= limits.sockets or self._open[key] >= limits.sockets_per_origin:
            raise overloaded("Too many WebSockets are open.")
        if self._service.registry.closing:
            raise overloaded("The service is going down.")
        self._open[key] += 1
        try:
            yield
        finally:
            self._open[key] -= 1
            if not self._open[key]:
                del self._open[key]


def _without_token(scope: Scope) -> tuple[list[str], list[tuple[bytes, bytes]]]:
    """The subprotocols that the client offers, and the headers of the request with a token among them moved to where tokens are, and to where no log looks."""
    offered = [name for name in scope["subprotocols"] if not name.startswith(BEARER)]
    tokens = [name.removeprefix(BEARER) for name in scope["subprotocols"] if name.startswith(BEARER)]
    headers = [(name, value) for name, value in scope["headers"] if name.lower() != b"sec-websocket-protocol"]
    if tokens and not any(name.lower() == b"authorization" for name, _ in headers):
        headers.append((b"authorization", f"Bearer {tokens[0]}".encode("latin-1")))
    return offered, headers


async def _refuse(exchange: Exchange, send: Send, error: RestError) -> None:
    """Answer the upgrade with an error of HTTP."""
    body = json.dumps(error.body()).encode()
    headers = {
        "Content-Type": JSON,
        "Content-Length": str(len(body)),
        "Vary": "Origin",
        "X-Request-Id": exchange.request_id,
        "Connection": "close",
        **error.headers,
    }
    lines = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
    await send({"type": "websocket.http.response.start", "status": error.status, "headers": lines})
    await send({"type": "websocket.http.response.body", "body": body, "more_body": False})
