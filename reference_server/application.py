"""The ASGI application: normalises the path, applies the access table, routes, and turns every outcome into one answer and one log line."""

from __future__ import annotations

import re
import secrets
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from functools import partial
from typing import TypeAlias
from urllib.parse import unquote

import structlog
import trio
from starlette.types import Receive, Scope, Send

from device_protocol import DeviceError
from device_protocol.vocabularies.rest import RestCode
from reference_server.access.facts import FactFinder, caller
from reference_server.access.guesses import NO_UIDS, GuessLimit
from reference_server.access.table import Facts, decide, refusal
from reference_server.endpoints.call import Call, Service, json_answer
from reference_server.endpoints.legacy import is_legacy, text_error
from reference_server.endpoints.operation import Endpoint
from reference_server.endpoints.table import ENDPOINTS
from reference_server.errors import RestError, bad_method, overloaded, system_error, unknown_path
from reference_server.pages.spill import SpillError
from reference_server.routes import Routes, Target, refuse_repeated
from reference_server.together import beside
from reference_server.web_sockets.upgrade import Upgrades
from reference_server.wire.delivery import Answer, Delivery
from reference_server.wire.exchange import ClientGoneError, Exchange
from reference_server.wire.heads import check_head
from reference_server.wire.uploads import Uploads

log = structlog.get_logger("http")

CORS_MAX_AGE = "600"
METHODS = "GET, POST, PATCH, DELETE, OPTIONS"
EXPOSED = "Location, Retry-After, Allow, X-Request-Id, X-Flatbed-Late"
REFUSALS = frozenset({401, 403, 429})
"""Statuses that the audit log records."""
Recorder: TypeAlias = Callable[[Exchange], Callable[[], None]]

_SLASHES = re.compile(r"/+")


class Application:
    """The service as an ASGI application.

    Args:
        service: behind the endpoints.
        facts: for the access table.
        endpoints: what there is.

    Attributes:
        open_requests: how many are under way, open WebSockets included.
        answered: how many were answered, by status.
        recorder: is told of each request when it comes; gives what is to be called at its end. In lab mode only.
    """

    has_faults = True
    """Whether the faults of the service reach it."""

    def __init__(self, service: Service, facts: FactFinder, endpoints: Sequence[Endpoint] = ENDPOINTS) -> None:
        self._service = service
        self._facts = facts
        self._uploads = Uploads(service.config.limits)
        self._guesses = GuessLimit(trio.current_time)
        self._upgrades = Upgrades(service, self._let_in, self._guesses, self._note)
        self.open_requests = 0
        self.answered: Counter[int] = Counter()
        self.recorder: Recorder | None = None
        self._last_activity = trio.current_time()
        self._slow_requests = 0
        self._routes = Routes(endpoint.under(service.rules) for endpoint in endpoints)

    @property
    def idle_seconds(self) -> float:
        """For how long there was no request."""
        return 0.0 if self.open_requests else trio.current_time() - self._last_activity

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request."""
        match scope["type"]:
            case "http":
                await self._http(scope, receive, send)
            case "websocket":
                with self._activity():
                    await self._upgrades(scope, normal_path(scope), receive, send)
            case "lifespan":
                await _lifespan(receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        exchange = Exchange(
            {**scope, "path": normal_path(scope)}, receive, self._service.config.limits, secrets.token_hex(6)
        )
        begun = trio.current_time()
        recorded = _nothing if self.recorder is None else self.recorder(exchange)
        target = self._routes.find(exchange.method, exchange.scope["path"])
        respond = partial(self._respond, exchange, send, target)
        with (
            self._activity(slow=not target.quick),
            exchange.told_by_its_connection(),
            self._uploads.room_for(exchange, target),
        ):
            try:
                if target.quick and not exchange.unread and not self._service.faults:
                    await respond()  # watching a client costs as much as a small answer, and nobody can leave where nothing is waited for
                else:
                    await beside(exchange.watch, respond)
            finally:
                self._done(exchange, trio.current_time() - begun)
                recorded()

    @contextmanager
    def _activity(self, *, slow: bool = False) -> Iterator[None]:
        """Somebody is there: the service is not idle."""
        self.open_requests += 1
        self._slow_requests += slow
        try:
            yield
        finally:
            self.open_requests -= 1
            self._slow_requests -= slow
            self._last_activity = trio.current_time()

    async def _respond(self, exchange: Exchange, send: Send, target: Target) -> None:
        try:
            if self._service.faults and self.has_faults:
                await self._service.faults.before(exchange)
                send = self._service.faults.sender(exchange, send)
            answer = await self._answer(exchange, target)
            await Delivery(exchange, send, answer).run()
        except ClientGoneError:
            log.info("client gone", request=exchange.request_id)
        except Exception as error:
            if exchange.status is not None:
                log.exception("answer broken off", request=exchange.request_id)
                raise  # the server then ends the connection, which is all that can be told
            if isinstance(error, RestError):
                await self._note(exchange, error)
            with suppress(ClientGoneError):
                await Delivery(exchange, send, _failure(exchange, error)).run()

    async def _answer(self, exchange: Exchange, target: Target) -> Answer:
        exchange.extra_headers["Vary"] = "Origin"
        check_head(exchange.scope, exchange.limits)
        facts = self._let_in(exchange)
        origin = exchange.headers.get("origin")
        if origin is not None:
            exchange.extra_headers |= {
                "Access-Control-Allow-Origin": origin,
                "Access-Control-Allow-Credentials": "true",
                "Access-Control-Expose-Headers": EXPOSED,
            }
        if exchange.method == "OPTIONS":
            return _preflight(exchange, target.endpoint.methods if target.endpoint else ())
        if self._guesses and not exchange.scope["path"].startswith(NO_UIDS):
            self._guesses.check(caller(facts, exchange))
        try:
            return await self._operate(exchange, target)
        except RestError as error:
            if error.miss:
                self._guesses.missed(caller(facts, exchange))
            raise

    async def _operate(self, exchange: Exchange, target: Target) -> Answer:
        if target.endpoint is None:
            raise unknown_path(exchange.scope["path"])
        if target.operation is None:
            raise bad_method(target.endpoint.methods)
        if not self._service.rules.loose_types:
            refuse_repeated(target.operation.query, exchange.query)
        handle = partial(target.operation.handler, Call(exchange, self._service, target.words))
        if target.quick:
            return await handle()
        if exchange.crowded or self._slow_requests > exchange.limits.requests:
            raise overloaded("The service has too many requests.")
        return await (exchange.while_there(handle) if target.operation.safe else handle())

    def _let_in(self, exchange: Exchange) -> Facts:
        """Apply the access table; gives the facts that it was applied to.

        Raises:
            RestError: 403 -2137.
        """
        facts = self._facts(exchange)
        row = decide(facts)
        origin, host = exchange.headers.get("origin"), exchange.headers.get("host")
        if not row.allow:
            log.warning(
                "refused",
                request=exchange.request_id,
                rule=row.name,
                flag=row.flag,
                origin=origin,
                host=host,
                peer=facts.peer.value,
            )
            exchange.refused = row.name
            raise refusal(row, host or "", origin or "")
        return facts

    async def _note(self, exchange: Exchange, error: RestError) -> None:
        """Record a refusal."""
        if error.status in REFUSALS:
            await self._service.audit.refused(exchange, error)

    def _done(self, exchange: Exchange, seconds: float) -> None:
        self._log(exchange, seconds)
        if exchange.status is not None:
            self.answered[exchange.status] += 1

    def _log(self, exchange: Exchange, seconds: float) -> None:
        details = {"headers": dict(exchange.headers)} if self._service.log_level.verbose else {}
        log.info(
            "request",
            request=exchange.request_id,
            method=exchange.method,
            path=exchange.scope["path"][:500],
            status=exchange.status,
            ms=round(seconds * 1000, 1),
            **details,
        )


def normal_path(scope: Scope) -> str:
    """The path with repeated slashes as one and escapes resolved, but ``%2F`` left alone: a slash in a UID separates nothing."""
    raw = scope.get("raw_path")
    text = raw.decode("latin-1") if raw is not None else scope["path"]
    text = re.sub("%2[fF]", "%252F", text) if raw is not None else text
    return unquote(_SLASHES.sub("/", text), errors="replace")


def _preflight(exchange: Exchange, methods: tuple[str, ...] = ()) -> Answer:
    """What OPTIONS says of a path with these methods; none of a path that is no endpoint, which is answered all the same (rest-api.md 1.5)."""
    headers = {"Access-Control-Allow-Methods": METHODS, "Access-Control-Max-Age": CORS_MAX_AGE}
    if methods:
        headers["Allow"] = ", ".join((*methods, "OPTIONS"))
    if wanted := exchange.headers.get("access-control-request-headers"):
        headers["Access-Control-Allow-Headers"] = wanted
    if exchange.headers.get("access-control-request-private-network") == "true":
        headers["Access-Control-Allow-Private-Network"] = "true"
    return Answer(204, headers=headers)


def _failure(exchange: Exchange, error: Exception) -> Answer:
    """The answer for whatever went wrong before the answer began."""
    cause = system_error(error)
    if isinstance(error, DeviceError):
        error = RestError(500, error.rest_code, error.message, cause=cause)
    elif isinstance(error, SpillError):
        error = RestError(500, RestCode.FAILURE, str(error), cause=cause)
    if not isinstance(error, RestError):
        log.error("request failed", request=exchange.request_id, exc_info=error)
        error = RestError(500, RestCode.FAILURE, "The service failed; its log says more.", cause=cause)
    if is_legacy(exchange.scope["path"]):
        return text_error(error)
    return json_answer(error.body(), error.status, dict(error.headers))


def _nothing() -> None:
    """Nobody records requests."""


async def _lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
