"""The application behind the status doors: the same way in as the API's, but for its own origin only, and never with CORS (design 6)."""

from __future__ import annotations

import hmac
from dataclasses import replace

import structlog
from starlette.types import Receive, Scope, Send

from device_protocol.vocabularies.rest import RestCode
from reference_server.access.facts import BEARER, FactFinder
from reference_server.access.table import Facts, Origin, Peer, Site, decide, refusal
from reference_server.application import Application
from reference_server.endpoints.call import Call, Service, json_answer
from reference_server.endpoints.operation import Endpoint, Operation
from reference_server.errors import RestError, bad_method
from reference_server.routes import Target
from reference_server.status.figures import StatusFigures, StatusSource
from reference_server.status.pages import page_endpoints
from reference_server.wire.delivery import Answer
from reference_server.wire.exchange import Exchange
from reference_server.wire.heads import check_head

log = structlog.get_logger("status")

STATUS_JSON = "/status.json"
CONTROL = "/control"
_PLAIN = frozenset({"/", "/admin", "/admin/"})
"""Paths with nothing on them that another site could learn; a link on any page may lead there. The page itself knows nothing: it asks, from this port."""
_SETUP = "Where host and ports were set up once (S-028)"


class StatusApplication(Application):
    """The status doors as an ASGI application.

    Args:
        service: behind the endpoints.
        facts: for the access table.
        source: of the figures.
        control: endpoints of the control API, and the token that it asks for; none outside lab mode.
    """

    has_faults = False

    def __init__(
        self,
        service: Service,
        facts: FactFinder,
        source: StatusSource,
        control: tuple[tuple[Endpoint, ...], str] | None = None,
    ) -> None:
        endpoints, self._token = control or ((), "")
        super().__init__(service, facts, (*self._endpoints(), *endpoints))
        self._source = source

    def _endpoints(self) -> tuple[Endpoint, ...]:
        return (
            *page_endpoints(),
            Endpoint("/admin", (Operation("GET", _to_root, _SETUP, success=(302,)),)),
            Endpoint("/admin/", (Operation("GET", _to_root, _SETUP, success=(302,)),)),
            Endpoint(STATUS_JSON, (Operation("GET", self._figures, "Figures (S-027)"),)),
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request; WebSockets are for the API's port."""
        if scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1000})  # an HTTP 403 to the client
            return
        await super().__call__(scope, receive, send)

    async def _answer(self, exchange: Exchange, target: Target) -> Answer:
        check_head(exchange.scope, exchange.limits)
        facts = self._own(self._facts(exchange), exchange)
        path, origin = exchange.scope["path"], exchange.headers.get("origin", "")
        if path in _PLAIN and facts.origin is Origin.NONE:
            facts = replace(facts, site=Site.OWN)
        row = decide(facts)
        if not row.allow:
            log.warning("refused", request=exchange.request_id, rule=row.name, origin=origin, peer=facts.peer.value)
            raise refusal(row, exchange.headers.get("host", ""), origin)
        if facts.origin is not Origin.NONE or facts.site is not Site.OWN:
            raise RestError(
                403, RestCode.ACCESS, f"Pages of {origin[:200] or 'other sites'!r} may not use the status port."
            )
        if path == CONTROL or path.startswith(f"{CONTROL}/"):
            self._check_token(facts, exchange)
        if exchange.method == "OPTIONS":
            raise bad_method(("GET",))  # a preflight, and there is nothing here for other origins
        return await self._operate(exchange, target)

    @staticmethod
    def _own(facts: Facts, exchange: Exchange) -> Facts:
        """The same facts, where the page is one of this very port: that is no other origin."""
        if exchange.headers.getlist("origin") == [exchange.base_url]:
            return replace(facts, origin=Origin.NONE)
        return facts

    def _check_token(self, facts: Facts, exchange: Exchange) -> None:
        """Let nobody near the control API who does not know its token. Where there is no such API, its paths are unknown ones.

        Raises:
            RestError: 403 for other machines, which would need two tokens in one header; 401.
        """
        if not self._token:
            return
        if facts.peer is Peer.TOKEN:
            raise RestError(403, RestCode.ACCESS, "The control API is for this machine and for trusted networks.")
        said = exchange.headers.get("authorization", "")
        token = said[len(BEARER) :].strip() if said[: len(BEARER)].lower() == BEARER else ""
        if not hmac.compare_digest(token.encode(), self._token.encode()):
            raise RestError(
                401,
                RestCode.ACCESS,
                "The control API needs its token (Authorization: Bearer ...), which `flatbed serve` prints and the ready file has.",
                {"WWW-Authenticate": "Bearer"},
            )

    async def _figures(self, call: Call) -> Answer:  # noqa: ARG002  # every handler is given its call
        figures: StatusFigures = self._source.figures()
        return json_answer(figures, headers={"Cache-Control": "no-store", "X-Content-Type-Options": "nosniff"})


async def _to_root(call: Call) -> Answer:  # noqa: ARG001  # see above
    return Answer(302, headers={"Location": "/"})
